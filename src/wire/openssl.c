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
 * What is left is a handful of locks that all users of OpenSSL in a process share, and that the
 * program's own threads may have at the fork: they are taken for some instructions, as a thread
 * begins or ends to have state, and as a method of random numbers is looked up. So:
 *
 * - The thread that forks is given its state before it does: in the child it needs the lock no
 *   more.
 * - A child finds out whether those locks are free, once, before it begins with TLS: another thread
 *   tries, and is waited for, but not for ever. If they are not, the thread that was there from the
 *   beginning goes on without them, and others are told that they cannot.
 *
 * The handlers are registered as the library is loaded, since one that is registered while a fork
 * is under way is too late for it.
 */
#include "wire/openssl.h"

#include "base/macros.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* So long does a child wait for locks that may be free: on a busy machine it takes its time. */
#define PATIENCE (2 * SEC)

static pthread_rwlock_t gate;
static OSSL_LIB_CTX *context; /* made once, kept until the process ends */

/* The locks that all users of OpenSSL share. */
static enum {
    FREE,    /* whoever has one gives it back */
    UNKNOWN, /* this is a child, and has not tried them */
    LOST,    /* a thread that is not here has the one for state of threads */
    DEAD     /* the same of others */
} shared;
static bool forker_has_state;     /* the thread that forked, and is the first of the child */
static _Thread_local bool forked; /* this thread is that one */

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

/*
 * To look for errors makes what OpenSSL has of a thread. Where the lock may be lost, nobody tries.
 */
static void before_fork(void)
{
    pthread_rwlock_wrlock(&gate);
    if (context && shared == FREE) {
        ERR_peek_error();
        forker_has_state = true;
    } else {
        forker_has_state = forker_has_state && forked;
    }
}

static void in_parent(void)
{
    openssl_leave(forker_has_state);
}

/* Threads that wait at the gate are not here: it is made anew. */
static void in_child(void)
{
    pthread_rwlock_unlock(&gate);
    make_gate();
    shared = UNKNOWN;
    forked = true;
}

__attribute__((constructor)) static void register_handlers(void)
{
    make_gate();
    pthread_atfork(before_fork, in_parent, in_child);
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
    if (kept && shared == FREE)
        OPENSSL_thread_stop();
    pthread_rwlock_unlock(&gate);
}

/* What the thread that tries the locks has come to. */
struct trial {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned done; /* 1: has state, 2: has had a random number */
};

static void trial_has_done(struct trial *trial, unsigned done)
{
    pthread_mutex_lock(&trial->lock);
    trial->done = done;
    pthread_cond_signal(&trial->changed);
    pthread_mutex_unlock(&trial->lock);
}

static void *try_locks(void *memory)
{
    struct trial *trial = memory;
    uint8_t byte;

    ERR_peek_error();
    OPENSSL_thread_stop();
    trial_has_done(trial, 1);
    (void)!RAND_bytes_ex(openssl_context(), &byte, 1, 0);
    OPENSSL_thread_stop();
    trial_has_done(trial, 2);
    return NULL;
}

/* Returns how far it came in time. One that hangs is left to itself, with its memory. */
static unsigned wait_for_trial(struct trial *trial)
{
    struct timespec until;
    unsigned done;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE / SEC;
    pthread_mutex_lock(&trial->lock);
    while (trial->done < 2 && pthread_cond_timedwait(&trial->changed, &trial->lock, &until) == 0)
        continue;
    done = trial->done;
    pthread_mutex_unlock(&trial->lock);
    return done;
}

static int start_trial(struct trial *trial, pthread_t *ret)
{
    sigset_t all, mask;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    r = pthread_create(ret, NULL, try_locks, trial);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    return r;
}

/* Alone inside the gate. */
static void find_out(void)
{
    struct trial *trial = calloc(1, sizeof(*trial));
    pthread_t thread;
    unsigned done;

    if (!trial)
        return;
    pthread_mutex_init(&trial->lock, NULL);
    pthread_cond_init(&trial->changed, NULL);
    if (start_trial(trial, &thread) != 0) {
        free(trial);
        return;
    }
    done = wait_for_trial(trial);
    shared = done == 2 ? FREE : done == 1 ? DEAD : LOST;
    if (done < 2) {
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    free(trial);
}

bool openssl_usable(void)
{
    bool usable;

    openssl_enter();
    usable = shared == FREE;
    openssl_leave(false);
    if (usable)
        return true;
    openssl_enter_alone();
    if (shared == UNKNOWN)
        find_out();
    usable = shared == FREE || (shared == LOST && forked && forker_has_state);
    openssl_leave(false);
    return usable;
}

OSSL_LIB_CTX *openssl_context(void)
{
    if (!context)
        context = OSSL_LIB_CTX_new();
    return context;
}
