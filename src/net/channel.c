/* SPDX-License-Identifier: MIT */
/*
 * A call should cost two system calls: one to send, one to receive. So reading may block, for a few
 * milliseconds at most; only an answer that takes longer, or a deadline that is nearer, is waited
 * for beside an interrupt. Before any of it the transport is looked at some more times
 * (net/spin.c).
 */
#include "net/channel.h"

#include "base/limits.h"
#include "base/memory.h"
#include "net/transport_ring.h"

#include <errno.h>

/* An interrupt may be missed between two looks; so look again from time to time. */
#define LOOK_TIME (1 * SEC)

/* Room for most answers. */
#define RECEIVE_MIN 4096

/*
 * So much is taken on a manager's word. Memory is used only as it is filled; growing it in steps
 * would copy a large answer twice.
 */
#define RECEIVE_BELIEVED (64 * 1024 * 1024)

/* What the kernel has of a large answer at a time, about. */
#define RECEIVE_PIECE (256 * 1024)

static bool interrupted(const struct channel_wait *wait)
{
    return wait->interrupts && atomic_load(wait->interrupts) != wait->interrupts_seen;
}

/* The same, asking the program too: for when there is time to, or a signal has come. */
static bool unwanted(const struct channel_wait *wait)
{
    return interrupted(wait) || (wait->look && wait->look(wait->look_context) < 0);
}

/* Wait until the transport is ready for `events`. Returns 0, -ETIMEDOUT, -EINTR or -errno. */
static int wait_ready(struct channel *channel, unsigned events, const struct channel_wait *wait)
{
    struct transport *transport = channel->transport;
    int r;

    for (;;) {
        nsec left = channel_time_left(wait->deadline);

        if (unwanted(wait))
            return -EINTR;
        if (left <= 0)
            return -ETIMEDOUT;
        left = MIN(left, LOOK_TIME);
        r = transport->ops->wait(transport, events, wait->wakeup ? wait->wakeup->fd : -1,
                                 (int)((left + MSEC - 1) / MSEC));
        if (r < 0 && r != -EINTR)
            return r;
        if (r > 0 && r & (int)events)
            return 0;
        /* An interrupt from before this wait began: nobody needs it any more. */
        if (r > 0 && !interrupted(wait))
            wakeup_forget(wait->wakeup);
    }
}

/* What a negative errno of the transport means: 0 to try it again. */
static int try_again(struct channel *channel, int r, unsigned events,
                     const struct channel_wait *wait)
{
    if (r == -EINTR)
        return unwanted(wait) ? -EINTR : 0;
    if (r == -EAGAIN)
        return wait_ready(channel, events, wait);
    return r == -ETIMEDOUT ? -EHOSTUNREACH : r; /* it is no deadline of ours */
}

/* A look at the transport, by which something has come or gone. */
struct look {
    struct channel *channel;
    struct iovec *part; /* to send */
    size_t count;
    ssize_t r; /* what it said */
};

/* Look some times before sleeping. Returns whether one was of use. */
static bool spin(struct look *look, bool (*has)(void *context))
{
    struct channel *channel = look->channel;
    const struct transport_ops *ops = channel->transport->ops;

    if (!ops->may_pause)
        return spin_until(&channel->spin, has, look);
    return spin_near(&channel->spin, ops->may_pause(channel->transport) ? has : NULL, has, look);
}

static bool has_gone(void *context)
{
    struct look *look = context;
    struct transport *transport = look->channel->transport;

    look->r = transport->ops->writev(transport, look->part, look->count, false);
    return look->r != -EAGAIN;
}

/* Where a look costs no system call, some are taken ahead of sleeping. */
static ssize_t send_some(struct channel *channel, struct iovec *part, size_t count)
{
    struct transport *transport = channel->transport;
    struct look look = {.channel = channel, .part = part, .count = count};

    if (transport->ops->may_pause && (has_gone(&look) || spin(&look, has_gone)))
        return look.r;
    return transport->ops->writev(transport, part, count, true);
}

int channel_send(struct channel *channel, const uint8_t *data, size_t len,
                 const struct channel_wait *wait)
{
    struct iovec part = {(void *)data, len};

    return channel_send_parts(channel, &part, 1, wait);
}

int channel_send_parts(struct channel *channel, struct iovec *part, size_t count,
                       const struct channel_wait *wait)
{
    size_t left = 1;

    while (left) {
        ssize_t n = send_some(channel, part, count);

        if (n < 0) {
            int r = try_again(channel, (int)n, TRANSPORT_WRITABLE, wait);

            if (r < 0)
                return r;
            continue;
        }
        left = transport_advance(part, count, (size_t)n);
    }
    return 0;
}

/* A look that a signal has ended has seen nothing. */
bool channel_has_news(const struct channel *channel)
{
    struct transport *transport = channel->transport;

    return channel->taken < channel->in.len ||
           transport->ops->wait(transport, TRANSPORT_READABLE, -1, 0) > 0;
}

void channel_expect(struct channel *channel, int *fds, size_t n)
{
    struct transport *transport = channel->transport;

    if (transport->ops->expect)
        transport->ops->expect(transport, fds, n);
}

