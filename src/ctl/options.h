/* SPDX-License-Identifier: MIT */
/* What the command line of syncmanagerctl says. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *address;
    const char *authkey_file; /* NULL: $SYNCMANAGER_AUTHKEY */
    const char *tls_ca;       /* these three as in sm_manager_options */
    const char *tls_certificate;
    const char *tls_key;
    unsigned timeout_ms;   /* 0: for ever */
    unsigned keepalive_ms; /* 0: the default; UINT_MAX: for ever */
    bool json;
    char **words; /* the command, its arguments, and NULL; none: read commands */
    int words_len;
};

/* Exit statuses. */
#define STATUS_OK 0
#define STATUS_RAISED 1 /* the manager answered with an exception */
#define STATUS_FAILED 2 /* there is no answer: wrong usage, no manager, another key, too late */

/*
 * Read the command line. Returns -1 to go on, or the status to exit with: --help and --version have
 * been answered, or what is wrong has been said.
 */
int options_parse(struct options *options, int argc, char **argv);

#endif
