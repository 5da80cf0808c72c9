/* SPDX-License-Identifier: MIT */
/*
 * A key stays the same key if its name, its right and its secret do. So connections keep what they
 * have, or end: one whose right changed while it is open would go on with what it has by the old
 * one, such as locks, or memory that it shares with the server.
 */
#include "peer/keyring.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "object/registry.h"
#include "peer/peer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(LIMIT_KEYS <= 64, "each key is a bit");
_Static_assert(sizeof(((struct key *)0)->print) == AUTH_PRINT_LEN, "a key has room for its print");

static const struct {
    const char *name;
    bool writes, governs;
} rights[] = {
    [SM_RIGHTS_RO] = {"ro", false, false},
    [SM_RIGHTS_RW] = {"rw", true, false},
    [SM_RIGHTS_ADMIN] = {"admin", true, true},
};

static void key_free(struct key *key)
{
    if (!key)
        return;
    auth_key_free(key->secret);
    account_abandon(&key->account);
    free(key->name);
    free(key);
}

static int key_make(const struct sm_key *from, struct key **ret)
{
    enum sm_rights right = from->name ? from->rights : SM_RIGHTS_ADMIN;
    struct key *key = calloc(1, sizeof(*key));
    int r;

    if (!key)
        return error_set_memory();
    account_init(&key->account);
    key->right = rights[right].name;
    key->writes = rights[right].writes;
    key->governs = rights[right].governs;
    key->name = from->name ? strdup(from->name) : NULL;
    r = from->name && !key->name ? -ENOMEM : auth_key_new(from->key, from->key_len, &key->secret);
    if (r == 0)
        r = auth_key_print(key->secret, key->print);
    if (r < 0) {
        key_free(key);
        return error_set(r == -ENOMEM ? SM_ENOMEM : SM_ESYSTEM, "the key: %s", error_text(-r));
    }
    *ret = key;
    return SM_OK;
}

static bool is_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    size_t len = strlen(name);

    return len && len <= LIMIT_KEY_NAME && strspn(name, letters) == len;
}

static int check(const struct sm_key *key, size_t len)
{
    if (!key->name)
        return len == 1 ? SM_OK : error_set(SM_EARG, "of several keys each needs a name");
    if (!is_name(key->name))
        return error_set(SM_EARG,
                         "the key's name '%s': not up to %d letters, digits, dots, hyphens and "
                         "underscores",
                         key->name, LIMIT_KEY_NAME);
    if ((unsigned)key->rights >= ARRAY_SIZE(rights))
        return error_set(SM_EARG, "the key %s: %u is no right", key->name, (unsigned)key->rights);
    return SM_OK;
}

static bool has_same_name(const struct key *a, const struct key *b)
{
    return a->name && b->name ? strcmp(a->name, b->name) == 0 : a->name == b->name;
}

static bool has_same_secret(const struct key *a, const struct key *b)
{
    return memcmp(a->print, b->print, sizeof(a->print)) == 0;
}

/* Which of two keys of one secret has answered, nobody could tell. */
static int check_alike(const struct key *key, const struct key *other)
{
    if (has_same_name(key, other))
        return error_set(SM_EARG, "the name %s is there twice", key->name);
    if (has_same_secret(key, other))
        return error_set(SM_EARG, "%s and %s are the same key", other->name, key->name);
    return SM_OK;
}

static int add(struct keyring *ring, const struct sm_key *from)
{
    struct key *key = NULL;
    int r = key_make(from, &key);

    if (r < 0)
        return r;
    for (size_t i = 0; r == SM_OK && i < ring->len; i++)
        r = check_alike(key, ring->keys[i]);
    if (r < 0) {
        key_free(key);
        return r;
    }
    ring->keys[ring->len++] = key;
    return SM_OK;
}

/* What is known of the keys by their places. */
static void number_keys(struct keyring *ring)
{
    for (size_t i = 0; i < ring->len; i++) {
        struct key *key = ring->keys[i];

        ring->secrets[i] = key->secret;
        key->bit = key->governs ? UINT64_MAX : UINT64_C(1) << i;
    }
}

