/* SPDX-License-Identifier: MIT */
/* sm_info(): how the manager is, in a dict of numbers, and what its memory is used for. */
#include "server/view.h"

#include "base/memory.h"
#include "object/answer.h"
#include "system/resident.h"

/* Bytes that the connections take: what stands ready for them, and their messages on the way. */
static size_t connections_memory(const struct sm_server *server)
{
    struct peer *peer;
    size_t bytes = 0;

    list_for_each(peer, &server->crowd.peers, link) {
        const struct stream *stream = &peer->stream;

        bytes += sizeof(*peer) + stream->in.cap + stream->out.cap + stream->flight.cap;
    }
    return bytes;
}

static void write_memory(struct pickler *p, const struct sm_server *server)
{
    const struct registry *registry = &server->registry;
    size_t used = memory_used(), connections = connections_memory(server);
    size_t tables = (registry->objects.cap + server->crowd.peers_by_id.cap +
                     server->crowd.processes_by_key.cap) *
                        sizeof(struct map_slot) +
                    registry->timers.cap * sizeof(struct timer *);

    view_key(p, "memory");
    view_dict_begin(p);
    view_int(p, "used", used);
    view_int(p, "limit", server->options.max_memory);
    view_int(p, "connections", connections);
    view_int(p, "tables", tables);
    view_int(p, "objects", used > connections + tables ? used - connections - tables : 0);
    view_int(p, "resident", resident_bytes());
    view_dict_end(p);
}

static void write_addresses(struct pickler *p, const struct sm_server *server)
{
    view_key(p, "addresses");
    view_list_begin(p);
    for (size_t i = 0; i < server->listeners_len; i++)
        view_item_text(p, server->listeners[i]->listener.text);
    view_list_end(p);
}

static void write_now(struct pickler *p, const struct sm_server *server)
{
    const struct registry *registry = &server->registry;

    view_int(p, "connections", server->crowd.peers_len);
    view_int(p, "processes", server->crowd.processes_by_key.len);
    view_int(p, "waiting", registry->waiting);
    view_int(p, "objects", registry->counted);
    view_int(p, "objects_alive", registry->objects.len);
    view_int(p, "objects_in_transit", registry->transits.len);
    view_int(p, "references", registry->references);
}

static void write_since_start(struct pickler *p, const struct sm_server *server)
{
    const struct crowd_counts *counts = &server->crowd.counts;
    uint64_t bytes_in = counts->bytes_in, bytes_out = counts->bytes_out;
    struct peer *peer;

    list_for_each(peer, &server->crowd.peers, link) {
        bytes_in += peer->stream.closing ? 0 : peer->stream.bytes_in;
        bytes_out += peer->stream.closing ? 0 : peer->stream.bytes_out;
    }
    view_int(p, "calls", counts->calls);
    view_int(p, "connections_ever", counts->connections);
    view_int(p, "bytes_in", bytes_in);
    view_int(p, "bytes_out", bytes_out);
    view_int(p, "owner_deaths", counts->owner_deaths);
    view_int(p, "references_dropped", counts->references_dropped);
    view_int(p, "undelivered", counts->undelivered);
    view_int(p, "refused", counts->refused);
    view_int(p, "cut", counts->cut);
    view_int(p, "full", counts->full);
    view_int(p, "killed", counts->killed);
}

void serve_info(struct peer *peer, struct call *call)
{
    const struct sm_server *server = server_of_peer(peer);
    struct pickler *p = call_return_begin(call);

    view_dict_begin(p);
    view_text(p, "version", SM_VERSION);
    view_int(p, "pid", (uint64_t)getpid());
    view_time(p, "uptime_s", call->now - server->since);
    write_addresses(p, server);
    write_now(p, server);
    write_since_start(p, server);
    write_memory(p, server);
    view_dict_end(p);
    call_return_end(call);
}
