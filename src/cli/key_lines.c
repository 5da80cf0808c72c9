/* SPDX-License-Identifier: MIT */
/*
 * A file is taken for lines as soon as one of them is NAME RIGHT KEY. So a mistake in another line
 * is found, and does not make a key of the whole file that nobody has.
 */
#include "key_lines.h"

#include <string.h>
#include <strings.h>

static const char *const rights[] = {
    [SM_RIGHTS_RO] = "ro", [SM_RIGHTS_RW] = "rw", [SM_RIGHTS_ADMIN] = "admin"};

#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

void key_line_split(char *at, const char *end, struct key_line *ret)
{
    ret->words = 0;
    while (at < end && ret->words < 4) {
        char *start;

        while (at < end && is_blank(*at))
            at++;
        for (start = at; at < end && !is_blank(*at);)
            at++;
        if (at == start)
            break;
        if (ret->words < 3)
            ret->word[ret->words] = (struct key_word){start, (size_t)(at - start)};
        ret->words++;
    }
}

char *key_line_end(char *at, char *end)
{
    char *newline = memchr(at, '\n', (size_t)(end - at));

    return newline ? newline : end;
}

/* In capitals, it is a mistake that is to be found. */
static bool looks_like_right(const struct key_word *word)
{
    for (size_t i = 0; i < RIGHTS; i++) {
        if (word->len == strlen(rights[i]) && strncasecmp(word->at, rights[i], word->len) == 0)
            return true;
    }
    return false;
}

bool key_line_right(const struct key_word *word, enum sm_rights *ret)
{
    for (size_t i = 0; i < RIGHTS; i++) {
        if (word->len == strlen(rights[i]) && memcmp(word->at, rights[i], word->len) == 0) {
            *ret = (enum sm_rights)i;
            return true;
        }
    }
    return false;
}

bool key_lines_in(char *at, char *end)
{
    struct key_line line;

    for (; at < end; at = key_line_end(at, end) + 1) {
        key_line_split(at, key_line_end(at, end), &line);
        if (*at != '#' && line.words == 3 && looks_like_right(&line.word[1]))
            return true;
    }
    return false;
}
