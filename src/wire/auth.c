/* SPDX-License-Identifier: MIT */
/*
 * The handshake of multiprocessing.connection. It is the same half twice, in opposite order: one
 * end challenges with random bytes, the other answers with their HMAC, the first says #WELCOME#
 * or #FAILURE#. A server challenges and then answers, a client answers and then challenges.
 *
 * Up to CPython 3.11 a challenge is 20 bytes and the answer the 16 of their HMAC-MD5. From 3.12 on
 * a challenge says `{digest}` before its random bytes and an answer before its MAC. The MAC covers
 * that prefix, so an old peer, which takes all of it for random bytes, answers what a new one can
 * check. We challenge in the new way and accept both answers. The length decides how a peer's
 * bytes are read, before what they look like: 20 random bytes may well begin with a brace.
 *
 * Every object that a client makes or drops is a connection or more, so handshakes are frequent:
 * the key is put into one HMAC state a digest, and a handshake copies that.
 */
#include "wire/auth.h"

#include "wire/frame.h"

#include <assert.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

#define CHALLENGE "#CHALLENGE#"
#define WELCOME "#WELCOME#"
#define FAILURE "#FAILURE#"

#define LEGACY_CHALLENGE_LEN 20
#define LEGACY_RESPONSE_LEN 16

/* The digests that CPython allows. The first is the old dialect's, the second the one we ask for.
 */
static const struct digest {
    const char *prefix;
    const char *name; /* OpenSSL's */
} digests[] = {
    {"{md5}", "MD5"},           {"{sha256}", "SHA2-256"},   {"{sha384}", "SHA2-384"},
    {"{sha3_256}", "SHA3-256"}, {"{sha3_384}", "SHA3-384"},
};

enum { DIGEST_MD5, DIGEST_SHA256, DIGEST_NONE = ARRAY_SIZE(digests) };

struct auth_key {
    /* Owned; NULL for a digest that OpenSSL does not offer, as MD5 where FIPS rules. */
    EVP_MAC_CTX *keyed[ARRAY_SIZE(digests)];
};

struct mac {
    uint8_t bytes[EVP_MAX_MD_SIZE];
    size_t len;
};

static EVP_MAC_CTX *key_digest(EVP_MAC *hmac, const char *digest, const uint8_t *key, size_t len)
{
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_end(),
    };

    /* A NULL key would mean the key that the context has. */
    if (ctx && EVP_MAC_init(ctx, len ? key : (const uint8_t *)"", len, params))
        return ctx;
    EVP_MAC_CTX_free(ctx);
    return NULL;
}

int auth_key_new(const uint8_t *key, size_t len, struct auth_key **ret)
{
    struct auth_key *k = calloc(1, sizeof(*k));
    EVP_MAC *hmac;

    if (!k)
        return -ENOMEM;
    ERR_set_mark();
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    for (size_t i = 0; hmac && i < ARRAY_SIZE(digests); i++)
        k->keyed[i] = key_digest(hmac, digests[i].name, key, len);
    EVP_MAC_free(hmac);
    ERR_pop_to_mark();
    if (!k->keyed[DIGEST_SHA256]) {
        auth_key_free(k);
        return -ENOTSUP;
    }
    *ret = k;
    return 0;
}

void auth_key_free(struct auth_key *key)
{
    if (!key)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++)
        EVP_MAC_CTX_free(key->keyed[i]);
    free(key);
}

static int compute_mac(const struct auth_key *key, size_t digest, const uint8_t *data, size_t len,
                       struct mac *ret)
{
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(key->keyed[digest]);
    bool done = ctx && EVP_MAC_update(ctx, data, len) &&
                EVP_MAC_final(ctx, ret->bytes, &ret->len, sizeof(ret->bytes));

    EVP_MAC_CTX_free(ctx);
    return done ? 0 : -ENOMEM;
}

/* The digest whose prefix these bytes begin with, or DIGEST_NONE. */
static size_t find_digest(const uint8_t *data, size_t len)
{
    size_t i = 0;

    while (i < ARRAY_SIZE(digests) && (len < strlen(digests[i].prefix) ||
                                       memcmp(data, digests[i].prefix, strlen(digests[i].prefix))))
        i++;
    return i;
}

static int refuse(struct auth *auth, const char *reason)
{
    auth->step = AUTH_OVER;
    auth->reason = reason;
    return AUTH_REFUSED;
}

static int send_challenge(struct auth *auth, struct buffer *out)
{
    const char *prefix = digests[DIGEST_SHA256].prefix;
    size_t mark;

    memcpy(auth->challenge, prefix, strlen(prefix));
    if (RAND_bytes(auth->challenge + strlen(prefix), sizeof(auth->challenge) - strlen(prefix)) != 1)
        return -EIO;
    mark = frame_begin(out);
    buffer_add_str(out, CHALLENGE);
    buffer_add(out, auth->challenge, sizeof(auth->challenge));
    frame_end(out, mark);
    auth->step = AUTH_AWAITS_RESPONSE;
    return AUTH_MORE;
}

