/* SPDX-License-Identifier: MIT */
/*
 * A read goes to the loop's scratch memory, and a message that is complete there is never copied:
 * an idle connection owns no buffer. Only what is left of an incomplete message moves to `in`, and
 * the rest of it is then read in place. `in` at most doubles with each read, whatever length the
 * peer claims, so memory follows what was really sent; to grow copies nothing once it is so large
 * that the allocator moves pages. A large message comes in pieces, between which others have their
 * turn: most of the time goes to the pages that are touched for the first time. A message that
 * there is no memory for is thrown away as it comes: its sender listens for an answer only when all
 * of it is sent.
 *
 * Sending tries to write at once. What does not fit becomes the `flight`, which goes as the
 * transport takes it, while new answers gather in `out`. A timer looks whether it shrinks.
 */
#include "net/stream.h"

#include "base/memory.h"
#include "net/transport_ring.h"

#include <errno.h>

/* An empty buffer larger than this is not worth keeping with an idle connection. */
#define STREAM_KEEP_MAX 2048

/* One read in place takes so much, and the reads of one turn together not much more. */
#define STREAM_READ_MAX ((size_t)128 * 1024)
#define STREAM_TURN_MAX ((size_t)512 * 1024)

/* What a paused owner may have waiting before the connection is not read any more. */
#define STREAM_AHEAD_MAX 65536

static void trim(struct buffer *b)
{
    if (b->cap > STREAM_KEEP_MAX)
        buffer_deinit(b);
    else
        buffer_clear(b);
}

/* Have the transport tell what we wait for. */
static void want(struct stream *stream)
{
    stream->transport->ops->want(stream->transport, (stream->reading ? TRANSPORT_READABLE : 0) |
                                                        (stream->sending ? TRANSPORT_WRITABLE : 0));
}

/* Room for the next read behind what is in `in`; NULL when memory is short. */
static uint8_t *room_in_place(struct stream *stream, size_t *ret_size)
{
    struct buffer *in = &stream->in;
    size_t left = LOOP_SCRATCH_SIZE, grow = LOOP_SCRATCH_SIZE, piece;

    if (stream->need > in->len) {
        left = stream->need - in->len;
        grow = MIN(left, MAX(in->len, (size_t)LOOP_SCRATCH_SIZE));
    }
    piece = MIN(left, STREAM_READ_MAX);
    if (piece > in->cap - in->len) {
        if (buffer_reserve_within(in, grow, MAX(stream->need, in->len + grow)) < 0)
            return NULL;
        piece = MIN(piece, grow);
    }
    memory_touch(in->data + in->len, MIN(piece, in->len)); /* a peer may claim more than it sends */
    *ret_size = piece;
    return in->data + in->len;
}

static uint8_t *room(struct stream *stream, size_t *ret_size)
{
    if (stream->in.len)
        return room_in_place(stream, ret_size);
    *ret_size = LOOP_SCRATCH_SIZE;
    return stream->loop->scratch;
}

/* Memory is short; `got` bytes of those needed are there, and go. */
static void starve(struct stream *stream, size_t got)
{
    size_t need = stream->need;

    buffer_deinit(&stream->in);
    stream->need = 0;
    if (need > got && stream->events->starved(stream))
        stream->skip = need - got;
    else
        stream->events->ended(stream, -ENOMEM);
}

/* Offer bytes. What was taken of those in `in` is dropped, what was not of others is kept there. */
static void offer(struct stream *stream, const uint8_t *data, size_t len)
{
    size_t taken;

    stream->need = 0;
    stream->offering = true;
    taken = stream->events->received(stream, data, len, &stream->need);
    stream->offering = false;
    if (stream->closing)
        return;
    if (data == stream->in.data)
        buffer_consume(&stream->in, taken);
    else
        buffer_add(&stream->in, data + taken, len - taken);
    if (stream->in.failed || (stream->need > LOOP_SCRATCH_SIZE && !memory_fits(stream->need)))
        starve(stream, len - taken);
    else if (!stream->in.len)
        trim(&stream->in);
    else if (stream->in.len >= MAX(stream->need, (size_t)STREAM_AHEAD_MAX))
        stream_pause(stream);
}

/* Returns how many of the bytes were such as nobody wants. */
static size_t skip(struct stream *stream, size_t n)
{
    size_t skipped = MIN(stream->skip, n);

    stream->skip -= skipped;
    if (skipped && !stream->skip) {
        stream->offering = true;
        stream->events->skipped(stream);
        stream->offering = false;
    }
    return skipped;
}

static void take_in(struct stream *stream, const uint8_t *data, size_t n)
{
    if (!stream->in.len) {
        size_t skipped = skip(stream, n);

        if (!stream->closing && skipped < n)
            offer(stream, data + skipped, n - skipped);
        return;
    }
    stream->in.len += n;
    if (stream->in.len >= stream->need)
        offer(stream, stream->in.data, stream->in.len);
}

