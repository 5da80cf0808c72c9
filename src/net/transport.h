/* SPDX-License-Identifier: MIT */
/*
 * What carries the bytes of one connection: a socket (transport_socket.h), TLS over one
 * (transport_tls.h), or memory (transport_ring.h). stream.c, the manager's end, and channel.c, the
 * client's, know no other way to send and receive. Another carrier is another table; a test has one
 * in memory.
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include "net/address.h"

#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* What a transport can be ready for, and what ends a wait for that. */
enum {
    TRANSPORT_READABLE = 1, /* bytes have come, or the end, or an error */
    TRANSPORT_WRITABLE = 2,
    TRANSPORT_INTERRUPTED = 4,
};

/* How many descriptors go along with bytes, at the most. */
#define TRANSPORT_DESCRIPTORS 3

/* What may block does so for this long at the most. */
#define TRANSPORT_BLOCK_TIME (10 * MSEC)

/* Who is at the other end. */
struct identity {
    enum {
        IDENTITY_UNKNOWN,
        IDENTITY_LOCAL, /* a process of this host */
        IDENTITY_REMOTE /* whoever is at an address */
    } kind;
    int pid;                /* local: 0 if it is not seen from here: in another PID namespace */
    int64_t user;           /* local: its user, -1 if not known */
    struct address address; /* remote */
    bool tls;               /* nobody between the two can read it, or change it */
    const char *name;       /* that a certificate says; borrowed from the transport; NULL: none */
};

/* What has become of the bytes. */
struct delivery {
    bool held;          /* somebody still has the other end */
    bool sent_is_read;  /* the other end has read all that was sent */
    bool nothing_waits; /* nothing has come in that was not read */
};

struct transport {
    const struct transport_ops *ops;
    void *owner; /* borrowed; whose the events are */

    /* Told on a loop: it is ready for some of what is wanted; nothing refers to it any more. */
    void (*ready)(struct transport *transport, unsigned events);
    void (*closed)(struct transport *transport);
};

/*
 * Functions that fail return negative errnos; those that are not named here end the connection.
 * -ECONNABORTED: TLS has failed, and transport_tls_why() says how.
 * Where one may be NULL, the transport cannot do that, or need not.
 */
struct transport_ops {
    size_t size; /* of what such a transport takes of memory */

    /*
     * Go on connecting. Returns 0 once that is done; -EAGAIN: not yet, so wait until it is
     * writable. May block, and return -EINTR. May be NULL.
     */
    int (*connect)(struct transport *transport);

    /*
     * Take what has come. Returns bytes, 0 at the end, -EAGAIN when there is nothing. With
     * `may_block` it may wait a moment first, where that saves a system call, and return -EINTR.
     */
    ssize_t (*read)(struct transport *transport, void *bytes, size_t size, bool may_block);

    /*
     * Whether the other end is at work on another core: then it is read from again and again
     * without leaving this core to others. May be NULL: a read costs a system call.
     */
    bool (*may_pause)(struct transport *transport);

    /* Send as much as can be sent now. Returns bytes, or -EAGAIN for none. The rest as above. */
    ssize_t (*writev)(struct transport *transport, const struct iovec *parts, size_t n,
                      bool may_block);

    /* On a loop: call `ready` from now on whenever one of these holds. 0: do not. */
    void (*want)(struct transport *transport, unsigned events);

    /*
     * Without a loop: wait until one of these holds, for so long, or until `interrupt_fd` is
     * readable (-1: none). Returns what holds, 0 when the time is over, or -EINTR.
     */
    int (*wait)(struct transport *transport, unsigned events, int interrupt_fd, int timeout_ms);

    /*
     * What has come in is part of more: the rest of it may wait until this is known. May be NULL.
     */
    void (*acknowledge)(struct transport *transport);

    /* Who is at the other end. */
    void (*identify)(struct transport *transport, struct identity *ret);

    /*
     * A pidfd of the process at the other end, and of no other that was given its pid since.
     * Returns the descriptor, -ESRCH (it has ended) or another negative errno. May be NULL.
     */
    int (*open_process)(struct transport *transport);

    /* Asked when the process at the other end has ended, of one that open_process() opened. */
    void (*look)(struct transport *transport, struct delivery *ret);

    /*
     * The connection has ended, with 0 or an error: whether some of what was sent is known not to
     * have been read.
     */
    bool (*undelivered)(struct transport *transport, int r);

    /*
     * Have so many descriptors go along with the next bytes that are sent, and be open until then.
     * May be NULL: it carries none.
     */
    void (*pass)(struct transport *transport, const int *fds, size_t n);

    /*
     * Take descriptors that come along with bytes, from now on until this is called with 0: they
     * are put into `fds`, whose they are then, in place of -1. Others are closed. May be NULL.
     */
    void (*expect)(struct transport *transport, int *fds, size_t n);

    /*
     * The descriptor of a socket that somebody else may read and write in its stead, while nothing
     * else is wanted of the transport. May be NULL: it cannot be handed over.
     */
    int (*may_hand_over)(struct transport *transport);

    /* End both directions; reading and writing fail from then on. Any thread. */
    void (*cut)(struct transport *transport);

    /* In a forked child: close the descriptors that it has of its parent's. Frees nothing. */
    void (*close_inherited)(struct transport *transport);

    /* Close and free it: on a loop later, after `closed`, which may be NULL. */
    void (*close)(struct transport *transport);
};

/*
 * A connection to this address, that is still to be connected; the address is borrowed until then.
 * An end that is out of reach for as long as `patience` breaks it (-ETIMEDOUT); FOREVER: it does
 * not. Returns 0 or a negative errno.
 */
typedef int (*transport_new_fn)(const struct address *address, nsec patience,
                                struct transport **ret);

/* Behind a write of `done` bytes: what is left of the parts. Returns how many bytes that is. */
static inline size_t transport_advance(struct iovec *parts, size_t n, size_t done)
{
    size_t left = 0;

    for (size_t i = 0; i < n; i++) {
        size_t gone = done < parts[i].iov_len ? done : parts[i].iov_len;

        if (gone) /* else its base may be NULL */
            parts[i].iov_base = (char *)parts[i].iov_base + gone;
        done -= gone;
        parts[i].iov_len -= gone;
        left += parts[i].iov_len;
    }
    return left;
}

#endif
