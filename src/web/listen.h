/* SPDX-License-Identifier: MIT */
/* Sockets that browsers come to. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

struct web_socket {
    int fd;         /* -1: none */
    char host[256]; /* the name or number that it was given, in small letters; of a socket that
                       takes what comes for any address, the host's own name; "": a Unix socket */
    int port;
    char url[320];
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "": no file */
    dev_t device;
    ino_t inode;
};

/* Listen at HOST:PORT or unix:PATH. Returns 0, or -1 after saying what is wrong. */
int web_listen(const char *address, bool allow_remote, struct web_socket *ret);

/* Close it, unless its descriptor is -1, and remove its file. */
void web_socket_close(struct web_socket *socket);

#endif
