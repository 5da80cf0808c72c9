/* SPDX-License-Identifier: MIT */
/*
 * Over a Unix socket the server knows which process each peer is, and sees it die: through a pidfd,
 * which no other process can come to stand for, and no forked child that inherited descriptors can
 * keep alive.
 *
 * The rules:
 *
 * - A connection is of the process that opened it. So are the references taken over it and the
 *   Locks acquired over it, whichever of its threads and connections they came by; they outlast
 *   the connection, and end with the process. An RLock is the connection's, and ends with either.
 * - Fork hands nothing on. A child that wants to outlive its parent takes references of its own,
 *   over connections of its own: multiprocessing's children do so as they start, those of our own
 *   client at their first use of a proxy.
 * - A child may hold its parent's connection all the same, by a bare os.fork(). That keeps nothing
 *   alive. When the parent dies, a connection over which nothing is under way is left to the child,
 *   as one of an unknown process; any other is closed, since whose answer it would bring is
 *   unknown. As long as the parent lives, what it closed and the child did not is open.
 * - exec() changes nothing: the pid lives on, and what it held.
 * - A process may give back a reference that another took: object/account.c has that.
 * - A peer whose process cannot be told (TCP; no pidfd to be had) holds what it takes until it
 *   gives it back. A process in another PID namespace has no pid here, but a pidfd with a number.
 *
 * A process is looked up by its pid when a connection has proved that it has the key. The one found
 * is asked whether it still lives: its pid may be another's, before word of its end has come.
 */
#include "peer/process.h"

#include "base/error.h"
#include "base/memory.h"
#include "object/access.h"
#include "object/place.h"
#include "object/waitq.h"
#include "peer/deaths.h"
#include "peer/peer.h"
#include "types/types.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Numbers of pidfds that have no pid are told from pids by this. */
#define KEY_NUMBER (UINT64_C(1) << 63)

static void on_watch_closed(struct watch *watch)
{
    memory_free(container_of(watch, struct process, watch));
}

static void process_free(struct process *process)
{
    list_remove(&process->link);
    lease_detach_all(&process->crowd->registry->leases, &process->account);
    account_abandon(&process->account);
    if (process->watch.pidfd)
        watch_close(&process->watch, on_watch_closed);
    else
        memory_free(process);
}

static bool process_has_key(const void *item, const void *key)
{
    return ((const struct process *)item)->key == *(const uint64_t *)key;
}

static struct process *find_process(const struct crowd *crowd, uint64_t key)
{
    return map_find(&crowd->processes_by_key, map_hash_int(key), process_has_key, &key);
}

static void strike_out(struct process *process)
{
    if (process->key)
        map_remove(&process->crowd->processes_by_key, map_hash_int(process->key), process);
    process->key = 0;
}

static void describe(int pid, const char *name, char *ret, size_t size)
{
    if (pid)
        snprintf(ret, size, "process %d (%s)", pid, name);
    else
        snprintf(ret, size, "a process of another PID namespace");
}

void process_describe(const struct process *process, char *ret, size_t size)
{
    describe(process->pid, process->name, ret, size);
}

/* Python's name of the class is not that of the typeid. */
static const char *typeid_of(const struct object *object)
{
    return object->type == &lock_type ? "Lock" : object->type->name;
}

void process_departs(const struct process *process, struct departed *ret)
{
    *ret = (struct departed){.pid = process ? process->pid : 0};
    if (process)
        memcpy(ret->process, process->name, sizeof(ret->process));
}

void process_release(struct crowd *crowd, struct list *owned, const struct departed *who,
                     const char *name)
{
    bool keep = crowd->options->keep_owned;
    struct object *object;
    char ident[IDENT_SIZE];

    list_for_each(object, owned, owned) {
        ident_format(object->ident, ident);
        if (crowd->phase == CROWD_DRAINS)
            break;
        crowd_log(crowd, SM_LOG_WARNING, "%s %s %s: its owner, %s, has ended", typeid_of(object),
                  ident, keep ? "stays locked" : "released", name);
        crowd->counts.owner_deaths++;
        deaths_add(&crowd->deaths, who, object, keep);
    }
    call_disown_all(owned, keep);
}

/* An heir may go on with this connection: nothing is under way that could be the dead one's. */
static bool is_idle(const struct peer *peer, const struct delivery *delivery)
{
    return peer->state == PEER_CALLS && !peer->in_call && !stream_waiting(&peer->stream) &&
           !stream_backlog(&peer->stream) && delivery->sent_is_read && delivery->nothing_waits;
}

/*
 * A connection that nobody holds any more will say so, after what was sent before. One that has an
 * heir says nothing; and what the dead one did not read, the heir must not.
 */
static void settle_peer(struct peer *peer)
{
    struct delivery delivery;

    stream_look(&peer->stream, &delivery);
    if (!peer->in_call && !delivery.held)
        return;
    if (is_idle(peer, &delivery)) {
        peer->unconfirmed = false;
        process_leave(peer);
        return;
    }
    peer_lost(peer, peer->in_call || delivery.sent_is_read ? 0 : -ECONNRESET);
}

/* What it holds by words is known from here on, and it takes nothing by them any more. */
static void end_cells(struct process *process)
{
    struct peer *peer;

    list_for_each(peer, &process->peers, of_process)
        cell_end(&peer->call);
}

