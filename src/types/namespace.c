/* SPDX-License-Identifier: MIT */
/*
 * Namespace: attributes by name. What the class itself has, such as __dict__ and __class__, is
 * found as on any Python object, and sent the way CPython pickles it: a method as
 * getattr(namespace, name).
 */
#include "base/memory.h"
#include "object/answer.h"
#include "object/ask.h"
#include "pickle/opcodes.h"
#include "types/keys_call.h"
#include "types/types.h"

#include <errno.h>
#include <stdlib.h>

struct namespace
{
    struct object object;
    struct keys attributes;
};

static struct keys *attributes_of(struct object *self)
{
    return &container_of(self, struct namespace, object)->attributes;
}

static bool namespace_init(struct object *self, struct call *call)
{
    size_t given = sm_len(call->args);

    if (given == 0)
        return keys_update(attributes_of(self), call, call->kwds);
    call_raise(call, "TypeError", "%s__init__() takes 1 positional argument but %zu were given",
               call->python >= 10 ? "Namespace." : "", given + 1);
    return false;
}

static void namespace_deinit(struct object *self)
{
    keys_deinit(attributes_of(self));
}

static void namespace_measure(struct object *self, struct extent *extent)
{
    keys_measure(attributes_of(self), extent);
}

static int namespace_newest(struct object *self, size_t *at, struct buffer *out, unsigned python)
{
    return keys_newest(attributes_of(self), self, at, out, python);
}

/* One attribute as repr() shows it: where it stands in the text of all of them. */
struct shown {
    const uint8_t *text;
    size_t at;
    size_t len;
};

