/* SPDX-License-Identifier: MIT */
/* Long options only; those that every program has are answered here. */
#include "cli/cli.h"

#include <stdio.h>
#include <syncmanager.h>

static int parse(const struct cli *cli, void *context, int option)
{
    switch (option) {
    case CLI_HELP:
        fputs(cli->help, stdout);
        return 0;
    case CLI_VERSION:
        printf("%s %s\n", cli->program, sm_version());
        return 0;
    case '?': /* getopt_long has said what is wrong */
        fprintf(stderr, "Try '%s --help'.\n", cli->program);
        return cli->status_wrong;
    default:
        return cli->parse(context, option, optarg);
    }
}

int cli_options(const struct cli *cli, void *context, int argc, char **argv)
{
    int option, r;

    while ((option = getopt_long(argc, argv, cli->order, cli->options, NULL)) != -1) {
        r = parse(cli, context, option);
        if (r >= 0)
            return r;
    }
    return -1;
}
