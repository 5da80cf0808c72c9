/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean": from 3.13 on CPython names the parameter that is nearest to a keyword it does not
 * know. Nearness is an edit distance in which a change of case costs half of any other change.
 */
#include "object/suggest.h"

#include <ctype.h>
#include <string.h>

#define MOVE_COST 2
#define CASE_COST 1
#define NAME_MAX_LEN 40

static size_t change_cost(char a, char b)
{
    if (a == b)
        return 0;
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? CASE_COST : MOVE_COST;
}

/* The cost of turning a into b, one row of the usual table at a time. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[NAME_MAX_LEN + 1];

    for (size_t j = 0; j <= b_len; j++)
        row[j] = j * MOVE_COST;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i * MOVE_COST;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = diagonal + change_cost(a[i - 1], b[j - 1]);
            size_t move = MIN(row[j], row[j - 1]) + MOVE_COST;

            diagonal = row[j];
            row[j] = MIN(change, move);
        }
    }
    return row[b_len];
}

const char *suggest_param(const struct signature *takes, const char *name, size_t len)
{
    size_t nearest = SIZE_MAX;
    const char *best = NULL;

    if (len > NAME_MAX_LEN)
        return NULL;
    for (int i = -1; i < SIGNATURE_PARAMS_MAX; i++) {
        const char *param = i < 0 ? "self" : takes->params[i];
        size_t distance, limit;

        if (!param || (i < 0 && takes->beside < 0))
            continue;
        limit = (len + strlen(param) + 3) * MOVE_COST / 6;
        distance = edit_distance(name, len, param, strlen(param));
        if (distance <= limit && distance < nearest) {
            nearest = distance;
            best = param;
        }
    }
    return best;
}
