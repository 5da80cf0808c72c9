/* SPDX-License-Identifier: MIT */
/* The prompt of a build without libedit: the terminal's own line editing. */
#include "prompt.h"

#include <stdio.h>
#include <stdlib.h>

void prompt_begin(void)
{
}

char *prompt_read(const char *prompt)
{
    char *line = NULL;
    size_t size = 0;

    clearerr(stdin);
    fputs(prompt, stdout);
    fflush(stdout);
    if (getline(&line, &size, stdin) >= 0)
        return line;
    putchar('\n');
    free(line);
    return NULL;
}

/* The read ends by itself. */
void prompt_interrupt(void)
{
}

void prompt_end(void)
{
}
