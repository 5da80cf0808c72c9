/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL beside fork(). All that we do in OpenSSL that may take one of its locks is done between
 * openssl_enter() and openssl_leave(), and a fork waits until nobody is there: see openssl.c.
 */
#ifndef WIRE_OPENSSL_H
#define WIRE_OPENSSL_H

#include <openssl/types.h>
#include <stdbool.h>

/*
 * Any number of threads may be inside. None of them waits for anything meanwhile, nor enters once
 * more.
 */
void openssl_enter(void);

/* The same for what one thread does alone. */
void openssl_enter_alone(void);

/*
 * Whether this thread may begin with TLS. Not where it would wait for ever: in a child whose parent
 * was forked while a thread of the program's own had one of OpenSSL's locks.
 */
bool openssl_usable(void);

/* What is said of that. */
#define OPENSSL_UNUSABLE                                                                           \
    "TLS cannot be used in this process: it was forked while another thread was in OpenSSL"

/* `kept`: OpenSSL may have kept something for this thread, which is freed. */
void openssl_leave(bool kept);

/*
 * What OpenSSL looks up for TLS, apart from what the program has looked up: inside, by one thread
 * alone. NULL when memory runs out.
 */
OSSL_LIB_CTX *openssl_context(void);

#endif
