/* SPDX-License-Identifier: MIT */
/*
 * After a few calls by requests a proxy asks for its object's word, or version. From then on each
 * call tries that first. What the manager's end does to that: a cell that is raised, or no answer
 * to the first request that is needed, or, for a thread that needs none, a look at its socket from
 * time to time.
 */
#include "client/lease.h"

#include "base/error.h"
#include "base/macros.h"
#include "client/share.h"
#include "syncmanager/types.h"

#include <stdlib.h>
#include <string.h>

/*
 * So many calls go by requests before a proxy asks. Those of methods that go by words count for
 * four, as it is known that it pays.
 */
#define ASK_AFTER 8
#define BY_WORD 4
#define BY_VERSION 1

/* How long a thread calls in memory before it looks whether the manager is still there. */
#define LOOK_AFTER (10 * MSEC)

static void copy_names(struct sm_value names, struct buffer *ret)
{
    for (size_t i = 0; i < sm_len(names); i++) {
        struct sm_value name = sm_item(names, i);

        if (name.kind == SM_KIND_STR)
            buffer_add(ret, name.text, name.len);
        buffer_add_byte(ret, 0);
    }
}

/* (number, kind, most of a word), (number, WORD_VERSION, names), or None. */
static void read_lease(struct sm_value v, struct mapping *mapping, struct lease *lease)
{
    int64_t number, kind, most = 0;

    if (v.kind != SM_KIND_TUPLE || sm_len(v) != 3 || sm_as_int(sm_item(v, 0), &number) != SM_OK ||
        sm_as_int(sm_item(v, 1), &kind) != SM_OK || number < 0)
        return;
    if (kind == WORD_VERSION && (uint64_t)number < mapping->share.versions_len) {
        lease->version = &mapping->share.versions[number];
        copy_names(sm_item(v, 2), &lease->reads);
        lease->mapping = lease->reads.failed ? NULL : mapping;
    } else if (kind != WORD_VERSION && (uint64_t)number < mapping->share.words_len &&
               sm_as_int(sm_item(v, 2), &most) == SM_OK) {
        lease->word = &mapping->share.words[number];
        lease->mapping = mapping;
    }
    lease->number = (uint64_t)number;
    lease->kind = (enum word_kind)kind;
    lease->max = (uint64_t)most;
}

static int ask(struct sm_proxy *proxy, struct lease *lease)
{
    struct outgoing request = server_function("sm_lease", SM_TUPLE(proxy->ident));
    struct mapping *mapping;
    struct connection *c;
    struct sm_reply *reply;
    int r = proxy_ready(proxy);

    if (r == SM_OK)
        r = share_join(proxy->manager, &c);
    if (r < 0 || !c->mapping)
        return r;
    mapping = c->mapping;
    r = connection_call(c, &request, &reply);
    if (r != SM_OK)
        return r == SM_ERAISED ? SM_OK : r;
    read_lease(reply->value, mapping, lease);
    sm_reply_free(reply);
    return SM_OK;
}

static void detach(struct sm_manager *manager, const struct lease *lease)
{
    struct outgoing request =
        server_function("sm_detach", SM_TUPLE(sm_int((int64_t)lease->number)));

    if (lease->word && lease->process == this_process())
        (void)!manager_post(manager, &request);
}

static void discard(struct lease *lease)
{
    buffer_deinit(&lease->reads);
    free(lease);
}

/* Of threads that ask at once, one has its lease taken. */
static int make_lease(struct sm_proxy *proxy, struct lease *older, struct lease **ret)
{
    struct lease *lease = calloc(1, sizeof(*lease));
    int r;

    if (!lease)
        return SM_NOT_YET;
    lease->process = this_process();
    lease->older = older;
    r = ask(proxy, lease);
    if (r < 0) {
        discard(lease);
        return r;
    }
    if (!atomic_compare_exchange_strong(&proxy->lease, &older, lease)) {
        detach(proxy->manager, lease);
        discard(lease);
        lease = older;
    }
    *ret = lease;
    return SM_OK;
}

/* The proxy's lease in this process, once it has asked for one. */
static int lease_of(struct sm_proxy *proxy, unsigned weight, struct lease **ret)
{
    struct lease *lease = atomic_load_explicit(&proxy->lease, memory_order_acquire);

    if (lease && lease->process == this_process()) {
        *ret = lease;
        return SM_OK;
    }
    if (proxy->manager->sockets_only || atomic_fetch_add(&proxy->uses, weight) < ASK_AFTER)
        return SM_NOT_YET;
    return make_lease(proxy, lease, ret);
}

