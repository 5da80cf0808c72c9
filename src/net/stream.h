/* SPDX-License-Identifier: MIT */
/*
 * Connections and listeners on the loop. A stream hands what comes in to its owner, keeps what the
 * owner does not take yet, and sends what the owner puts into `out`.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/buffer.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/socket_file.h"

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

    /* Everything in `out` has been sent, after it could not be sent at once. */
    void (*drained)(struct stream *stream);

    /* The other end has closed (0) or the connection broke (a negative errno). */
    void (*ended)(struct stream *stream, int r);

    /* After stream_close(): nothing refers to the stream any more. */
    void (*closed)(struct stream *stream);
};

struct stream {
    union {
        uv_handle_t handle;
        uv_stream_t uv;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    };
    uv_write_t write;
    struct loop *loop; /* outlives the stream */
    int fd;            /* of the connection; -1 once it closes */
    const struct stream_events *events;
    struct buffer in;     /* received, not taken yet */
    size_t need;          /* bytes that `in` must have before the owner is asked again */
    size_t skip;          /* bytes to come that nobody wants */
    size_t turn;          /* room given to reads in place since others had their turn */
    struct buffer out;    /* to be sent: the owner appends, then stream_flush() */
    struct buffer flight; /* being sent */
    uv_buf_t lent[2];     /* to be sent behind `out`, or being sent; see stream_lend() */
    uint64_t bytes_in;    /* received, and handed to the kernel, since it was opened */
    uint64_t bytes_out;
    nsec patience; /* how long the other end may take nothing of it; 0: for ever */
    struct timer impatience;
    size_t unsent; /* of the flight, when that was last looked at */
    bool is_tcp;
    bool reading;
    bool handed_over;
    bool offering; /* `received` or `skipped` is running */
    bool sending;
    bool lent_sent;      /* what is lent is on its way */
    bool failed_to_send; /* what was in `out` or `flight` has not gone out */
    bool closing;
};

/*
 * Have the connection end (-ETIMEDOUT) when the other end takes nothing of what is sent for this
 * long, or, with TCP, does not answer probes.
 */
void stream_set_patience(struct stream *stream, nsec patience);

/* Start or stop reading; a stream does not read until told. */
void stream_resume(struct stream *stream);
void stream_pause(struct stream *stream);

/* Offer again what was not taken. */
void stream_poke(struct stream *stream);

/*
 * Somebody else reads and writes the connection, while nothing waits to be sent: the stream does
 * not, until it takes the connection back, with bytes that have come in: they are offered at
 * stream_poke().
 */
void stream_hand_over(struct stream *stream);
void stream_take_back(struct stream *stream, const void *bytes, size_t len);

/* Send `out`. Errors are told by `ended`, later. */
void stream_flush(struct stream *stream);

/*
 * Have these bytes sent behind what is in `out`, from where they are, and `end` behind them. They
 * stay as they are until `drained`, or stream_close(), and until then `out` gets no more.
 */
void stream_lend(struct stream *stream, const void *bytes, size_t len, const char *end);

/* Whether some of it is not sent yet. */
bool stream_lends(const struct stream *stream);

/* Close at once; `closed` follows. Harmless the second time. */
void stream_close(struct stream *stream);

/* Bytes that wait to be sent. */
size_t stream_backlog(const struct stream *stream);

/*
 * Whether some of what was sent on a stream that `ended` with `r` is known not to have been read.
 * False where that cannot be known.
 */
bool stream_undelivered(const struct stream *stream, int r);

/* The other end of a TCP connection; of any other nothing is known. Returns 0 or a negative errno.
 */
int stream_peer(const struct stream *stream, struct address *ret);

struct listener {
    union {
        uv_handle_t handle;
        uv_stream_t uv;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    };
    struct loop *loop;
    struct address address;
    struct socket_file file;
    char text[ADDRESS_TEXT_MAX];
    union {
        uv_handle_t handle;
        uv_stream_t uv;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } turned_away; /* in use while `turning_away` */
    bool is_tcp;
    bool turning_away;
    bool kept_waiting; /* one more has come in meanwhile */
    bool ended;        /* `handle` is closed */
    bool held;         /* another has come in, and is taken in the next turn */
    unsigned accepted; /* in this turn */
    void (*connected)(struct listener *listener);
    void (*closed)(struct listener *listener);
};

/*
 * Bind and listen. Returns 0 or a negative errno. `closed` is called once, when nothing refers to
 * the listener any more: after listener_close(), or after a failure here.
 */
int listener_open(struct listener *listener, struct loop *loop, const struct address *address,
                  void (*connected)(struct listener *listener),
                  void (*closed)(struct listener *listener));

/* Before each wait: those who connect have their turn again. Returns whether one waits to be taken.
 */
bool listener_turn(struct listener *listener);

/* Leave a connection that has come in until the next turn. Nobody else is accepted before it. */
void listener_hold(struct listener *listener);

/* Stop listening and remove the socket file, if it still is this listener's. */
void listener_close(struct listener *listener);

/* Its descriptor. */
int listener_fd(const struct listener *listener);

/*
 * Take a connection that has come in. `stream` is zeroed memory that lives until its `closed`,
 * which follows a failure too. Returns 0 or a negative errno.
 */
int listener_accept(struct listener *listener, struct stream *stream,
                    const struct stream_events *events);

/*
 * Close a connection that has come in. It needs no memory, and is what must be done when there is
 * none: a listener with a connection that nobody takes accepts no more.
 */
void listener_turn_away(struct listener *listener);

#endif
