/* SPDX-License-Identifier: MIT */
/*
 * list(v) and dict(v), where what v is made of tells. What only the code of v's class could tell
 * is refused, never guessed.
 */
#include "value/iterate.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "value/number.h"

#include <errno.h>

#define LITTLE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#define UNICODE_MAX 0x10ffff

/* A list of every stride-th value of `from`: where it is all of them, they stay where they are. */
static int iterate_items(struct tree *tree, const struct sm_items *from, size_t stride,
                         struct sm_value *ret)
{
    struct sm_value list;
    int r;

    r = tree_items(tree, SM_KIND_LIST, stride == 1 ? 0 : from->len / stride, &list);
    if (r < 0)
        return r;
    for (size_t i = 0; i < list.items->len; i++)
        list.items->item[i] = from->item[i * stride];
    if (stride == 1)
        *list.items = (struct sm_items){.item = from->item, .len = from->len, .cap = from->len};
    *ret = list;
    return 0;
}

static int iterate_text(struct tree *tree, const char *text, size_t len, struct sm_value *ret)
{
    struct sm_value list;
    size_t at = 0;
    size_t chars = 0;
    int r;

    while (at < len) {
        utf8_next(text, len, &at);
        chars++;
    }
    r = tree_items(tree, SM_KIND_LIST, chars, &list);
    if (r < 0)
        return r;
    at = 0;
    for (size_t i = 0; i < chars; i++) {
        size_t start = at;

        utf8_next(text, len, &at);
        list.items->item[i] = sm_strn(text + start, at - start);
    }
    *ret = list;
    return 0;
}

static int iterate_bytes(struct tree *tree, const uint8_t *bytes, size_t len, struct sm_value *ret)
{
    struct sm_value list;
    int r;

    r = tree_items(tree, SM_KIND_LIST, len, &list);
    if (r < 0)
        return r;
    for (size_t i = 0; i < len; i++)
        list.items->item[i] = sm_int(bytes[i]);
    *ret = list;
    return 0;
}

static int iterate_object(struct tree *tree, struct sm_value v, unsigned levels,
                          struct sm_value *ret);

/* Iterators, and what else is known as an iterable, are told below. */
static bool asks(const struct tree *tree, struct sm_value v)
{
    switch (value_known_class(v)) {
    case KNOWN_CHAIN:
    case KNOWN_COUNTER:
    case KNOWN_DEQUE_ITERATOR:
    case KNOWN_ENUMERATE:
    case KNOWN_ISLICE:
    case KNOWN_ITERATOR:
    case KNOWN_LAZY:
    case KNOWN_REVERSED:
    case KNOWN_ZIP:
        return false;
    default:
        return tree->unknown == UNKNOWN_ASK && value_is_unknown(v);
    }
}

int iterate_within(struct tree *tree, struct sm_value v, unsigned levels, struct sm_value *ret)
{
    switch (v.kind) {
    case SM_KIND_TUPLE:
    case SM_KIND_LIST:
    case SM_KIND_SET:
    case SM_KIND_FROZENSET:
        return iterate_items(tree, v.items, 1, ret);
    case SM_KIND_DICT:
        return iterate_items(tree, v.items, 2, ret);
    case SM_KIND_STR:
        return iterate_text(tree, v.text, v.len, ret);
    case SM_KIND_BYTES:
    case SM_KIND_BYTEARRAY:
        return iterate_bytes(tree, v.bytes, v.len, ret);
    case SM_KIND_OBJECT:
        return iterate_object(tree, v, levels, ret);
    case SM_KIND_GLOBAL: /* a class of enum members is iterable, and can't be told from others */
        return !asks(tree, v) && (value_global_sort(v.global) != GLOBAL_CLASS ||
                                  value_is_builtin(v) || value_is_known_class(v.global))
                   ? ITERATE_NOT
                   : ITERATE_NEEDS_PYTHON;
    default:
        return ITERATE_NOT;
    }
}

/* As deep as programs nest them, and little for the stack. */
#define LEVELS_MAX 8

int value_iterate(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    return iterate_within(tree, v, LEVELS_MAX, ret);
}

/* The number of integers from start to stop, in steps of size; -1 past 64 bits. */
static int64_t count_steps(int64_t start, int64_t stop, int64_t step)
{
    int64_t from = step > 0 ? start : stop;
    int64_t to = step > 0 ? stop : start;
    uint64_t size = step > 0 ? (uint64_t)step : -(uint64_t)step;
    uint64_t count;

    if (from >= to)
        return 0;
    count = ((uint64_t)to - (uint64_t)from - 1) / size;
    return count < INT64_MAX ? (int64_t)count + 1 : -1;
}

