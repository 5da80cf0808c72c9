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
 * An answer is compared with those of all keys, whichever is right: the time that it takes does not
 * tell a stranger how near he was to which.
 */
#include "wire/auth.h"

#include "system/random.h"
#include "wire/frame.h"
#include "wire/mac.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>

#define CHALLENGE "#CHALLENGE#"
#define WELCOME "#WELCOME#"
#define FAILURE "#FAILURE#"

#define LEGACY_CHALLENGE_LEN 20
#define LEGACY_RESPONSE_LEN 16

/* How a challenge or an answer says its digest. The first is the old dialect's, which does not. */
static const char *const prefixes[MAC_DIGESTS] = {
    [MAC_MD5] = "{md5}",           [MAC_SHA256] = "{sha256}",     [MAC_SHA384] = "{sha384}",
    [MAC_SHA3_256] = "{sha3_256}", [MAC_SHA3_384] = "{sha3_384}",
};

/* The digest whose prefix these bytes begin with, or MAC_DIGESTS. */
static enum mac_digest find_digest(const uint8_t *data, size_t len)
{
    enum mac_digest i = 0;

    while (i < MAC_DIGESTS &&
           (len < strlen(prefixes[i]) || memcmp(data, prefixes[i], strlen(prefixes[i])) != 0))
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
    const char *prefix = prefixes[MAC_SHA256];
    size_t mark, len = sizeof(auth->challenge) - strlen(prefix);

    memcpy(auth->challenge, prefix, strlen(prefix));
    /* Not OpenSSL's, which has locks: see mac.c. */
    if (!random_bytes(auth->challenge + strlen(prefix), len))
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
    enum mac_digest digest = MAC_MD5;
    struct mac mac;
    size_t mark;
    int r;

    if (len == strlen(AUTH_TLS_ONLY) && !memcmp(payload, AUTH_TLS_ONLY, len))
        return refuse(auth, "the manager speaks TLS there: its address begins with tls://");
    if (len < strlen(CHALLENGE) || memcmp(payload, CHALLENGE, strlen(CHALLENGE)))
        return refuse(auth, "Protocol error, expected challenge");
    payload += strlen(CHALLENGE);
    len -= strlen(CHALLENGE);
    if (len < LEGACY_CHALLENGE_LEN)
        return refuse(auth, "challenge too short");
    if (len > LEGACY_CHALLENGE_LEN)
        digest = find_digest(payload, len);
    if (digest == MAC_DIGESTS)
        return refuse(auth, "unsupported message length, missing digest prefix, or unsupported "
                            "digest");
    if (!mac_has(auth->key, digest))
        return refuse(auth, "the peer asks for a digest that OpenSSL does not offer here");
    r = mac_compute(auth->key, digest, payload, len, &mac);
    if (r < 0)
        return r;
    mark = frame_begin(out);
    if (len > LEGACY_CHALLENGE_LEN)
        buffer_add_str(out, prefixes[digest]);
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

/* The place of the key whose answer to our challenge this is; `n`: none. Returns 0 or -ENOMEM. */
static int find_key(const struct auth *auth, const struct auth_key *const *keys, size_t n,
                    enum mac_digest digest, const uint8_t *answer, size_t len, size_t *ret)
{
    size_t found = n, same;
    struct mac mac;
    int r;

    for (size_t i = 0; i < n; i++) {
        r = mac_compute(keys[i], digest, auth->challenge, sizeof(auth->challenge), &mac);
        if (r < 0)
            return r;
        same = -(size_t)(len == mac.len && CRYPTO_memcmp(answer, mac.bytes, mac.len) == 0);
        found = (found & ~same) | (i & same);
    }
    *ret = found;
    return 0;
}

/* Whether this is a right answer to our challenge. On AUTH_REFUSED `reason` is set. */
static int verify_response(struct auth *auth, const uint8_t *payload, size_t len)
{
    const struct auth_key *const *keys = auth->keys_len ? auth->keys : &auth->key;
    size_t n = auth->keys_len ? auth->keys_len : 1, found;
    enum mac_digest digest = MAC_MD5;
    int r;

    if (len != LEGACY_RESPONSE_LEN && len != LEGACY_CHALLENGE_LEN) {
        digest = find_digest(payload, len);
        if (digest == MAC_DIGESTS)
            return refuse(auth, "unsupported message length, missing digest prefix, or "
                                "unsupported digest");
        payload += strlen(prefixes[digest]);
        len -= strlen(prefixes[digest]);
    } else {
        auth->legacy = true;
    }
    if (!mac_has(keys[0], digest))
        return refuse(auth, "the peer answers with a digest that OpenSSL does not offer here");
    r = find_key(auth, keys, n, digest, payload, len, &found);
    if (r < 0)
        return r;
    if (found == n)
        return refuse(auth, "digest received was wrong");
    auth->key = keys[found];
    auth->index = found;
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

void auth_init_keys(struct auth *auth, const struct auth_key *const *keys, size_t keys_len)
{
    *auth = (struct auth){
        .keys = keys, .keys_len = keys_len, .role = AUTH_SERVER, .step = AUTH_AWAITS_CHALLENGE};
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
