/* SPDX-License-Identifier: MIT */
/* How the manager is, and what its memory is used for. */
#include "base/memory.h"
#include "peer/peer.h"
#include "system/resident.h"
#include "view/gather.h"

#include <unistd.h>

/* Bytes that the connections take: what stands ready for them, and their messages on the way. */
static size_t connections_memory(const struct crowd *crowd)
{
    struct peer *peer;
    size_t bytes = 0;

    list_for_each(peer, &crowd->peers, link)
        bytes += sizeof(*peer) + stream_memory(&peer->stream);
    return bytes;
}

static void gather_memory(const struct crowd *crowd, struct info_figures *ret)
{
    const struct registry *registry = crowd->registry;
    const struct leases *leases = &registry->leases;
    const struct versions *versions = &registry->versions;
    size_t used = memory_used(), connections = connections_memory(crowd);
    size_t shared = leases->words_len * sizeof(struct word) +
                    leases->cells_len * sizeof(struct cell) +
                    versions->len * sizeof(struct version) + crowd->loop->rings.memory;
    size_t tables = (registry->objects.cap + crowd->peers_by_id.cap + crowd->processes_by_key.cap) *
                        sizeof(struct map_slot) +
                    registry->timers.cap * sizeof(struct timer *);

    ret->memory.used = used;
    ret->memory.limit = crowd->options->max_memory;
    ret->memory.connections = connections;
    ret->memory.tables = tables;
    ret->memory.objects =
        used > connections + tables + shared ? used - connections - tables - shared : 0;
    ret->memory.shared = shared;
    ret->memory.resident = resident_bytes();
}

static void gather_now(const struct crowd *crowd, struct info_figures *ret)
{
    const struct registry *registry = crowd->registry;

    ret->now.connections = crowd->peers_len;
    ret->now.processes = crowd->processes_by_key.len;
    ret->now.waiting = registry->waiting;
    ret->now.objects = registry->counted;
    ret->now.objects_alive = registry->objects.len;
    ret->now.objects_in_transit = registry->transits.len;
    ret->now.references = registry->references;
    ret->now.words = registry->leases.len;
    ret->now.lent = registry->leases.lent;
    ret->now.watched = versions_watched(&registry->versions);
    ret->now.rings = crowd->loop->rings.len;
    ret->now.keys = crowd->keyring.len;
}

static void gather_since_start(const struct crowd *crowd, struct info_figures *ret)
{
    const struct crowd_counts *counts = &crowd->counts;
    struct peer *peer;

    ret->since_start.calls = counts->calls;
    ret->since_start.connections = counts->connections;
    ret->since_start.bytes_in = counts->bytes_in;
    ret->since_start.bytes_out = counts->bytes_out;
    list_for_each(peer, &crowd->peers, link) {
        const struct stream *stream = &peer->stream;

        if (stream_is_closing(stream))
            continue; /* what it has carried is counted */
        ret->since_start.bytes_in += stream_bytes_in(stream);
        ret->since_start.bytes_out += stream_bytes_out(stream);
    }
    ret->since_start.owner_deaths = counts->owner_deaths;
    ret->since_start.references_dropped = counts->references_dropped;
    ret->since_start.undelivered = counts->undelivered;
    ret->since_start.refused = counts->refused;
    ret->since_start.cut = counts->cut;
    ret->since_start.full = counts->full;
    ret->since_start.killed = counts->killed;
    ret->since_start.recalls = crowd->registry->leases.recalls;
    ret->since_start.by_rings = counts->by_rings;
}

void gather_info(const struct crowd *crowd, struct info_figures *ret)
{
    *ret = (struct info_figures){.version = SM_VERSION, .pid = getpid()};
    gather_now(crowd, ret);
    gather_since_start(crowd, ret);
    gather_memory(crowd, ret);
}