/* An answer acknowledges by itself, so to say so after one would only be a packet more. */
static void acknowledge(struct stream *stream)
{
    if (stream->transport->ops->acknowledge)
        stream->transport->ops->acknowledge(stream->transport);
}

/* One read. Returns whether there may be more to read at once. */
static bool read_once(struct stream *stream, size_t *turn)
{
    uint64_t sent = stream->bytes_out;
    size_t size;
    uint8_t *at = room(stream, &size);
    ssize_t n;

    if (!at) {
        starve(stream, stream->in.len);
        return false;
    }
    n = stream->transport->ops->read(stream->transport, at, size, false);
    if (n == -EAGAIN)
        return false;
    if (n <= 0) {
        stream_pause(stream);
        stream->events->ended(stream, (int)n);
        return false;
    }
    stream->bytes_in += (uint64_t)n;
    *turn += (size_t)n;
    take_in(stream, at, (size_t)n);
    if (!stream->closing && (stream->in.len || stream->bytes_out == sent))
        acknowledge(stream);
    return (size_t)n == size;
}

static void send_rest(struct stream *stream);

static void on_ready(struct transport *transport, unsigned events)
{
    struct stream *stream = transport->owner;
    size_t turn = 0;

    if (events & TRANSPORT_READABLE) {
        while (stream->reading && read_once(stream, &turn) && turn < STREAM_TURN_MAX)
            continue;
    }
    if (events & TRANSPORT_WRITABLE && stream->sending && !stream->closing)
        send_rest(stream);
}

void stream_resume(struct stream *stream)
{
    if (stream->reading || stream->handed_over || stream->closing)
        return;
    stream->reading = true;
    want(stream);
}

void stream_pause(struct stream *stream)
{
    if (!stream->reading)
        return;
    stream->reading = false;
    want(stream);
}

void stream_poke(struct stream *stream)
{
    if (stream->offering || stream->closing)
        return;
    if (stream->in.len)
        offer(stream, stream->in.data, stream->in.len);
    if (!stream->closing && stream->in.len < MAX(stream->need, (size_t)STREAM_AHEAD_MAX))
        stream_resume(stream);
}

int stream_may_hand_over(const struct stream *stream)
{
    const struct transport_ops *ops = stream->transport->ops;

    return ops->may_hand_over ? ops->may_hand_over(stream->transport) : -1;
}

void stream_hand_over(struct stream *stream)
{
    stream_pause(stream);
    stream->handed_over = stream->was_handed_over = true;
}

void stream_take_back(struct stream *stream)
{
    stream->handed_over = false;
}

int stream_add_in(struct stream *stream, const void *bytes, size_t len)
{
    buffer_add(&stream->in, bytes, len);
    if (len)
        acknowledge(stream);
    return stream->in.failed ? -ENOMEM : 0;
}

void stream_add_counts(struct stream *stream, uint64_t bytes_in, uint64_t bytes_out)
{
    stream->bytes_in += bytes_in;
    stream->bytes_out += bytes_out;
}

void stream_note_loss(struct stream *stream)
{
    stream->failed_to_send = true;
}

static void on_impatience(struct timer *timer);

static size_t unsent(const struct stream *stream)
{
    return stream->rest[0].iov_len + stream->rest[1].iov_len + stream->rest[2].iov_len;
}

/* Should there be no memory for the timer, the other end has all the time it likes. */
static void look_later(struct stream *stream)
{
    if (!stream->patience)
        return;
    stream->unsent = unsent(stream);
    stream->impatience.fire = on_impatience;
    (void)!timers_set(stream->loop->timers, &stream->impatience,
                      loop_now(stream->loop) + stream->patience);
}

static void on_impatience(struct timer *timer)
{
    struct stream *stream = container_of(timer, struct stream, impatience);

    if (unsent(stream) < stream->unsent)
        look_later(stream);
    else
        stream->events->ended(stream, -ETIMEDOUT);
}

void stream_set_patience(struct stream *stream, nsec patience)
{
    stream->patience = patience;
}

/* As much as the transport takes at once. Returns bytes, or a negative errno: it is broken. */
static ssize_t send_now(struct stream *stream, const struct iovec *parts, size_t count)
{
    ssize_t n = stream->transport->ops->writev(stream->transport, parts, count, false);

    if (n == -EAGAIN)
        return 0;
    stream->bytes_out += n > 0 ? (uint64_t)n : 0;
    return n;
}

static void sending_failed(struct stream *stream, int r)
{
    stream->failed_to_send = true;
    stream->events->ended(stream, r);
}

/* What is in `out`, but for what was sent of it, is on its way from now on. */
static void take_off(struct stream *stream, size_t sent)
{
    struct buffer out = stream->out;

    stream->out = stream->flight; /* empty, and some memory with it */
    stream->flight = out;
    stream->rest[0] = (struct iovec){out.data + sent, out.len - sent};
    stream->sending = true;
}

