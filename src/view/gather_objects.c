/* SPDX-License-Identifier: MIT */
/*
 * A row for each object. Its value is the beginning of what it prints. What is served by a host
 * only the host can print and measure; what a long call has to itself nobody can meanwhile.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "object/access.h"
#include "object/place.h"
#include "peer/crowd.h"
#include "place/guest.h"
#include "view/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_CHARACTERS 75
#define VALUE_CHARACTERS 200
#define VALUES 50

/* The first characters of UTF-8 text, as a length in bytes. */
static size_t first_characters(const struct buffer *text, size_t most)
{
    size_t characters = 0, i;

    for (i = 0; i < text->len; i++) {
        if ((text->data[i] & 0xc0) != 0x80 && ++characters > most)
            break;
    }
    return i;
}

/* Write the first characters of str(object), and make no more than these. Returns 0 or -ENOMEM. */
static int describe(struct object *object, unsigned python, size_t most, struct buffer *text)
{
    int r;

    if (object_missed(object)) {
        buffer_addf(text, "<%s object in a long call>", object->type->name);
        return text->failed ? -ENOMEM : 0;
    }
    text->max = 4 * most;
    r = object->type->str ? object->type->str(object, text, python)
                          : object_repr(object, text, python);
    if (r < 0 && !text->failed)
        buffer_addf(text, "<unprintable %s object>", object->type->name);
    if (!text->len && text->failed)
        return -ENOMEM;
    text->len = first_characters(text, most);
    return 0;
}

/* What all rows of objects have. `value` is a buffer that the row before may have used. */
static int gather_object(struct object *object, unsigned python, struct buffer *value,
                         struct row_texts *texts, struct object_figures *ret)
{
    int r = 0;

    buffer_deinit(value);
    if (!guest_of(object))
        r = describe(object, python, SHOWN_CHARACTERS, value);
    *ret = (struct object_figures){
        .references = object->clients,
        .waiting = object->waiting,
        .value = guest_of(object) ? NULL
                 : value->data    ? (const char *)value->data
                                  : "",
        .value_len = value->len,
    };
    gather_object_name(object, texts, &ret->name);
    return r;
}

static int compare_idents(const void *a, const void *b)
{
    const struct object *x = *(struct object *const *)a, *y = *(struct object *const *)b;

    return (x->ident > y->ident) - (x->ident < y->ident);
}

void object_rows_begin(struct object_rows *rows, const struct crowd *crowd, uint64_t start,
                       unsigned python, const struct key *key)
{
    const struct registry *registry = crowd->registry;
    size_t at = (size_t)start;
    struct object *object;

    rows->len = rows->at = 0;
    rows->python = python;
    rows->crowd = crowd;
    rows->error = 0;
    rows->value = (struct buffer){0};
    if (at >= registry->objects.cap)
        at = registry->objects.cap;
    while (rows->len < ROWS_MAX && (object = map_next(&registry->objects, &at))) {
        if (key_may_use(key, object))
            rows->objects[rows->len++] = object;
    }
    rows->next = rows->len == ROWS_MAX ? at : 0;
    qsort(rows->objects, rows->len, sizeof(struct object *), compare_idents);
}

void gather_measures(struct object *object, const struct crowd *crowd, struct object_figures *ret)
{
    struct extent extent = {.bytes = object->type->size};

    if (object->type->measure && !object_missed(object))
        object->type->measure(object, &extent);
    ret->registered = registry_name(object->registry, object);
    ret->counts = crowd->meter != NULL;
    ret->calls = object->calls;
    ret->items = extent.items;
    ret->bytes = extent.bytes;
}

bool object_rows_next(struct object_rows *rows, struct object_figures *ret)
{
    struct object *object;

    if (rows->at == rows->len)
        return false;
    object = rows->objects[rows->at++];
    if (gather_object(object, rows->python, &rows->value, &rows->texts, ret) < 0)
        rows->error = -ENOMEM;
    gather_measures(object, rows->crowd, ret);
    return true;
}

