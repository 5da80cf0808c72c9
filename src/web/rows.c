/* SPDX-License-Identifier: MIT */
/*
 * A row takes 16 bytes for each key, and its texts: all these stand in one piece of memory, and
 * cells tell where. A hundred thousand objects are some 25 MB so; as values they would be three
 * times as many.
 */
#include "rows.h"

#include "cli/json.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void rows_deinit(struct rows *rows)
{
    for (size_t i = 0; i < rows->keys_len; i++)
        free(rows->keys[i]);
    free(rows->cells);
    free(rows->texts);
    *rows = (struct rows){0};
}

static int learn_keys(struct rows *rows, struct sm_value dict)
{
    for (size_t i = 0; i < sm_len(dict) && rows->keys_len < ROWS_KEYS_MAX; i++) {
        char *key = strdup(sm_value_str(sm_item(dict, i)));

        if (!key)
            return -ENOMEM;
        rows->keys[rows->keys_len++] = key;
    }
    return 0;
}

static int add_text(struct rows *rows, const char *text, size_t len, struct cell *ret)
{
    if (rows->texts_len + len > rows->texts_cap) {
        size_t cap = 2 * rows->texts_cap + len + 4096;
        char *texts = realloc(rows->texts, cap);

        if (!texts)
            return -ENOMEM;
        rows->texts = texts;
        rows->texts_cap = cap;
    }
    memcpy(rows->texts + rows->texts_len, text, len);
    ret->at = rows->texts_len;
    ret->len = (uint32_t)len;
    rows->texts_len += len;
    return 0;
}

static int add_json(struct rows *rows, struct sm_value v, struct cell *ret)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int r;

    if (!out)
        return -ENOMEM;
    json_value(out, v);
    r = fclose(out) != 0 ? -ENOMEM : add_text(rows, text, len, ret);
    free(text);
    return r;
}

static int fill(struct rows *rows, struct sm_value v, struct cell *ret)
{
    *ret = (struct cell){0};
    switch (v.kind) {
    case SM_KIND_NONE:
    case SM_KIND_MISSING:
        return 0;
    case SM_KIND_BOOL:
        ret->kind = CELL_BOOL;
        ret->integer = v.boolean;
        return 0;
    case SM_KIND_INT:
        ret->kind = CELL_INT;
        ret->integer = v.integer;
        return 0;
    case SM_KIND_FLOAT:
        ret->kind = CELL_FLOAT;
        ret->number = v.number;
        return 0;
    case SM_KIND_STR:
        ret->kind = CELL_TEXT;
        return add_text(rows, v.text, v.len, ret);
    default:
        ret->kind = CELL_JSON;
        return add_json(rows, v, ret);
    }
}

static bool reserve(struct rows *rows)
{
    size_t cap = 2 * rows->cap + 64;
    struct cell *cells;

    if (rows->len < rows->cap)
        return true;
    cells = realloc(rows->cells, cap * rows->keys_len * sizeof(*cells));
    if (!cells)
        return false;
    rows->cells = cells;
    rows->cap = cap;
    return true;
}

/* All rows have their keys in one order; another is borne. */
static struct sm_value look_up(const struct rows *rows, struct sm_value dict, size_t i)
{
    struct sm_value key = sm_item(dict, i), found;
    const char *name = rows->keys[i];

    if (key.kind == SM_KIND_STR && key.len == strlen(name) && memcmp(key.text, name, key.len) == 0)
        return sm_item_value(dict, i);
    return sm_dict_find(dict, sm_str(name), &found) == SM_OK ? found : sm_none();
}

int rows_add(struct rows *rows, struct sm_value dict)
{
    int r = rows->keys_len ? 0 : learn_keys(rows, dict);

    if (r == 0 && !reserve(rows))
        r = -ENOMEM;
    for (size_t i = 0; r == 0 && i < rows->keys_len; i++)
        r = fill(rows, look_up(rows, dict, i), &rows->cells[rows->len * rows->keys_len + i]);
    if (r == 0)
        rows->len++;
    return r;
}

void rows_trim(struct rows *rows)
{
    size_t size = rows->len * rows->keys_len * sizeof(struct cell);
    struct cell *cells = size ? realloc(rows->cells, size) : NULL;
    char *texts = rows->texts_len ? realloc(rows->texts, rows->texts_len) : NULL;

    if (cells) {
        rows->cells = cells;
        rows->cap = rows->len;
    }
    if (texts) {
        rows->texts = texts;
        rows->texts_cap = rows->texts_len;
    }
}

static int find_key(const struct rows *rows, const char *key)
{
    for (size_t i = 0; i < rows->keys_len; i++) {
        if (strcmp(rows->keys[i], key) == 0)
            return (int)i;
    }
    return -1;
}

static bool is_text(const struct cell *cell)
{
    return cell->kind == CELL_TEXT || cell->kind == CELL_JSON;
}

