/* SPDX-License-Identifier: MIT */
/*
 * What an end of TLS has to show, and what it trusts: certificates and keys, read from files. What
 * is said over a connection is transport_tls.c's matter.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "net/address.h"

#include <openssl/types.h>
#include <stdatomic.h>

#define TLS_WHY_MAX 512

/* Files in PEM. NULL: none. */
struct tls_files {
    const char *certificate; /* this end's, with those that sign it behind it */
    const char *key;         /* of it; NULL: it stands in the same file */
    const char *ca;          /* whose certificates are trusted, a file or a folder; a client's NULL:
                                those that the system trusts; a server's: clients need none */
};

struct tls {
    atomic_uint refs;
    bool is_server;
    unsigned turn; /* of the server's loop, in which so much time went to handshakes */
    nsec spent;
    SSL_CTX *context;                           /* owned */
    _Atomic(struct ssl_session_st *) resumable; /* owned: the newest of a client, or NULL */
};

/*
 * Read the files for one end; the caller owns the reference. Returns SM_OK, or SM_E... with the
 * error set: SM_ESYSTEM where one cannot be read, SM_EARG where it is of no use.
 */
int tls_new(bool is_server, const struct tls_files *files, struct tls **ret);

/* Any thread. NULL is allowed. */
struct tls *tls_ref(struct tls *tls);
void tls_unref(struct tls *tls);

/*
 * The state of a new connection; a client's is to a host of this name, which the certificate must
 * name. Inside OpenSSL: see wire/openssl.h. NULL when memory runs out.
 */
SSL *tls_begin(struct tls *tls, const char *host);

/* What has gone wrong with it just now, in words. Inside OpenSSL. */
void tls_explain(SSL *ssl, char why[TLS_WHY_MAX]);

/* The name in a certificate, in UTF-8 and cut, or "". Inside OpenSSL. */
void tls_name_of(const X509 *certificate, char *ret, size_t size);

#endif
