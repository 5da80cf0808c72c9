/* SPDX-License-Identifier: MIT */
/*
 * One kind of transport for Unix sockets and TCP, at both ends. The client's blocks: a call should
 * cost two system calls, so reading and writing wait in the kernel, for a few milliseconds at most
 * (SO_RCVTIMEO), before anybody polls. The manager's is polled by the loop, and never blocks.
 */
#include "net/transport_socket.h"

#include "base/memory.h"
#include "system/origin.h"
#include "system/tcp.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

struct transport_socket {
    struct transport transport;
    int fd; /* owned; -1: closed */
    bool is_tcp;
    bool closing;
    const struct address *address;     /* the client's: where to; borrowed until it is connected */
    int passed[TRANSPORT_DESCRIPTORS]; /* go along with the next bytes; borrowed */
    size_t passed_len;
    int *expected; /* borrowed: where descriptors that come along are put */
    size_t expected_len;

    /* The manager's. */
    struct loop *loop; /* outlives the transport; NULL: none */
    uv_poll_t poll;
    unsigned wanted;
    unsigned polled; /* what libuv looks for */
};

static struct transport_socket *of(struct transport *transport)
{
    return container_of(transport, struct transport_socket, transport);
}

static ssize_t receive(int fd, void *bytes, size_t size, int flags)
{
    ssize_t n = recv(fd, bytes, size, flags);

    return n < 0 ? -errno : n;
}

static ssize_t transmit(int fd, const struct iovec *parts, size_t n, int flags)
{
    ssize_t sent;

    if (n == 1) {
        sent = send(fd, parts->iov_base, parts->iov_len, flags | MSG_NOSIGNAL);
    } else {
        const struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = n};

        sent = sendmsg(fd, &message, flags | MSG_NOSIGNAL);
    }
    return sent < 0 ? -errno : sent;
}

ssize_t socket_read(int fd, void *bytes, size_t size)
{
    ssize_t n;

    do
        n = receive(fd, bytes, size, MSG_DONTWAIT);
    while (n == -EINTR);
    return n;
}

ssize_t socket_writev(int fd, const struct iovec *parts, size_t n)
{
    ssize_t sent;

    do
        sent = transmit(fd, parts, n, MSG_DONTWAIT);
    while (sent == -EINTR);
    return sent;
}

bool socket_wait(int fd, int timeout_ms)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};

    return poll(&readable, 1, timeout_ms) > 0;
}

/* Room for the descriptors that go along with a message. */
union control {
    struct cmsghdr head;
    char room[CMSG_SPACE(TRANSPORT_DESCRIPTORS * sizeof(int))];
};

static void socket_pass(struct transport *transport, const int *fds, size_t n)
{
    struct transport_socket *s = of(transport);

    s->passed_len = MIN(n, (size_t)TRANSPORT_DESCRIPTORS);
    memcpy(s->passed, fds, s->passed_len * sizeof(int));
}

/*
 * They are on their way once a byte is. Where too many are on theirs, of all that this user has
 * sent, the bytes go without: who expected them finds none.
 */