static bool has(const char *text, size_t len, const char *search, size_t search_len)
{
    int first = tolower((unsigned char)search[0]);

    for (size_t i = 0; i + search_len <= len; i++) {
        if (tolower((unsigned char)text[i]) == first &&
            strncasecmp(text + i, search, search_len) == 0)
            return true;
    }
    return false;
}

/* What is searched for. */
struct search {
    const char *text;
    size_t len;
    bool is_number;
    int64_t number;
};

static struct search search_for(const char *text)
{
    struct search search = {.text = text ? text : ""};
    char *end;

    search.len = strlen(search.text);
    search.number = strtoll(search.text, &end, 10);
    search.is_number = search.len && !*end;
    return search;
}

static bool matches(const struct rows *rows, size_t row, const struct search *search)
{
    const struct cell *cells = &rows->cells[row * rows->keys_len];

    for (size_t i = 0; i < rows->keys_len; i++) {
        const struct cell *cell = &cells[i];

        if (is_text(cell) && has(rows->texts + cell->at, cell->len, search->text, search->len))
            return true;
        if (search->is_number && cell->kind == CELL_INT && cell->integer == search->number)
            return true;
    }
    return false;
}

struct order {
    const struct rows *rows;
    size_t key;
    int sign;
};

static double number_of(const struct cell *cell)
{
    return cell->kind == CELL_FLOAT ? cell->number : (double)cell->integer;
}

static int compare_texts(const struct rows *rows, const struct cell *a, const struct cell *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    int r = memcmp(rows->texts + a->at, rows->texts + b->at, len);

    return r ? r : (a->len > b->len) - (a->len < b->len);
}

static int compare_cells(const struct rows *rows, const struct cell *a, const struct cell *b)
{
    if (is_text(a) != is_text(b))
        return is_text(a) - is_text(b);
    if (is_text(a))
        return compare_texts(rows, a, b);
    if (a->kind == CELL_INT && b->kind == CELL_INT)
        return (a->integer > b->integer) - (a->integer < b->integer);
    return (number_of(a) > number_of(b)) - (number_of(a) < number_of(b));
}

/* Rows that are alike stay in the order that they came in. */
static int compare(const void *x, const void *y, void *context)
{
    const struct order *order = context;
    const uint32_t *a = x, *b = y;
    const struct cell *cells = order->rows->cells + order->key;
    const struct cell *of_a = &cells[*a * order->rows->keys_len];
    const struct cell *of_b = &cells[*b * order->rows->keys_len];
    int r = (of_a->kind == CELL_NONE) - (of_b->kind == CELL_NONE);

    if (r == 0 && of_a->kind != CELL_NONE)
        r = order->sign * compare_cells(order->rows, of_a, of_b);
    return r ? r : (*a > *b) - (*a < *b);
}

int rows_select(const struct rows *rows, const struct rows_question *question, uint32_t **ret,
                size_t *ret_len)
{
    int key = question->sort && rows->keys_len ? find_key(rows, question->sort) : 0;
    struct order order = {rows, (size_t)key, question->descending ? -1 : 1};
    struct search search = search_for(question->search);
    uint32_t *found;
    size_t len = 0;

    if (key < 0)
        return -EINVAL;
    found = malloc((rows->len + 1) * sizeof(*found));
    if (!found)
        return -ENOMEM;
    for (size_t i = 0; i < rows->len; i++) {
        if (!search.len || matches(rows, i, &search))
            found[len++] = (uint32_t)i;
    }
    if (question->sort)
        qsort_r(found, len, sizeof(*found), compare, &order);
    *ret = found;
    *ret_len = len;
    return 0;
}

int64_t rows_find(const struct rows *rows, const char *key, const char *text)
{
    int at = find_key(rows, key);
    size_t len = strlen(text);

    for (size_t i = 0; at >= 0 && i < rows->len; i++) {
        const struct cell *cell = &rows->cells[i * rows->keys_len + (size_t)at];

        if (is_text(cell) && cell->len == len && memcmp(rows->texts + cell->at, text, len) == 0)
            return (int64_t)i;
    }
    return -1;
}

static void write_cell(const struct rows *rows, const struct cell *cell, FILE *out)
{
    switch (cell->kind) {
    case CELL_NONE:
        fputs("null", out);
        break;
    case CELL_BOOL:
        fputs(cell->integer ? "true" : "false", out);
        break;
    case CELL_INT:
        fprintf(out, "%" PRId64, cell->integer);
        break;
    case CELL_FLOAT:
        json_value(out, sm_float(cell->number));
        break;
    case CELL_TEXT:
        json_text(out, rows->texts + cell->at, cell->len);
        break;
    case CELL_JSON:
        fwrite(rows->texts + cell->at, 1, cell->len, out);
        break;
    }
}

void rows_write(const struct rows *rows, size_t row, FILE *out)
{
    const struct cell *cells = &rows->cells[row * rows->keys_len];

    for (size_t i = 0; i < rows->keys_len; i++) {
        fputs(i ? ", " : "{", out);
        json_text(out, rows->keys[i], strlen(rows->keys[i]));
        fputs(": ", out);
        write_cell(rows, &cells[i], out);
    }
}
