/* SPDX-License-Identifier: MIT */
/*
 * Python literals as values: a recursive descent over the text, one byte of lookahead. A name in
 * front of parentheses is a constructor; what it makes is left to who asked, but for the types of
 * which repr() gives no other literal: set(), frozenset({1}), bytearray(b''), float('nan').
 */
#include "value/literal.h"

#include "base/limits.h"
#include "value/compare.h"
#include "value/known.h"
#include "value/table.h"

#include <ctype.h>
#include <errno.h>
#include <unistr.h>

static int parse_value(struct literal *l, struct sm_value *ret);

int literal_fail(struct literal *l, size_t at, const char *what)
{
    l->error = (struct literal_error){.at = at, .what = what};
    return -EINVAL;
}

void literal_skip_space(struct literal *l)
{
    while (l->at < l->len && strchr(" \t\n\r\f", l->text[l->at]) && l->text[l->at])
        l->at++;
}

/* Move behind `c` and the space around it, if it comes next. */
static bool accept(struct literal *l, char c)
{
    literal_skip_space(l);
    if (l->at >= l->len || l->text[l->at] != c)
        return false;
    l->at++;
    literal_skip_space(l);
    return true;
}

static bool is_name_start(char c)
{
    return isalpha((uint8_t)c) || c == '_' || (c & 0x80);
}

/* The length of the name that starts `ahead` bytes from here. */
static size_t name_len(const struct literal *l, size_t ahead)
{
    size_t n = 0;

    if (!is_name_start(literal_peek(l, ahead)))
        return 0;
    while (is_name_start(literal_peek(l, ahead + n)) ||
           isdigit((uint8_t)literal_peek(l, ahead + n)))
        n++;
    return n;
}

/* Equal keys become one: the first key, and the last of the values. */
static int drop_duplicates(struct literal *l, struct sm_items *items, size_t stride)
{
    CLEANUP(table_deinit) struct table table = {0};
    struct walk walk = {0};
    size_t kept = 0;
    size_t found;
    int r;

    r = table_init(&table, items, stride);
    for (size_t i = 0; i < items->len && r == 0; i += stride) {
        memmove(&items->item[kept], &items->item[i], stride * sizeof(struct sm_value));
        r = table_add(&table, &walk, kept, &found);
        if (r == 0 && found == TABLE_NONE)
            kept += stride;
        else if (r == 0 && stride == 2)
            items->item[found + 1] = items->item[kept + 1];
    }
    items->len = kept;
    return r == -ELOOP ? literal_fail(l, l->at, "too deeply nested") : r;
}

static int parse_key(struct literal *l, struct sm_value *ret)
{
    size_t start = l->at;
    struct sm_value culprit;
    uint64_t hash;
    int r;

    r = parse_value(l, ret);
    if (r < 0)
        return r;
    r = value_hash(*ret, &hash, &culprit);
    return r ? literal_fail(l, start, "unhashable key or element") : 0;
}

/* Values with commas between, up to `close`; *ret_commas tells (1) from (1,). */
static int parse_items(struct literal *l, char close, struct sm_items *items, size_t *ret_commas)
{
    struct sm_value v;
    int r;

    *ret_commas = 0;
    while (!accept(l, close)) {
        if (items->len > *ret_commas)
            return literal_fail(l, l->at,
                                close == ']' ? "expected ',' or ']'" : "expected ',' or ')'");
        r = parse_value(l, &v);
        if (r == 0)
            r = tree_items_push(l->tree, items, v);
        if (r < 0)
            return r;
        *ret_commas += accept(l, ',');
    }
    return 0;
}

static int parse_list(struct literal *l, struct sm_value *ret)
{
    size_t commas;
    int r;

    l->at++;
    r = tree_items(l->tree, SM_KIND_LIST, 0, ret);
    return r < 0 ? r : parse_items(l, ']', ret->items, &commas);
}

static int parse_parens(struct literal *l, struct sm_value *ret)
{
    struct sm_value tuple;
    size_t commas;
    int r;

    l->at++;
    r = tree_items(l->tree, SM_KIND_TUPLE, 0, &tuple);
    if (r == 0)
        r = parse_items(l, ')', tuple.items, &commas);
    if (r < 0)
        return r;
    *ret = tuple.items->len == 1 && commas == 0 ? tuple.items->item[0] : tuple;
    return 0;
}

