/* SPDX-License-Identifier: MIT */
/* Elsewhere a server that is about to listen counts as gone, and a file has the umask's mode. */
#include "system/bound.h"

#ifdef __linux__
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whether a line of /proc/net/unix is about the socket bound to this file, before it connects to
 * anything: "NUMBER: REFERENCES PROTOCOL FLAGS TYPE STATE INODE PATH", where state 01 is that of
 * sockets that listen, or do not yet. Connections of a server that is gone have its path, too.
 */
static bool is_bound_to(const char *line, const char *path, const struct stat *file)
{
    unsigned state;
    struct stat st;
    int at = 0;

    if (sscanf(line, "%*s %*s %*s %*s %*s %x %*s %n", &state, &at) != 1 || state != 1 || !at)
        return false;
    if (strcmp(line + at, path) == 0)
        return true;
    return line[at] == '/' && stat(line + at, &st) == 0 && st.st_dev == file->st_dev &&
           st.st_ino == file->st_ino;
}

bool socket_is_bound(const char *path, const struct stat *file)
{
    FILE *table = fopen("/proc/net/unix", "re");
    bool found = false;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    while (table && !found && (len = getline(&line, &size, table)) > 0) {
        line[len - 1] = '\0';
        found = is_bound_to(line, path, file);
    }
    free(line);
    if (table)
        fclose(table);
    return found;
}

void socket_bind_private(int fd)
{
    fchmod(fd, S_IRUSR | S_IWUSR);
}

#else

bool socket_is_bound(const char *path, const struct stat *file)
{
    (void)path;
    (void)file;
    return false;
}

void socket_bind_private(int fd)
{
    (void)fd;
}

#endif
