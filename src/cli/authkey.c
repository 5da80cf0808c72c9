/* SPDX-License-Identifier: MIT */
/*
 * A key file holds the key: all bytes, less one newline at the end. It is read without buffers
 * that would keep a copy.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(const char *program, const char *file, const char *what)
{
    fprintf(stderr, "%s: the key file %s: %s\n", program, file, what);
    return -1;
}

/* The key is all that keeps others out. A group may be meant to have it. */
static void warn_of_readers(const char *program, const char *file, int fd)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IROTH | S_IWOTH)))
        fprintf(stderr, "%s: warning: every user can %s the key file %s: chmod o-rwx %s\n", program,
                st.st_mode & S_IROTH ? "read" : "change", file, file);
}

static int read_file(const char *program, const char *file, char *key)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n;

    if (fd < 0)
        return complain(program, file, strerror(errno));
    warn_of_readers(program, file, fd);
    while ((n = read(fd, key + len, AUTHKEY_MAX - len)) > 0)
        len += (size_t)n;
    if (n < 0) {
        complain(program, file, strerror(errno));
        close(fd);
        return -1;
    }
    close(fd);
    if (len == AUTHKEY_MAX)
        return complain(program, file, "too long for a key");
    if (len && key[len - 1] == '\n')
        len--;
    if (!len)
        return complain(program, file,
                        "empty; write a key to it, such as from: openssl rand -hex 32");
    return (int)len;
}

int cli_authkey(const char *program, const char *file, char ret[static AUTHKEY_MAX])
{
    char *set = getenv("SYNCMANAGER_AUTHKEY");
    size_t len;

    if (file)
        return read_file(program, file, ret);
    if (!set)
        return 0;
    len = strlen(set);
    if (!len || len >= AUTHKEY_MAX) {
        fprintf(stderr, "%s: $SYNCMANAGER_AUTHKEY is empty or too long\n", program);
        return -1;
    }
    memcpy(ret, set, len);
    explicit_bzero(set, len); /* it need not show in /proc/PID/environ */
    unsetenv("SYNCMANAGER_AUTHKEY");
    return (int)len;
}