/* One element of a set, or key and value of a dict: the first one decides which it is. */
static int parse_entry(struct literal *l, struct sm_value *container)
{
    struct sm_value key, value;
    bool pair;
    size_t colon;
    int r;

    r = parse_key(l, &key);
    if (r < 0)
        return r;
    literal_skip_space(l);
    colon = l->at;
    pair = accept(l, ':');
    if (container->items->len == 0)
        container->kind = pair ? SM_KIND_DICT : SM_KIND_SET;
    if (pair != (container->kind == SM_KIND_DICT))
        return literal_fail(l, colon, pair ? "unexpected ':' in a set" : "expected ':'");
    r = tree_items_push(l->tree, container->items, key);
    if (r < 0 || !pair)
        return r;
    r = parse_value(l, &value);
    return r < 0 ? r : tree_items_push(l->tree, container->items, value);
}

static int parse_braces(struct literal *l, struct sm_value *ret)
{
    bool comma = true;
    int r;

    l->at++;
    r = tree_items(l->tree, SM_KIND_DICT, 0, ret);
    if (r < 0)
        return r;
    while (!accept(l, '}')) {
        if (!comma)
            return literal_fail(l, l->at, "expected ',' or '}'");
        r = parse_entry(l, ret);
        if (r < 0)
            return r;
        comma = accept(l, ',');
    }
    return drop_duplicates(l, ret->items, ret->kind == SM_KIND_DICT ? 2 : 1);
}

/* `name=` starts a keyword argument. */
static int parse_keyword(struct literal *l, struct sm_value *kwargs)
{
    size_t n = name_len(l, 0);
    struct sm_value key, value;
    int r;

    r = tree_str(l->tree, l->text + l->at, n, &key);
    l->at += n;
    accept(l, '=');
    if (r == 0 && kwargs->kind != SM_KIND_DICT)
        r = tree_items(l->tree, SM_KIND_DICT, 0, kwargs);
    for (size_t i = 0; r == 0 && i < kwargs->items->len; i += 2) {
        if (value_equal(kwargs->items->item[i], key) > 0)
            return literal_fail(l, l->at, "keyword argument repeated");
    }
    if (r == 0)
        r = parse_value(l, &value);
    if (r == 0)
        r = tree_items_push(l->tree, kwargs->items, key);
    return r == 0 ? tree_items_push(l->tree, kwargs->items, value) : r;
}

static bool at_keyword(struct literal *l)
{
    size_t n = name_len(l, 0);

    while (n && isspace((uint8_t)literal_peek(l, n)))
        n++;
    return n && literal_peek(l, n) == '=';
}

static int parse_arguments(struct literal *l, struct sm_items *args, struct sm_value *kwargs)
{
    bool comma = true;
    struct sm_value v;
    int r;

    while (!accept(l, ')')) {
        if (!comma)
            return literal_fail(l, l->at, "expected ',' or ')'");
        if (at_keyword(l)) {
            r = parse_keyword(l, kwargs);
        } else if (kwargs->kind == SM_KIND_DICT) {
            return literal_fail(l, l->at, "positional argument follows keyword argument");
        } else {
            r = parse_value(l, &v);
            if (r == 0)
                r = tree_items_push(l->tree, args, v);
        }
        if (r < 0)
            return r;
        comma = accept(l, ',');
    }
    return 0;
}

/* Constructor calls that are how Python writes a value. */
static bool plain_call(struct sm_value callable, const struct sm_items *args, struct sm_value *v)
{
    struct sm_value arg = args->len == 1 ? args->item[0] : sm_missing();

    if (args->len > 1)
        return false;
    if (value_is_global(callable, "builtins", "bytearray") && arg.kind == SM_KIND_BYTES) {
        *v = arg;
        v->kind = SM_KIND_BYTEARRAY;
        return true;
    }
    if (value_is_global(callable, "builtins", "set") && args->len == 0) {
        v->kind = SM_KIND_SET;
        return true;
    }
    if (value_is_global(callable, "builtins", "frozenset") &&
        (args->len == 0 || arg.kind == SM_KIND_SET)) {
        if (args->len)
            *v = arg;
        v->kind = SM_KIND_FROZENSET;
        return true;
    }
    return false;
}

