/* SPDX-License-Identifier: MIT */
/*
 * Calls that make plain values. Protocols below 4 write sets, bytes and bytearrays as calls, and
 * multiprocessing sends the views of a dict as list([...]); here they become what they are.
 *
 * A container so made shares the array of items with its argument, which is safe because arrays
 * only ever grow behind what both see. Should the argument be elsewhere too, its items are in two
 * places, and get ids that tell. Since a pickle may fetch an argument again and again, what is
 * copied is counted, and limited.
 */
#include "pickle/decode.h"

#include "base/limits.h"

#include <errno.h>
#include <string.h>

/* n more are copied: see LIMIT_COPIES. */
static int charge(struct decoder *d, size_t n)
{
    d->copied += n;
    return d->copied / LIMIT_COPIES > MAX(d->size, LIMIT_COPIES_FLOOR / LIMIT_COPIES)
               ? decode_fail(d, "MemoryError", "too many copies of shared values")
               : 0;
}

/* What is to be made, from these arguments. */
struct making {
    struct decoder *d;
    enum sm_kind kind;
    struct sm_value *args;
    const struct sm_value *arg;
    size_t argc;
    struct sm_value *ret;
    bool *ret_plain;
};

static int made(const struct making *m, struct sm_value v)
{
    *m->ret = v;
    *m->ret_plain = true;
    return 0;
}

/* list(x), set(x), dict(x), ... of a container that gives its items in order as they stand. */
static int make_container(const struct making *m)
{
    struct decoder *d = m->d;
    struct sm_value *from;
    struct sm_value v;
    int r = tree_items(d->tree, m->kind, 0, &v);

    if (r < 0 || m->argc == 0)
        return r < 0 ? r : made(m, v);
    from = &m->args->items->item[0];
    if (!sm_is_container(*from) || (m->kind == SM_KIND_DICT) != (from->kind == SM_KIND_DICT))
        return 0;
    r = charge(d, from->items->len);
    if (r == 0 && (m->kind == SM_KIND_SET || m->kind == SM_KIND_FROZENSET))
        r = decode_check_keys(d, from->items->item, from->items->len, 1);
    if (r == 0 && (m->args->id || from->id))
        r = decode_spend(d, from);
    if (r == 0 && m->args->id)
        r = decode_spend(d, m->args);
    if (r < 0)
        return r;
    *v.items = (struct sm_items){
        .item = from->items->item,
        .len = from->items->len,
        .cap = from->items->len,
    };
    return made(m, v);
}

static bool is_latin1_name(struct sm_value v)
{
    static const char *const names[] = {"latin1", "latin-1", "iso-8859-1"};

    for (size_t i = 0; v.kind == SM_KIND_STR && i < ARRAY_SIZE(names); i++) {
        if (v.len == strlen(names[i]) && memcmp(v.text, names[i], v.len) == 0)
            return true;
    }
    return false;
}

/* text.encode('latin-1'); false when some character is not of that set. */
static bool encode_latin1(struct sm_value text, uint8_t *out, size_t *ret_len)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.text[i];

        if (c > 0xc3)
            return false;
        if (c >= 0xc2)
            c = (uint8_t)(c << 6 | ((uint8_t)text.text[++i] & 0x3f));
        out[n++] = c;
    }
    *ret_len = n;
    return true;
}

static int make_latin1(const struct making *m)
{
    struct sm_value text = m->arg[0];
    uint8_t *bytes;
    size_t len;
    int r;

    if (text.kind != SM_KIND_STR || !is_latin1_name(m->arg[1]))
        return 0;
    if (m->d->trusted) /* what could be encoded has been, before it was stored */
        return 0;
    r = charge(m->d, text.len);
    if (r < 0)
        return r;
    bytes = arena_alloc(&m->d->tree->arena, text.len + 1);
    if (!bytes)
        return -ENOMEM;
    if (!encode_latin1(text, bytes, &len))
        return 0;
    return made(m, (struct sm_value){.kind = m->kind, .bytes = bytes, .len = len});
}

/* bytes(x), bytearray(x), bytearray(text, 'latin-1'). */
static int make_bytes(const struct making *m)
{
    const struct sm_value *from = m->arg;
    int r;

    if (m->argc == 0)
        return made(m, (struct sm_value){.kind = m->kind, .bytes = m->d->next, .len = 0});
    if (m->argc == 2)
        return make_latin1(m);
    if (from->kind != SM_KIND_BYTES && from->kind != SM_KIND_BYTEARRAY)
        return 0;
    r = charge(m->d, from->len);
    return r < 0 ? r
                 : made(m,
                        (struct sm_value){.kind = m->kind, .bytes = from->bytes, .len = from->len});
}