/*
 * The manager may have been killed: then nothing else would tell. Who calls seldom looks each time,
 * and so is told by his next call, as over a socket.
 */
static bool is_there(struct connection *c)
{
    c->words_used++;
    c->user.now = channel_now_coarse();
    if (c->user.now - c->looked < LOOK_AFTER)
        return true;
    c->looked = c->user.now;
    return c->owed || !channel_has_news(&c->channel);
}

/* This process and this thread may have to ask first. */
static int prepare(struct sm_proxy *proxy, unsigned weight, struct lease **ret_lease,
                   struct connection **ret)
{
    int r = lease_of(proxy, weight, ret_lease);

    if (r != SM_OK || !(*ret_lease)->mapping)
        return r < 0 ? r : SM_NOT_YET;
    r = share_join(proxy->manager, ret);
    if (r < 0)
        return r;
    return (*ret)->mapping == (*ret_lease)->mapping ? SM_OK : SM_NOT_YET;
}

/*
 * The word, and this thread's connection. SM_NOT_YET: the call is to go by a request. A mapping is
 * one process's, and so are the leases and connections that have it.
 */
static int enter(struct sm_proxy *proxy, unsigned weight, struct lease **ret_lease,
                 struct connection **ret)
{
    int r = SM_OK;

    if (!proxy)
        return SM_NOT_YET;
    *ret_lease = atomic_load_explicit(&proxy->lease, memory_order_acquire);
    *ret = connection_recent(proxy->manager);
    if (!*ret || !*ret_lease || !(*ret)->mapping || (*ret)->mapping != (*ret_lease)->mapping)
        r = prepare(proxy, weight, ret_lease, ret);
    return r != SM_OK || is_there(*ret) ? r : SM_NOT_YET;
}

/* The same without asking, in a thread that may have other managers besides. */
static int enter_at_once(struct sm_proxy *proxy, struct lease **ret_lease, struct connection **ret)
{
    struct lease *lease;
    struct connection *c;

    if (!proxy)
        return SM_NOT_YET;
    lease = atomic_load_explicit(&proxy->lease, memory_order_acquire);
    c = connection_recent(proxy->manager);
    if (!lease)
        return SM_NOT_YET;
    if (!c)
        c = connection_find(proxy->manager);
    if (!c || !c->mapping || c->mapping != lease->mapping || !is_there(c))
        return SM_NOT_YET;
    *ret_lease = lease;
    *ret = c;
    return SM_OK;
}

/* What may be done to a word. */
enum use {
    ACQUIRED,
    FLAG,
    NUMBER,
};

static bool is_used_as(const struct lease *lease, enum use use)
{
    switch (lease->kind) {
    case WORD_LOCK:
    case WORD_RLOCK:
    case WORD_COUNT:
        return use == ACQUIRED;
    case WORD_FLAG:
        return use == FLAG;
    case WORD_NUMBER:
        return use == NUMBER;
    default:
        return false;
    }
}

/* A word that is used so: after asking for it, or at once. */
static int enter_word(struct sm_proxy *proxy, enum use use, bool may_ask, struct lease **ret_lease,
                      struct connection **ret)
{
    int r = may_ask ? enter(proxy, BY_WORD, ret_lease, ret) : enter_at_once(proxy, ret_lease, ret);

    return r == SM_OK && !is_used_as(*ret_lease, use) ? SM_NOT_YET : r;
}

static int done(bool is)
{
    return is ? SM_OK : SM_NOT_YET;
}

int lease_acquire(struct sm_proxy *proxy, bool may_ask)
{
    struct connection *c;
    struct lease *lease;
    int r = enter_word(proxy, ACQUIRED, may_ask, &lease, &c);

    return r == SM_OK ? done(word_acquire(lease->word, lease->kind, &c->user)) : r;
}

int sm_acquire_in_memory(struct sm_proxy *proxy)
{
    return lease_acquire(proxy, false);
}

int lease_release(struct sm_proxy *proxy, bool may_ask)
{
    struct connection *c;
    struct lease *lease;
    int r = enter_word(proxy, ACQUIRED, may_ask, &lease, &c);

    return r == SM_OK ? done(word_release(lease->word, lease->kind, lease->max, &c->user)) : r;
}

int sm_release_in_memory(struct sm_proxy *proxy)
{
    return lease_release(proxy, false);
}

int lease_get_flag(struct sm_proxy *proxy, bool may_ask, bool *ret)
{
    struct connection *c;
    struct lease *lease;
    int r = enter_word(proxy, FLAG, may_ask, &lease, &c);

    return r == SM_OK ? done(word_get_flag(lease->word, &c->user, ret)) : r;
}

