/* SPDX-License-Identifier: MIT */
/*
 * A table of answers by what was asked. A key has a few places in it. An answer takes one that is
 * free, or whose answer is of a version that is no more, or else the next in turn.
 *
 * Why a kept answer is right, linearizable that is: the version was the same before the object was
 * asked and after the answer came. The manager raises it before it begins a change, and serves
 * nobody's request of the object between that and the end of the change. So the answer is what the
 * object says at that version. If the version is still the same at a later read, then no change had
 * begun at that moment, so none that anybody could have seen, or been told of: to ask at that
 * moment would bring the same answer. A thread's own changes are told of after the raise, too.
 *
 * What is kept is plain: scalars, and containers of such. An answer that holds a proxy gives a
 * reference, and one that raises may be about something else than the object's state.
 */
#include "client/cache.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/macros.h"
#include "client/lease.h"
#include "client/share.h"
#include "syncmanager/types.h"

#include <stdlib.h>

/* How many places a key has, next to each other. */
#define PLACES 4

struct entry {
    struct sm_reply *reply; /* one of its holders; NULL: free */
    const struct version *version;
    uint64_t number;
    uint64_t hash;
    uint8_t *key; /* owned */
    size_t key_len;
    size_t bytes; /* that it takes */
};

struct cache {
    struct mapping *mapping; /* which counts its bytes */
    unsigned turn;
    struct entry entries[LIMIT_CACHE_ENTRIES];
};

static struct entry *place(struct cache *cache, uint64_t hash, size_t i)
{
    return &cache->entries[(hash + i) % LIMIT_CACHE_ENTRIES];
}

