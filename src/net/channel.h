/* SPDX-License-Identifier: MIT */
/*
 * The client's end of a connection: blocking, with deadlines. One call at a time: a frame goes out,
 * a frame comes back.
 */
#ifndef NET_CHANNEL_H
#define NET_CHANNEL_H

#include "base/buffer.h"
#include "base/clock.h"
#include "net/spin.h"
#include "net/transport.h"
#include "system/wakeup.h"
#include "wire/auth.h"
#include "wire/frame.h"

#include <stdatomic.h>

/* What time it is for the client's end. */
static inline nsec channel_now(void)
{
    return clock_now();
}

/* To a few milliseconds. */
static inline nsec channel_now_coarse(void)
{
    return clock_now_coarse();
}

/* When so much time has passed; FOREVER: never. */
static inline nsec channel_deadline(nsec time)
{
    return time == FOREVER ? FOREVER : channel_now() + time;
}

static inline nsec channel_time_left(nsec deadline)
{
    return deadline == FOREVER ? FOREVER : deadline - channel_now();
}

/* What ends a wait early. */
struct channel_wait {
    nsec deadline;               /* FOREVER: none */
    const struct wakeup *wakeup; /* by an interrupt; outlives the wait; NULL: none */
    atomic_uint *interrupts;     /* counts interrupts; outlives the wait */
    unsigned interrupts_seen;    /* what it was when the wait began */
    /* Called after a signal, and from time to time; negative: end the wait. NULL: none. */
    int (*look)(void *context);
    void *look_context;
};

struct channel {
    struct transport *transport; /* owned; NULL: closed */
    struct buffer in;            /* received; from `taken` on not taken yet */
    size_t taken;                /* the bytes of the frames that were handed out */
    size_t touched;              /* how far there is memory in `in`: see memory_touch() */
    size_t max;                  /* the longest frame to take */
    struct spin spin; /* set up by the owner once it is open; zeroed, receiving sleeps at once */
};

/*
 * Connect and authenticate over a transport, which belongs to the channel, and is closed when this
 * fails. Returns 0, or
 *   -EACCES         the keys differ; *why is the reason
 *   -EPROTO         the other end does not speak the protocol; *why
 *   -ETIMEDOUT, -EINTR, and what connect() and the like return
 */
int channel_open(struct channel *channel, struct transport *transport, const struct auth_key *key,
                 size_t max, const struct channel_wait *wait, const char **why);

/* Harmless when closed. */
void channel_close(struct channel *channel);

/* In a forked child: close the descriptors that it has of its parent's. Frees nothing. */
void channel_close_inherited(struct channel *channel);

/* End both directions; the owner's call fails and it closes the channel. Any thread. */
void channel_cut(struct channel *channel);

/* Send frames. Returns 0, -ETIMEDOUT, -EINTR (interrupted), -EPIPE or another negative errno. */
int channel_send(struct channel *channel, const uint8_t *data, size_t len,
                 const struct channel_wait *wait);

/* The same for what is in several places, in this order; what `part` says is used up. */
int channel_send_parts(struct channel *channel, struct iovec *part, size_t count,
                       const struct channel_wait *wait);

/*
 * Take descriptors that come along with what is received, until this is called with 0: they are put
 * into `fds`, in place of -1, and are the caller's. Where none can come, nothing happens.
 */
void channel_expect(struct channel *channel, int *fds, size_t n);

/*
 * Have memory carry it from now on, of a descriptor that the other end has sent for that; it stays
 * the caller's. Returns 0, or a negative errno: all is as it was.
 */
int channel_use_ring(struct channel *channel, int fd);

/* Whether there is something to receive, the other end's hanging up too. Does not wait. */
bool channel_has_news(const struct channel *channel);

/*
 * Receive a frame; it is valid until the next call. Returns 0, -ETIMEDOUT, -EINTR, -ECONNRESET (the
 * other end closed), -EPROTO, -EMSGSIZE, or another negative errno.
 */
int channel_receive(struct channel *channel, const struct channel_wait *wait, struct frame *ret);

#endif