static int compare_shown(const void *a, const void *b)
{
    const struct shown *x = a, *y = b;
    int order = memcmp(x->text + x->at, y->text + y->at, MIN(x->len, y->len));

    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Append "name=value", or as much of it as is wanted. */
static int show_attribute(struct stored_text *stored, struct sm_value name,
                          const struct frozen *value, size_t wanted)
{
    struct buffer *text = stored->row.out;
    int r;

    text->max = wanted ? text->len + wanted : 0;
    buffer_add(text, name.text, name.len);
    buffer_add_byte(text, '=');
    r = stored_text_add(stored, value);
    if (r < 0 && text->max && text->len == text->max) {
        text->failed = false;
        return 0;
    }
    return r;
}

/* The texts of the public attributes, one after the other. */
static int show_attributes(const struct namespace *namespace, struct buffer *text, size_t wanted,
                           struct shown *ret, size_t *ret_len, unsigned python)
{
    const struct keys *k = &namespace->attributes;
    CLEANUP(stored_text_deinit) struct stored_text stored;
    CLEANUP(tree_deinit) struct tree names;
    const struct keys_entry *entry;
    struct sm_value name;
    size_t at = 0;
    int r;

    stored_text_init(&stored, text, python, &namespace->object);
    if (wanted)
        stored.row.unknown = UNKNOWN_GUESS;
    tree_init(&names, NULL);
    *ret_len = 0;
    while ((entry = keys_next(k, &at))) {
        size_t start = text->len;

        tree_reset(&names);
        r = tree_thaw(&names, &entry->key, &name);
        if (r < 0)
            return r;
        if (name.len && name.text[0] == '_')
            continue;
        r = show_attribute(&stored, name, &entry->value, wanted);
        if (r < 0)
            return r;
        ret[(*ret_len)++] = (struct shown){.at = start, .len = text->len - start};
    }
    return text->failed ? -ENOMEM : 0;
}

static void shown_free(struct shown **shown)
{
    memory_free(*shown);
}

/* The attributes, sorted by their texts. */
static int namespace_repr(struct object *self, struct buffer *out, unsigned python)
{
    const struct keys *k = attributes_of(self);
    CLEANUP(shown_free) struct shown *shown = memory_lend_zeroed(k->len + 1, sizeof(*shown));
    CLEANUP(buffer_deinit) struct buffer text = {0};
    size_t len;
    int r;

    if (!shown)
        return -ENOMEM;
    r = show_attributes(container_of(self, struct namespace, object), &text, out->max, shown, &len,
                        python);
    if (r < 0)
        return r;
    for (size_t i = 0; i < len; i++)
        shown[i].text = text.data;
    qsort(shown, len, sizeof(*shown), compare_shown);
    buffer_add_str(out, "Namespace(");
    for (size_t i = 0; i < len; i++) {
        buffer_add_str(out, i ? ", " : "");
        buffer_add(out, text.data + shown[i].at, shown[i].len);
    }
    buffer_add_byte(out, ')');
    return out->failed ? -ENOMEM : 0;
}

static void namespace_getvalue(struct object *self, struct pickler *p)
{
    const struct keys *k = attributes_of(self);

    write_global(p, "multiprocessing.managers", "Namespace");
    pickler_op(p, EMPTY_TUPLE);
    pickler_op(p, NEWOBJ);
    if (!k->len)
        return;
    keys_write_dict(k, p);
    pickler_op(p, BUILD);
}

static void write_class(struct object *self, struct pickler *p)
{
    (void)self;
    write_global(p, "multiprocessing.managers", "Namespace");
}

static void write_object_class(struct object *self, struct pickler *p)
{
    (void)self;
    write_global(p, "builtins", "object");
}

/* Attributes of the class: each is getattr(owner, name) on the wire. */
static const struct class_attribute {
    const char *name;
    void (*owner)(struct object *self, struct pickler *p);
    uint8_t since;
} class_attributes[] = {
    {"__delattr__", namespace_getvalue},      {"__dir__", namespace_getvalue},
    {"__eq__", namespace_getvalue},           {"__format__", namespace_getvalue},
    {"__ge__", namespace_getvalue},           {"__getattribute__", namespace_getvalue},
    {"__getstate__", namespace_getvalue, 11}, {"__gt__", namespace_getvalue},
    {"__hash__", namespace_getvalue},         {"__init__", namespace_getvalue},
    {"__init_subclass__", write_class},       {"__le__", namespace_getvalue},
    {"__lt__", namespace_getvalue},           {"__ne__", namespace_getvalue},
    {"__new__", write_object_class},          {"__reduce__", namespace_getvalue},
    {"__reduce_ex__", namespace_getvalue},    {"__repr__", namespace_getvalue},
    {"__setattr__", namespace_getvalue},      {"__sizeof__", namespace_getvalue},
    {"__str__", namespace_getvalue},          {"__subclasshook__", write_class},
};

static bool name_is(struct sm_value name, const char *text)
{
    return name.len == strlen(text) && memcmp(name.text, text, name.len) == 0;
}

/* What the class puts before the attributes of its instances. */
static bool return_descriptor(struct object *self, struct call *call, struct sm_value name)
{
    struct pickler *p;

    if (name_is(name, "__weakref__")) {
        call_return_none(call);
        return true;
    }
    if (!name_is(name, "__dict__") && !name_is(name, "__class__"))
        return false;
    p = call_return_begin(call);
    if (name_is(name, "__dict__"))
        keys_write_dict(attributes_of(self), p);
    else
        write_class(self, p);
    call_return_end(call);
    return true;
}

/* What the class has, where the instance has no attribute of the name. */
static bool return_class_attribute(struct object *self, struct call *call, struct sm_value name)
{
    if (name_is(name, "__doc__")) {
        call_return_none(call);
        return true;
    }
    if (name_is(name, "__module__")) {
        call_return(call, sm_str("multiprocessing.managers"));
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(class_attributes); i++) {
        const struct class_attribute *a = &class_attributes[i];
        struct pickler *p;

        if (!name_is(name, a->name) || a->since > call->python)
            continue;
        p = call_return_begin(call);
        write_global(p, "builtins", "getattr");
        a->owner(self, p);
        pickler_value(p, NULL, name);
        pickler_op(p, TUPLE2);
        pickler_op(p, REDUCE);
        call_return_end(call);
        return true;
    }
    return false;
}

static bool check_name(struct call *call, struct sm_value name)
{
    if (name.kind == SM_KIND_STR)
        return true;
    if (call_asks(call, name, SM_ASK_NAME, 0))
        return false;
    call_raise(call, "TypeError", "attribute name must be string, not '%s'",
               call_type_name(call, name));
    return false;
}

static void raise_not_deleted(struct call *call, struct sm_value name)
{
    if (call->python < 11)
        call_raise_attribute(call, name, sm_none());
    else
        call_raise_missing(call, "Namespace", name, call->python >= 15);
}

static void namespace_getattribute(struct object *self, struct call *call)
{
    struct keys *k = attributes_of(self);
    struct sm_value name = call->arg[0];
    size_t at;
    int found;

    if (!check_name(call, name) || return_descriptor(self, call, name))
        return;
    found = keys_lookup(k, call, name, DICT_KEY, &at);
    if (found > 0)
        call_return_frozen(call, &k->entries[at].value);
    else if (found == 0 && !return_class_attribute(self, call, name))
        call_raise_missing(call, "Namespace", name, true);
}

static void raise_weakref(struct call *call)
{
    call_raise_attribute(
        call, sm_str("attribute '__weakref__' of 'Namespace' objects is not writable"), sm_none());
}

static void replace_dict(struct object *self, struct call *call, struct sm_value v)
{
    struct keys *k = attributes_of(self);
    CLEANUP(keys_deinit) struct keys made = {0};
    struct keys old = *k;

    if (v.kind != SM_KIND_DICT) {
        call_raise(call, "TypeError", "__dict__ must be set to a dictionary, not a '%s'",
                   call_type_name(call, v));
        return;
    }
    for (size_t i = 0; i < v.items->len; i += 2) {
        if (!check_name(call, v.items->item[i]))
            return;
    }
    if (!keys_update(&made, call, v))
        return;
    *k = made;
    made = old;
    call_return_none(call);
}

static void namespace_setattr(struct object *self, struct call *call)
{
    struct sm_value name = call->arg[0], v = call->arg[1];

    if (!check_name(call, name))
        return;
    if (name_is(name, "__dict__"))
        replace_dict(self, call, v);
    else if (name_is(name, "__class__"))
        call_raise(call, "TypeError", "__class__ must be set to a class, not '%s' object",
                   call_type_name(call, v));
    else if (name_is(name, "__weakref__"))
        raise_weakref(call);
    else if (keys_assign(attributes_of(self), call, name, v))
        call_return_none(call);
}

static void namespace_delattr(struct object *self, struct call *call)
{
    CLEANUP(keys_entry_deinit) struct keys_entry entry = {0};
    struct keys *k = attributes_of(self);
    struct sm_value name = call->arg[0];
    size_t at;
    int found;

    if (!check_name(call, name))
        return;
    if (name_is(name, "__dict__")) {
        keys_deinit(k);
        call_return_none(call);
    } else if (name_is(name, "__class__")) {
        call_raise(call, "TypeError", "can't delete __class__ attribute");
    } else if (name_is(name, "__weakref__")) {
        raise_weakref(call);
    } else if ((found = keys_lookup(k, call, name, DICT_KEY, &at)) > 0) {
        entry = keys_take(k, at);
        call_return_none(call);
    } else if (found == 0) {
        raise_not_deleted(call, name);
    }
}

static const struct method namespace_methods[] = {
    {"__getattribute__",
     namespace_getattribute,
     {SIGNATURE_SLOT, {"name"}, 1},
     .unlisted = true,
     .reads = true},
    {"__setattr__", namespace_setattr, {SIGNATURE_SLOT2, {"name", "value"}, 2}, .unlisted = true},
    {"__delattr__", namespace_delattr, {SIGNATURE_SLOT, {"name"}, 1}, .unlisted = true},
    {0},
};

const struct object_type namespace_type = {
    .name = "Namespace",
    .size = sizeof(struct namespace),
    .create = {SIGNATURE_RAW},
    .methods = namespace_methods,
    .init = namespace_init,
    .deinit = namespace_deinit,
    .measure = namespace_measure,
    .visits = OBJECT_VISITS_UNCHANGED,
    .repr = namespace_repr,
    .newest = namespace_newest,
    .getvalue = namespace_getvalue,
};
