/* SPDX-License-Identifier: MIT */
/*
 * There is no way to run without a key. One that is made up here is readable by its owner alone,
 * consists of letters and digits so that it can be pasted, and goes when the daemon does.
 */
#include "authkey.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RANDOM_BYTES 32

static char made_file[PATH_MAX];

static int complain(const char *file, const char *what)
{
    fprintf(stderr, "syncmanagerd: the key file %s: %s\n", file, what);
    return -1;
}

static int make_file(char *key)
{
    unsigned char random[RANDOM_BYTES];
    const char *dir = getenv("XDG_RUNTIME_DIR");
    int fd;

    if (getentropy(random, sizeof(random)) < 0)
        return complain("(new)", "no random numbers");
    for (size_t i = 0; i < sizeof(random); i++)
        sprintf(key + 2 * i, "%02x", random[i]);
    if (!dir || access(dir, W_OK) < 0)
        dir = getenv("TMPDIR");
    snprintf(made_file, sizeof(made_file), "%s/syncmanagerd-key-XXXXXX", dir ? dir : "/tmp");
    fd = mkostemp(made_file, O_CLOEXEC); /* of mode 0600 */
    if (fd < 0 || dprintf(fd, "%s\n", key) < 0) {
        complain(made_file, strerror(errno));
        made_file[0] = '\0';
        if (fd >= 0)
            close(fd);
        return -1;
    }
    close(fd);
    printf("authkey in %s\n", made_file);
    return 2 * RANDOM_BYTES;
}

int authkey_load(const char *file, char ret[static AUTHKEY_MAX])
{
    int len = cli_authkey("syncmanagerd", file, ret);

    return len == 0 ? make_file(ret) : len;
}

void authkey_forget(void)
{
    if (made_file[0])
        unlink(made_file);
}
