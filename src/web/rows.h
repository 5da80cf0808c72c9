/* SPDX-License-Identifier: MIT */
/*
 * Many dicts with the same keys, as a table: what the manager has told of all its objects, or of
 * all its clients, taken at one time, to be sorted and searched here.
 */
#ifndef WEB_ROWS_H
#define WEB_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <syncmanager.h>

#define ROWS_KEYS_MAX 32

struct cell {
    enum {
        CELL_NONE,
        CELL_BOOL,
        CELL_INT,
        CELL_FLOAT,
        CELL_TEXT,
        CELL_JSON, /* of what is no scalar */
    } kind;
    uint32_t len; /* of a text */
    union {
        int64_t integer; /* of a bool too */
        double number;
        size_t at; /* where the text is, in `texts` */
    };
};

/* Zeroed memory is an empty table. */
struct rows {
    char *keys[ROWS_KEYS_MAX]; /* owned, and each of them */
    size_t keys_len;
    struct cell *cells; /* owned; those of a row are side by side */
    size_t len;
    size_t cap;
    char *texts; /* owned */
    size_t texts_len;
    size_t texts_cap;
};

void rows_deinit(struct rows *rows);

/* Add a row. Keys that the first row has not are left out. Returns 0 or -ENOMEM. */
int rows_add(struct rows *rows, struct sm_value dict);

/* Give back what was taken for rows to come. */
void rows_trim(struct rows *rows);

/* Which rows, in which order. */
struct rows_question {
    const char *sort;   /* a key, or NULL */
    bool descending;    /* what has no value stays last */
    const char *search; /* in texts, small letters or capitals, or a number; "", NULL: all rows */
};

/*
 * The rows that are asked for, as their numbers, owned by the caller. Returns 0, -ENOMEM, or
 * -EINVAL if there is no such key.
 */
int rows_select(const struct rows *rows, const struct rows_question *question, uint32_t **ret,
                size_t *ret_len);

/* The number of the row with this text under this key; -1: there is none. */
int64_t rows_find(const struct rows *rows, const char *key, const char *text);

/* Write a row as a JSON object, but for its last brace. */
void rows_write(const struct rows *rows, size_t row, FILE *out);

#endif
