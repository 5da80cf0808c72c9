/* SPDX-License-Identifier: MIT */
/* Lines NAME RIGHT KEY, of a file of keys as the daemon takes it. */
#ifndef CLI_KEY_LINES_H
#define CLI_KEY_LINES_H

#include "syncmanager/server.h"

#include <stdbool.h>
#include <stddef.h>

struct key_word {
    char *at;
    size_t len;
};

/* A line in words. */
struct key_line {
    struct key_word word[3];
    size_t words; /* 4: more than three */
};

/* The end of the line that begins here. */
char *key_line_end(char *at, char *end);

void key_line_split(char *at, const char *end, struct key_line *ret);

/* Whether the word is a right, and which. */
bool key_line_right(const struct key_word *word, enum sm_rights *ret);

/* Whether one of a text's lines is NAME RIGHT KEY: then all of them are meant so. */
bool key_lines_in(char *at, char *end);

#endif
