/* SPDX-License-Identifier: MIT */
/* What the command lines of our programs have in common. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* As many bytes as anyone needs; longer keys are hashed down to less by HMAC anyway. */
#define AUTHKEY_MAX 65536

struct cli {
    const char *program;
    const char *help;
    const char *order; /* getopt's: "+" to stop at the first word that is no option, or "" */
    const struct option *options;
    int status_wrong; /* to exit with when an option is wrong */

    /* One option. Returns -1 to go on, or the status to exit with after saying why. */
    int (*parse)(void *context, int option, char *value);
};

enum {
    CLI_HELP = 256,
    CLI_VERSION,
    CLI_OWN, /* the first of the program's own */
};

/* The end of a program's table. */
#define CLI_OPTIONS_END                                                                            \
    {"help", no_argument, NULL, CLI_HELP}, {"version", no_argument, NULL, CLI_VERSION},            \
    {                                                                                              \
        0                                                                                          \
    }

/*
 * Read all options; optind is at the first word behind them. Returns -1 to go on, or the status to
 * exit with: --help and --version have been answered, or what is wrong has been said.
 */
int cli_options(const struct cli *cli, void *context, int argc, char **argv);

/* The numbers that an option takes. */
struct cli_range {
    uint64_t least, most;
    bool bytes;          /* may end in K, M or G */
    const char *such_as; /* an example */
};

/* Read a number. Returns false after saying what is wrong. */
bool cli_number(const char *program, const char *option, const char *text,
                const struct cli_range *range, uint64_t *ret);

/* The most seconds that an option takes. */
#define CLI_SECONDS_MAX (INT_MAX / 1000)

/*
 * Read seconds, of which the least is `least`, as milliseconds: 1 or more, since 0 means the
 * default. Returns false after saying what is wrong.
 */
bool cli_seconds(const char *program, const char *option, const char *text, double least,
                 unsigned *ret_ms);

/*
 * Read the key from `file`, or if that is NULL from $SYNCMANAGER_AUTHKEY, which is wiped. Returns
 * its length, 0 when there is neither, or -1 after saying what is wrong.
 */
int cli_authkey(const char *program, const char *file, char ret[static AUTHKEY_MAX]);

#endif
