/* SPDX-License-Identifier: MIT */
/*
 * The command line. Options end where the command begins: a literal such as -1 is not one of them.
 */
#include "options.h"

#include "cli/cli.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <syncmanager.h>

static const char help[] =
    "Usage: syncmanagerctl --address ADDR [OPTION]... [COMMAND [ARGUMENT]...]\n"
    "Ask a running manager, and call the objects in it: one of syncmanagerd, of\n"
    "libsyncmanager, or of Python's multiprocessing.managers.\n"
    "\n"
    "  --address ADDR        HOST:PORT, tls://HOST:PORT, unix:PATH or unix:@NAME\n"
    "                        (else $SYNCMANAGER_ADDRESS)\n"
    "  --authkey-file FILE   the key: FILE's bytes, less one trailing newline\n"
    "                        (else $SYNCMANAGER_AUTHKEY)\n"
    "  --tls-ca FILE         with tls://: who signs the manager's certificate, in PEM; a folder\n"
    "                        too (else $SYNCMANAGER_TLS_CA, else whom the system trusts)\n"
    "  --tls-certificate FILE\n"
    "                        for a manager that wants one of its clients, in PEM (else\n"
    "                        $SYNCMANAGER_TLS_CERTIFICATE)\n"
    "  --tls-key FILE        its key (else $SYNCMANAGER_TLS_KEY, else in the same file)\n"
    "  --timeout SECONDS     give up a call that is not answered in time\n"
    "  --keepalive SECONDS   give up a manager that is out of reach for so long; default 60;\n"
    "                        0: never\n"
    "  --json                print results as JSON\n"
    "  --help                show this and exit\n"
    "  --version             show the version and exit\n"
    "\n"
    "Commands:\n"
    "  ping                            see whether the manager answers, and how fast\n"
    "  info                            what manager it is, and how it is\n"
    "  objects                         type, references, size and value of each object\n"
    "  clients                         its connections: whose they are, what they wait for\n"
    "  locks                           who holds locks, who waits for them, and deadlocks\n"
    "  page [--bearer]                 the link to its page, where it has one; or a token by\n"
    "                                  which a program, such as Prometheus, may read that\n"
    "  kill CLIENT|pid=PID             end a connection, or all of a process\n"
    "  create TYPE [LITERAL...]        make an object, print its ident and keep it alive\n"
    "  call NAME|IDENT METHOD [LITERAL...]\n"
    "                                  call a method of the registered object of that name,\n"
    "                                  or of the object with that ident\n"
    "  drop IDENT                      give back the reference that create or call kept\n"
    "  shutdown                        end the manager\n"
    "\n"
    "A LITERAL is written as in Python: 5, 1.5, None, '\"text\"', '[1, 2]', or NAME=LITERAL for "
    "an\n"
    "argument by keyword. Results are printed as Python's repr().\n"
    "\n"
    "Without a COMMAND, commands are read from standard input, one a line; literals stand there\n"
    "as they are, not quoted for the shell. A terminal gets a prompt with history.\n"
    "\n"
    "Exit status: 0; 1 when the manager raised an exception, printed as 'TypeName: message';\n"
    "2 when there was no answer: wrong usage, no manager there, another key.\n"
    "\n"
    "Examples:\n"
    "  export SYNCMANAGER_ADDRESS=unix:/run/jobs.sock SYNCMANAGER_AUTHKEY=secret\n"
    "  syncmanagerctl call jobs put '{\"page\": 1}'\n"
    "  syncmanagerctl call jobs get timeout=5\n"
    "  syncmanagerctl call \"$(syncmanagerctl create list '[3, 1, 2]')\" sort reverse=True\n"
    "  syncmanagerctl --address tls://jobs.example:5000 --tls-ca ca.pem --authkey-file key ping\n"
    "  syncmanagerctl --json objects | jq '.[].ident'\n"
    "  syncmanagerctl locks | sed -n '/^deadlock/,$p'\n";

enum {
    OPTION_ADDRESS = CLI_OWN,
    OPTION_AUTHKEY_FILE,
    OPTION_TLS_CA,
    OPTION_TLS_CERTIFICATE,
    OPTION_TLS_KEY,
    OPTION_TIMEOUT,
    OPTION_KEEPALIVE,
    OPTION_JSON,
};

static const struct option long_options[] = {
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"authkey-file", required_argument, NULL, OPTION_AUTHKEY_FILE},
    {"tls-ca", required_argument, NULL, OPTION_TLS_CA},
    {"tls-certificate", required_argument, NULL, OPTION_TLS_CERTIFICATE},
    {"tls-key", required_argument, NULL, OPTION_TLS_KEY},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"keepalive", required_argument, NULL, OPTION_KEEPALIVE},
    {"json", no_argument, NULL, OPTION_JSON},
    CLI_OPTIONS_END,
};

static int parse_keepalive(struct options *options, const char *text)
{
    if (!cli_seconds("syncmanagerctl", "keepalive", text, 0, &options->keepalive_ms))
        return STATUS_FAILED;
    if (strtod(text, NULL) == 0)
        options->keepalive_ms = UINT_MAX;
    return -1;
}

static int parse_option(void *context, int option, char *value)
{
    struct options *options = context;

    switch (option) {
    case OPTION_ADDRESS:
        options->address = value;
        return -1;
    case OPTION_AUTHKEY_FILE:
        options->authkey_file = value;
        return -1;
    case OPTION_TLS_CA:
        options->tls_ca = value;
        return -1;
    case OPTION_TLS_CERTIFICATE:
        options->tls_certificate = value;
        return -1;
    case OPTION_TLS_KEY:
        options->tls_key = value;
        return -1;
    case OPTION_TIMEOUT:
        return cli_seconds("syncmanagerctl", "timeout", value, 0.001, &options->timeout_ms)
                   ? -1
                   : STATUS_FAILED;
    case OPTION_KEEPALIVE:
        return parse_keepalive(options, value);
    case OPTION_JSON:
        options->json = true;
        return -1;
    }
    return -1;
}

static const struct cli cli = {
    .program = "syncmanagerctl",
    .help = help,
    .order = "+",
    .options = long_options,
    .status_wrong = STATUS_FAILED,
    .parse = parse_option,
};

int options_parse(struct options *options, int argc, char **argv)
{
    int r;

    *options = (struct options){.address = getenv("SYNCMANAGER_ADDRESS")};
    r = cli_options(&cli, options, argc, argv);
    if (r >= 0)
        return r;
    options->words = argv + optind;
    options->words_len = argc - optind;
    if (!options->address) {
        fputs("syncmanagerctl: which manager? Give its --address, such as 127.0.0.1:55555 or "
              "unix:/tmp/manager.sock\nTry 'syncmanagerctl --help'.\n",
              stderr);
        return STATUS_FAILED;
    }
    return -1;
}