int64_t value_range_len(struct sm_value v)
{
    const struct sm_items *args = value_made_by(v, "builtins", "range");

    if (!args || args->len != 3 || args->item[2].integer == 0)
        return -1;
    for (size_t i = 0; i < 3; i++) {
        if (args->item[i].kind != SM_KIND_INT)
            return -1;
    }
    return count_steps(args->item[0].integer, args->item[1].integer, args->item[2].integer);
}

static int iterate_range(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    const struct sm_value *arg = v.object->args.items->item;
    int64_t len = value_range_len(v);
    struct sm_value list;
    int r;

    if (len < 0)
        return ITERATE_NEEDS_PYTHON;
    if (len > LIMIT_RANGE)
        return -ENOMEM;
    r = tree_items(tree, SM_KIND_LIST, (size_t)len, &list);
    if (r < 0)
        return r;
    for (int64_t i = 0; i < len; i++)
        list.items->item[i] =
            sm_int((int64_t)((uint64_t)arg[0].integer + (uint64_t)i * (uint64_t)arg[2].integer));
    *ret = list;
    return 0;
}

static int array_character(struct tree *tree, const uint8_t *p, size_t size, struct sm_value *ret)
{
    char text[UTF8_MAX];
    uint32_t code = 0;
    uint16_t half;

    if (size == sizeof(half)) {
        memcpy(&half, p, sizeof(half));
        code = half;
    } else {
        memcpy(&code, p, sizeof(code));
    }
    code = code > UNICODE_MAX ? UTF8_REPLACEMENT : code;
    return tree_str(tree, text, utf8_encode(code, text), ret);
}

static int array_int(struct tree *tree, bool is_signed, const uint8_t *p, size_t size,
                     struct sm_value *ret)
{
    bool negative = is_signed && p[LITTLE ? size - 1 : 0] & 0x80;
    uint64_t number = negative ? UINT64_MAX : 0;
    uint8_t *bytes;

    for (size_t i = 0; i < size; i++)
        number = number << 8 | p[LITTLE ? size - 1 - i : i];
    if (is_signed || number <= INT64_MAX) {
        *ret = sm_int((int64_t)number);
        return 0;
    }
    bytes = arena_alloc(&tree->arena, sizeof(number) + 1);
    if (!bytes)
        return -ENOMEM;
    for (size_t i = 0; i <= sizeof(number); i++)
        bytes[i] = i < sizeof(number) ? (uint8_t)(number >> (8 * i)) : 0;
    *ret = number_from_bytes(bytes, sizeof(number) + 1);
    return 0;
}

static int array_item(struct tree *tree, char typecode, const uint8_t *p, size_t size,
                      struct sm_value *ret)
{
    double number;
    float narrow;

    switch (typecode) {
    case 'f':
        memcpy(&narrow, p, sizeof(narrow));
        *ret = sm_float((double)narrow);
        return 0;
    case 'd':
        memcpy(&number, p, sizeof(number));
        *ret = sm_float(number);
        return 0;
    case 'u':
    case 'w':
        return array_character(tree, p, size, ret);
    default: /* type codes of signed integers are small letters */
        return array_int(tree, typecode >= 'a', p, size, ret);
    }
}

static int iterate_array(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    struct value_array array;
    struct sm_value list;
    size_t size;
    int r;

    if (!value_is_array(v, &array))
        return ITERATE_NEEDS_PYTHON;
    size = value_array_item_size(array.typecode);
    r = tree_items(tree, SM_KIND_LIST, array.bytes.len / size, &list);
    for (size_t i = 0; r == 0 && i < list.items->len; i++)
        r = array_item(tree, array.typecode, array.bytes.bytes + i * size, size,
                       &list.items->item[i]);
    if (r == 0)
        *ret = list;
    return r;
}

