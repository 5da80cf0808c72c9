/* SPDX-License-Identifier: MIT */
/* What syncmanagerctl can be told to do. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "options.h"

#include <syncmanager.h>

/* A manager that commands go to, and how results are shown. */
struct session {
    struct sm_manager *manager; /* owned by main() */
    const char *key;            /* borrowed */
    size_t key_len;
    bool json;
};

/* Carry out a command; returns a status to exit with. What went wrong has been said. */
int command_run(struct session *session, char **words, int len);

/* Whether there is such a command, taking as many arguments: if not, that has been said. */
bool command_check(char **words, int len);

/* The name of a command, counted from 0; NULL past the last. */
const char *command_name(int index);

/* What an interactive user can write. */
void command_help(void);

/* Say what sm_last_error() tells; returns the status that it means. */
int complain(void);

#endif
