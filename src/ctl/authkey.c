/* SPDX-License-Identifier: MIT */
/* A key file holds what syncmanagerd reads from it: all bytes, less one newline at the end. */
#include "authkey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *file, const char *what)
{
    fprintf(stderr, "syncmanagerctl: the key file %s: %s\n", file, what);
    return -1;
}

static int read_file(const char *file, char *key)
{
    FILE *stream = fopen(file, "re");
    size_t len;
    int error;

    if (!stream)
        return complain(file, strerror(errno));
    len = fread(key, 1, AUTHKEY_MAX, stream);
    error = ferror(stream) ? errno : 0;
    fclose(stream);
    if (error)
        return complain(file, strerror(error));
    if (len == AUTHKEY_MAX)
        return complain(file, "too long for a key");
    if (len && key[len - 1] == '\n')
        len--;
    return len ? (int)len : complain(file, "empty");
}

int authkey_load(const char *file, char ret[static AUTHKEY_MAX])
{
    const char *set = getenv("SYNCMANAGER_AUTHKEY");
    size_t len = set ? strlen(set) : 0;

    if (file)
        return read_file(file, ret);
    if (!len || len >= AUTHKEY_MAX) {
        fputs(set ? "syncmanagerctl: $SYNCMANAGER_AUTHKEY is empty or too long\n"
                  : "syncmanagerctl: no key: give --authkey-file, or set $SYNCMANAGER_AUTHKEY\n",
              stderr);
        return -1;
    }
    memcpy(ret, set, len);
    return (int)len;
}