/* _codecs.encode(text, 'latin1'): the bytes of protocols 0 to 2. */
static int make_encoded(const struct making *m)
{
    return m->argc == 2 ? make_latin1(m) : 0;
}

static int make_number(const struct making *m)
{
    struct sm_value from = m->argc ? m->arg[0] : sm_int(0);
    bool whole = from.kind == SM_KIND_INT || from.kind == SM_KIND_BOOL;
    int64_t number = from.kind == SM_KIND_BOOL ? from.boolean : from.integer;

    if (m->kind == SM_KIND_INT && whole)
        return made(m, sm_int(number));
    if (m->kind == SM_KIND_BOOL && whole)
        return made(m, sm_bool(number != 0));
    if (m->kind == SM_KIND_FLOAT && from.kind == SM_KIND_FLOAT)
        return made(m, from);
    if (m->kind == SM_KIND_FLOAT && whole)
        return made(m, sm_float((double)number));
    return 0;
}

static int make_text(const struct making *m)
{
    int r;

    if (m->argc == 0)
        return made(m, sm_strn((const char *)m->d->next, 0));
    if (m->arg[0].kind != SM_KIND_STR)
        return 0;
    r = charge(m->d, m->arg[0].len);
    return r < 0 ? r : made(m, m->arg[0]);
}

/*
 * dill (pathos' multiprocess) sends classes such as slice as a call of its own, by the name that
 * they have among the builtins.
 */
static int make_type(const struct making *m)
{
    static const char *const names[] = {"bool",  "bytearray", "bytes", "complex", "dict",
                                        "float", "frozenset", "int",   "list",    "object",
                                        "range", "set",       "slice", "str",     "tuple"};
    struct sm_value v;
    int r;

    for (size_t i = 0; m->argc == 1 && m->arg->kind == SM_KIND_STR && i < ARRAY_SIZE(names); i++) {
        if (m->arg->len != strlen(names[i]) || memcmp(m->arg->text, names[i], m->arg->len) != 0)
            continue;
        r = tree_global(m->d->tree, "builtins", names[i], &v);
        return r < 0 ? r : made(m, v);
    }
    return 0;
}

struct maker {
    const char *module;
    const char *name;
    enum sm_kind kind;
    size_t args_max;
    int (*make)(const struct making *m);
};

static const struct maker makers[] = {
    {"_codecs", "encode", SM_KIND_BYTES, 2, make_encoded},
    {"builtins", "bool", SM_KIND_BOOL, 1, make_number},
    {"builtins", "bytearray", SM_KIND_BYTEARRAY, 2, make_bytes},
    {"builtins", "bytes", SM_KIND_BYTES, 2, make_bytes},
    {"builtins", "dict", SM_KIND_DICT, 1, make_container},
    {"builtins", "float", SM_KIND_FLOAT, 1, make_number},
    {"builtins", "frozenset", SM_KIND_FROZENSET, 1, make_container},
    {"builtins", "int", SM_KIND_INT, 1, make_number},
    {"builtins", "list", SM_KIND_LIST, 1, make_container},
    {"builtins", "set", SM_KIND_SET, 1, make_container},
    {"builtins", "str", SM_KIND_STR, 1, make_text},
    {"builtins", "tuple", SM_KIND_TUPLE, 1, make_container},
    {"dill._dill", "_load_type", SM_KIND_GLOBAL, 1, make_type},
};

static bool text_is(const char *text, size_t len, const char *expected)
{
    return len == strlen(expected) && memcmp(text, expected, len) == 0;
}

static const struct maker *find_maker(struct sm_value callable)
{
    const struct sm_global *global = callable.global;

    if (callable.kind != SM_KIND_GLOBAL || global->module_len < strlen("_codecs") ||
        global->module_len > strlen("dill._dill"))
        return NULL;
    for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
        if (text_is(global->name, global->name_len, makers[i].name) &&
            text_is(global->module, global->module_len, makers[i].module))
            return &makers[i];
    }
    return NULL;
}

int decode_plain(struct decoder *d, struct sm_value callable, struct sm_value *args,
                 struct sm_value *ret, bool *ret_plain)
{
    const struct maker *maker = find_maker(callable);
    struct making making;

    *ret_plain = false;
    if (!maker || args->kind != SM_KIND_TUPLE || args->items->len > maker->args_max)
        return 0;
    making = (struct making){
        .d = d,
        .kind = maker->kind,
        .args = args,
        .arg = args->items->item,
        .argc = args->items->len,
        .ret = ret,
        .ret_plain = ret_plain,
    };
    return maker->make(&making);
}
