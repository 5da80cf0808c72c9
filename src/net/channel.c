/* SPDX-License-Identifier: MIT */
/*
 * A call should cost two system calls: one to send, one to receive. So receiving blocks in recv()
 * itself, for a few milliseconds at most (SO_RCVTIMEO); only an answer that takes longer, or a
 * deadline that is nearer, goes through poll(), which can also wait for an interrupt. Before any of
 * it the socket is looked at some more times (net/spin.c).
 */
#include "net/channel.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "net/socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

/* How long recv() may block before poll() takes over. */
#define BLOCK_TIME (10 * MSEC)

/* An interrupt may be missed between two looks; so look again from time to time. */
#define LOOK_TIME (1 * SEC)

/* Room for most answers. */
#define RECEIVE_MIN 4096

/* So much is taken on a manager's word. Memory is used only as it is filled; growing it in steps
 * would copy a large answer twice. */
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

/* Wait until the socket is ready for `events`. Returns 0, -ETIMEDOUT, -EINTR or -errno. */
static int wait_ready(int fd, short events, const struct channel_wait *wait)
{
    struct pollfd fds[] = {{.fd = fd, .events = events},
                           {.fd = wait->interrupt_fd, .events = POLLIN}};
    uint64_t drained;

    for (;;) {
        nsec left = wait->deadline == FOREVER ? LOOK_TIME : wait->deadline - clock_now();

        if (unwanted(wait))
            return -EINTR;
        if (left <= 0)
            return -ETIMEDOUT;
        left = MIN(left, LOOK_TIME);
        if (poll(fds, 2, (int)((left + MSEC - 1) / MSEC)) < 0 && errno != EINTR)
            return -errno;
        if (fds[0].revents)
            return 0;
        /* An interrupt from before this wait began: nobody needs it any more. */
        if (fds[1].revents && !interrupted(wait) &&
            read(wait->interrupt_fd, &drained, sizeof(drained)) < 0)
            continue;
    }
}

/* What the error of a system call on the socket means: 0 to try it again. */
static int try_again(int error, int fd, short events, const struct channel_wait *wait)
{
    if (error == EINTR)
        return unwanted(wait) ? -EINTR : 0;
    if (error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS)
        return wait_ready(fd, events, wait);
    return error == ETIMEDOUT ? -EHOSTUNREACH : -error; /* it is no deadline of ours */
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
    struct msghdr message = {.msg_iov = part, .msg_iovlen = count};
    ssize_t n;
    int r;

    while (message.msg_iovlen) {
        n = sendmsg(channel->fd, &message, MSG_NOSIGNAL);
        if (n < 0) {
            r = try_again(errno, channel->fd, POLLOUT, wait);
            if (r < 0)
                return r;
            continue;
        }
        while (message.msg_iovlen && (size_t)n >= message.msg_iov->iov_len) {
            n -= (ssize_t)message.msg_iov->iov_len;
            message.msg_iov++;
            message.msg_iovlen--;
        }
        if (n == 0)
            continue;
        message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + n;
        message.msg_iov->iov_len -= (size_t)n;
    }
    return 0;
}