static void land(struct stream *stream)
{
    stream->sending = false;
    timers_cancel(stream->loop->timers, &stream->impatience);
    trim(&stream->flight);
    stream_flush(stream);
    if (stream->closing)
        return;
    want(stream);
    if (!stream->sending)
        stream->events->drained(stream);
}

static void send_rest(struct stream *stream)
{
    ssize_t n = send_now(stream, stream->rest, ARRAY_SIZE(stream->rest));

    if (n < 0)
        sending_failed(stream, (int)n);
    else if (transport_advance(stream->rest, ARRAY_SIZE(stream->rest), (size_t)n) == 0)
        land(stream);
}

/* The rest goes when the transport takes more. */
static void send_later(struct stream *stream)
{
    want(stream);
    look_later(stream);
}

void stream_flush(struct stream *stream)
{
    struct iovec all = {stream->out.data, stream->out.len};
    ssize_t n;

    if (stream->sending || stream->closing || !stream->out.len)
        return;
    if (stream_lends(stream)) {
        take_off(stream, 0);
        send_rest(stream);
        if (stream->sending && !stream->closing)
            send_later(stream);
        return;
    }
    n = send_now(stream, &all, 1);
    if (n < 0) {
        buffer_clear(&stream->out);
        sending_failed(stream, (int)n);
    } else if ((size_t)n == stream->out.len) {
        trim(&stream->out);
    } else {
        take_off(stream, (size_t)n);
        send_later(stream);
    }
}

static void on_closed(struct transport *transport)
{
    struct stream *stream = transport->owner;

    buffer_deinit(&stream->in);
    buffer_deinit(&stream->out);
    buffer_deinit(&stream->flight);
    stream->events->closed(stream);
}

static void carry_by(struct stream *stream, struct transport *transport)
{
    stream->transport = transport;
    transport->owner = stream;
    transport->ready = on_ready;
    transport->closed = on_closed;
}

void stream_init(struct stream *stream, struct loop *loop, struct transport *transport,
                 const struct stream_events *events)
{
    stream->loop = loop;
    stream->events = events;
    carry_by(stream, transport);
}

void stream_close(struct stream *stream)
{
    if (stream->closing)
        return;
    stream->closing = true;
    stream->reading = false;
    timers_cancel(stream->loop->timers, &stream->impatience);
    stream->transport->ops->close(stream->transport);
}

struct buffer *stream_buffer_of(struct stream *stream, const uint8_t *bytes)
{
    struct buffer *in = &stream->in;

    return in->len && bytes >= in->data && bytes < in->data + in->len ? in : NULL;
}

size_t stream_waiting(const struct stream *stream)
{
    return stream->in.len;
}

size_t stream_missing(const struct stream *stream)
{
    return stream->need + stream->skip - stream->in.len;
}

size_t stream_memory(const struct stream *stream)
{
    return stream->in.cap + stream->out.cap + stream->flight.cap + stream->transport->ops->size;
}

size_t stream_backlog(const struct stream *stream)
{
    return stream->out.len + unsent(stream);
}

bool stream_pass(struct stream *stream, const int *fds, size_t n)
{
    const struct transport_ops *ops = stream->transport->ops;

    if (!ops->pass || stream->sending || stream->handed_over || stream->closing)
        return false;
    ops->pass(stream->transport, fds, n);
    return true;
}

/* One that is handed over now and then stays a socket, since that alone can be. */
int stream_offer_ring(struct stream *stream)
{
    struct transport *ring;
    int r;

    if (stream->sending || stream->was_handed_over || stream->closing)
        return -EBUSY;
    r = transport_ring_on_loop(stream->transport, stream->loop, &ring);
    if (r < 0)
        return r;
    carry_by(stream, ring);
    want(stream);
    return 0;
}

bool stream_uses_ring(const struct stream *stream)
{
    return transport_ring_is_used(stream->transport);
}

void stream_lend(struct stream *stream, const void *bytes, size_t len, const char *end)
{
    stream->rest[1] = (struct iovec){(void *)bytes, len};
    stream->rest[2] = (struct iovec){(void *)end, strlen(end)};
}

bool stream_lends(const struct stream *stream)
{
    return stream->rest[2].iov_len > 0;
}

bool stream_undelivered(const struct stream *stream, int r)
{
    return stream->failed_to_send || stream_backlog(stream) ||
           stream->transport->ops->undelivered(stream->transport, r);
}

void stream_identify(const struct stream *stream, struct identity *ret)
{
    stream->transport->ops->identify(stream->transport, ret);
}

int stream_open_process(const struct stream *stream)
{
    const struct transport_ops *ops = stream->transport->ops;

    return ops->open_process ? ops->open_process(stream->transport) : -ENOTSUP;
}

void stream_look(const struct stream *stream, struct delivery *ret)
{
    stream->transport->ops->look(stream->transport, ret);
}

void stream_close_inherited(struct stream *stream)
{
    if (!stream->closing)
        stream->transport->ops->close_inherited(stream->transport);
}