/* What it waits for is withdrawn first, so that nothing that it held goes to itself. */
static void release_all(struct process *process, const char *name)
{
    struct departed who;
    struct peer *peer;

    process_departs(process, &who);
    list_for_each(peer, &process->peers, of_process) {
        place_recall(&peer->call);
        waitq_withdraw(&peer->call);
    }
    list_for_each(peer, &process->peers, of_process) {
        process_release(process->crowd, &peer->owned, &who, name);
        settle_peer(peer);
    }
    process_release(process->crowd, &process->account.owned, &who, name);
}

/* Whether what it held is kept for those that it has left behind. */
static bool is_kept(const struct process *process)
{
    const struct crowd *crowd = process->crowd;

    if (crowd->options->keep_owned)
        return true;
    return crowd->options->linger_ms && process->pid && process->pid == crowd->followed &&
           (!crowd->followed_ended || process->since <= crowd->followed_ended);
}

static void drop_references(struct process *process, const char *who)
{
    struct crowd *crowd = process->crowd;
    size_t n;

    if (is_kept(process)) {
        account_abandon(&process->account);
        return;
    }
    n = account_close(&process->account, crowd->registry);
    crowd->counts.references_dropped += n;
    crowd_log(crowd, n ? SM_LOG_INFO : SM_LOG_DEBUG, "%s has ended: %zu references dropped", who,
              n);
}

static void process_ended(struct process *process)
{
    struct crowd *crowd = process->crowd;
    char who[64];

    process->ending = true;
    strike_out(process);
    process_describe(process, who, sizeof(who));
    crowd->registry->now = loop_now(crowd->loop);
    end_cells(process);
    release_all(process, who);
    drop_references(process, who);
    process->ending = false;
    if (list_empty(&process->peers))
        process_free(process);
}

static void on_ended(struct watch *watch)
{
    process_ended(container_of(watch, struct process, watch));
}

/* Make the record of a process whose pidfd it is; it belongs to the record. NULL: no memory. */
static struct process *process_new(struct crowd *crowd, int pid, int pidfd)
{
    struct process *process = memory_lend_zeroed(1, sizeof(*process));

    if (!process) {
        close(pidfd);
        return NULL;
    }
    account_init(&process->account);
    list_init(&process->peers);
    list_init(&process->link);
    list_append(&crowd->processes, &process->link);
    process->crowd = crowd;
    process->pid = pid;
    process->since = loop_now(crowd->loop);
    origin_name(pid, process->name);
    if (watch_pidfd(&process->watch, crowd->loop, pidfd, on_ended) < 0) {
        process_free(process);
        return NULL;
    }
    return process;
}

static struct process *make_process(struct crowd *crowd, int pid, uint64_t key, int pidfd)
{
    struct process *process = process_new(crowd, pid, pidfd);

    if (!process)
        return NULL;
    if (map_add(&crowd->processes_by_key, map_hash_int(key), process) < 0) {
        process_free(process);
        return NULL;
    }
    process->key = key;
    return process;
}

/* The one of a number, where there is no pid to go by. Takes the pidfd. */
static struct process *find_unseen(struct crowd *crowd, int pidfd)
{
    uint64_t number = pidfd_number(pidfd);
    struct process *process = number ? find_process(crowd, number | KEY_NUMBER) : NULL;

    if (process || !number) {
        close(pidfd);
        return process;
    }
    return make_process(crowd, 0, number | KEY_NUMBER, pidfd);
}

static void say_unknown(struct crowd *crowd, int pid, int r)
{
    char name[ORIGIN_NAME_SIZE], who[64];

    if (crowd->unwatched)
        return;
    crowd->unwatched = true;
    if (r == -ENOTSUP) {
        crowd_log(crowd, SM_LOG_WARNING,
                  "cannot tell which process a client is: what one takes stays taken when it dies");
        return;
    }
    origin_name(pid, name);
    describe(pid, name, who, sizeof(who));
    crowd_log(crowd, SM_LOG_WARNING, "cannot watch %s: %s; what it takes stays taken when it dies",
              who, error_text(-r));
}

static struct process *find_or_make(struct crowd *crowd, const struct stream *stream, int pid)
{
    int pidfd;
    struct process *process = pid ? find_process(crowd, (uint64_t)pid) : NULL;

    if (process && !pidfd_has_ended(process->watch.pidfd))
        return process;
    if (process)
        process_ended(process);
    pidfd = crowd_has_room(crowd) ? stream_open_process(stream) : -EMFILE;
    if (pidfd < 0) {
        if (pidfd != -ESRCH)
            say_unknown(crowd, pid, pidfd);
        return NULL;
    }
    crowd->unwatched = false;
    return pid ? make_process(crowd, pid, (uint64_t)pid, pidfd) : find_unseen(crowd, pidfd);
}

void process_join(struct peer *peer)
{
    struct process *process;
    struct identity identity;

    stream_identify(&peer->stream, &identity);
    if (identity.kind != IDENTITY_LOCAL)
        return;
    process = find_or_make(peer->crowd, &peer->stream, identity.pid);
    if (!process)
        return;
    peer->process = process;
    peer->call.account = &process->account;
    list_append(&process->peers, &peer->of_process);
}

/* One that is alive is remembered as long as it holds anything. */
void process_leave(struct peer *peer)
{
    struct process *process = peer->process;

    if (!process)
        return;
    list_remove(&peer->of_process);
    peer->process = NULL;
    peer->call.account = key_account(peer->call.key);
    if (process->ending || !list_empty(&process->peers))
        return;
    if (process->key && !account_is_empty(&process->account))
        return;
    strike_out(process);
    process_free(process);
}

void process_forget_all(struct crowd *crowd)
{
    struct process *process;

    list_for_each(process, &crowd->processes, link)
        process_free(process);
    map_deinit(&crowd->processes_by_key);
}
