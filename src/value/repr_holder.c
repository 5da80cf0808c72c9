/* SPDX-License-Identifier: MIT */
/*
 * repr() of objects that hold values: the containers of the collections module and array.array,
 * and objects that show their attributes.
 */
#include "value/repr_walk.h"

#include "value/number.h"

#include <errno.h>
#include <stdlib.h>

static int repr_list(struct repr *repr, const struct sm_items *items, size_t stride)
{
    int r;

    buffer_add_byte(repr->out, stride == 1 ? '[' : '{');
    r = repr_items(repr, items->item, items->len, stride);
    buffer_add_byte(repr->out, stride == 1 ? ']' : '}');
    return r;
}

/* The characters of an array are shown as one str. */
static int repr_characters(struct repr *repr, const struct sm_items *items)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};

    for (size_t i = 0; i < items->len; i++)
        buffer_add(&text, items->item[i].text, items->item[i].len);
    if (text.failed)
        return -ENOMEM;
    repr_text(repr->out, (const char *)text.data, text.len);
    return 0;
}

static int repr_array(struct repr *repr, struct sm_value v, const struct sm_items *items)
{
    struct value_array array;
    int r = 0;

    if (!value_is_array(v, &array))
        return REPR_OPAQUE;
    buffer_addf(repr->out, "array('%c'", array.typecode);
    if (items->len) {
        buffer_add_str(repr->out, ", ");
        r = array.typecode == 'u' || array.typecode == 'w' ? repr_characters(repr, items)
                                                           : repr_list(repr, items, 1);
    }
    buffer_add_byte(repr->out, ')');
    return r;
}

static int repr_deque(struct repr *repr, const struct sm_object *object,
                      const struct sm_items *items)
{
    const struct sm_items *args = object->args.items;
    int r;

    buffer_add_str(repr->out, "deque(");
    r = repr_list(repr, items, 1);
    if (r == 0 && args->len > 1 && args->item[1].kind == SM_KIND_INT) {
        buffer_add_str(repr->out, ", maxlen=");
        r = number_print_int(repr->out, args->item[1]);
    }
    buffer_add_byte(repr->out, ')');
    return r;
}

static int repr_pairs(struct repr *repr, const struct sm_items *items)
{
    int r = 0;

    buffer_add_byte(repr->out, '[');
    for (size_t i = 0; i < items->len && r == 0; i += 2) {
        buffer_add_str(repr->out, i ? ", (" : "(");
        r = repr_items(repr, items->item + i, 2, 1);
        buffer_add_byte(repr->out, ')');
    }
    buffer_add_byte(repr->out, ']');
    return r;
}

#define ORDERED_DICT_AS_DICT 12 /* OrderedDict([('a', 1)]) before, OrderedDict({'a': 1}) since */

static int repr_ordered_dict(struct repr *repr, const struct sm_items *items)
{
    int r = 0;

    buffer_add_str(repr->out, "OrderedDict(");
    if (items->len)
        r = repr->python >= ORDERED_DICT_AS_DICT ? repr_list(repr, items, 2)
                                                 : repr_pairs(repr, items);
    buffer_add_byte(repr->out, ')');
    return r;
}

static int repr_default_dict(struct repr *repr, const struct sm_object *object,
                             const struct sm_items *items)
{
    const struct sm_items *args = object->args.items;
    int r;

    buffer_add_str(repr->out, "defaultdict(");
    r = repr_value(repr, args->len ? args->item[0] : sm_none());
    buffer_add_str(repr->out, ", ");
    if (r == 0)
        r = repr_list(repr, items, 2);
    buffer_add_byte(repr->out, ')');
    return r;
}

struct count {
    struct sm_value key, number;
    size_t at;
};

/* Most common first; the order of insertion among equals, and where numbers are none. */
static int compare_counts(const void *a, const void *b)
{
    const struct count *m = a, *n = b;
    int order = value_is_number(m->number) && value_is_number(n->number)
                    ? number_compare(m->number, n->number)
                    : 0;

    if (order == 1 || order == -1)
        return -order;
    return (m->at > n->at) - (m->at < n->at);
}

static int repr_counter(struct repr *repr, struct tree *scratch, const struct sm_items *items)
{
    size_t len = items->len / 2;
    struct count *counts = arena_alloc(&scratch->arena, (len + 1) * sizeof(*counts));
    int r = 0;

    if (!counts)
        return -ENOMEM;
    for (size_t i = 0; i < len; i++)
        counts[i] = (struct count){items->item[2 * i], items->item[2 * i + 1], i};
    qsort(counts, len, sizeof(*counts), compare_counts);
    buffer_add_str(repr->out, len ? "Counter({" : "Counter(");
    for (size_t i = 0; i < len && r == 0; i++) {
        if (i)
            buffer_add_str(repr->out, ", ");
        r = repr_items(repr, &counts[i].key, 2, 2);
    }
    buffer_add_str(repr->out, len ? "})" : ")");
    return r;
}

int repr_attributes(struct repr *repr, struct sm_value name, struct sm_value state, bool hide)
{
    bool first = true;
    int r = 0;

    buffer_add(repr->out, name.text, name.len);
    buffer_add_byte(repr->out, '(');
    for (size_t i = 0; state.kind == SM_KIND_DICT && i < state.items->len && r == 0; i += 2) {
        const struct sm_value *key = &state.items->item[i];

        if (key->kind != SM_KIND_STR || (hide && key->len && key->text[0] == '_'))
            continue;
        if (!first)
            buffer_add_str(repr->out, ", ");
        first = false;
        buffer_add(repr->out, key->text, key->len);
        buffer_add_byte(repr->out, '=');
        r = repr_value(repr, key[1]);
    }
    buffer_add_byte(repr->out, ')');
    return r;
}

