/* SPDX-License-Identifier: MIT */
/*
 * The prompt with libedit. History is kept in $XDG_STATE_HOME/syncmanagerctl_history where that
 * folder is there (by default ~/.local/state): for its owner alone, as values may be secrets.
 *
 * libedit does not end a line for a signal, and has its own handler in place while it reads, which
 * puts the terminal in order and calls ours: from there a jump is the way out, as psql has it.
 */
#include "prompt.h"

#include "commands.h"

#include <editline/readline.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HISTORY_LINES 1000

static char history_file[PATH_MAX];
static sigjmp_buf reading_ends;
static volatile sig_atomic_t reading;

static bool find_history_file(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int len = -1;

    if (state && *state)
        len = snprintf(history_file, sizeof(history_file), "%s/syncmanagerctl_history", state);
    else if (home)
        len = snprintf(history_file, sizeof(history_file), "%s/.local/state/syncmanagerctl_history",
                       home);
    return len > 0 && len < (int)sizeof(history_file);
}

/* The next command that begins with the text. */
static char *next_command(const char *text, int state)
{
    static int index;
    const char *name;

    if (!state)
        index = 0;
    while ((name = command_name(index++))) {
        if (strncmp(name, text, strlen(text)) == 0)
            return strdup(name);
    }
    return NULL;
}

static char **complete(const char *text, int start, int end)
{
    (void)end;
    rl_attempted_completion_over = 1;
    return start == 0 ? rl_completion_matches(text, next_command) : NULL;
}

void prompt_begin(void)
{
    rl_readline_name = "syncmanagerctl";
    rl_attempted_completion_function = complete;
    using_history();
    stifle_history(HISTORY_LINES);
    if (find_history_file())
        read_history(history_file);
    else
        history_file[0] = '\0';
}

char *prompt_read(const char *prompt)
{
    char *volatile line = NULL;

    if (sigsetjmp(reading_ends, 1) == 0) {
        reading = 1;
        line = readline(prompt);
    }
    reading = 0;
    if (line && *line)
        add_history(line);
    else if (!line)
        putchar('\n');
    return line;
}

void prompt_interrupt(void)
{
    if (reading)
        siglongjmp(reading_ends, 1);
}

void prompt_end(void)
{
    if (!history_file[0])
        return;
    umask(077);
    write_history(history_file);
}
