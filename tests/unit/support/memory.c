/* SPDX-License-Identifier: MIT */
#include "support/memory.h"

#include "support/check.h"

#include "server/server.h"
#include "system/pidfd.h"

#include <errno.h>

/* So many turns in which nothing comes of waiting are a wait that is over. */
#define TURNS 16

static struct memory_end *of(struct transport *transport)
{
    return container_of(transport, struct memory_end, transport);
}

static size_t at_most(size_t n, size_t limit)
{
    return limit && limit < n ? limit : n;
}

static bool has_ended(const struct memory_end *end)
{
    return end->link->broken || end->other->closed;
}

static size_t room_left(const struct memory_end *end)
{
    size_t room = end->link->plan.room, used = end->other->in.len;

    return !room ? SIZE_MAX : used < room ? room - used : 0;
}

static unsigned ready_for(const struct memory_end *end, unsigned events)
{
    return events & ((end->in.len || has_ended(end) ? TRANSPORT_READABLE : 0) |
                     (room_left(end) || has_ended(end) ? TRANSPORT_WRITABLE : 0));
}

static void on_idle(uv_idle_t *idle);

static void look(struct memory_end *end)
{
    if (!end->on_loop || end->closed)
        return;
    if (ready_for(end, end->wanted))
        uv_idle_start(&end->idle, on_idle);
    else
        uv_idle_stop(&end->idle);
}

static void look_at_both(struct memory_end *end)
{
    look(end);
    look(end->other);
}

static void on_idle(uv_idle_t *idle)
{
    struct memory_end *end = container_of(idle, struct memory_end, idle);

    end->transport.ready(&end->transport, ready_for(end, end->wanted));
    look(end);
}

static void lose(struct memory_end *end)
{
    end->other->lost |= end->in.len > 0;
    buffer_clear(&end->in);
    end->reset = true;
}

static void break_down(struct memory_link *link)
{
    link->broken = true;
    lose(&link->of_server);
    lose(&link->of_client);
}

static ssize_t memory_read(struct transport *transport, void *bytes, size_t size, bool may_block)
{
    struct memory_end *end = of(transport);
    size_t n = at_most(MIN(size, end->in.len), end->link->plan.piece);

    (void)may_block;
    if (!n)
        return !has_ended(end) ? -EAGAIN : end->reset ? -ECONNRESET : 0;
    memcpy(bytes, end->in.data, n);
    buffer_consume(&end->in, n);
    look_at_both(end);
    return (ssize_t)n;
}

/* What the connection carries before it breaks. */
static size_t strength(const struct memory_link *link)
{
    return link->plan.breaks ? link->plan.breaks - link->carried : SIZE_MAX;
}

static ssize_t memory_writev(struct transport *transport, const struct iovec *parts, size_t count,
                             bool may_block)
{
    struct memory_end *end = of(transport);
    struct memory_link *link = end->link;
    size_t most = at_most(room_left(end), link->plan.piece), sent = 0;

    (void)may_block;
    if (has_ended(end))
        return -EPIPE;
    if (!most)
        return -EAGAIN;
    for (size_t i = 0; i < count && sent < most; i++) {
        size_t n = MIN(MIN(parts[i].iov_len, most - sent), strength(link));

        buffer_add(&end->other->in, parts[i].iov_base, n);
        link->carried += n;
        sent += n;
    }
    assert_false(end->other->in.failed);
    if (!strength(link))
        break_down(link);
    look_at_both(end);
    return (ssize_t)sent;
}

static void memory_want(struct transport *transport, unsigned events)
{
    of(transport)->wanted = events;
    look(of(transport));
}

/* A test that waits for the server's descriptor as well steps the server itself. */
static int memory_wait(struct transport *transport, unsigned events, int interrupt_fd,
                       int timeout_ms)
{
    struct memory_end *end = of(transport);

    for (int i = 0; timeout_ms && i < TURNS && !ready_for(end, events); i++) {
        if (interrupt_fd != sm_server_fd(end->link->server))
            sm_server_step(end->link->server);
    }
    return (int)ready_for(end, events);
}

static void memory_identify(struct transport *transport, struct identity *ret)
{
    *ret = of(transport)->link->plan.identity;
}

static int memory_open_process(struct transport *transport)
{
    return pidfd_of(of(transport)->link->plan.identity.pid);
}

static void memory_look(struct transport *transport, struct delivery *ret)
{
    struct memory_end *end = of(transport);

    *ret = (struct delivery){
        .held = !end->other->closed,
        .sent_is_read = !end->other->in.len,
        .nothing_waits = !end->in.len,
    };
}

static bool memory_undelivered(struct transport *transport, int r)
{
    return r < 0 && of(transport)->lost;
}

static void memory_cut(struct transport *transport)
{
    break_down(of(transport)->link);
    look_at_both(of(transport));
}

static void memory_close_inherited(struct transport *transport)
{
    (void)transport;
}

static void drop(struct memory_end *end)
{
    struct memory_link *link = end->link;

    buffer_deinit(&end->in);
    if (--link->open == 0)
        free(link);
}

static void on_closed(uv_handle_t *handle)
{
    struct memory_end *end = container_of((uv_idle_t *)handle, struct memory_end, idle);

    if (end->transport.closed)
        end->transport.closed(&end->transport);
    drop(end);
}

/* With something unread, the other end is told so, behind what was sent to it before. */
static void memory_close(struct transport *transport)
{
    struct memory_end *end = of(transport);

    end->other->lost |= end->in.len > 0;
    end->other->reset |= end->in.len > 0;
    end->closed = true;
    look(end->other);
    if (end->on_loop)
        uv_close((uv_handle_t *)&end->idle, on_closed);
    else
        drop(end);
}

static const struct transport_ops memory_ops = {
    .size = sizeof(struct memory_link),
    .read = memory_read,
    .writev = memory_writev,
    .want = memory_want,
    .wait = memory_wait,
    .identify = memory_identify,
    .open_process = memory_open_process,
    .look = memory_look,
    .undelivered = memory_undelivered,
    .cut = memory_cut,
    .close_inherited = memory_close_inherited,
    .close = memory_close,
};

struct transport *memory_connect(struct sm_server *server, const struct memory_plan *plan)
{
    struct memory_link *link = calloc(1, sizeof(*link));

    assert_non_null(link);
    link->plan = *plan;
    link->server = server;
    link->open = 2;
    link->of_server = (struct memory_end){
        .transport.ops = &memory_ops, .link = link, .other = &link->of_client, .on_loop = true};
    link->of_client =
        (struct memory_end){.transport.ops = &memory_ops, .link = link, .other = &link->of_server};
    uv_idle_init(&server->loop.uv, &link->of_server.idle);
    peer_open(&server->crowd, &link->of_server.transport);
    return &link->of_client.transport;
}

size_t memory_carried(const struct transport *transport)
{
    return container_of(transport, const struct memory_end, transport)->link->carried;
}
