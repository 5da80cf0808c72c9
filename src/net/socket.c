/* SPDX-License-Identifier: MIT */
/*
 * Sockets, as far as libuv leaves them to us: abstract names, safe modes, stale files.
 */
#include "net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool is_socket(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* Whether the socket file is left over from a server that is gone. */
static bool is_stale(const struct address *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool stale;

    if (fd < 0)
        return false;
    stale = connect(fd, (const struct sockaddr *)&address->sockaddr, address->len) < 0 &&
            errno == ECONNREFUSED;
    close(fd);
    return stale;
}

static int try_bind(int fd, const struct address *address)
{
    if (bind(fd, (const struct sockaddr *)&address->sockaddr, address->len) < 0)
        return -errno;
    return 0;
}

int socket_listen(struct address *address)
{
    const char *path = address_path(address);
    int fd, one = 1, r;

    fd = socket(address->sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (address->sockaddr.ss_family == AF_UNIX)
        fchmod(fd, S_IRUSR | S_IWUSR); /* Linux gives the file this mode as it makes it */
    else
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    r = try_bind(fd, address);
    if (r == -EADDRINUSE && path && !is_socket(path)) {
        r = -EEXIST; /* connecting to it is refused, too: it must not be taken for a stale one */
    } else if (r == -EADDRINUSE && path && is_stale(address)) {
        unlink(path);
        r = try_bind(fd, address);
    }
    if (r == 0 && listen(fd, SOCKET_BACKLOG) < 0)
        r = -errno;
    if (r < 0) {
        close(fd);
        return r;
    }
    if (address->sockaddr.ss_family != AF_UNIX) {
        address->len = sizeof(address->sockaddr);
        getsockname(fd, (struct sockaddr *)&address->sockaddr, &address->len);
    }
    return fd;
}

void socket_no_delay(int fd)
{
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

void socket_quick_ack(int fd)
{
#ifdef TCP_QUICKACK
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
#endif
}
