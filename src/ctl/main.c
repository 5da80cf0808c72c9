/* SPDX-License-Identifier: MIT */
/*
 * syncmanagerctl: ask a running manager, and call its objects. It is a user of the public API, and
 * nothing else: what it can do, any program can.
 */
#include "cli/cli.h"
#include "cli/key_lines.h"
#include "commands.h"
#include "lines.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int run(const struct options *options, const char *key, size_t key_len)
{
    struct sm_manager_options connect = {
        .authkey = key,
        .authkey_len = key_len,
        .tls_ca = options->tls_ca,
        .tls_certificate = options->tls_certificate,
        .tls_key = options->tls_key,
        .timeout_ms = options->timeout_ms,
        .keepalive_ms = options->keepalive_ms,
    };
    struct session session = {.key = key, .key_len = key_len, .json = options->json};
    int status;

    if (sm_manager_connect(options->address, &connect, &session.manager) < 0) {
        complain();
        return STATUS_FAILED;
    }
    if (options->words_len)
        status = command_run(&session, options->words, options->words_len);
    else
        status = lines_run(&session);
    sm_manager_free(session.manager);
    if (fflush(stdout) != 0) {
        perror("syncmanagerctl: standard output");
        return STATUS_FAILED;
    }
    return status;
}

/* A client has one key. Which of several it should be is not for us to guess. */
static int load_key(const char *file, char ret[static AUTHKEY_MAX])
{
    int len = cli_authkey("syncmanagerctl", file, ret);

    if (len == 0)
        fputs("syncmanagerctl: no key: give --authkey-file, or set $SYNCMANAGER_AUTHKEY\n", stderr);
    if (len <= 0 || !file || !key_lines_in(ret, ret + len))
        return len;
    fprintf(stderr,
            "syncmanagerctl: the key file %s has lines NAME RIGHT KEY, as syncmanagerd takes them: "
            "give a file with the KEY of one line alone\n",
            file);
    return -1;
}

int main(int argc, char **argv)
{
    static char key[AUTHKEY_MAX];
    struct options options;
    int status, len;

    signal(SIGPIPE, SIG_IGN);
    status = options_parse(&options, argc, argv);
    if (status >= 0)
        return status;
    if (options.words_len && !command_check(options.words, options.words_len)) {
        fputs("Try 'syncmanagerctl --help'.\n", stderr);
        return STATUS_FAILED;
    }
    len = load_key(options.authkey_file, key);
    status = len <= 0 ? STATUS_FAILED : run(&options, key, (size_t)len);
    explicit_bzero(key, sizeof(key));
    return status;
}