bool channel_has_news(const struct channel *channel)
{
    char byte;
    ssize_t n;

    if (channel->taken < channel->in.len)
        return true;
    n = recv(channel->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

/* One recv() into room that is there. Returns 0, -ECONNRESET at the end, or another -errno. */
static int receive_once(struct channel *channel, int flags)
{
    struct buffer *in = &channel->in;
    ssize_t n = recv(channel->fd, in->data + in->len, in->cap - in->len, flags);

    if (n < 0)
        return -errno;
    in->len += (size_t)n;
    return n ? 0 : -ECONNRESET;
}

struct look {
    struct channel *channel;
    int r; /* what receiving said */
};

static bool has_come(void *context)
{
    struct look *look = context;

    look->r = receive_once(look->channel, MSG_DONTWAIT);
    return look->r != -EAGAIN && look->r != -EINTR;
}

/* Receive some bytes into room that is there. */
static int receive_some(struct channel *channel, const struct channel_wait *wait)
{
    struct look look = {.channel = channel};
    int r;

    if (spin_until(&channel->spin, has_come, &look))
        return look.r < 0 ? try_again(-look.r, channel->fd, POLLIN, wait) : 0;
    if (wait->deadline != FOREVER && wait->deadline - clock_now() < BLOCK_TIME) {
        r = wait_ready(channel->fd, POLLIN, wait);
        if (r < 0)
            return r;
    }
    while ((r = receive_once(channel, 0)) < 0 && r != -ECONNRESET) {
        r = try_again(-r, channel->fd, POLLIN, wait);
        if (r < 0)
            return r;
    }
    return r;
}

int channel_receive(struct channel *channel, const struct channel_wait *wait, struct frame *ret)
{
    struct buffer *in = &channel->in;
    size_t need;
    int r;

    if (channel->taken == in->len)
        in->len = channel->taken = 0;
    if (!in->data && buffer_reserve(in, RECEIVE_MIN) < 0)
        return -ENOMEM;
    while ((r = frame_parse(in->data + channel->taken, in->len - channel->taken, channel->max, ret,
                            &need)) == FRAME_MORE) {
        buffer_consume(in, channel->taken);
        channel->taken = 0;
        if (in->len && channel->is_tcp)
            socket_quick_ack(channel->fd); /* the rest may wait for it: see net/stream.c */
        /* A longer length than that is believed bit by bit: memory doubles with what has come. */
        if (buffer_reserve(in, MAX(MIN(need - in->len, MAX(in->len, (size_t)RECEIVE_BELIEVED)),
                                   (size_t)RECEIVE_MIN)) < 0)
            return -ENOMEM;
        if (need > in->len)
            memory_touch(in->data + in->len, MIN(need - in->len, (size_t)RECEIVE_PIECE));
        r = receive_some(channel, wait);
        if (r < 0)
            return r;
    }
    if (r == 0)
        channel->taken += ret->size;
    return r;
}

static int connect_socket(struct channel *channel, const struct address *address, nsec patience,
                          const struct channel_wait *wait)
{
    struct timeval block = {.tv_usec = BLOCK_TIME / USEC};
    int fd, r, error = 0;
    socklen_t len = sizeof(error);

    fd = socket(address->sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    channel->fd = fd;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &block, sizeof(block));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &block, sizeof(block));
    channel->is_tcp = address->sockaddr.ss_family != AF_UNIX;
    if (channel->is_tcp)
        socket_no_delay(fd);
    if (channel->is_tcp && patience != FOREVER)
        socket_keep_alive(fd, patience);
    while (connect(fd, (const struct sockaddr *)&address->sockaddr, address->len) < 0) {
        bool queue_full = errno == EAGAIN && address->sockaddr.ss_family == AF_UNIX;

        r = errno == EISCONN ? 1 : queue_full ? 0 : try_again(errno, fd, POLLOUT, wait);
        if (r < 0)
            return r;
        if (r > 0)
            break;
        if (interrupted(wait))
            return -EINTR;
        if (wait->deadline != FOREVER && clock_now() >= wait->deadline)
            return -ETIMEDOUT;
    }
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    return error == ETIMEDOUT ? -EHOSTUNREACH : -error;
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

int channel_open(struct channel *channel, const struct address *address, const struct auth_key *key,
                 size_t max, nsec patience, const struct channel_wait *wait, const char **why)
{
    int r;

    *channel = (struct channel){.fd = -1, .max = LIMIT_AUTH_FRAME};
    *why = "it does not speak the protocol of managers";
    r = connect_socket(channel, address, patience, wait);
    if (r == 0)
        r = authenticate(channel, key, wait, why);
    channel->max = max;
    if (r < 0)
        channel_close(channel);
    return r;
}

void channel_cut(struct channel *channel)
{
    shutdown(channel->fd, SHUT_RDWR);
}

void channel_close(struct channel *channel)
{
    if (channel->fd >= 0)
        close(channel->fd);
    buffer_deinit(&channel->in);
    *channel = (struct channel){.fd = -1};
}