/* One read into room that is there. Returns 0, -ECONNRESET at the end, or another -errno. */
static int receive_once(struct channel *channel, bool may_block)
{
    struct transport *transport = channel->transport;
    struct buffer *in = &channel->in;
    ssize_t n = transport->ops->read(transport, in->data + in->len, in->cap - in->len, may_block);

    if (n < 0)
        return (int)n;
    in->len += (size_t)n;
    return n ? 0 : -ECONNRESET;
}

static bool has_come(void *context)
{
    struct look *look = context;

    look->r = receive_once(look->channel, false);
    return look->r != -EAGAIN && look->r != -EINTR;
}

/* Receive some bytes into room that is there. */
static int receive_some(struct channel *channel, const struct channel_wait *wait)
{
    struct look look = {.channel = channel};
    int r;

    if (spin(&look, has_come))
        return look.r < 0 ? try_again(channel, (int)look.r, TRANSPORT_READABLE, wait) : 0;
    if (channel_time_left(wait->deadline) < TRANSPORT_BLOCK_TIME) {
        r = wait_ready(channel, TRANSPORT_READABLE, wait);
        if (r < 0)
            return r;
    }
    while ((r = receive_once(channel, true)) < 0 && r != -ECONNRESET) {
        r = try_again(channel, r, TRANSPORT_READABLE, wait);
        if (r < 0)
            return r;
    }
    return r;
}

static void acknowledge(struct channel *channel)
{
    if (channel->transport->ops->acknowledge)
        channel->transport->ops->acknowledge(channel->transport);
}

/* Have memory for what comes next of so many bytes. */
static void touch(struct channel *channel, size_t need)
{
    struct buffer *in = &channel->in;
    size_t n;

    if (need <= in->len || in->len < channel->touched)
        return;
    n = MIN(need - in->len, (size_t)RECEIVE_PIECE);
    memory_touch(in->data + in->len, n);
    channel->touched = in->len + n;
}

int channel_receive(struct channel *channel, const struct channel_wait *wait, struct frame *ret)
{
    struct buffer *in = &channel->in;
    size_t need;
    int r;

    if (channel->taken == in->len)
        in->len = channel->taken = 0;
    if (!in->data) {
        channel->touched = 0;
        if (buffer_reserve(in, RECEIVE_MIN) < 0)
            return -ENOMEM;
    }
    while ((r = frame_parse(in->data + channel->taken, in->len - channel->taken, channel->max, ret,
                            &need)) == FRAME_MORE) {
        buffer_consume(in, channel->taken);
        channel->taken = 0;
        if (in->len)
            acknowledge(channel);
        /* A longer length than that is believed bit by bit: memory doubles with what has come. */
        if (buffer_reserve(in, MAX(MIN(need - in->len, MAX(in->len, (size_t)RECEIVE_BELIEVED)),
                                   (size_t)RECEIVE_MIN)) < 0)
            return -ENOMEM;
        touch(channel, need);
        r = receive_some(channel, wait);
        if (r < 0)
            return r;
    }
    if (r == 0)
        channel->taken += ret->size;
    return r;
}

int channel_use_ring(struct channel *channel, int fd)
{
    if (channel->taken < channel->in.len)
        return -EBUSY;
    return transport_ring_new(channel->transport, fd, &channel->transport);
}

static int connect_transport(struct channel *channel, const struct channel_wait *wait)
{
    struct transport *transport = channel->transport;
    int r;

    while (transport->ops->connect && (r = transport->ops->connect(transport)) < 0) {
        r = try_again(channel, r, TRANSPORT_WRITABLE, wait);
        if (r < 0)
            return r;
    }
    return 0;
}

static int authenticate(struct channel *channel, const struct auth_key *key,
                        const struct channel_wait *wait, const char **why)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct frame frame;
    struct auth auth;
    int step, r;

    auth_init(&auth, AUTH_CLIENT, key);
    r = auth_start(&auth, &out);
    for (step = AUTH_MORE; r == 0 && step == AUTH_MORE;) {
        r = channel_receive(channel, wait, &frame);
        if (r < 0)
            break;
        step = auth_feed(&auth, frame.payload, frame.len, &out);
        r = channel_send(channel, out.data, out.len, wait);
        buffer_clear(&out);
    }
    if (step == AUTH_REFUSED) {
        *why = auth.reason;
        return strncmp(auth.reason, "digest", 6) == 0 ? -EACCES : -EPROTO;
    }
    if (r == -EMSGSIZE)
        *why = "the first message is not a challenge";
    return r == -EMSGSIZE ? -EPROTO : r < 0 ? r : step < 0 ? step : 0;
}

int channel_open(struct channel *channel, struct transport *transport, const struct auth_key *key,
                 size_t max, const struct channel_wait *wait, const char **why)
{
    int r;

    *channel = (struct channel){.transport = transport, .max = LIMIT_AUTH_FRAME};
    *why = "it does not speak the protocol of managers";
    r = connect_transport(channel, wait);
    if (r == 0)
        r = authenticate(channel, key, wait, why);
    channel->max = max;
    if (r < 0)
        channel_close(channel);
    return r;
}

void channel_cut(struct channel *channel)
{
    channel->transport->ops->cut(channel->transport);
}

void channel_close_inherited(struct channel *channel)
{
    channel->transport->ops->close_inherited(channel->transport);
}

void channel_close(struct channel *channel)
{
    if (channel->transport)
        channel->transport->ops->close(channel->transport);
    buffer_deinit(&channel->in);
    *channel = (struct channel){0};
}
