/* SPDX-License-Identifier: MIT */
/*
 * Telling classes from functions by their names, since nothing here is imported: classes are
 * capitalised, but for those that are not, which are listed; modules written in C hold builtin
 * functions.
 */
#include "value/known.h"

static bool among(const char *name, size_t len, const char *const *names, size_t names_len)
{
    for (size_t i = 0; i < names_len; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    }
    return false;
}

static bool is_builtin_class(const struct sm_global *global)
{
    static const char *const names[] = {
        "bool",   "bytearray", "bytes",     "classmethod", "complex", "dict",  "enumerate",
        "filter", "float",     "frozenset", "int",         "list",    "map",   "memoryview",
        "object", "property",  "range",     "reversed",    "set",     "slice", "staticmethod",
        "str",    "super",     "tuple",     "type",        "zip",
    };

    return among(global->name, global->name_len, names, ARRAY_SIZE(names));
}

static bool in_c_module(const struct sm_global *global)
{
    static const char *const modules[] = {
        "_bisect",  "_codecs",   "_collections", "_functools", "_heapq",  "_io",
        "_json",    "_operator", "_random",      "_struct",    "_thread", "array",
        "binascii", "builtins",  "cmath",        "gc",         "io",      "marshal",
        "math",     "posix",     "sys",          "time",       "zlib",
    };

    return among(global->module, global->module_len, modules, ARRAY_SIZE(modules));
}

struct sm_value value_last_name(const struct sm_global *global)
{
    const char *dot = global->name_len ? memrchr(global->name, '.', global->name_len) : NULL;
    const char *name = dot ? dot + 1 : global->name;

    return sm_strn(name, global->name_len - (size_t)(name - global->name));
}

enum global_sort value_global_sort(const struct sm_global *global)
{
    const struct sm_value v = {.kind = SM_KIND_GLOBAL, .global = global};
    struct sm_value name = value_last_name(global);
    const char *first = name.text;

    if (value_is_global(v, "builtins", "Ellipsis") ||
        value_is_global(v, "builtins", "NotImplemented"))
        return GLOBAL_SINGLETON;
    while (first < name.text + name.len && *first == '_')
        first++;
    if (first < name.text + name.len && *first >= 'A' && *first <= 'Z')
        return GLOBAL_CLASS;
    if (value_is_builtin(v) && is_builtin_class(global))
        return GLOBAL_CLASS;
    if (value_is_known_class(global))
        return GLOBAL_CLASS;
    return in_c_module(global) ? GLOBAL_BUILTIN_FUNCTION : GLOBAL_FUNCTION;
}