/* The global of a dotted name; without a module it is a builtin. */
static int name_global(struct literal *l, const char *name, size_t len, struct sm_value *ret)
{
    const char *dot = memrchr(name, '.', len);
    size_t module_len = dot ? (size_t)(dot - name) : 0;
    char *module = arena_copy(&l->tree->arena, name, module_len);
    char *last = dot ? arena_copy(&l->tree->arena, dot + 1, len - module_len - 1)
                     : arena_copy(&l->tree->arena, name, len);

    if (!module || !last)
        return -ENOMEM;
    return tree_global(l->tree, dot ? module : "builtins", last, ret);
}

static int parse_call(struct literal *l, const char *name, size_t len, struct sm_value *ret)
{
    struct sm_value callable, args;
    struct sm_value kwargs = sm_none();
    int r;

    r = name_global(l, name, len, &callable);
    if (r == 0)
        r = tree_items(l->tree, SM_KIND_TUPLE, 0, &args);
    if (r == 0)
        r = parse_arguments(l, args.items, &kwargs);
    if (r < 0)
        return r;
    *ret = args;
    if (kwargs.kind != SM_KIND_DICT && plain_call(callable, args.items, ret))
        return 0;
    r = tree_object(l->tree, kwargs.kind == SM_KIND_DICT ? SM_MAKE_NEW_EX : SM_MAKE_CALL, callable,
                    args, ret);
    if (r == 0)
        ret->object->kwargs = kwargs;
    return r;
}

static int parse_name(struct literal *l, struct sm_value *ret)
{
    static const struct {
        const char *name;
        struct sm_value value;
    } constants[] = {
        {"None", {.kind = SM_KIND_NONE}},
        {"True", {.kind = SM_KIND_BOOL, .boolean = true}},
        {"False", {.kind = SM_KIND_BOOL, .boolean = false}},
    };
    size_t start = l->at;
    size_t n = name_len(l, 0);

    while (literal_peek(l, n) == '.' && name_len(l, n + 1))
        n += 1 + name_len(l, n + 1);
    for (size_t i = 0; i < ARRAY_SIZE(constants); i++) {
        if (n == strlen(constants[i].name) && memcmp(l->text + start, constants[i].name, n) == 0) {
            l->at += n;
            *ret = constants[i].value;
            return 0;
        }
    }
    l->at += n;
    if (accept(l, '('))
        return parse_call(l, l->text + start, n, ret);
    if (n == strlen("Ellipsis") && memcmp(l->text + start, "Ellipsis", n) == 0)
        return name_global(l, "Ellipsis", n, ret);
    l->at = start;
    if (literal_at_special_float(l))
        return literal_number(l, ret);
    return literal_fail(l, start, "unknown name");
}

static int parse_here(struct literal *l, struct sm_value *ret)
{
    literal_skip_space(l);
    if (literal_at_number(l))
        return literal_number(l, ret);
    if (literal_at_string(l))
        return literal_strings(l, ret);
    if (name_len(l, 0))
        return parse_name(l, ret);
    switch (literal_peek(l, 0)) {
    case '[':
        return parse_list(l, ret);
    case '(':
        return parse_parens(l, ret);
    case '{':
        return parse_braces(l, ret);
    case '.':
        if (literal_peek(l, 1) != '.' || literal_peek(l, 2) != '.')
            break;
        l->at += 3;
        return tree_global(l->tree, "builtins", "Ellipsis", ret);
    }
    return literal_fail(l, l->at, "expected a value");
}

static int parse_value(struct literal *l, struct sm_value *ret)
{
    int r;

    if (l->depth >= LIMIT_LITERAL_DEPTH)
        return literal_fail(l, l->at, "too deeply nested");
    l->depth++;
    r = parse_here(l, ret);
    l->depth--;
    return r;
}

int literal_parse(struct tree *tree, const char *text, size_t len, struct sm_value *ret,
                  struct literal_error *error)
{
    struct literal l = {.tree = tree, .text = text, .len = len};
    const uint8_t *bad = u8_check((const uint8_t *)text, len);
    struct sm_value v;
    int r;

    if (bad)
        r = literal_fail(&l, (size_t)(bad - (const uint8_t *)text), "not UTF-8");
    else
        r = parse_value(&l, &v);
    literal_skip_space(&l);
    if (r == 0 && l.at < l.len)
        r = literal_fail(&l, l.at, "unexpected text after the value");
    if (r == 0)
        *ret = v;
    else
        *error = l.error;
    return r;
}
