/* SPDX-License-Identifier: MIT */
/* A prompt on the terminal, with history where libedit is built in. */
#ifndef CTL_PROMPT_H
#define CTL_PROMPT_H

void prompt_begin(void);

/* The next line, to be freed; NULL at the end of the input, and when a signal came. */
char *prompt_read(const char *prompt);

/* In a signal handler: end prompt_read(), if that is where the signal came. */
void prompt_interrupt(void);

/* Keeps the history for the next time. */
void prompt_end(void);

#endif
