/* SPDX-License-Identifier: MIT */
/*
 * Connections on the loop. A stream hands what comes in to its owner, keeps what the
 * owner does not take yet, and sends what the owner puts into `out`.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/buffer.h"
#include "net/loop.h"
#include "net/transport.h"

struct stream;

struct stream_events {
    /*
     * Bytes have come in. Returns how many were taken; the rest is offered again with the next
     * bytes, or at stream_poke(). *ret_need: how many bytes there must be for another offer to be
     * of use, 0 if that is not known.
     */
    size_t (*received)(struct stream *stream, const uint8_t *data, size_t len, size_t *ret_need);

    /*
     * There is no memory for the bytes that are needed. Returns whether the stream shall go on
     * without them: it throws them away as they come, and `skipped` is called behind the last.
     */
    bool (*starved)(struct stream *stream);
    void (*skipped)(struct stream *stream);

    /*
     * Everything in `out` has been sent that could not be sent at once, or what is lent. Called by
     * stream_flush() too.
     */
    void (*drained)(struct stream *stream);

    /* The other end has closed (0) or the connection broke (a negative errno). */
    void (*ended)(struct stream *stream, int r);

    /* After stream_close(): nothing refers to the stream any more. */
    void (*closed)(struct stream *stream);
};

struct stream {
    struct transport *transport; /* owned; gone with `closed` */
    struct loop *loop;           /* outlives the stream */
    const struct stream_events *events;
    struct buffer in;     /* received, not taken yet */
    size_t need;          /* bytes that `in` must have before the owner is asked again */
    size_t skip;          /* bytes to come that nobody wants */
    struct buffer out;    /* to be sent: the owner appends, then stream_flush() */
    struct buffer flight; /* being sent */
    struct iovec rest[3]; /* of the flight, and of what is lent: see stream_lend() */
    uint64_t bytes_in;    /* received, and sent, since it was opened */
    uint64_t bytes_out;
    nsec patience; /* how long the other end may take nothing of it; 0: for ever */
    struct timer impatience;
    size_t unsent; /* of the flight, when that was last looked at */
    bool reading;
    bool handed_over;
    bool was_handed_over;
    bool offering; /* `received` or `skipped` is running */
    bool sending;
    bool failed_to_send; /* what was in `out` or `flight` has not gone out */
    bool closing;
};

/* Zeroed memory becomes a stream, whose the transport is from now on. It lives until `closed`. */
void stream_init(struct stream *stream, struct loop *loop, struct transport *transport,
                 const struct stream_events *events);

/* Have the connection end (-ETIMEDOUT) when the other end takes nothing of it for this long. */
void stream_set_patience(struct stream *stream, nsec patience);

/* Start or stop reading; a stream does not read until told. */
void stream_resume(struct stream *stream);
void stream_pause(struct stream *stream);

/* Offer again what was not taken. */
void stream_poke(struct stream *stream);

/*
 * Somebody else reads and writes the connection, while nothing waits to be sent: the stream does
 * not, until it takes the connection back, with bytes that have come in: they are offered at
 * stream_poke(). stream_may_hand_over(): the descriptor of the socket that is handed over, or -1:
 * it cannot be.
 */
int stream_may_hand_over(const struct stream *stream);
void stream_hand_over(struct stream *stream);
void stream_take_back(struct stream *stream);

/*
 * What has come in there and is offered next; how much was received and sent there; that something
 * could not be sent. stream_add_in() returns 0 or -ENOMEM.
 */
int stream_add_in(struct stream *stream, const void *bytes, size_t len);
void stream_add_counts(struct stream *stream, uint64_t bytes_in, uint64_t bytes_out);
void stream_note_loss(struct stream *stream);

/* What is to be sent: the owner appends, then stream_flush(). Errors are told by `ended`. */
static inline struct buffer *stream_out(struct stream *stream)
{
    return &stream->out;
}

void stream_flush(struct stream *stream);

/*
 * Have so many descriptors go along with what is in `out` and is flushed next; they stay open as
 * long as the stream. False: they cannot, or not now.
 */
bool stream_pass(struct stream *stream, const int *fds, size_t n);

/*
 * Have memory carry the stream, as soon as the other end uses it: its descriptor goes along with
 * what is flushed next. Returns 0, or a negative errno: all is as it was.
 */
int stream_offer_ring(struct stream *stream);

/* Whether memory carries it. */
bool stream_uses_ring(const struct stream *stream);

/*
 * Have these bytes sent behind what is in `out`, from where they are, and `end` behind them. They
 * stay as they are until `drained`, or stream_close(), and until then `out` gets no more.
 */
void stream_lend(struct stream *stream, const void *bytes, size_t len, const char *end);

/* Whether some of it is not sent yet. */
bool stream_lends(const struct stream *stream);

/* Close at once; `closed` follows. Harmless the second time. */
void stream_close(struct stream *stream);

static inline bool stream_is_closing(const struct stream *stream)
{
    return stream->closing;
}

/* Whether `received` or `skipped` is running. */
static inline bool stream_is_offering(const struct stream *stream)
{
    return stream->offering;
}

/*
 * The buffer that these bytes stand in, which were offered; NULL: somewhere else. Whoever wants to
 * keep them may take it, and leave an empty one.
 */
struct buffer *stream_buffer_of(struct stream *stream, const uint8_t *bytes);

/* Bytes that have come in and were not taken; and those to come before they are offered again. */
size_t stream_waiting(const struct stream *stream);
size_t stream_missing(const struct stream *stream);

/* Received, and sent, since it was opened. */
static inline uint64_t stream_bytes_in(const struct stream *stream)
{
    return stream->bytes_in;
}

static inline uint64_t stream_bytes_out(const struct stream *stream)
{
    return stream->bytes_out;
}

/* The memory that it has taken, beside itself. */
size_t stream_memory(const struct stream *stream);

/* Bytes that wait to be sent. */
size_t stream_backlog(const struct stream *stream);

/*
 * Who and what is at the other end: see net/transport.h. A process: of a stream that is not closing
 * and local.
 */
void stream_identify(const struct stream *stream, struct identity *ret);
int stream_open_process(const struct stream *stream);
void stream_look(const struct stream *stream, struct delivery *ret);

/* In a forked child: close the descriptors that it has of its parent's. */
void stream_close_inherited(struct stream *stream);

/*
 * Whether some of what was sent on a stream that `ended` with `r` is known not to have been read.
 * False where that cannot be known.
 */
bool stream_undelivered(const struct stream *stream, int r);

#endif