static ssize_t transmit_with_descriptors(struct transport_socket *s, const struct iovec *parts,
                                         size_t n, int flags)
{
    size_t size = s->passed_len * sizeof(int);
    union control control = {
        .head = {.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    const struct msghdr message = {.msg_iov = (struct iovec *)parts,
                                   .msg_iovlen = n,
                                   .msg_control = &control,
                                   .msg_controllen = CMSG_SPACE(size)};
    ssize_t sent;

    memcpy(CMSG_DATA(&control.head), s->passed, size);
    do
        sent = sendmsg(s->fd, &message, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent > 0)
        s->passed_len = 0;
    if (sent < 0 && errno == ETOOMANYREFS) {
        s->passed_len = 0;
        return transmit(s->fd, parts, n, flags);
    }
    return sent < 0 ? -errno : sent;
}

static void socket_expect(struct transport *transport, int *fds, size_t n)
{
    struct transport_socket *s = of(transport);

    s->expected = fds;
    s->expected_len = n;
}

static void take_descriptor(struct transport_socket *s, int fd)
{
    for (size_t i = 0; i < s->expected_len; i++) {
        if (s->expected[i] < 0) {
            s->expected[i] = fd;
            return;
        }
    }
    close(fd);
}

static ssize_t receive_with_descriptors(struct transport_socket *s, void *bytes, size_t size,
                                        int flags)
{
    union control control;
    struct iovec part = {bytes, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    ssize_t n = recvmsg(s->fd, &message, flags | MSG_CMSG_CLOEXEC);

    if (n < 0)
        return -errno;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        int fds[TRANSPORT_DESCRIPTORS];

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        memcpy(fds, CMSG_DATA(c), count * sizeof(int)); /* the kernel closes what has no room */
        for (size_t i = 0; i < count; i++)
            take_descriptor(s, fds[i]);
    }
    return n;
}

static ssize_t socket_transport_read(struct transport *transport, void *bytes, size_t size,
                                     bool may_block)
{
    struct transport_socket *s = of(transport);

    if (s->expected_len)
        return receive_with_descriptors(s, bytes, size, may_block ? 0 : MSG_DONTWAIT);
    return may_block ? receive(s->fd, bytes, size, 0) : socket_read(s->fd, bytes, size);
}

static ssize_t socket_transport_writev(struct transport *transport, const struct iovec *parts,
                                       size_t n, bool may_block)
{
    struct transport_socket *s = of(transport);

    if (s->passed_len)
        return transmit_with_descriptors(s, parts, n, may_block ? 0 : MSG_DONTWAIT);
    return may_block ? transmit(s->fd, parts, n, 0) : socket_writev(s->fd, parts, n);
}

/* A Unix socket's queue may be full: that is found out by trying again, as it was waited for. */
static int socket_connect(struct transport *transport)
{
    struct transport_socket *s = of(transport);
    socklen_t len = sizeof(int);
    int error = 0;

    if (connect(s->fd, (const struct sockaddr *)&s->address->sockaddr, s->address->len) < 0 &&
        errno != EISCONN)
        return errno == EINPROGRESS || errno == EALREADY ? -EAGAIN : -errno;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    return -error;
}

static int socket_wait_for(struct transport *transport, unsigned events, int interrupt_fd,
                           int timeout_ms)
{
    short wanted = (short)((events & TRANSPORT_READABLE ? POLLIN : 0) |
                           (events & TRANSPORT_WRITABLE ? POLLOUT : 0));
    struct pollfd fds[] = {{.fd = of(transport)->fd, .events = wanted},
                           {.fd = interrupt_fd, .events = POLLIN}};

    if (poll(fds, 2, timeout_ms) < 0)
        return -errno;
    return (int)((fds[0].revents ? events : 0) | (fds[1].revents ? TRANSPORT_INTERRUPTED : 0));
}

static void on_poll(uv_poll_t *poll, int status, int events);

/* Tell libuv, if that is news to it. */
static void apply(struct transport_socket *s)
{
    int events = (s->wanted & TRANSPORT_READABLE ? UV_READABLE : 0) |
                 (s->wanted & TRANSPORT_WRITABLE ? UV_WRITABLE : 0);

    if (s->wanted == s->polled)
        return;
    s->polled = s->wanted;
    if (events)
        uv_poll_start(&s->poll, events, on_poll);
    else
        uv_poll_stop(&s->poll);
}

/* libuv stops looking at an error, which reading or writing tells. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct transport_socket *s = container_of(poll, struct transport_socket, poll);
    unsigned ready = s->wanted;

    if (status < 0)
        s->polled = 0;
    else
        ready = (events & UV_READABLE ? TRANSPORT_READABLE : 0) |
                (events & UV_WRITABLE ? TRANSPORT_WRITABLE : 0);
    s->transport.ready(&s->transport, ready);
    if (!s->closing)
        apply(s);
}

static void socket_want(struct transport *transport, unsigned events)
{
    struct transport_socket *s = of(transport);

    s->wanted = events;
    apply(s);
}

/*
 * Clients of Python's send a long message in two pieces, and their first request right behind the
 * end of the handshake: the second piece waits until the first is acknowledged. To be said again
 * after each read.
 */
static void socket_acknowledge(struct transport *transport)
{
    if (of(transport)->is_tcp)
        tcp_acknowledge(of(transport)->fd);
}

static void socket_identify(struct transport *transport, struct identity *ret)
{
    int fd = of(transport)->fd;

    *ret = (struct identity){.user = -1, .address.len = sizeof(ret->address.sockaddr)};
    if (getpeername(fd, (struct sockaddr *)&ret->address.sockaddr, &ret->address.len) < 0)
        return;
    if (of(transport)->is_tcp) {
        ret->kind = IDENTITY_REMOTE;
        return;
    }
    ret->kind = IDENTITY_LOCAL;
    ret->pid = origin_pid(fd);
    ret->user = origin_user(fd);
}

static int socket_open_process(struct transport *transport)
{
    return of(transport)->is_tcp ? -ENOTSUP : origin_open(of(transport)->fd);
}

static void socket_look(struct transport *transport, struct delivery *ret)
{
    int fd = of(transport)->fd;

    ret->held = origin_is_connected(fd);
    ret->sent_is_read = origin_has_read(fd);
    ret->nothing_waits = origin_is_quiet(fd);
}

/*
 * A Unix socket that is closed with something unread says so, by a reset. With TCP a reset may come
 * at any time, also to one that has read all; what was acknowledged and not read is not known of.
 * Only a host that no longer answers has certainly not read what it has not acknowledged.
 */
static bool socket_undelivered(struct transport *transport, int r)
{
    if (!of(transport)->is_tcp)
        return r == -ECONNRESET;
    return r < 0 && r != -ECONNRESET && tcp_unacknowledged(of(transport)->fd) > 0;
}

static int socket_may_hand_over(struct transport *transport)
{
    return of(transport)->fd;
}

static void socket_cut(struct transport *transport)
{
    shutdown(of(transport)->fd, SHUT_RDWR);
}

static void socket_close_inherited(struct transport *transport)
{
    close(of(transport)->fd);
    of(transport)->fd = -1;
}

static void on_closed(uv_handle_t *handle)
{
    struct transport_socket *s = container_of((uv_poll_t *)handle, struct transport_socket, poll);

    if (s->transport.closed)
        s->transport.closed(&s->transport);
    memory_free(s);
}

/* Once stopped, nobody polls the descriptor any more. */
static void socket_close(struct transport *transport)
{
    struct transport_socket *s = of(transport);

    s->closing = true;
    if (s->loop)
        uv_poll_stop(&s->poll);
    if (s->fd >= 0)
        close(s->fd);
    if (s->loop)
        uv_close((uv_handle_t *)&s->poll, on_closed);
    else
        memory_free(s);
}

static const struct transport_ops socket_ops = {
    .size = sizeof(struct transport_socket),
    .connect = socket_connect,
    .read = socket_transport_read,
    .writev = socket_transport_writev,
    .want = socket_want,
    .wait = socket_wait_for,
    .acknowledge = socket_acknowledge,
    .identify = socket_identify,
    .open_process = socket_open_process,
    .look = socket_look,
    .undelivered = socket_undelivered,
    .pass = socket_pass,
    .expect = socket_expect,
    .may_hand_over = socket_may_hand_over,
    .cut = socket_cut,
    .close_inherited = socket_close_inherited,
    .close = socket_close,
};

/* Small messages go at once. */
static void set_up_tcp(int fd, nsec patience)
{
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (patience != FOREVER)
        tcp_keep_alive(fd, (int)MIN(patience / SEC, INT_MAX / 1000));
}

/* Takes the descriptor, also when it fails. */
static struct transport_socket *make(int fd, bool is_tcp, nsec patience)
{
    struct transport_socket *s = memory_lend_zeroed(1, sizeof(*s));

    if (!s) {
        close(fd);
        return NULL;
    }
    s->transport.ops = &socket_ops;
    s->fd = fd;
    s->is_tcp = is_tcp;
    if (is_tcp)
        set_up_tcp(fd, patience);
    return s;
}

int transport_socket_new(const struct address *address, nsec patience, struct transport **ret)
{
    struct timeval block = {.tv_usec = TRANSPORT_BLOCK_TIME / USEC};
    int family = address->sockaddr.ss_family;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct transport_socket *s;

    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &block, sizeof(block));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &block, sizeof(block));
    s = make(fd, family != AF_UNIX, patience);
    if (!s)
        return -ENOMEM;
    s->address = address;
    *ret = &s->transport;
    return 0;
}

int transport_socket_on_loop(int fd, struct loop *loop, bool is_tcp, nsec patience,
                             struct transport **ret)
{
    struct transport_socket *s = make(fd, is_tcp, patience);
    int r;

    if (!s)
        return -ENOMEM;
    r = uv_poll_init(&loop->uv, &s->poll, fd);
    if (r < 0) {
        socket_close(&s->transport);
        return r;
    }
    s->loop = loop;
    *ret = &s->transport;
    return 0;
}
