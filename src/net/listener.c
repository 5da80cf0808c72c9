/* SPDX-License-Identifier: MIT */
/*
 * A listener accepts a number of connections in a turn of the loop; then those that exist have
 * theirs. A connection that its owner has no place for is kept, and nobody else is accepted before
 * it: the others wait in the socket's queue.
 */
#include "net/listener.h"

#include "base/limits.h"
#include "net/transport_socket.h"
#include "net/transport_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int bind_and_listen(int fd, const struct address *address)
{
    if (bind(fd, (const struct sockaddr *)&address->sockaddr, address->len) < 0 ||
        listen(fd, SOCKET_BACKLOG) < 0)
        return -errno;
    return 0;
}

/* A port counts as free although connections of a server that is gone still linger on it. */
static int tcp_listen(int fd, struct address *address)
{
    int one = 1, r;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    r = bind_and_listen(fd, address);
    address->len = sizeof(address->sockaddr);
    getsockname(fd, (struct sockaddr *)&address->sockaddr, &address->len); /* the port it is */
    return r;
}

static int bind_socket(struct listener *listener)
{
    struct address *address = &listener->address;

    if (address_path(address))
        return socket_file_listen(listener->fd, address, &listener->file);
    if (address->sockaddr.ss_family == AF_UNIX)
        return bind_and_listen(listener->fd, address);
    return tcp_listen(listener->fd, address);
}

/* A connection that nobody could ever take would keep the loop awake. */
static void turn_away(struct listener *listener)
{
    close(listener->spare);
    listener->spare = accept(listener->fd, NULL, NULL);
    close(listener->spare);
    listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Returns whether one waits. */
static bool find_next(struct listener *listener)
{
    listener->waiting = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (listener->waiting < 0 && (errno == EMFILE || errno == ENFILE) && listener->spare >= 0)
        turn_away(listener);
    return listener->waiting >= 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = container_of(poll, struct listener, poll);

    (void)status;
    (void)events;
    while (listener->accepted < LIMIT_ACCEPTS && find_next(listener)) {
        listener->accepted++;
        listener->connected(listener);
        if (listener->waiting >= 0) {
            uv_poll_stop(poll);
            return;
        }
    }
}

static int start(struct listener *listener)
{
    return uv_poll_start(&listener->poll, UV_READABLE, on_poll);
}

void listener_turn(struct listener *listener)
{
    listener->accepted = 0;
    if (listener->waiting < 0 || uv_is_closing((uv_handle_t *)&listener->poll))
        return;
    listener->connected(listener);
    if (listener->waiting < 0)
        start(listener);
}

int listener_accept(struct listener *listener, struct transport **ret)
{
    int fd = listener->waiting, r;

    listener->waiting = -1;
    r = transport_socket_on_loop(fd, listener->loop,
                                 listener->address.sockaddr.ss_family != AF_UNIX,
                                 listener->patience, ret);
    if (r < 0 || !listener->address.tls)
        return r;
    return transport_tls_on_loop(*listener->tls, *ret, listener->loop, ret);
}

static void on_closed(uv_handle_t *handle)
{
    struct listener *listener = container_of((uv_poll_t *)handle, struct listener, poll);

    listener->closed(listener);
}

static void close_all(struct listener *listener)
{
    if (listener->waiting >= 0)
        close(listener->waiting);
    if (listener->spare >= 0)
        close(listener->spare);
    close(listener->fd);
    listener->fd = listener->waiting = listener->spare = -1;
}

int listener_open(struct listener *listener, struct loop *loop, const struct address *address,
                  nsec patience, struct tls *const *tls,
                  void (*connected)(struct listener *listener),
                  void (*closed)(struct listener *listener))
{
    int r;

    *listener = (struct listener){
        .loop = loop,
        .address = *address,
        .waiting = -1,
        .spare = open("/dev/null", O_RDONLY | O_CLOEXEC),
        .patience = patience,
        .tls = tls,
        .connected = connected,
        .closed = closed,
    };
    listener->fd =
        socket(address->sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r = listener->fd < 0 ? -errno : bind_socket(listener);
    if (r == 0)
        r = uv_poll_init(&loop->uv, &listener->poll, listener->fd);
    if (r < 0) {
        socket_file_remove(&listener->address, &listener->file);
        close_all(listener);
        closed(listener);
        return r;
    }
    address_format(&listener->address, listener->text);
    r = start(listener);
    if (r < 0)
        listener_close(listener);
    return r;
}

void listener_close(struct listener *listener)
{
    socket_file_remove(&listener->address, &listener->file);
    uv_poll_stop(&listener->poll);
    close_all(listener);
    uv_close((uv_handle_t *)&listener->poll, on_closed);
}

void listener_close_inherited(struct listener *listener)
{
    close_all(listener);
}
