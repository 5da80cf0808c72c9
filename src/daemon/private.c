/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/tmp/syncmanagerd-XXXXXX"

/* The file is kept by a descriptor, through which it can be connected to without its name. */
static const char *listen_in(struct sm_server *server, const char *folder)
{
    static char address[sizeof("unix:/proc/self/fd/") + 3 * sizeof(int)];
    char text[sizeof("unix:" FOLDER "/page")];
    const char *path = text + strlen("unix:");
    int fd;

    snprintf(text, sizeof(text), "unix:%s/page", folder);
    if (sm_server_listen(server, text) < 0) {
        fprintf(stderr, "syncmanagerd: --http: %s\n", sm_last_error()->message);
        return NULL;
    }
    fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        fprintf(stderr, "syncmanagerd: --http: %s: %s\n", path, strerror(errno));
    unlink(path);
    if (fd < 0)
        return NULL;
    snprintf(address, sizeof(address), "unix:/proc/self/fd/%d", fd);
    return address;
}

const char *private_address(struct sm_server *server)
{
    char folder[] = FOLDER;
    const char *address;

    for (size_t i = 0; (address = sm_server_address(server, i)); i++) {
        if (strncmp(address, "tls://", strlen("tls://")) != 0)
            return address;
    }
    if (!mkdtemp(folder)) {
        fprintf(stderr, "syncmanagerd: --http: %s: %s\n", folder, strerror(errno));
        return NULL;
    }
    address = listen_in(server, folder);
    rmdir(folder);
    return address;
}