static uint64_t load(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Nobody else chooses what is hashed here: a quick mix will do. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

static uint64_t mix_bytes(uint64_t hash, const uint8_t *bytes, size_t n)
{
    const uint8_t *end = bytes + n;
    uint64_t word = 0;

    if (n >= sizeof(word)) {
        for (; n > sizeof(word); bytes += sizeof(word), n -= sizeof(word))
            hash = mix(hash, load(bytes));
        return mix(hash, load(end - sizeof(word)));
    }
    while (bytes < end)
        word = word << 8 | *bytes++;
    return mix(hash, word);
}

/*
 * Append to a key: of each part its kind, and a word. False: it would be too long. What is hashed
 * is what was given: to read eight bytes that were just written in parts makes a processor wait.
 */
static bool add_word(struct question *q, uint8_t kind, uint64_t word)
{
    if (1 + sizeof(word) > CACHE_KEY_MAX - q->key_len)
        return false;
    q->key[q->key_len] = kind;
    memcpy(q->key + q->key_len + 1, &word, sizeof(word));
    q->key_len += 1 + sizeof(word);
    q->hash = mix(q->hash + kind, word);
    return true;
}

static bool add_bytes(struct question *q, uint8_t kind, const void *bytes, size_t n)
{
    if (!add_word(q, kind, n) || n > CACHE_KEY_MAX - q->key_len)
        return false;
    memcpy(q->key + q->key_len, bytes, n);
    q->key_len += n;
    q->hash = mix_bytes(q->hash, bytes, n);
    return true;
}

/* Of scalars alone: what others say may change, as that of a proxy does. */
static bool add_argument(struct question *q, const struct sm_value *v)
{
    uint8_t kind = (uint8_t)v->kind;
    uint64_t word;

    switch (v->kind) {
    case SM_KIND_NONE:
        return add_word(q, kind, 0);
    case SM_KIND_BOOL:
        return add_word(q, kind, v->boolean);
    case SM_KIND_INT:
        return add_word(q, kind, (uint64_t)v->integer);
    case SM_KIND_FLOAT:
        memcpy(&word, &v->number, sizeof(word));
        return add_word(q, kind, word);
    case SM_KIND_STR:
    case SM_KIND_BYTES:
    case SM_KIND_BIGINT:
        return add_bytes(q, kind, v->bytes, v->len);
    default:
        return false;
    }
}

/* The ident tells objects apart that have had the same place in the versions. */
static bool make_key(struct question *q, const struct sm_value *ident,
                     const struct outgoing *request)
{
    const struct sm_items *args = request->args.items;

    q->key_len = q->hash = 0;
    if (!add_bytes(q, request->raw, ident->text, ident->len) ||
        !add_bytes(q, SM_KIND_STR, request->name, strlen(request->name)))
        return false;
    for (size_t i = 0; i < args->len; i++) {
        if (!add_argument(q, &args->item[i]))
            return false;
    }
    return true;
}

static bool is_of(const struct entry *e, const struct question *q)
{
    return e->reply && e->hash == q->hash && e->number == q->number && e->key_len == q->key_len &&
           memcmp(e->key, q->key, q->key_len) == 0;
}

static struct sm_reply *look_up(struct cache *cache, const struct question *q)
{
    for (size_t i = 0; cache && i < PLACES; i++) {
        struct entry *e = place(cache, q->hash, i);

        if (is_of(e, q))
            return reply_hold(e->reply);
    }
    return NULL;
}

/* The rest of cache_find(), with the object's version. */
static int find(struct connection *c, const struct lease *lease, const struct sm_value *ident,
                const struct outgoing *request, struct question *q, struct sm_reply **ret)
{
    struct sm_reply *reply;

    if (!has_cell(&c->user) || !make_key(q, ident, request))
        return SM_NOT_YET;
    q->number = atomic_load(&lease->version->number);
    reply = look_up(c->cache, q);
    if (reply) {
        *ret = reply;
        return SM_OK;
    }
    if (q->number & VERSION_HIDDEN || !lease_reads(lease, request->name))
        return SM_NOT_YET;
    q->raw = request->raw;
    q->version = lease->version;
    q->mapping = lease->mapping;
    return SM_NOT_YET;
}

static bool is_simple(const struct outgoing *request)
{
    return !request->pickle && !request->kwargs.items->len;
}

int cache_find(struct sm_proxy *proxy, const struct outgoing *request, struct question *question,
               struct sm_reply **ret)
{
    const struct lease *lease;
    struct connection *c;
    int r;

    question->version = NULL;
    if (!ret || !is_simple(request))
        return SM_NOT_YET;
    r = lease_watch(proxy, true, &lease, &c);
    return r == SM_OK ? find(c, lease, &proxy->ident, request, question, ret) : r;
}

static void clear(struct cache *cache, struct entry *e)
{
    if (!e->reply)
        return;
    atomic_fetch_sub(&cache->mapping->cached, e->bytes);
    sm_reply_free(e->reply);
    free(e->key);
    *e = (struct entry){0};
}

static void clear_all(struct cache *cache)
{
    for (size_t i = 0; i < LIMIT_CACHE_ENTRIES; i++)
        clear(cache, &cache->entries[i]);
}

void cache_free(struct cache *cache)
{
    if (!cache)
        return;
    clear_all(cache);
    atomic_fetch_sub(&cache->mapping->cached, sizeof(*cache));
    free(cache);
}

/* Threads that do so at once may take a little more than there is. */
static bool take_room(struct mapping *mapping, size_t bytes)
{
    if (atomic_load(&mapping->cached) + bytes > LIMIT_CACHE_BYTES)
        return false;
    atomic_fetch_add(&mapping->cached, bytes);
    return true;
}

static struct cache *cache_of(struct connection *c)
{
    if (c->cache || !take_room(c->mapping, sizeof(*c->cache)))
        return c->cache;
    c->cache = calloc(1, sizeof(*c->cache));
    if (c->cache)
        c->cache->mapping = c->mapping;
    else
        atomic_fetch_sub(&c->mapping->cached, sizeof(*c->cache));
    return c->cache;
}

static bool is_current(const struct entry *e)
{
    return e->reply && atomic_load(&e->version->number) == e->number;
}

/* The place for a new answer, which is free. */
static struct entry *make_place(struct cache *cache, uint64_t hash)
{
    size_t i = 0;

    while (i < PLACES && is_current(place(cache, hash, i)))
        i++;
    if (i == PLACES)
        i = cache->turn++ % PLACES;
    clear(cache, place(cache, hash, i));
    return place(cache, hash, i);
}

/* `budget`: how many values are looked at; sharing lets a short pickle describe very many. */
static bool is_plain(struct sm_value v, size_t *budget)
{
    if (!*budget || v.kind > SM_KIND_DICT)
        return false;
    --*budget;
    for (size_t i = 0; sm_is_container(v) && i < v.items->len; i++) {
        if (!is_plain(v.items->item[i], budget))
            return false;
    }
    return true;
}

/* Whether it is a value: one that is not raw raises nothing, as that is an error by now. */
static bool is_returned(struct sm_reply *reply, bool raw)
{
    static const char kind[] = "#RETURN";
    struct sm_value v;

    if (!raw)
        return !reply->is_proxy;
    if (sm_reply_decode(reply, &v) != SM_OK || v.kind != SM_KIND_TUPLE || sm_len(v) != 2)
        return false;
    v = sm_item(v, 0);
    return v.kind == SM_KIND_STR && v.len == strlen(kind) && memcmp(v.text, kind, v.len) == 0;
}

static bool may_keep(struct sm_reply *reply, bool raw)
{
    size_t budget = LIMIT_CACHED_BYTES;

    return reply_bytes(reply) <= LIMIT_CACHED_BYTES && is_returned(reply, raw) &&
           is_plain(reply->value, &budget);
}

static void put(struct cache *cache, const struct question *q, struct sm_reply *reply)
{
    struct entry *e = make_place(cache, q->hash);
    size_t bytes = reply_bytes(reply) + q->key_len;

    if (!take_room(cache->mapping, bytes)) {
        clear_all(cache);
        if (!take_room(cache->mapping, bytes))
            return;
    }
    e->key = malloc(q->key_len);
    if (!e->key) {
        atomic_fetch_sub(&cache->mapping->cached, bytes);
        return;
    }
    memcpy(e->key, q->key, q->key_len);
    e->key_len = q->key_len;
    e->bytes = bytes;
    e->hash = q->hash;
    e->version = q->version;
    e->number = q->number;
    e->reply = reply_hold(reply);
}

void cache_keep(struct sm_manager *manager, const struct question *question, struct sm_reply *reply)
{
    struct connection *c = question->version ? connection_recent(manager) : NULL;

    if (!c || c->mapping != question->mapping ||
        atomic_load(&question->version->number) != question->number)
        return;
    error_keep_begin();
    if (may_keep(reply, question->raw) && cache_of(c))
        put(c->cache, question, reply);
    error_keep_end();
}

int sm_call_in_memory(struct sm_proxy *proxy, const char *method, struct sm_value args,
                      struct sm_reply **reply)
{
    const struct outgoing request = {.name = method, .args = args, .raw = true};
    const struct lease *lease;
    struct question question;
    struct connection *c;

    if (!proxy || !method || args.kind != SM_KIND_TUPLE ||
        lease_watch(proxy, false, &lease, &c) != SM_OK)
        return SM_NOT_YET;
    return find(c, lease, &proxy->ident, &request, &question, reply);
}