/* deque(iterable, maxlen), and what is appended to it. */
static int iterate_deque(struct tree *tree, const struct sm_object *object, struct sm_value *ret)
{
    struct sm_value first = object->args.items->len ? object->args.items->item[0] : sm_none();
    struct sm_value list;
    int r;

    if (first.kind == SM_KIND_TUPLE || first.kind == SM_KIND_LIST)
        r = iterate_items(tree, first.items, 1, &list);
    else if (first.kind == SM_KIND_NONE)
        r = tree_items(tree, SM_KIND_LIST, 0, &list);
    else
        r = ITERATE_NEEDS_PYTHON;
    for (size_t i = 0; i < object->steps_len && r == 0; i++) {
        if (object->steps[i].kind == SM_STEP_APPEND)
            r = tree_items_push(tree, list.items, object->steps[i].value);
    }
    if (r == 0)
        *ret = list;
    return r;
}

/* The place that an iterator has come to: its state, or else its beginning. */
static int iterator_place(const struct sm_object *object, int64_t begin, int64_t *ret)
{
    if (object->steps_len == 0) {
        *ret = begin;
        return 0;
    }
    if (object->steps_len > 1 || object->steps[0].kind != SM_STEP_STATE ||
        object->steps[0].value.kind != SM_KIND_INT)
        return ITERATE_NEEDS_PYTHON;
    *ret = object->steps[0].value.integer;
    return 0;
}

/* What an iterator goes through; no iterator again, so that this never goes deep. */
static int iterate_iterated(struct tree *tree, const struct sm_object *object, size_t args_len,
                            struct sm_value *ret)
{
    const struct sm_items *args = object->args.items;
    enum known_class class;

    if (args->len != args_len)
        return ITERATE_NEEDS_PYTHON;
    class = value_known_class(args->item[0]);
    if (class == KNOWN_ITERATOR || class == KNOWN_REVERSED || class == KNOWN_DEQUE_ITERATOR)
        return ITERATE_NEEDS_PYTHON;
    return iterate_within(tree, args->item[0], 0, ret);
}

/* Drop what an iterator is through with already. */
static void drop_before(struct sm_value *list, int64_t place)
{
    size_t done = place < 0 ? 0 : MIN((uint64_t)place, list->items->len);

    if (done == 0)
        return; /* an empty list may have no items to point at */
    list->items->item += done;
    list->items->len -= done;
    list->items->cap = list->items->len;
}

static int iterate_iterator(struct tree *tree, const struct sm_object *object, struct sm_value *ret)
{
    struct sm_value list;
    int64_t place = 0;
    int r;

    r = iterator_place(object, 0, &place);
    if (r == 0)
        r = iterate_iterated(tree, object, 1, &list);
    if (r)
        return r;
    drop_before(&list, place);
    *ret = list;
    return 0;
}

/* The state of a reversed() is the index of its next item. */
static int iterate_reversed(struct tree *tree, const struct sm_object *object, struct sm_value *ret)
{
    struct sm_value list, reversed;
    int64_t place = 0;
    size_t len;
    int r;

    r = iterate_iterated(tree, object, 1, &list);
    if (r == 0)
        r = iterator_place(object, INT64_MAX, &place);
    if (r)
        return r;
    len = place < 0 ? 0 : place < (int64_t)list.items->len ? (size_t)place + 1 : list.items->len;
    r = tree_items(tree, SM_KIND_LIST, len, &reversed);
    if (r < 0)
        return r;
    for (size_t i = 0; i < len; i++)
        reversed.items->item[i] = list.items->item[len - 1 - i];
    *ret = reversed;
    return 0;
}

static int iterate_deque_iterator(struct tree *tree, const struct sm_object *object,
                                  struct sm_value *ret)
{
    struct sm_value list;
    int r;

    r = iterate_iterated(tree, object, 2, &list);
    if (r == 0 && object->args.items->item[1].kind != SM_KIND_INT)
        r = ITERATE_NEEDS_PYTHON;
    if (r)
        return r;
    drop_before(&list, object->args.items->item[1].integer);
    *ret = list;
    return 0;
}

static int iterate_mapping(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    struct sm_value dict;
    int r;

    r = value_mapping(tree, v, &dict);
    return r ? r : iterate_items(tree, dict.items, 2, ret);
}

static int iterate_data(struct tree *tree, const struct sm_object *object, enum sm_kind kind,
                        struct sm_value *ret)
{
    struct sm_value data = value_attribute(object, "data");

    return data.kind == kind ? value_iterate(tree, data, ret) : ITERATE_NEEDS_PYTHON;
}

