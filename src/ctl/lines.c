/* SPDX-License-Identifier: MIT */
/*
 * A terminal has a prompt, and history where libedit is built in; there, the interrupt key ends a
 * call that waits, and not the program.
 */
#include "lines.h"

#include "prompt.h"
#include "words.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For the signal handler. */
static struct sm_manager *called;
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
    sm_manager_interrupt(called);
    prompt_interrupt();
}

/* Carry out a line. Returns false to read no more. */
static bool run_line(struct session *session, char *line, int *status)
{
    char *words[WORDS_MAX];
    int len = words_split(line, words), r;

    if (len == 0 || (len > 0 && words[0][0] == '#'))
        return true;
    if (len == 1 && (strcmp(words[0], "quit") == 0 || strcmp(words[0], "exit") == 0))
        return false;
    if (len == 1 && strcmp(words[0], "help") == 0) {
        command_help();
        return true;
    }
    r = len < 0 ? STATUS_FAILED : command_run(session, words, len);
    fflush(stdout);
    if (r > *status)
        *status = r;
    return true;
}

static int run_prompt(struct session *session)
{
    struct sigaction interrupt = {.sa_handler = on_interrupt};
    int status = STATUS_OK;
    bool more = true;
    char *line;

    called = session->manager;
    sigaction(SIGINT, &interrupt, NULL);
    prompt_begin();
    while (more) {
        interrupted = 0;
        line = prompt_read("syncmanagerctl> ");
        more = line ? run_line(session, line, &status) : interrupted;
        free(line);
    }
    prompt_end();
    return status;
}

static int run_input(struct session *session)
{
    int status = STATUS_OK;
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) >= 0 && run_line(session, line, &status))
        ;
    free(line);
    return status;
}

int lines_run(struct session *session)
{
    return isatty(STDIN_FILENO) ? run_prompt(session) : run_input(session);
}