int keyring_make(const struct sm_key *keys, size_t len, struct keyring *ret)
{
    struct keyring ring = {0};
    int r = SM_OK;

    if (!len || len > LIMIT_KEYS)
        return error_set(SM_EARG, "%zu keys: a server has from 1 to %d", len, LIMIT_KEYS);
    ring.keys = calloc(len, sizeof(struct key *));
    ring.secrets = calloc(len, sizeof(struct auth_key *));
    if (!ring.keys || !ring.secrets)
        r = error_set_memory();
    for (size_t i = 0; r == SM_OK && i < len; i++) {
        r = check(&keys[i], len);
        if (r == SM_OK)
            r = add(&ring, &keys[i]);
    }
    if (r < 0) {
        keyring_deinit(&ring);
        return r;
    }
    number_keys(&ring);
    *ret = ring;
    return SM_OK;
}

void keyring_deinit(struct keyring *ring)
{
    for (size_t i = 0; i < ring->len; i++)
        key_free(ring->keys[i]);
    free(ring->keys);
    free(ring->secrets);
    *ring = (struct keyring){0};
}

bool keyring_has_names(const struct keyring *ring)
{
    return ring->len && ring->keys[0]->name;
}

bool keyring_has(const struct keyring *ring, const char *name)
{
    for (size_t i = 0; i < ring->len; i++) {
        if (ring->keys[i]->name && strcmp(ring->keys[i]->name, name) == 0)
            return true;
    }
    return false;
}

void keyring_fill(const struct keyring *ring, struct audience *audience)
{
    audience->keys = 0;
    for (size_t i = 0; i < ring->len; i++) {
        const struct key *key = ring->keys[i];

        if (!key->governs && key->name && audience_has(audience, key->name))
            audience->keys |= key->bit;
    }
}

static bool is_same(const struct key *a, const struct key *b)
{
    return has_same_name(a, b) && a->right == b->right && has_same_secret(a, b);
}

/* The old keys that are in the new ring take the places of their likes there. */
static void keep_same(struct keyring *old, struct keyring *with)
{
    for (size_t i = 0; i < old->len; i++) {
        for (size_t j = 0; j < with->len; j++) {
            if (old->keys[i] && is_same(old->keys[i], with->keys[j])) {
                key_free(with->keys[j]);
                with->keys[j] = TAKE_PTR(old->keys[i]);
            }
        }
    }
}

static bool has_key(const struct keyring *ring, const struct key *key)
{
    for (size_t i = 0; i < ring->len; i++) {
        if (ring->keys[i] == key)
            return true;
    }
    return false;
}

static void end_peer(struct peer *peer)
{
    const char *name = peer->call.key->name;

    if (!stream_is_closing(&peer->stream)) {
        crowd_log(peer->crowd, SM_LOG_WARNING,
                  "connection %" PRIu64 " ended: its key%s%s is not what it was, or is no more",
                  peer->call.caller, name ? " " : "", name ? name : "");
        peer_lost(peer, 0);
    }
    call_take_key(&peer->call, &key_of_none);
    peer->call.account = NULL;
}

static void review_peers(struct crowd *crowd)
{
    struct peer *peer;

    list_for_each(peer, &crowd->peers, link) {
        peer->auth.keys = crowd->keyring.secrets;
        peer->auth.keys_len = crowd->keyring.len;
        if (peer->call.key != &key_of_none && !has_key(&crowd->keyring, peer->call.key))
            end_peer(peer);
    }
}

/* What was held by clients of a key that is no more, and whose processes are not known. */
static void free_gone(struct crowd *crowd, struct keyring *old)
{
    for (size_t i = 0; i < old->len; i++) {
        if (old->keys[i])
            account_close(&old->keys[i]->account, crowd->registry);
    }
    keyring_deinit(old);
}

void keyring_replace(struct crowd *crowd, struct keyring *with)
{
    struct keyring old = crowd->keyring;
    struct audience *audience;

    keep_same(&old, with);
    number_keys(with);
    crowd->keyring = *with;
    *with = (struct keyring){0};
    list_for_each(audience, &crowd->registry->audiences, link)
        keyring_fill(&crowd->keyring, audience);
    review_peers(crowd);
    free_gone(crowd, &old);
}
