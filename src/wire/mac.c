/* SPDX-License-Identifier: MIT */
/*
 * HMAC, from OpenSSL. Every object that a client makes or drops is a connection or more, so
 * handshakes are frequent: the key is put into one HMAC state a digest, and a handshake copies
 * that.
 *
 * OpenSSL looks algorithms up under locks, and does much else so. It keeps state for a thread that
 * has called certain functions, and takes a lock when such a thread ends, and when a process exits.
 * A child that is forked meanwhile inherits such a lock taken, for ever. So all that has to be
 * looked up is, once a process: HMAC states with a key of no meaning. A key's states are copies of
 * those, given the key; neither that, nor a handshake, nor the end of a thread that did both takes
 * a lock of OpenSSL's. Functions that keep state for their thread, as ERR_...() do, have no place
 * here.
 *
 * The making itself must not be cut in two by a fork of another thread: all of OpenSSL may be
 * locked in the child then. A fork waits for it. That takes a handler, the only one of its kind
 * here: nothing that a child could do would open OpenSSL's locks. It is registered as the library
 * is loaded, since one that is registered while a fork is under way is too late for it. The making
 * has a thread of its own, which has ended before a fork may go on, with whatever OpenSSL kept for
 * it.
 */
#include "wire/mac.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[MAC_DIGESTS] = {
    [MAC_MD5] = "MD5",           [MAC_SHA256] = "SHA2-256",   [MAC_SHA384] = "SHA2-384",
    [MAC_SHA3_256] = "SHA3-256", [MAC_SHA3_384] = "SHA3-384",
};

/* Owned; NULL for a digest that OpenSSL does not offer. */
struct auth_key {
    EVP_MAC_CTX *keyed[MAC_DIGESTS];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for what follows; a fork holds it */
static struct auth_key models; /* written once, kept until the process ends */

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void register_handlers(void)
{
    pthread_atfork(before_fork, after_fork, after_fork);
}

static EVP_MAC_CTX *model_new(EVP_MAC *hmac, const char *digest)
{
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_end(),
    };

    /* With some key: what has none cannot be copied. */
    if (ctx && EVP_MAC_init(ctx, (const uint8_t *)"key", strlen("key"), params))
        return ctx;
    EVP_MAC_CTX_free(ctx);
    return NULL;
}

static void *make_models(void *unused)
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

    (void)unused;
    for (size_t i = 0; hmac && i < MAC_DIGESTS; i++)
        models.keyed[i] = model_new(hmac, names[i]);
    EVP_MAC_free(hmac);
    return NULL;
}

static void free_states(struct auth_key *key)
{
    for (size_t i = 0; i < MAC_DIGESTS; i++)
        EVP_MAC_CTX_free(TAKE_PTR(key->keyed[i]));
}

static int run_on_thread(void *(*run)(void *))
{
    sigset_t all, mask;
    pthread_t thread;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    r = pthread_create(&thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    if (r == 0)
        pthread_join(thread, NULL);
    return -r;
}

/* Returns 0, -ENOTSUP or -EAGAIN, as auth_key_new(). */
static int need_models(void)
{
    int r = 0;

    pthread_mutex_lock(&lock);
    if (!models.keyed[MAC_SHA256]) {
        r = run_on_thread(make_models);
        if (r == 0 && !models.keyed[MAC_SHA256]) {
            free_states(&models);
            r = -ENOTSUP;
        }
    }
    pthread_mutex_unlock(&lock);
    return r;
}

int auth_key_new(const uint8_t *key, size_t len, struct auth_key **ret)
{
    struct auth_key *k;
    int r = need_models();

    if (r < 0)
        return r;
    k = calloc(1, sizeof(*k));
    if (!k)
        return -ENOMEM;
    for (size_t i = 0; i < MAC_DIGESTS; i++) {
        if (!models.keyed[i])
            continue;
        k->keyed[i] = EVP_MAC_CTX_dup(models.keyed[i]);
        /* A NULL key would mean the key that the state has. */
        if (!k->keyed[i] ||
            !EVP_MAC_init(k->keyed[i], len ? key : (const uint8_t *)"", len, NULL)) {
            auth_key_free(k);
            return -ENOMEM;
        }
    }
    *ret = k;
    return 0;
}

int auth_key_print(const struct auth_key *key, uint8_t ret[AUTH_PRINT_LEN])
{
    static const char text[] = "what tells a key of syncmanager from others";
    struct mac mac;
    int r = mac_compute(key, MAC_SHA256, (const uint8_t *)text, strlen(text), &mac);

    if (r == 0)
        memcpy(ret, mac.bytes, AUTH_PRINT_LEN);
    return r;
}

void auth_key_free(struct auth_key *key)
{
    if (key)
        free_states(key);
    free(key);
}

bool mac_has(const struct auth_key *key, enum mac_digest digest)
{
    return key->keyed[digest];
}

int mac_compute(const struct auth_key *key, enum mac_digest digest, const uint8_t *data, size_t len,
                struct mac *ret)
{
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(key->keyed[digest]);
    bool done = ctx && EVP_MAC_update(ctx, data, len) &&
                EVP_MAC_final(ctx, ret->bytes, &ret->len, sizeof(ret->bytes));

    EVP_MAC_CTX_free(ctx);
    return done ? 0 : -ENOMEM;
}
