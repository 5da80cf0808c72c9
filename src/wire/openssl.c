/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL has locks that it does not make anew in a forked child. One that another thread had at
 * the fork stays taken there, and whoever needs it waits for ever. So no thread may be in OpenSSL
 * for us when the process forks:
 *
 * - There is a gate. A thread is inside while it is in OpenSSL, where it waits for nothing: what
 *   OpenSSL reads and writes is memory. A fork waits until the gate is empty, and holds it shut.
 * - OpenSSL keeps state for a thread that has called certain functions, and takes a lock when such
 *   a thread ends, which is outside the gate. So that state is freed before the gate is left.
 * - What is looked up for TLS is looked up in a library context of our own. Its locks are taken
 *   inside the gate alone, whatever the program's other threads do with OpenSSL at the fork.
 *
 * What is left is a handful of locks that all users of OpenSSL in a process share. They are taken
 * for some instructions: as a thread begins or ends to have state, and as a method of random
 * numbers is looked up. A program whose own threads are there when it forks has the same with every
 * child that uses OpenSSL.
 *
 * The handlers are registered as the library is loaded, since one that is registered while a fork
 * is under way is too late for it.
 */
#include "wire/openssl.h"

#include <openssl/crypto.h>
#include <pthread.h>

static pthread_rwlock_t gate;
static OSSL_LIB_CTX *context; /* made once, kept until the process ends */

/* Who forks is not to wait until nobody else wants to go in. */
static void make_gate(void)
{
    pthread_rwlockattr_t attributes;

    pthread_rwlockattr_init(&attributes);
#ifdef __GLIBC__
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
    pthread_rwlock_init(&gate, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

static void before_fork(void)
{
    pthread_rwlock_wrlock(&gate);
}

static void in_parent(void)
{
    pthread_rwlock_unlock(&gate);
}

__attribute__((constructor)) static void register_handlers(void)
{
    make_gate();
    pthread_atfork(before_fork, in_parent, make_gate);
}

void openssl_enter(void)
{
    pthread_rwlock_rdlock(&gate);
}

void openssl_enter_alone(void)
{
    pthread_rwlock_wrlock(&gate);
}

void openssl_leave(bool kept)
{
    if (kept)
        OPENSSL_thread_stop();
    pthread_rwlock_unlock(&gate);
}

OSSL_LIB_CTX *openssl_context(void)
{
    if (!context)
        context = OSSL_LIB_CTX_new();
    return context;
}