static int answer_challenge(struct auth *auth, const uint8_t *payload, size_t len,
                            struct buffer *out)
{
    size_t digest = DIGEST_MD5, mark;
    struct mac mac;
    int r;

    if (len < strlen(CHALLENGE) || memcmp(payload, CHALLENGE, strlen(CHALLENGE)))
        return refuse(auth, "Protocol error, expected challenge");
    payload += strlen(CHALLENGE);
    len -= strlen(CHALLENGE);
    if (len < LEGACY_CHALLENGE_LEN)
        return refuse(auth, "challenge too short");
    if (len > LEGACY_CHALLENGE_LEN)
        digest = find_digest(payload, len);
    if (digest == DIGEST_NONE)
        return refuse(auth, "unsupported message length, missing digest prefix, or unsupported "
                            "digest");
    if (!auth->key->keyed[digest])
        return refuse(auth, "the peer asks for a digest that OpenSSL does not offer here");
    r = compute_mac(auth->key, digest, payload, len, &mac);
    if (r < 0)
        return r;
    mark = frame_begin(out);
    if (len > LEGACY_CHALLENGE_LEN)
        buffer_add_str(out, digests[digest].prefix);
    buffer_add(out, mac.bytes, mac.len);
    frame_end(out, mark);
    auth->step = AUTH_AWAITS_VERDICT;
    return AUTH_MORE;
}

static int take_verdict(struct auth *auth, const uint8_t *payload, size_t len, struct buffer *out)
{
    if (len != strlen(WELCOME) || memcmp(payload, WELCOME, len))
        return refuse(auth, "digest sent was rejected");
    if (auth->role == AUTH_CLIENT)
        return send_challenge(auth, out);
    auth->step = AUTH_OVER;
    return AUTH_DONE;
}

/* Whether this is the right answer to our challenge. On AUTH_REFUSED `reason` is set. */
static int verify_response(struct auth *auth, const uint8_t *payload, size_t len)
{
    size_t digest = DIGEST_MD5;
    struct mac mac;
    int r;

    if (len != LEGACY_RESPONSE_LEN && len != LEGACY_CHALLENGE_LEN) {
        digest = find_digest(payload, len);
        if (digest == DIGEST_NONE)
            return refuse(auth, "unsupported message length, missing digest prefix, or "
                                "unsupported digest");
        payload += strlen(digests[digest].prefix);
        len -= strlen(digests[digest].prefix);
    } else {
        auth->legacy = true;
    }
    if (!auth->key->keyed[digest])
        return refuse(auth, "the peer answers with a digest that OpenSSL does not offer here");
    r = compute_mac(auth->key, digest, auth->challenge, sizeof(auth->challenge), &mac);
    if (r < 0)
        return r;
    if (len != mac.len || CRYPTO_memcmp(payload, mac.bytes, len))
        return refuse(auth, "digest received was wrong");
    return AUTH_MORE;
}

static int take_response(struct auth *auth, const uint8_t *payload, size_t len, struct buffer *out)
{
    int r = verify_response(auth, payload, len);

    if (r == AUTH_REFUSED)
        frame_add(out, FAILURE, strlen(FAILURE));
    if (r != AUTH_MORE)
        return r;
    frame_add(out, WELCOME, strlen(WELCOME));
    auth->step = auth->role == AUTH_SERVER ? AUTH_AWAITS_CHALLENGE : AUTH_OVER;
    return auth->role == AUTH_SERVER ? AUTH_MORE : AUTH_DONE;
}

void auth_init(struct auth *auth, enum auth_role role, const struct auth_key *key)
{
    *auth = (struct auth){.key = key, .role = role, .step = AUTH_AWAITS_CHALLENGE};
}

int auth_start(struct auth *auth, struct buffer *out)
{
    int r = auth->role == AUTH_SERVER ? send_challenge(auth, out) : AUTH_MORE;

    if (r < 0)
        return r;
    return out->failed ? -ENOMEM : 0;
}

int auth_feed(struct auth *auth, const uint8_t *payload, size_t len, struct buffer *out)
{
    int r = 0;

    assert(auth->step != AUTH_OVER);
    switch (auth->step) {
    case AUTH_AWAITS_CHALLENGE:
        r = answer_challenge(auth, payload, len, out);
        break;
    case AUTH_AWAITS_VERDICT:
        r = take_verdict(auth, payload, len, out);
        break;
    case AUTH_AWAITS_RESPONSE:
        r = take_response(auth, payload, len, out);
        break;
    case AUTH_OVER:
        break;
    }
    return out->failed ? -ENOMEM : r;
}
