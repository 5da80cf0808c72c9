/* SPDX-License-Identifier: MIT */
/*
 * The lobby holds the connections that have not authenticated yet. A client with the key leaves it
 * after a few packets. When there are too many connections, the oldest is cut, so an attacker who
 * fills the lobby cuts his own. Honest clients may come in a burst, and have to wait for a
 * processor on a busy machine: every connection may stay for LIMIT_LOBBY_TIME, and those that find
 * no place wait until then.
 *
 * A failed authentication is answered after a delay, which doubles with each failure of the same
 * source. The delay is the same whatever was wrong, so it tells an attacker nothing and makes
 * guessing slow. The table of sources has a fixed size. A source that others have pushed out of it
 * begins with the shortest delay again.
 */
#include "peer/lobby.h"

#include "net/source.h"
#include "peer/peer.h"

#include <inttypes.h>

/* A source is looked for, and put, in one of so many places. */
#define OFFENDERS_WAYS 4

/* Nothing is to be done: who waits for a place is looked after at the end of the loop's turn. */
static void oldest_is_due(struct timer *timer)
{
    (void)timer;
}

void lobby_init(struct lobby *lobby)
{
    *lobby = (struct lobby){.oldest.fire = oldest_is_due};
    list_init(&lobby->peers);
}

/* Anybody can cause these lines: they must not fill a disk. */
static bool may_log(struct crowd *crowd)
{
    struct lobby *lobby = &crowd->lobby;
    nsec now = loop_now(crowd->loop);

    if (now - lobby->logging_since >= LIMIT_LOG_TIME) {
        if (lobby->left_out)
            crowd_log(crowd, SM_LOG_WARNING, "%u more connections were refused or cut",
                      lobby->left_out);
        lobby->logging_since = now;
        lobby->logged = lobby->left_out = 0;
    }
    if (lobby->logged < LIMIT_LOG_LINES) {
        lobby->logged++;
        return true;
    }
    lobby->left_out++;
    return false;
}

static void find_source(const struct peer *peer, struct source *ret)
{
    struct identity identity;

    stream_identify(&peer->stream, &identity);
    source_of(&identity, ret);
}

static void cut(struct peer *peer, const char *why)
{
    struct crowd *crowd = peer->crowd;
    struct source source;

    crowd->counts.cut++;
    if (may_log(crowd)) {
        find_source(peer, &source);
        crowd_log(crowd, SM_LOG_WARNING, "connection %" PRIu64 " of %s cut: %s", peer->call.caller,
                  source.text, why);
    }
    peer_close(peer);
}

void lobby_cut(struct peer *peer)
{
    cut(peer, "no authentication and request in time");
}

static void cut_oldest(struct lobby *lobby)
{
    cut(list_first(&lobby->peers, struct peer, lobby),
        "not authenticated yet, and there are too many such");
}

bool lobby_make_room(struct crowd *crowd)
{
    struct lobby *lobby = &crowd->lobby;
    struct timers *timers = &crowd->registry->timers;
    nsec due;

    if (list_empty(&lobby->peers))
        return false;
    due = list_first(&lobby->peers, struct peer, lobby)->since + LIMIT_LOBBY_TIME;
    if (loop_now(crowd->loop) < due) {
        /* One that is set is for an older one, and then the place is asked for anew. */
        if (!lobby->oldest.at)
            timers_set(timers, &lobby->oldest, due); /* without memory: until it goes by itself */
        return false;
    }
    cut_oldest(lobby);
    return true;
}

void lobby_enter(struct peer *peer)
{
    struct lobby *lobby = &peer->crowd->lobby;

    list_append(&lobby->peers, &peer->lobby);
    lobby->len++;
    if (lobby->len > LIMIT_LOBBY &&
        list_first(&lobby->peers, struct peer, lobby)->since < peer->since - LIMIT_LOBBY_TIME)
        cut_oldest(lobby);
}

void lobby_leave(struct peer *peer)
{
    if (list_empty(&peer->lobby))
        return;
    list_remove(&peer->lobby);
    peer->crowd->lobby.len--;
    peer->crowd->changed = true;
}

/* Where a source is noted, or shall be: the one that was quiet for longest makes room. */
static struct offender *find_offender(struct lobby *lobby, uint64_t source)
{
    size_t first = (size_t)(source % LIMIT_OFFENDERS) & ~(size_t)(OFFENDERS_WAYS - 1);
    struct offender *found = &lobby->offenders[first];

    for (size_t i = 0; i < OFFENDERS_WAYS; i++) {
        struct offender *o = &lobby->offenders[first + i];

        if (o->source == source)
            return o;
        if (o->last < found->last)
            found = o;
    }
    *found = (struct offender){.source = source};
    return found;
}

/* How long the answer to one more failure of this source waits. */
static nsec note_failure(struct lobby *lobby, const struct source *source, nsec now)
{
    struct offender *o = find_offender(lobby, map_hash_bytes(source->key, source->len) | 1);
    nsec delay = LIMIT_REFUSAL_FIRST;

    if (now - o->last > LIMIT_REFUSAL_MEMORY)
        o->failures = 0;
    for (unsigned i = 0; i < o->failures && delay < LIMIT_REFUSAL_MOST; i++)
        delay *= 2;
    o->last = now;
    o->failures++;
    return MIN(delay, LIMIT_REFUSAL_MOST);
}

static void refusal_is_due(struct timer *timer)
{
    peer_shut_down(container_of(timer, struct peer, deadline));
}

static void log_refusal(struct peer *peer, const struct source *source, const char *reason)
{
    if (may_log(peer->crowd))
        crowd_log(peer->crowd, SM_LOG_WARNING, "connection %" PRIu64 " of %s refused: %s",
                  peer->call.caller, source->text, reason);
}

void lobby_note(struct peer *peer, const char *reason)
{
    struct source source;

    peer->crowd->counts.refused++;
    find_source(peer, &source);
    log_refusal(peer, &source, reason);
}

void lobby_refuse(struct peer *peer, const char *reason)
{
    struct crowd *crowd = peer->crowd;
    struct timers *timers = &crowd->registry->timers;
    struct source source;
    nsec now = loop_now(crowd->loop), delay;

    crowd->counts.refused++;
    find_source(peer, &source);
    delay = note_failure(&crowd->lobby, &source, now);
    log_refusal(peer, &source, reason);
    peer->state = PEER_REFUSED;
    timers_cancel(timers, &peer->deadline);
    peer->deadline.fire = refusal_is_due;
    if (timers_set(timers, &peer->deadline, now + delay) < 0)
        peer_close(peer);
}
