/* SPDX-License-Identifier: MIT */
/*
 * A file of a socket is replaced where nobody listens on it and it is ours; it is its owner's alone
 * from the first moment. Browsers know no Unix sockets: these are for what forwards them, as ssh
 * does, and for curl.
 */
#include "listen.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 128

static int complain(const char *address, const char *what)
{
    fprintf(stderr, "syncmanagerd: --http %s: %s\n", address, what);
    return -1;
}

static int complain_of(const char *address, int error)
{
    if (error == EADDRINUSE)
        return complain(address, "in use; stop the other server or choose another address");
    if (error == EEXIST)
        return complain(address, "there is a file, and no socket of yours; choose another path");
    if (error == EACCES)
        return complain(address, "not permitted; choose an address you may use");
    return complain(address, strerror(error));
}

/* A path of which nobody of ours is left. Returns 0 or an errno. */
static int clear_path(const struct sockaddr_un *un)
{
    struct stat st;
    int fd, r;

    if (lstat(un->sun_path, &st) < 0)
        return errno == ENOENT ? 0 : errno;
    if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
        return EEXIST;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    r = connect(fd, (const struct sockaddr *)un, sizeof(*un)) < 0 ? errno : 0;
    close(fd);
    if (r != ECONNREFUSED)
        return EADDRINUSE;
    return unlink(un->sun_path) < 0 ? errno : 0;
}

static int bind_path(struct web_socket *socket, const struct sockaddr_un *un)
{
    struct stat st;
    int r = clear_path(un);

    if (r != 0)
        return r;
    fchmod(socket->fd, 0600); /* on Linux the file has what the socket has */
    if (bind(socket->fd, (const struct sockaddr *)un, sizeof(*un)) < 0 ||
        lstat(un->sun_path, &st) < 0)
        return errno;
    if ((st.st_mode & 077) && chmod(un->sun_path, 0600) < 0)
        return errno;
    strcpy(socket->path, un->sun_path);
    socket->device = st.st_dev;
    socket->inode = st.st_ino;
    return listen(socket->fd, BACKLOG) < 0 ? errno : 0;
}

static int listen_unix(const char *address, struct web_socket *ret)
{
    const char *path = address + strlen("unix:");
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int r;

    if (!*path || *path == '@' || strlen(path) >= sizeof(un.sun_path))
        return complain(address, "not a path of a socket, such as unix:/run/manager-page.sock");
    strcpy(un.sun_path, path);
    ret->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r = ret->fd < 0 ? errno : bind_path(ret, &un);
    if (r != 0)
        return complain_of(address, r);
    snprintf(ret->url, sizeof(ret->url), "%s", address);
    return 0;
}

/* "127.0.0.1:8080" or "[::1]:8080", in two. */
static bool split(const char *address, char *host, size_t size, const char **ret_port)
{
    const char *colon = strrchr(address, ':');
    size_t len = colon ? (size_t)(colon - address) : 0;
    bool brackets = len > 2 && address[0] == '[' && address[len - 1] == ']';

    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    if (!len || (!brackets && memchr(address, ':', len)))
        return false;
    len -= brackets ? 2 : 0;
    if (len >= size)
        return false;
    for (size_t i = 0; i < len; i++)
        host[i] = (char)tolower((unsigned char)address[i + (brackets ? 1 : 0)]);
    host[len] = '\0';
    *ret_port = colon + 1;
    return true;
}

static bool is_loopback(const struct sockaddr *addr)
{
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)addr)->sin6_addr;

    if (addr->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)addr)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(v6);
}

static bool is_any(const struct sockaddr *addr)
{
    if (addr->sa_family == AF_INET)
        return ((const struct sockaddr_in *)addr)->sin_addr.s_addr == htonl(INADDR_ANY);
    return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)addr)->sin6_addr);
}

static int bind_tcp(struct web_socket *ret, const struct addrinfo *info)
{
    int one = 1;

    ret->fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (ret->fd < 0)
        return errno;
    setsockopt(ret->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(ret->fd, info->ai_addr, info->ai_addrlen) < 0 || listen(ret->fd, BACKLOG) < 0)
        return errno;
    return 0;
}

static void name_url(struct web_socket *socket, const struct sockaddr *addr)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof(bound);

    getsockname(socket->fd, (struct sockaddr *)&bound, &len);
    socket->port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                     : ((struct sockaddr_in *)&bound)->sin_port);
    if (is_any(addr))
        gethostname(socket->host, sizeof(socket->host) - 1);
    for (char *c = socket->host; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    snprintf(socket->url, sizeof(socket->url),
             strchr(socket->host, ':') ? "http://[%s]:%d" : "http://%s:%d", socket->host,
             socket->port);
}

static int listen_tcp(const char *address, bool allow_remote, struct web_socket *ret)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *found;
    const char *port;
    int r;

    if (!split(address, ret->host, sizeof(ret->host), &port))
        return complain(address, "neither HOST:PORT, such as 127.0.0.1:8080, nor unix:PATH");
    if (strtol(port, NULL, 10) > 65535 || getaddrinfo(ret->host, port, &hints, &found) != 0)
        return complain(address, "no such host or port");
    if (!allow_remote && !is_loopback(found->ai_addr))
        r = complain(address, "other hosts could reach it, and the page is not encrypted; choose "
                              "127.0.0.1 or a Unix socket, or allow it (--allow-remote)");
    else
        r = bind_tcp(ret, found);
    if (r > 0)
        r = complain_of(address, r);
    if (r == 0)
        name_url(ret, found->ai_addr);
    freeaddrinfo(found);
    return r;
}

int web_listen(const char *address, bool allow_remote, struct web_socket *ret)
{
    int r;

    *ret = (struct web_socket){.fd = -1};
    r = strncmp(address, "unix:", 5) == 0 ? listen_unix(address, ret)
                                          : listen_tcp(address, allow_remote, ret);
    if (r < 0)
        web_socket_close(ret);
    return r;
}

void web_socket_close(struct web_socket *socket)
{
    struct stat st;

    if (socket->path[0] && lstat(socket->path, &st) == 0 && st.st_dev == socket->device &&
        st.st_ino == socket->inode)
        unlink(socket->path);
    socket->path[0] = '\0';
    if (socket->fd >= 0)
        close(socket->fd);
    socket->fd = -1;
}