int sm_event_is_set_in_memory(struct sm_proxy *event, bool *ret)
{
    return lease_get_flag(event, false, ret);
}

int lease_set_flag(struct sm_proxy *proxy, bool may_ask, bool value)
{
    struct connection *c;
    struct lease *lease;
    int r = enter_word(proxy, FLAG, may_ask, &lease, &c);

    return r == SM_OK ? done(word_set_flag(lease->word, value, &c->user)) : r;
}

int sm_event_set_in_memory(struct sm_proxy *event, bool value)
{
    return lease_set_flag(event, false, value);
}

/* A binding that tries at once is told by its first request that this is a Counter. */
static int enter_number(struct sm_proxy *proxy, bool may_ask, struct lease **ret_lease,
                        struct connection **ret)
{
    int r = enter_word(proxy, NUMBER, may_ask, ret_lease, ret);

    if (proxy && !may_ask && r == SM_NOT_YET)
        atomic_store_explicit(&proxy->is_counter, true, memory_order_relaxed);
    return r;
}

int lease_add(struct sm_proxy *proxy, bool may_ask, int64_t n, int64_t *ret)
{
    struct connection *c;
    struct lease *lease;
    int r = enter_number(proxy, may_ask, &lease, &c);

    return r == SM_OK ? done(word_add(lease->word, n, &c->user, ret)) : r;
}

int sm_counter_add_in_memory(struct sm_proxy *counter, int64_t n, int64_t *ret)
{
    return lease_add(counter, false, n, ret);
}

int lease_get_number(struct sm_proxy *proxy, bool may_ask, int64_t *ret)
{
    struct connection *c;
    struct lease *lease;
    int r = enter_number(proxy, may_ask, &lease, &c);

    return r == SM_OK ? done(word_get_number(lease->word, &c->user, ret)) : r;
}

int sm_counter_get_in_memory(struct sm_proxy *counter, int64_t *ret)
{
    return lease_get_number(counter, false, ret);
}

int lease_replace(struct sm_proxy *proxy, bool may_ask, int64_t old, int64_t value, bool *ret)
{
    struct connection *c;
    struct lease *lease;
    int r = enter_number(proxy, may_ask, &lease, &c);

    return r == SM_OK ? done(word_replace(lease->word, old, value, &c->user, ret)) : r;
}

int sm_counter_compare_and_set_in_memory(struct sm_proxy *counter, int64_t old, int64_t value,
                                         bool *ret)
{
    return lease_replace(counter, false, old, value, ret);
}

/*
 * What is called often; but not what other types have, too, which have no words. A Counter has
 * names of theirs: its binding has said that it is one.
 */
static bool goes_by_words(const struct sm_proxy *proxy, const char *method)
{
    static const char *const methods[] = {"acquire", "release", "is_set"};

    if (atomic_load_explicit(&proxy->is_counter, memory_order_relaxed))
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

int lease_prepare(struct sm_proxy *proxy, const char *method)
{
    struct connection *c;
    struct lease *lease;
    int r;

    if (!goes_by_words(proxy, method) || enter_at_once(proxy, &lease, &c) == SM_OK)
        return SM_OK;
    r = prepare(proxy, BY_WORD, &lease, &c);
    return r < 0 ? r : SM_OK;
}

int lease_watch(struct sm_proxy *proxy, bool may_ask, const struct lease **ret,
                struct connection **ret_c)
{
    struct lease *lease = atomic_load_explicit(&proxy->lease, memory_order_acquire);
    int r;

    if (lease && lease->word)
        return SM_NOT_YET;
    r = may_ask ? enter(proxy, BY_VERSION, &lease, ret_c) : enter_at_once(proxy, &lease, ret_c);
    *ret = lease;
    return r == SM_OK && lease->kind != WORD_VERSION ? SM_NOT_YET : r;
}

bool lease_reads(const struct lease *lease, const char *method)
{
    const char *name = (const char *)lease->reads.data, *end = name + lease->reads.len;

    for (; name < end; name += strlen(name) + 1) {
        if (strcmp(name, method) == 0)
            return true;
    }
    return false;
}

void lease_free(struct sm_proxy *proxy)
{
    struct lease *lease = atomic_load(&proxy->lease), *older;

    if (!lease)
        return;
    error_keep_begin();
    detach(proxy->manager, lease);
    error_keep_end();
    for (; lease; lease = older) {
        older = lease->older;
        discard(lease);
    }
}
