/* SPDX-License-Identifier: MIT */
/* What the command line of syncmanagerd says. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <syncmanager.h>

struct options {
    char **addresses; /* owned array of borrowed texts */
    size_t addresses_len;
    char **https; /* owned array of borrowed texts */
    size_t https_len;
    bool http_allow_kill;
    char **registers; /* owned array of borrowed texts, NAME=SPEC */
    size_t registers_len;
    char **plugins; /* owned array of borrowed paths */
    size_t plugins_len;
    const char *authkey_file; /* NULL: the key is elsewhere */
    enum sm_log_level log_level;
    struct sm_server_options server;
};

/* Exit statuses. */
#define STATUS_OK 0
#define STATUS_USAGE 2

/*
 * Read the command line. Returns -1 to go on, or the status to exit with: --help and --version have
 * been answered, or what is wrong has been said.
 */
int options_parse(struct options *options, int argc, char **argv);

void options_deinit(struct options *options);

#endif
