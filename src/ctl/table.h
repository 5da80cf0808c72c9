/* SPDX-License-Identifier: MIT */
/* Rows of cells, printed in columns that are as wide as they need to be. */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stddef.h>
#include <syncmanager.h>

#define TABLE_COLUMNS_MAX 16

struct table {
    const char *const
        *heads; /* ended by NULL; a column whose head begins with '>' is right-aligned */
    size_t columns;
    size_t widths[TABLE_COLUMNS_MAX];
    char **cells; /* owned, and so is each: row by row */
    size_t len, cap;
    bool headed; /* the heads have been printed */
};

void table_init(struct table *table, const char *const *heads);

/* Print the rows; later ones are in the same columns, which are never made narrower. */
void table_print(struct table *table);

/* After table_print(). */
void table_deinit(struct table *table);

/* Add the next cell. A row is complete when each column has one. */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a value: text as it is but for control characters, None as "-". */
void table_add_value(struct table *table, struct sm_value v);

/* The same of what a dict has under a key: a value, a number of bytes, or of seconds. */
void table_add_field(struct table *table, struct sm_value dict, const char *key);
void table_add_bytes(struct table *table, struct sm_value dict, const char *key);
void table_add_time(struct table *table, struct sm_value dict, const char *key);

#endif
