/* SPDX-License-Identifier: MIT */
/*
 * Words as Python sees them: a literal is one word however it is spaced, and its quotes belong to
 * it. There is no shell between a line and its literals.
 */
#include "words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Behind the string that a quote begins; NULL when it does not end. */
static char *skip_string(char *at)
{
    char quote = *at++;

    for (; *at && *at != quote; at++) {
        if (*at == '\\' && at[1])
            at++;
    }
    return *at ? at + 1 : NULL;
}

/* Behind the word that begins here; NULL when something in it is left open. */
static char *skip_word(char *at)
{
    unsigned depth = 0;

    while (*at && (depth || !isspace((unsigned char)*at))) {
        if (*at == '\'' || *at == '"') {
            at = skip_string(at);
            if (!at)
                return NULL;
            continue;
        }
        if (strchr("([{", *at))
            depth++;
        else if (strchr(")]}", *at) && depth)
            depth--;
        at++;
    }
    return depth ? NULL : at;
}

int words_split(char *line, char *ret[static WORDS_MAX])
{
    int len = 0;

    while (*(line += strspn(line, " \t\r\n"))) {
        char *end = skip_word(line);

        if (!end || len == WORDS_MAX) {
            fprintf(stderr, "syncmanagerctl: %s\n",
                    end ? "too many words" : "a quote or a bracket is left open");
            return -1;
        }
        ret[len++] = line;
        if (!*end)
            break;
        *end = '\0';
        line = end + 1;
    }
    return len;
}
