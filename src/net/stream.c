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
 * Sending tries to write at once. What does not fit becomes the `flight`, which libuv sends while
 * new answers gather in `out`. A timer looks whether it shrinks.
 */
#include "net/stream.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "net/socket.h"

#include <errno.h>
#include <unistd.h>

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

/*
 * Room for the next read behind what is in `in`. None when memory is short, or when it is the turn
 * of others: libuv reads on while a read fills what it is given.
 */
static void read_in_place(struct stream *stream, uv_buf_t *buf)
{
    struct buffer *in = &stream->in;
    size_t left = LOOP_SCRATCH_SIZE, grow = LOOP_SCRATCH_SIZE, piece;

    *buf = uv_buf_init(NULL, 0);
    if (stream->turn >= STREAM_TURN_MAX) {
        stream->turn = 0;
        return;
    }
    if (stream->need > in->len) {
        left = stream->need - in->len;
        grow = MIN(left, MAX(in->len, (size_t)LOOP_SCRATCH_SIZE));
    }
    piece = MIN(left, STREAM_READ_MAX);
    if (piece > in->cap - in->len) {
        if (buffer_reserve_within(in, grow, MAX(stream->need, in->len + grow)) < 0)
            return;
        piece = MIN(piece, grow);
    }
    memory_touch(in->data + in->len, MIN(piece, in->len)); /* a peer may claim more than it sends */
    stream->turn += piece;
    *buf = uv_buf_init((char *)in->data + in->len, (unsigned)piece);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct stream *stream = container_of(handle, struct stream, handle);

    (void)suggested;
    if (stream->in.len)
        read_in_place(stream, buf);
    else
        *buf = uv_buf_init((char *)stream->loop->scratch, LOOP_SCRATCH_SIZE);
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

/* Offer bytes; those in `in` that were taken are dropped, those elsewhere that were not are kept.
 */
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

/*
 * Clients of Python's send a long message in two pieces, and their first request right behind the
 * end of the handshake: the second piece waits until the first is acknowledged, and that must not
 * be put off. An answer acknowledges by itself, so to say so after one would only be a packet more.
 */
static void on_read(uv_stream_t *uv, ssize_t n, const uv_buf_t *buf)
{
    struct stream *stream = container_of(uv, struct stream, uv);
    uint64_t sent = stream->bytes_out;

    if (n == 0)
        return;
    if (n == UV_ENOBUFS) {
        if (stream->in.failed)
            starve(stream, stream->in.len);
        return;
    }
    if (n < 0) {
        stream_pause(stream);
        stream->events->ended(stream, n == UV_EOF ? 0 : (int)n);
        return;
    }
    stream->bytes_in += (uint64_t)n;
    take_in(stream, (const uint8_t *)buf->base, (size_t)n);
    if (stream->is_tcp && !stream->closing && (stream->in.len || stream->bytes_out == sent))
        socket_quick_ack(stream->fd);
}

void stream_resume(struct stream *stream)
{
    if (stream->reading || stream->handed_over || stream->closing)
        return;
    stream->reading = uv_read_start(&stream->uv, on_alloc, on_read) == 0;
}

void stream_pause(struct stream *stream)
{
    if (!stream->reading)
        return;
    stream->reading = false;
    uv_read_stop(&stream->uv);
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

void stream_hand_over(struct stream *stream)
{
    stream_pause(stream);
    stream->handed_over = true;
}

void stream_take_back(struct stream *stream, const void *bytes, size_t len)
{
    stream->handed_over = false;
    buffer_add(&stream->in, bytes, len);
    if (stream->is_tcp && len)
        socket_quick_ack(stream->fd);
}

static void on_written(uv_write_t *write, int status);
static void on_impatience(struct timer *timer);

/* Should there be no memory for the timer, the other end has all the time it likes. */
static void look_later(struct stream *stream)
{
    if (!stream->patience)
        return;
    stream->unsent = uv_stream_get_write_queue_size(&stream->uv);
    stream->impatience.fire = on_impatience;
    (void)!timers_set(stream->loop->timers, &stream->impatience, clock_now() + stream->patience);
}

static void on_impatience(struct timer *timer)
{
    struct stream *stream = container_of(timer, struct stream, impatience);

    if (uv_stream_get_write_queue_size(&stream->uv) < stream->unsent)
        look_later(stream);
    else
        stream->events->ended(stream, -ETIMEDOUT);
}

void stream_set_patience(struct stream *stream, nsec patience)
{
    stream->patience = patience;
    if (stream->is_tcp)
        socket_keep_alive(stream->fd, patience);
}

/* Give what libuv could not write at once to it, from `sent` on. */
static void send_later(struct stream *stream, size_t sent)
{
    uv_buf_t bufs[] = {{0}, stream->lent[0], stream->lent[1]};
    struct buffer out = stream->out;
    int r;

    stream->out = stream->flight; /* empty, and some memory with it */
    stream->flight = out;
    stream->lent_sent = stream->lent[0].len > 0;
    bufs[0].base = (char *)stream->flight.data + sent;
    bufs[0].len = stream->flight.len - sent;
    stream->bytes_out += bufs[0].len + bufs[1].len + bufs[2].len;
    stream->sending = true;
    r = uv_write(&stream->write, &stream->uv, bufs, bufs[1].len ? 3 : 1, on_written);
    if (r < 0) {
        stream->sending = false;
        buffer_deinit(&stream->flight);
        stream->failed_to_send = true;
        stream->events->ended(stream, r);
        return;
    }
    look_later(stream);
}

/* As much as the socket takes at once; nothing else is on its way. Returns bytes or -errno. */
static ssize_t send_now(struct stream *stream)
{
    ssize_t n;

    do
        n = send(stream->fd, stream->out.data, stream->out.len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

void stream_flush(struct stream *stream)
{
    ssize_t n;

    if (stream->sending || stream->closing || !stream->out.len)
        return;
    if (stream->lent[0].len) {
        send_later(stream, 0);
        return;
    }
    n = send_now(stream);
    if (n < 0 && n != -EAGAIN) {
        buffer_clear(&stream->out);
        stream->failed_to_send = true;
        stream->events->ended(stream, (int)n);
        return;
    }
    stream->bytes_out += n > 0 ? (uint64_t)n : 0;
    if (n > 0 && (size_t)n == stream->out.len)
        trim(&stream->out);
    else
        send_later(stream, n > 0 ? (size_t)n : 0);
}

static void on_written(uv_write_t *write, int status)
{
    struct stream *stream = container_of(write, struct stream, write);

    stream->sending = false;
    timers_cancel(stream->loop->timers, &stream->impatience);
    trim(&stream->flight);
    if (stream->lent_sent)
        stream->lent[0] = stream->lent[1] = uv_buf_init(NULL, 0);
    stream->lent_sent = false;
    if (stream->closing)
        return;
    if (status < 0) {
        stream->failed_to_send = true;
        stream->events->ended(stream, status);
        return;
    }
    stream_flush(stream);
    if (!stream->sending && !stream->closing)
        stream->events->drained(stream);
}

static void on_closed(uv_handle_t *handle)
{
    struct stream *stream = container_of(handle, struct stream, handle);

    buffer_deinit(&stream->in);
    buffer_deinit(&stream->out);
    buffer_deinit(&stream->flight);
    stream->events->closed(stream);
}

void stream_close(struct stream *stream)
{
    if (stream->closing)
        return;
    stream->closing = true;
    stream->fd = -1;
    stream->reading = false;
    timers_cancel(stream->loop->timers, &stream->impatience);
    uv_close(&stream->handle, on_closed);
}

size_t stream_backlog(const struct stream *stream)
{
    return stream->out.len + stream->flight.len + stream->lent[0].len + stream->lent[1].len;
}

void stream_lend(struct stream *stream, const void *bytes, size_t len, const char *end)
{
    stream->lent[0] = uv_buf_init((char *)bytes, 0);
    stream->lent[0].len = len; /* libuv's function takes no more than an unsigned */
    stream->lent[1] = uv_buf_init((char *)end, (unsigned)strlen(end));
}

bool stream_lends(const struct stream *stream)
{
    return stream->lent[0].len > 0;
}

/*
 * A Unix socket that is closed with something unread says so, by a reset. With TCP a reset may come
 * at any time, also to one that has read all; what was acknowledged and not read is not known of.
 * Only a host that no longer answers has certainly not read what it has not acknowledged.
 */
bool stream_undelivered(const struct stream *stream, int r)
{
    if (stream->failed_to_send || stream_backlog(stream))
        return true;
    if (!stream->is_tcp)
        return r == -ECONNRESET;
    return r < 0 && r != -ECONNRESET && socket_unacknowledged(stream->fd) > 0;
}

int stream_peer(const struct stream *stream, struct address *ret)
{
    *ret = (struct address){.len = sizeof(ret->sockaddr)};
    return getpeername(stream->fd, (struct sockaddr *)&ret->sockaddr, &ret->len) < 0 ? -errno : 0;
}

static int fd_of(const uv_handle_t *handle)
{
    uv_os_fd_t fd;

    return uv_fileno(handle, &fd) == 0 ? fd : -1;
}

int listener_fd(const struct listener *listener)
{
    return fd_of(&listener->handle);
}

static void on_connection(uv_stream_t *uv, int status)
{
    struct listener *listener = container_of(uv, struct listener, uv);

    if (status != 0)
        return;
    listener->held = listener->accepted++ >= LIMIT_ACCEPTS; /* libuv stops until it is taken */
    if (!listener->held)
        listener->connected(listener);
}

bool listener_turn(struct listener *listener)
{
    bool held = listener->held && !uv_is_closing(&listener->handle);

    listener->accepted = 0;
    listener->held = false;
    if (held)
        listener->connected(listener);
    return held;
}

void listener_hold(struct listener *listener)
{
    listener->held = true;
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct listener *listener = container_of(handle, struct listener, handle);

    listener->ended = true;
    if (!listener->turning_away)
        listener->closed(listener);
}

static void on_turned_away(uv_handle_t *handle)
{
    struct listener *listener = container_of(handle, struct listener, turned_away.handle);
    bool again = listener->kept_waiting;

    listener->turning_away = false;
    listener->kept_waiting = false;
    if (listener->ended)
        listener->closed(listener);
    else if (again && !uv_is_closing(&listener->handle))
        listener->connected(listener);
}

void listener_turn_away(struct listener *listener)
{
    /* libuv keeps this connection, and accepts no other until it has been taken. */
    if (listener->turning_away) {
        listener->kept_waiting = true;
        return;
    }
    listener->turning_away = true;
    if (listener->is_tcp)
        uv_tcp_init(&listener->loop->uv, &listener->turned_away.tcp);
    else
        uv_pipe_init(&listener->loop->uv, &listener->turned_away.pipe, 0);
    uv_accept(&listener->uv, &listener->turned_away.uv);
    uv_close(&listener->turned_away.handle, on_turned_away);
}

int listener_open(struct listener *listener, struct loop *loop, const struct address *address,
                  void (*connected)(struct listener *listener),
                  void (*closed)(struct listener *listener))
{
    int fd, r;

    *listener = (struct listener){
        .loop = loop,
        .address = *address,
        .is_tcp = address->sockaddr.ss_family != AF_UNIX,
        .connected = connected,
        .closed = closed,
    };
    fd = socket_listen(&listener->address, &listener->file);
    if (fd < 0) {
        closed(listener);
        return fd;
    }
    address_format(&listener->address, listener->text);
    if (listener->is_tcp) {
        uv_tcp_init(&loop->uv, &listener->tcp);
        r = uv_tcp_open(&listener->tcp, fd);
    } else {
        uv_pipe_init(&loop->uv, &listener->pipe, 0);
        r = uv_pipe_open(&listener->pipe, fd);
    }
    if (r < 0)
        close(fd);
    else
        r = uv_listen(&listener->uv, SOCKET_BACKLOG, on_connection);
    if (r < 0)
        listener_close(listener);
    return r;
}

void listener_close(struct listener *listener)
{
    socket_file_remove(&listener->address, &listener->file);
    uv_close(&listener->handle, on_listener_closed);
}

int listener_accept(struct listener *listener, struct stream *stream,
                    const struct stream_events *events)
{
    int r;

    stream->loop = listener->loop;
    stream->events = events;
    stream->is_tcp = listener->is_tcp;
    if (stream->is_tcp)
        uv_tcp_init(&listener->loop->uv, &stream->tcp);
    else
        uv_pipe_init(&listener->loop->uv, &stream->pipe, 0);
    r = uv_accept(&listener->uv, &stream->uv);
    stream->fd = fd_of(&stream->handle);
    if (r < 0)
        stream_close(stream);
    else if (stream->is_tcp)
        socket_no_delay(stream->fd);
    return r;
}
