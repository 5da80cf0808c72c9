/* SPDX-License-Identifier: MIT */
/*
 * str.maketrans() and str.translate(): tables from code points to text. A table that arrives as a
 * dict is sorted by code point once, so that each character costs a binary search.
 */
#include "object/clinic.h"
#include "scalar/str.h"
#include "value/known.h"
#include "value/number.h"

#include "base/map.h"
#include "object/answer.h"
#include "object/args.h"

#include <errno.h>
#include <stdlib.h>

#define CODE_POINTS 0x110000

/* The code point that an int is, or -1. A float that equals one finds the same dict entry. */
static int64_t code_point(struct sm_value v)
{
    int64_t n = -1;

    if (v.kind == SM_KIND_INT)
        n = v.integer;
    else if (v.kind == SM_KIND_BOOL)
        n = v.boolean;
    else if (v.kind == SM_KIND_FLOAT && v.number >= 0 && v.number < CODE_POINTS &&
             v.number == (double)(int64_t)v.number)
        n = (int64_t)v.number;
    return n < CODE_POINTS ? n : -1;
}

/* A dict in the making, whose keys are told apart by code point. */
struct making {
    struct sm_value dict;
    struct map seen; /* keys in the dict, by code point */
};

static bool same_code(const void *item, const void *key)
{
    return code_point(*(const struct sm_value *)item) == *(const int64_t *)key;
}

static int making_set(struct making *m, struct sm_value key, struct sm_value v)
{
    struct sm_items *items = m->dict.items;
    int64_t code = code_point(key);
    struct sm_value *place = NULL;

    if (code >= 0)
        place = map_find(&m->seen, (uint64_t)code, same_code, &code);
    if (place) {
        place[1] = v;
        return 0;
    }
    place = items->item + items->len;
    place[0] = key;
    place[1] = v;
    items->len += 2;
    return code >= 0 ? map_add(&m->seen, (uint64_t)code, place) : 0;
}

static bool making_begin(struct making *m, struct call *call, size_t entries)
{
    *m = (struct making){0};
    if (tree_items(call->tree, SM_KIND_DICT, entries * 2, &m->dict) < 0) {
        call_raise_errno(call, -ENOMEM);
        return false;
    }
    m->dict.items->len = 0;
    return true;
}

static void making_end(struct making *m, struct call *call, int r)
{
    map_deinit(&m->seen);
    if (call->answered)
        return;
    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return(call, m->dict);
}

/* A str key becomes its code point. False: the call has been answered. */
static bool table_key(struct call *call, struct sm_value v, struct sm_value *ret)
{
    struct text t = {.p = v.text, .len = v.len, .kind = SM_KIND_STR};
    size_t at = 0;

    *ret = v;
    if (v.kind == SM_KIND_STR && text_length(t) == 1)
        *ret = sm_int(text_next(t, &at));
    else if (v.kind == SM_KIND_STR)
        call_raise(call, "ValueError", "string keys in translate%stable must be of length 1",
                   call->python >= 14 ? "" : " ");
    else if (!value_is_int(v))
        call_raise(call, "TypeError", "keys in translate table must%sbe strings or integers",
                   call->python >= 14 ? "" : " ");
    return !call->answered;
}

static void maketrans_of_dict(struct call *call, struct sm_value table)
{
    struct making m;
    struct sm_value key;
    int r = 0;

    if (table.kind != SM_KIND_DICT) {
        call_raise(call, "TypeError",
                   "if you give only one argument to maketrans it must be a dict");
        return;
    }
    if (!making_begin(&m, call, sm_len(table)))
        return;
    for (size_t i = 0; r == 0 && i < table.items->len; i += 2) {
        if (!table_key(call, table.items->item[i], &key))
            break;
        r = making_set(&m, key, table.items->item[i + 1]);
    }
    making_end(&m, call, r);
}

static void maketrans_of_text(struct call *call, struct text from, struct text to,
                              struct text deleted)
{
    struct making m;
    size_t i = 0, j = 0;
    int r = 0;

    if (text_length(from) != text_length(to)) {
        call_raise(call, "ValueError", "the first two maketrans arguments must have equal length");
        return;
    }
    if (!making_begin(&m, call, text_length(from) + text_length(deleted)))
        return;
    while (r == 0 && i < from.len && j < to.len) {
        struct sm_value key = sm_int(text_next(from, &i));

        r = making_set(&m, key, sm_int(text_next(to, &j)));
    }
    for (i = 0; r == 0 && i < deleted.len;)
        r = making_set(&m, sm_int(text_next(deleted, &i)), sm_none());
    making_end(&m, call, r);
}

