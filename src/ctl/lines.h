/* SPDX-License-Identifier: MIT */
/* Commands from standard input. */
#ifndef CTL_LINES_H
#define CTL_LINES_H

#include "commands.h"

/* Carry out a command a line until the input ends. Returns the highest status of them. */
int lines_run(struct session *session);

#endif
