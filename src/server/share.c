/* SPDX-License-Identifier: MIT */
/*
 * Memory is shared with processes whose end the manager will see, and whose user is its own:
 * whoever has the key can do by words what he can do by requests, but nobody else need be able to.
 * So it is not shared with those who may only read, as all words are in one piece of memory; and
 * objects that are for some keys alone are never in there.
 */
#include "server/share.h"

#include "base/limits.h"
#include "object/access.h"
#include "object/answer.h"
#include "peer/peer.h"
#include "peer/process.h"
#include "pickle/opcodes.h"
#include "server/server.h"
#include "types/lockable.h"

#include <unistd.h>

static bool may_share(const struct peer *peer)
{
    const struct sm_server *server = server_of_peer(peer);
    struct identity identity;

    if (server->options.sockets_only || !peer->process || peer->process->account.closed ||
        peer->crowd->phase == CROWD_DRAINS)
        return false;
    stream_identify(&peer->stream, &identity);
    return identity.kind == IDENTITY_LOCAL && identity.user == (int64_t)geteuid();
}

/* The memory, made when it is asked for first. False: there is none. */
static bool have_memory(struct sm_server *server)
{
    struct versions *versions = &server->registry.versions;
    struct share *share = &server->share;

    if (share->words)
        return true;
    if (share_make(share, LIMIT_WORDS, LIMIT_CELLS, LIMIT_VERSIONS) < 0)
        return false;
    if (versions_begin(versions, share->versions, share->versions_len) == 0 &&
        leases_begin(&server->registry.leases, share->words, share->words_len, share->cells,
                     share->cells_len) == 0)
        return true;
    versions_deinit(versions);
    share_close(share);
    return false;
}

void serve_share(struct peer *peer, struct call *call)
{
    struct sm_server *server = server_of_peer(peer);
    struct sm_value version = call->arg[0];

    if (version.kind == SM_KIND_INT && version.integer == SHARE_VERSION && may_share(peer) &&
        !call->only_reads && have_memory(server) &&
        stream_pass(&peer->stream, server->share.fds, SHARE_DESCRIPTORS))
        call_return_int(call, (int64_t)server->share.id);
    else
        call_return_none(call);
}

void serve_cell(struct peer *peer, struct call *call)
{
    struct sm_server *server = server_of_peer(peer);

    if (!call->cell &&
        (call->only_reads || !may_share(peer) || !have_memory(server) || cell_begin(call) < 0))
        call_return_none(call);
    else
        call_return(call, SM_TUPLE(sm_int((int64_t)server->share.id), sm_int(call->cell - 1),
                                   sm_int(call->generation)));
}

/* A Condition is acquired and released by its lock's word. */
static struct object *leasable(struct object *object)
{
    struct lockable *lock = lockable_of(object);
    struct object *leased = lock ? &lock->object : object;

    if (object->audience || leased->audience)
        return NULL;
    return leased->type->pack && !leased->where ? leased : NULL;
}

/* What its methods that read say changes by nothing that the manager does not see. */
static bool is_watchable(const struct object *object)
{
    const struct object_type *type = object->type;
    const struct method *m = type->methods;

    if (type->serve || type->pack || type->looks_into || object->audience)
        return false;
    while (m->name && !m->reads)
        m++;
    return m->name;
}

static bool answer_word(struct object *object, struct call *call)
{
    size_t word;

    if (lease_attach(object, call->account, &word) < 0)
        return false;
    call_return(
        call,
        SM_TUPLE(sm_int((int64_t)word), sm_int(object->type->word),
                 sm_int(object->type->word_max ? (int64_t)object->type->word_max(object) : 0)));
    leases_lend(&call->registry->leases);
    return true;
}

static bool answer_version(struct object *object, struct call *call)
{
    struct pickler *p;
    size_t version;

    if (version_watch(object, &version) < 0)
        return false;
    p = call_return_begin(call);
    pickler_value(p, NULL, sm_int((int64_t)version));
    pickler_value(p, NULL, sm_int(WORD_VERSION));
    object_write_reads(object, p, call->python, call->proxies);
    pickler_op(p, TUPLE3);
    call_return_end(call);
    return true;
}

void serve_lease(struct peer *peer, struct call *call)
{
    struct object *object = registry_find_value(call->registry, call->arg[0]);
    bool is = false;

    (void)peer;
    if (object && call->cell && leasable(object))
        is = answer_word(leasable(object), call);
    else if (object && call->cell && is_watchable(object))
        is = answer_version(object, call);
    if (!is)
        call_return_none(call);
}

void serve_detach(struct peer *peer, struct call *call)
{
    int64_t word;

    (void)peer;
    if (call->account && sm_as_int(call->arg[0], &word) == SM_OK)
        lease_detach(&call->registry->leases, call->account, (uint64_t)word);
    call_return_none(call);
}

void serve_ring(struct peer *peer, struct call *call)
{
    if (may_share(peer) && stream_offer_ring(&peer->stream) == 0)
        call_return_bool(call, true);
    else
        call_return_none(call);
}