static struct sm_value only_state(const struct sm_object *object)
{
    bool stateful = object->steps_len == 1 && object->steps[0].kind == SM_STEP_STATE;

    return stateful ? object->steps[0].value : sm_none();
}

static int repr_managed_value(struct repr *repr, const struct sm_object *object)
{
    struct sm_value parts[] = {value_attribute(object, "_typecode"),
                               value_attribute(object, "_value")};
    struct sm_items args = {.item = parts, .len = 2};

    return repr_call(repr, sm_str("Value"), &args);
}

/* The classes that wrap a list, dict or str look like it. */
static int repr_data(struct repr *repr, const struct sm_object *object)
{
    struct sm_value data = value_attribute(object, "data");

    return data.kind == SM_KIND_MISSING ? REPR_OPAQUE : repr_value(repr, data);
}

/*
 * What a partial was made of: function, args, keywords. multiprocessing pickles it by a function
 * of its own, everyone else by its state.
 */
static const struct sm_value *partial_parts(const struct sm_object *object)
{
    const struct sm_items *args = object->args.items;
    struct sm_value state = only_state(object);
    const struct sm_value *part = NULL;

    if (state.kind == SM_KIND_TUPLE && state.items->len == 4)
        part = state.items->item;
    else if (args->len == 3 && object->steps_len == 0)
        part = args->item;
    return part && part[1].kind == SM_KIND_TUPLE && part[2].kind == SM_KIND_DICT ? part : NULL;
}

static int repr_partial(struct repr *repr, const struct sm_object *object)
{
    const struct sm_value *part = partial_parts(object);
    int r;

    if (!part)
        return REPR_OPAQUE;
    buffer_add_str(repr->out, "functools.partial(");
    r = repr_value(repr, part[0]);
    for (size_t i = 0; r == 0 && i < part[1].items->len; i++) {
        buffer_add_str(repr->out, ", ");
        r = repr_value(repr, part[1].items->item[i]);
    }
    for (size_t i = 0; r == 0 && i < part[2].items->len; i += 2) {
        buffer_add_str(repr->out, ", ");
        r = repr_str(repr, part[2].items->item[i]);
        buffer_add_byte(repr->out, '=');
        if (r == 0)
            r = repr_value(repr, part[2].items->item[i + 1]);
    }
    buffer_add_byte(repr->out, ')');
    return r;
}

static int repr_token(struct repr *repr, const struct sm_object *object)
{
    struct sm_value state = only_state(object);
    int r;

    if (state.kind != SM_KIND_TUPLE || state.items->len != 3)
        return REPR_OPAQUE;
    buffer_add_str(repr->out, "Token(typeid=");
    r = repr_value(repr, state.items->item[0]);
    buffer_add_str(repr->out, ", address=");
    if (r == 0)
        r = repr_value(repr, state.items->item[1]);
    buffer_add_str(repr->out, ", id=");
    if (r == 0)
        r = repr_value(repr, state.items->item[2]);
    buffer_add_byte(repr->out, ')');
    return r;
}

/* Those that hold a list or a dict, which is made in `scratch`; the values inside are v's own. */
static int repr_filled(struct repr *repr, enum known_class class, struct sm_value v)
{
    CLEANUP(tree_deinit) struct tree scratch = {0};
    bool sequence = class == KNOWN_ARRAY || class == KNOWN_DEQUE;
    struct sm_value held;
    int r;

    r = sequence ? value_iterate(&scratch, v, &held) : value_mapping(&scratch, v, &held);
    if (r)
        return r < 0 ? r : REPR_OPAQUE;
    switch (class) {
    case KNOWN_ARRAY:
        return repr_array(repr, v, held.items);
    case KNOWN_DEQUE:
        return repr_deque(repr, v.object, held.items);
    case KNOWN_COUNTER:
        return repr_counter(repr, &scratch, held.items);
    case KNOWN_DEFAULT_DICT:
        return repr_default_dict(repr, v.object, held.items);
    default:
        return repr_ordered_dict(repr, held.items);
    }
}

int repr_holder(struct repr *repr, enum known_class class, struct sm_value v)
{
    switch (class) {
    case KNOWN_ARRAY:
    case KNOWN_COUNTER:
    case KNOWN_DEFAULT_DICT:
    case KNOWN_DEQUE:
    case KNOWN_ORDERED_DICT:
        return repr_filled(repr, class, v);
    case KNOWN_NAMESPACE:
        return repr_attributes(repr, sm_str("Namespace"), only_state(v.object), true);
    case KNOWN_SIMPLE_NAMESPACE:
        return repr_attributes(repr, sm_str("namespace"), only_state(v.object), false);
    case KNOWN_PARTIAL:
        return repr_partial(repr, v.object);
    case KNOWN_TOKEN:
        return repr_token(repr, v.object);
    case KNOWN_USER_DICT:
    case KNOWN_USER_LIST:
    case KNOWN_USER_STRING:
        return repr_data(repr, v.object);
    case KNOWN_VALUE:
        return repr_managed_value(repr, v.object);
    default:
        return REPR_OPAQUE;
    }
}
