/* SPDX-License-Identifier: MIT */
/* The parts of the literal parser: structure, numbers, text. literal_parse() is in repr.h. */
#ifndef VALUE_LITERAL_H
#define VALUE_LITERAL_H

#include "value/repr.h"

struct literal {
    struct tree *tree;
    const char *text;
    size_t len;
    size_t at;
    unsigned depth;
    struct literal_error error;
};

/* The byte `ahead` bytes from here, or NUL past the end. */
static inline char literal_peek(const struct literal *l, size_t ahead)
{
    return ahead < l->len - l->at ? l->text[l->at + ahead] : '\0';
}

/* Note what is wrong at `at`; returns -EINVAL. */
int literal_fail(struct literal *l, size_t at, const char *what);

void literal_skip_space(struct literal *l);

/* Each parses what starts here, with nothing before it, and moves behind it. */
int literal_number(struct literal *l, struct sm_value *ret);
int literal_strings(struct literal *l, struct sm_value *ret);

/* Whether a number, or a string with whatever prefix, starts here. */
bool literal_at_number(const struct literal *l);
bool literal_at_string(const struct literal *l);

/* inf and nan are no literals, but what repr() says of these floats. */
bool literal_at_special_float(const struct literal *l);

#endif