/* Of numpy's scalars, texts are iterable, and numbers are not. */
static int iterate_numpy(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    struct sm_value plain;
    int r = value_plain(tree, v, &plain);

    if (r <= 0)
        return r < 0 ? r : ITERATE_NEEDS_PYTHON;
    return plain.kind == SM_KIND_STR || plain.kind == SM_KIND_BYTES
               ? value_iterate(tree, plain, ret)
               : ITERATE_NOT;
}

static int iterate_object(struct tree *tree, struct sm_value v, unsigned levels,
                          struct sm_value *ret)
{
    if (asks(tree, v))
        return ITERATE_NEEDS_PYTHON;
    if (value_is_exception(v) || value_made_by(v, "builtins", "object"))
        return ITERATE_NOT;
    switch (value_known_class(v)) {
    case KNOWN_NONE:
    case KNOWN_LAZY:
        return ITERATE_NEEDS_PYTHON;
    case KNOWN_ARRAY:
        return iterate_array(tree, v, ret);
    case KNOWN_CHAIN:
    case KNOWN_ENUMERATE:
    case KNOWN_ISLICE:
    case KNOWN_ZIP:
        return iterate_lazy(tree, value_known_class(v), v.object, levels, ret);
    case KNOWN_COUNTER:
    case KNOWN_DEFAULT_DICT:
    case KNOWN_ORDERED_DICT:
    case KNOWN_USER_DICT:
        return iterate_mapping(tree, v, ret);
    case KNOWN_DEQUE:
        return iterate_deque(tree, v.object, ret);
    case KNOWN_DEQUE_ITERATOR:
        return iterate_deque_iterator(tree, v.object, ret);
    case KNOWN_ITERATOR:
        return iterate_iterator(tree, v.object, ret);
    case KNOWN_NUMPY:
        return iterate_numpy(tree, v, ret);
    case KNOWN_RANGE:
        return iterate_range(tree, v, ret);
    case KNOWN_REVERSED:
        return iterate_reversed(tree, v.object, ret);
    case KNOWN_USER_LIST:
        return iterate_data(tree, v.object, SM_KIND_LIST, ret);
    case KNOWN_USER_STRING:
        return iterate_data(tree, v.object, SM_KIND_STR, ret);
    default:
        return ITERATE_NOT;
    }
}

/* Counter({...}): its counts are its argument. */
static int counter_mapping(const struct sm_object *object, struct sm_value *ret)
{
    const struct sm_items *args = object->args.items;

    if (args->len != 1 || args->item[0].kind != SM_KIND_DICT || object->steps_len)
        return ITERATE_NEEDS_PYTHON;
    *ret = args->item[0];
    return 0;
}

/* OrderedDict() or defaultdict(factory), and the items that are set in it. */
static int filled_mapping(struct tree *tree, const struct sm_object *object, struct sm_value *ret)
{
    struct sm_value dict;
    size_t i;
    int r;

    r = tree_items(tree, SM_KIND_DICT, object->steps_len * 2, &dict);
    if (r < 0)
        return r;
    dict.items->len = 0;
    for (i = 0; i < object->steps_len; i++) {
        const struct sm_step *step = &object->steps[i];

        if (step->kind == SM_STEP_STATE) /* attributes that someone gave it */
            continue;
        if (step->kind != SM_STEP_SETITEM)
            return ITERATE_NEEDS_PYTHON;
        dict.items->item[dict.items->len++] = step->key;
        dict.items->item[dict.items->len++] = step->value;
    }
    *ret = dict;
    return 0;
}

int value_mapping(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    struct sm_value data;

    switch (v.kind == SM_KIND_OBJECT ? value_known_class(v) : KNOWN_LAZY) {
    case KNOWN_COUNTER:
        return counter_mapping(v.object, ret);
    case KNOWN_DEFAULT_DICT:
        return v.object->args.items->len <= 1 ? filled_mapping(tree, v.object, ret)
                                              : ITERATE_NEEDS_PYTHON;
    case KNOWN_ORDERED_DICT:
        return v.object->args.items->len == 0 ? filled_mapping(tree, v.object, ret)
                                              : ITERATE_NEEDS_PYTHON;
    case KNOWN_USER_DICT:
        data = value_attribute(v.object, "data");
        if (data.kind != SM_KIND_DICT)
            return ITERATE_NEEDS_PYTHON;
        *ret = data;
        return 0;
    case KNOWN_NONE:
        return ITERATE_NEEDS_PYTHON;
    default:
        if (v.kind != SM_KIND_DICT)
            return ITERATE_NOT;
        *ret = v;
        return 0;
    }
}