static bool take_str(struct call *call, const char *which, struct sm_value v, struct text *ret)
{
    static const struct text str = {.kind = SM_KIND_STR};

    if (text_of(&str, v, ret))
        return true;
    clinic_raise_not_str(call, which, v);
    return false;
}

void str_maketrans(struct object *self, struct call *call)
{
    static const struct text empty = {.p = "", .kind = SM_KIND_STR};
    struct text from, to, deleted = empty;

    (void)self;
    if (call->arg[1].kind == SM_KIND_MISSING) {
        maketrans_of_dict(call, call->arg[0]);
        return;
    }
    if (!take_str(call, "2", call->arg[1], &to) ||
        (call->arg[2].kind != SM_KIND_MISSING && !take_str(call, "3", call->arg[2], &deleted)))
        return;
    if (!text_of(&empty, call->arg[0], &from)) {
        call_raise(call, "TypeError",
                   "first maketrans argument must be a string if there is a second argument");
        return;
    }
    maketrans_of_text(call, from, to, deleted);
}

struct entry {
    int64_t code;
    struct sm_value v;
};

static int compare_entries(const void *a, const void *b)
{
    int64_t x = ((const struct entry *)a)->code, y = ((const struct entry *)b)->code;

    return x < y ? -1 : x > y;
}

/* What maps characters: entries sorted by code point; of a sequence, its items. */
struct table {
    struct entry *entries;
    size_t len;
};

static bool table_init(struct table *table, struct call *call, struct sm_value pairs, bool mapping)
{
    size_t len = pairs.items->len / (mapping ? 2 : 1);

    *table = (struct table){0};
    table->entries = arena_alloc(&call->tree->arena, (len + 1) * sizeof(struct entry));
    if (!table->entries) {
        call_raise_errno(call, -ENOMEM);
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        const struct sm_value *item = pairs.items->item;
        int64_t code = mapping ? code_point(item[i * 2]) : (int64_t)i;

        if (code >= 0)
            table->entries[table->len++] = (struct entry){code, item[mapping ? i * 2 + 1 : i]};
    }
    if (mapping)
        qsort(table->entries, table->len, sizeof(struct entry), compare_entries);
    return true;
}

static bool take_table(struct call *call, struct table *ret)
{
    struct sm_value v = call->arg[0], items;
    bool sequence;

    if (!call_dereference(call, v, &v))
        return false;
    sequence = v.kind == SM_KIND_LIST || v.kind == SM_KIND_TUPLE || v.kind == SM_KIND_STR ||
               v.kind == SM_KIND_BYTES || v.kind == SM_KIND_BYTEARRAY;
    if (!sequence && value_mapping(call->tree, v, &items) == 0)
        return table_init(ret, call, items, true);
    if (sequence)
        return call_iterate(call, v, &items) && table_init(ret, call, items, false);
    call_raise(call, "TypeError", "'%s' object is not subscriptable", call_type_name(call, v));
    return false;
}

static const struct entry *table_find(const struct table *table, uint32_t c)
{
    struct entry key = {.code = c};

    return bsearch(&key, table->entries, table->len, sizeof(key), compare_entries);
}

/* False: the call has been answered. */
static bool add_translated(struct buffer *out, struct call *call, struct sm_value to)
{
    if (to.kind == SM_KIND_STR) {
        if (!text_affordable(call, out->len + to.len))
            return false;
        buffer_add(out, to.text, to.len);
    } else if (value_is_int(to)) {
        int64_t code = code_point(to);

        if (code < 0) {
            call_raise(call, "ValueError", "character mapping must be in range(0x110000)");
            return false;
        }
        text_add_char(out, (uint32_t)code);
    } else if (to.kind != SM_KIND_NONE) {
        call_raise(call, "TypeError", "character mapping must return integer, None or str");
        return false;
    }
    return true;
}

void str_translate(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct table table;
    struct text t;
    size_t next = 0;

    if (!text_self(self, call, &t))
        return;
    if (!t.len) {
        text_return(call, t); /* Python does not look at the table then */
        return;
    }
    if (!take_table(call, &table))
        return;
    for (size_t at = 0; at < t.len; at = next) {
        const struct entry *entry = table_find(&table, text_next(t, &next));

        if (!entry)
            buffer_add(&out, t.p + at, next - at);
        else if (!add_translated(&out, call, entry->v))
            return;
    }
    text_return_buffer(call, t.kind, &out);
}