void registered_rows_begin(struct registered_rows *rows, const struct crowd *crowd,
                           const struct key *key)
{
    rows->crowd = crowd;
    rows->key = key;
    rows->at = crowd->registry->typeids.next;
    rows->left = LIMIT_METERS;
}

bool registered_rows_next(struct registered_rows *rows, struct object_figures *ret)
{
    const struct list *end = &rows->crowd->registry->typeids;

    while (rows->at != end && rows->left) {
        const struct typeid *typeid = container_of(rows->at, struct typeid, link);
        struct object *object = typeid->singleton;

        rows->at = rows->at->next;
        if (!object || !key_may_use(rows->key, object))
            continue;
        rows->left--;
        *ret = (struct object_figures){.references = object->clients, .waiting = object->waiting};
        gather_object_name(object, &rows->texts, &ret->name);
        gather_measures(object, rows->crowd, ret);
        ret->registered = typeid->name; /* one of them, if it has several */
        return true;
    }
    return false;
}

void object_rows_end(struct object_rows *rows)
{
    buffer_deinit(&rows->value);
}

void value_rows_begin(struct value_rows *rows, struct object *object, unsigned python)
{
    *rows = (struct value_rows){.object = object, .left = VALUES, .python = python};
}

/* What only its host can print, or nobody at present, has no rows. */
static int show_value(struct value_rows *rows)
{
    struct object *object = rows->object;
    bool is_missed = guest_of(object) || object_missed(object);

    rows->text.max = 4 * VALUE_CHARACTERS;
    if (is_missed)
        return 0;
    if (object->type->newest)
        return object->type->newest(object, &rows->at, &rows->text, rows->python);
    if (rows->at++)
        return 0;
    return describe(object, rows->python, VALUE_CHARACTERS, &rows->text) < 0 ? -ENOMEM : 1;
}

bool value_rows_next(struct value_rows *rows, const char **ret, size_t *ret_len)
{
    int r;

    if (rows->error || !rows->left)
        return false;
    rows->left--;
    buffer_deinit(&rows->text);
    r = show_value(rows);
    if (r == -ENOMEM || (r > 0 && !rows->text.len && rows->text.failed))
        rows->error = -ENOMEM;
    if (rows->error || r == 0)
        return false;
    if (r < 0)
        buffer_addf(&rows->text, "<unprintable>");
    *ret_len = first_characters(&rows->text, VALUE_CHARACTERS);
    *ret = *ret_len ? (const char *)rows->text.data : "";
    return true;
}

void value_rows_end(struct value_rows *rows)
{
    buffer_deinit(&rows->text);
}

static int compare_ident_texts(const void *a, const void *b)
{
    char x[IDENT_SIZE], y[IDENT_SIZE];

    ident_format((*(struct object *const *)a)->ident, x);
    ident_format((*(struct object *const *)b)->ident, y);
    return strcmp(x, y);
}

void referred_rows_begin(struct referred_rows *rows, const struct registry *registry,
                         unsigned python, const struct key *key)
{
    struct object *object;
    size_t at = 0;

    *rows = (struct referred_rows){.python = python};
    rows->objects = memory_lend((registry->counted + 1) * sizeof(struct object *));
    if (!rows->objects) {
        rows->error = -ENOMEM;
        return;
    }
    while ((object = map_next(&registry->objects, &at))) {
        if (object->clients && key_may_use(key, object))
            rows->objects[rows->len++] = object;
    }
    qsort(rows->objects, rows->len, sizeof(struct object *), compare_ident_texts);
}

bool referred_rows_next(struct referred_rows *rows, struct object_figures *ret)
{
    if (rows->error || rows->at == rows->len)
        return false;
    rows->error =
        gather_object(rows->objects[rows->at++], rows->python, &rows->value, &rows->texts, ret);
    return !rows->error;
}

void referred_rows_end(struct referred_rows *rows)
{
    buffer_deinit(&rows->value);
    memory_free(rows->objects);
}
