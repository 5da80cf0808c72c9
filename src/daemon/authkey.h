/* SPDX-License-Identifier: MIT */
/* Where the daemon's key comes from. */
#ifndef DAEMON_AUTHKEY_H
#define DAEMON_AUTHKEY_H

#include "cli/cli.h"

/*
 * Read the key from `file`; without one from $SYNCMANAGER_AUTHKEY; without that make a random one
 * in a new file and print its path. Returns its length, or -1 after saying what is wrong.
 */
int authkey_load(const char *file, char ret[static AUTHKEY_MAX]);

/* Remove the file that authkey_load() made, if it made one. */
void authkey_forget(void);

#endif
