/* SPDX-License-Identifier: MIT */
/*
 * Rows are gathered and then printed together, because only then it is known how wide the columns
 * are. A cell that there is no memory for is empty.
 */
#include "table.h"

#include "cli/fields.h"
#include "units.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_right(const struct table *table, size_t column)
{
    return table->heads[column][0] == '>';
}

static const char *head(const struct table *table, size_t column)
{
    return table->heads[column] + is_right(table, column);
}

/* Characters of UTF-8 text: what it takes on the screen, but for wide ones. */
static size_t width(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}

void table_init(struct table *table, const char *const *heads)
{
    *table = (struct table){.heads = heads};
    while (heads[table->columns]) {
        assert(table->columns < TABLE_COLUMNS_MAX);
        table->widths[table->columns] = strlen(head(table, table->columns));
        table->columns++;
    }
}

/* Adds the text, which becomes the table's, or nothing where it is NULL. */
static void add(struct table *table, char *text)
{
    size_t column = table->len % table->columns;
    char **cells;

    if (table->len == table->cap) {
        cells = realloc(table->cells, (table->cap * 2 + 64) * sizeof(char *));
        if (!cells) {
            free(text);
            return;
        }
        table->cells = cells;
        table->cap = table->cap * 2 + 64;
    }
    table->cells[table->len++] = text;
    if (text && width(text) > table->widths[column])
        table->widths[column] = width(text);
}

void table_add(struct table *table, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    add(table, text);
}

static void add_text(struct table *table, const char *text)
{
    char *cell = malloc(4 * strlen(text) + 1), *at = cell;

    for (; cell && *text; text++) {
        if (*text == '\n')
            at += sprintf(at, "\\n");
        else if ((unsigned char)*text < ' ' || *text == 0x7f)
            at += sprintf(at, "\\x%02x", (unsigned char)*text);
        else
            *at++ = *text;
    }
    if (cell)
        *at = '\0';
    add(table, cell);
}

void table_add_value(struct table *table, struct sm_value v)
{
    add_text(table, v.kind == SM_KIND_NONE ? "-" : sm_value_str(v));
}

void table_add_field(struct table *table, struct sm_value dict, const char *key)
{
    table_add_value(table, field(dict, key));
}

void table_add_bytes(struct table *table, struct sm_value dict, const char *key)
{
    char text[UNITS_MAX];

    table_add(table, "%s", units_bytes(field_int(dict, key), text));
}

void table_add_time(struct table *table, struct sm_value dict, const char *key)
{
    char text[UNITS_MAX];

    table_add(table, "%s", units_time(field_float(dict, key), text));
}

static void print_cell(const struct table *table, size_t column, const char *text)
{
    int pad = (int)(table->widths[column] - width(text));
    bool last = column + 1 == table->columns;

    if (is_right(table, column))
        printf("%*s%s", pad, "", text);
    else
        printf("%s%*s", text, last ? 0 : pad, "");
    fputs(last ? "\n" : "  ", stdout);
}

void table_print(struct table *table)
{
    for (size_t i = 0; !table->headed && i < table->columns; i++)
        print_cell(table, i, head(table, i));
    table->headed = true;
    for (size_t i = 0; i < table->len; i++) {
        print_cell(table, i % table->columns, table->cells[i] ? table->cells[i] : "");
        free(table->cells[i]);
    }
    table->len = 0;
}

void table_deinit(struct table *table)
{
    free(table->cells);
}
