/* SPDX-License-Identifier: MIT */
/* Words to values: the literals of a command. */
#ifndef CTL_ARGUMENTS_H
#define CTL_ARGUMENTS_H

#include <syncmanager.h>

/* The arguments of a call; `args` is a tuple, `kwargs` a dict. */
struct arguments {
    struct sm_value args, kwargs;
    struct sm_items positional, named;
    struct sm_reply **parsed; /* owned, with the values in it */
    size_t parsed_len;
};

/*
 * Parse words: LITERAL or NAME=LITERAL. `first` is the first positional argument, unless it is
 * missing. `arguments` must not move afterwards, and the words must
 * live as long. Returns false when one of them is no literal: that has been said.
 */
bool arguments_parse(struct arguments *arguments, struct sm_value first, char **words, int len);
void arguments_deinit(struct arguments *arguments);

#endif
