/* SPDX-License-Identifier: MIT */
/* Telling what an object is from its recipe: the global that makes it, and its arguments. */
#include "value/known.h"

#include "value/numpy.h"
#include "value/unknown.h"

static bool same_name(const char *name, size_t len, const char *expected)
{
    return strlen(expected) == len && memcmp(name, expected, len) == 0;
}

bool value_is_global(struct sm_value v, const char *module, const char *name)
{
    return v.kind == SM_KIND_GLOBAL && same_name(v.global->name, v.global->name_len, name) &&
           same_name(v.global->module, v.global->module_len, module);
}

/* pathos' multiprocess is multiprocessing under another name, and so are its clients' pickles. */
bool value_is_of_managers(struct sm_value v, const char *name)
{
    return value_is_global(v, "multiprocessing.managers", name) ||
           value_is_global(v, "multiprocess.managers", name);
}

const struct sm_items *value_made_by(struct sm_value v, const char *module, const char *name)
{
    if (v.kind != SM_KIND_OBJECT || v.object->args.kind != SM_KIND_TUPLE ||
        !value_is_global(v.object->callable, module, name))
        return NULL;
    return v.object->args.items;
}

static const struct known classes[] = {
    {"Counter", "collections", KNOWN_COUNTER, .unhashable = true},
    {"Decimal", "decimal", KNOWN_DECIMAL, "decimal.Decimal"},
    {"Fraction", "fractions", KNOWN_FRACTION},
    {"Namespace", "multiprocess.managers", KNOWN_NAMESPACE},
    {"Namespace", "multiprocessing.managers", KNOWN_NAMESPACE},
    {"OrderedDict", "collections", KNOWN_ORDERED_DICT, "collections.OrderedDict", true},
    {"PosixPath", "pathlib", KNOWN_PATH},
    {"PosixPath", "pathlib._local", KNOWN_PATH},
    {"PurePosixPath", "pathlib", KNOWN_PATH},
    {"PurePosixPath", "pathlib._local", KNOWN_PATH},
    {"SimpleNamespace", "types", KNOWN_SIMPLE_NAMESPACE, "types.SimpleNamespace", true},
    {"Token", "multiprocess.managers", KNOWN_TOKEN},
    {"Token", "multiprocessing.managers", KNOWN_TOKEN},
    {"UUID", "uuid", KNOWN_UUID},
    {"UserDict", "collections", KNOWN_USER_DICT, .unhashable = true},
    {"UserList", "collections", KNOWN_USER_LIST, .unhashable = true},
    {"UserString", "collections", KNOWN_USER_STRING},
    {"Value", "multiprocess.managers", KNOWN_VALUE},
    {"Value", "multiprocessing.managers", KNOWN_VALUE},
    {"_array_reconstructor", "array", KNOWN_ARRAY, "array.array", true},
    {"_rebuild_partial", "multiprocessing.reduction", KNOWN_PARTIAL, "functools.partial"},
    {"_deque_iterator", "_collections", KNOWN_DEQUE_ITERATOR, "_collections._deque_iterator"},
    {"_deque_iterator", "collections", KNOWN_DEQUE_ITERATOR, "collections._deque_iterator"},
    {"accumulate", "itertools", KNOWN_LAZY, "itertools.accumulate"},
    {"array", "array", KNOWN_ARRAY, "array.array", true},
    {"chain", "itertools", KNOWN_CHAIN, "itertools.chain"},
    {"combinations", "itertools", KNOWN_LAZY, "itertools.combinations"},
    {"complex", "builtins", KNOWN_COMPLEX},
    {"compress", "itertools", KNOWN_LAZY, "itertools.compress"},
    {"count", "itertools", KNOWN_LAZY, "itertools.count"},
    {"cycle", "itertools", KNOWN_LAZY, "itertools.cycle"},
    {"date", "datetime", KNOWN_DATE, "datetime.date"},
    {"datetime", "datetime", KNOWN_DATETIME, "datetime.datetime"},
    {"defaultdict", "collections", KNOWN_DEFAULT_DICT, "collections.defaultdict", true},
    {"deque", "collections", KNOWN_DEQUE, "collections.deque", true},
    {"enumerate", "builtins", KNOWN_ENUMERATE},
    {"filter", "builtins", KNOWN_LAZY},
    {"islice", "itertools", KNOWN_ISLICE, "itertools.islice"},
    {"iter", "builtins", KNOWN_ITERATOR},
    {"map", "builtins", KNOWN_LAZY},
    {"partial", "functools", KNOWN_PARTIAL, "functools.partial"},
    {"permutations", "itertools", KNOWN_LAZY, "itertools.permutations"},
    {"product", "itertools", KNOWN_LAZY, "itertools.product"},
    {"range", "builtins", KNOWN_RANGE},
    {"repeat", "itertools", KNOWN_LAZY, "itertools.repeat"},
    {"reversed", "builtins", KNOWN_REVERSED},
    {"scalar", "numpy._core.multiarray", KNOWN_NUMPY},
    {"scalar", "numpy.core.multiarray", KNOWN_NUMPY},
    {"slice", "builtins", KNOWN_SLICE, .unhashable = true},
    {"starmap", "itertools", KNOWN_LAZY, "itertools.starmap"},
    {"time", "datetime", KNOWN_TIME, "datetime.time"},
    {"timedelta", "datetime", KNOWN_TIMEDELTA, "datetime.timedelta"},
    {"timezone", "datetime", KNOWN_TIMEZONE, "datetime.timezone"},
    {"zip", "builtins", KNOWN_ZIP},
};

static const struct known *find_known(const struct sm_global *global)
{
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        if (same_name(global->name, global->name_len, classes[i].name) &&
            same_name(global->module, global->module_len, classes[i].module))
            return &classes[i];
    }
    return NULL;
}

const struct known *value_known(struct sm_value v)
{
    const struct known *known;
    struct numpy scalar;

    if (v.kind != SM_KIND_OBJECT || v.object->callable.kind != SM_KIND_GLOBAL ||
        v.object->args.kind != SM_KIND_TUPLE)
        return NULL;
    known = find_known(v.object->callable.global);
    return known && known->class == KNOWN_NUMPY && !numpy_read(v, &scalar) ? NULL : known;
}

bool value_is_known_class(const struct sm_global *global)
{
    const struct known *known = find_known(global);

    return known && known->class != KNOWN_ITERATOR && known->class != KNOWN_NUMPY &&
           known->name[0] != '_';
}

/* Whether all that is asked of instances of the class is known as Python has it. */
static bool is_exact(enum known_class class)
{
    switch (class) {
    case KNOWN_ARRAY:
    case KNOWN_COMPLEX:
    case KNOWN_DATE:
    case KNOWN_DATETIME:
    case KNOWN_DECIMAL:
    case KNOWN_DEFAULT_DICT:
    case KNOWN_DEQUE:
    case KNOWN_FRACTION:
    case KNOWN_NUMPY:
    case KNOWN_ORDERED_DICT:
    case KNOWN_PATH:
    case KNOWN_RANGE:
    case KNOWN_TIME:
    case KNOWN_TIMEDELTA:
    case KNOWN_TIMEZONE:
    case KNOWN_UUID:
        return true;
    default:
        return false;
    }
}

/* Proxies of the standard library's, and of ours, are what they are: none has an __eq__. */
static bool is_standard_proxy(const struct sm_object *object)
{
    static const char *const modules[] = {"multiprocessing.managers", "syncmanager.proxies"};
    struct value_proxy proxy;

    if (!value_is_proxy(object, &proxy) || proxy.factory.kind != SM_KIND_GLOBAL)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
        if (same_name(proxy.factory.global->module, proxy.factory.global->module_len, modules[i]))
            return true;
    }
    return false;
}

bool value_is_unknown(struct sm_value v)
{
    switch (v.kind) {
    case SM_KIND_GLOBAL:
        return !value_is_builtin(v) && !value_is_known_class(v.global);
    case SM_KIND_OBJECT:
        return !is_exact(value_known_class(v)) && !is_standard_proxy(v.object);
    default:
        return false;
    }
}

bool value_is_builtin(struct sm_value v)
{
    return v.kind == SM_KIND_GLOBAL &&
           same_name(v.global->module, v.global->module_len, "builtins");
}

/* Every exception of the standard library ends in one of these, but for a few of one word. */
bool value_is_exception(struct sm_value v)
{
    static const char *const endings[] = {"Error", "Exception", "Warning",
                                          "Exit",  "Interrupt", "Iteration"};
    struct sm_value callable;

    if (v.kind != SM_KIND_OBJECT || v.object->args.kind != SM_KIND_TUPLE)
        return false;
    callable = v.object->callable;
    if (callable.kind != SM_KIND_GLOBAL)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
        size_t len = strlen(endings[i]);

        if (callable.global->name_len >= len &&
            memcmp(callable.global->name + callable.global->name_len - len, endings[i], len) == 0)
            return true;
    }
    return value_is_global(callable, "queue", "Full") ||
           value_is_global(callable, "queue", "Empty") ||
           value_is_global(callable, "_queue", "Empty");
}

/* A state is a dict, or that and a dict of slots in a pair. */
static struct sm_value state_dict(const struct sm_object *object)
{
    struct sm_value state;

    if (object->steps_len != 1 || object->steps[0].kind != SM_STEP_STATE)
        return sm_none();
    state = object->steps[0].value;
    if (state.kind == SM_KIND_TUPLE && state.items->len == 2)
        state = state.items->item[0];
    return state;
}

/*
 * The known classes set what is looked for as they are made, so it comes first. Many objects can
 * share one long state, and each must not take as long as that is.
 */
#define ATTRIBUTES_MAX 64

struct sm_value value_attribute(const struct sm_object *object, const char *name)
{
    struct sm_value state = state_dict(object);

    for (size_t i = 0; state.kind == SM_KIND_DICT && i < MIN(state.items->len, ATTRIBUTES_MAX * 2);
         i += 2) {
        const struct sm_value *key = &state.items->item[i];

        if (key->kind == SM_KIND_STR && same_name(key->text, key->len, name))
            return key[1];
    }
    return sm_missing();
}

/* "NaN", "-NaN12", "sNaN" */
static bool is_decimal_nan(const struct sm_items *args)
{
    const char *text = args->item[0].text;
    size_t len = args->item[0].len;

    if (args->item[0].kind != SM_KIND_STR)
        return false;
    if (len && *text == '-') {
        text++;
        len--;
    }
    return len && (*text == 'N' || *text == 's');
}

bool value_is_nan(const struct sm_object *object)
{
    struct sm_value v = {.kind = SM_KIND_OBJECT, .object = (struct sm_object *)object};
    const struct sm_items *args = value_made_by(v, "decimal", "Decimal");
    struct numpy scalar;

    if (args)
        return args->len == 1 && is_decimal_nan(args);
    return numpy_read(v, &scalar) && numpy_is_nan(&scalar);
}

bool value_is_slice(struct sm_value v, struct value_slice *ret)
{
    const struct sm_items *args = value_made_by(v, "builtins", "slice");

    if (!args || args->len != 3)
        return false;
    *ret = (struct value_slice){
        .start = args->item[0],
        .stop = args->item[1],
        .step = args->item[2],
    };
    return true;
}

size_t value_array_item_size(char typecode)
{
    switch (typecode) {
    case 'b':
    case 'B':
        return 1;
    case 'h':
    case 'H':
        return sizeof(short);
    case 'i':
    case 'I':
        return sizeof(int);
    case 'l':
    case 'L':
        return sizeof(long);
    case 'q':
    case 'Q':
        return sizeof(long long);
    case 'f':
        return sizeof(float);
    case 'd':
        return sizeof(double);
    case 'u':
        return sizeof(wchar_t);
    case 'w':
        return sizeof(uint32_t);
    default:
        return 0;
    }
}

/* The code that array's pickles give to items as this machine has them. */
static int64_t machine_format(char typecode, size_t size)
{
    const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    int64_t log2_size = size == 8 ? 3 : size == 4 ? 2 : size == 2 ? 1 : 0;

    switch (typecode) {
    case 'f':
        return 14 + big;
    case 'd':
        return 16 + big;
    case 'u':
    case 'w':
        return (size == 4 ? 20 : 18) + big;
    case 'B':
        return 0;
    case 'b':
        return 1;
    default: /* unsigned and signed, little and big, of 16 bits and more */
        return log2_size * 4 - 2 + (typecode >= 'a' ? 2 : 0) + big;
    }
}

static bool read_array(struct sm_value typecode, struct sm_value bytes, struct value_array *ret)
{
    size_t size;

    if (typecode.kind != SM_KIND_STR || typecode.len != 1 || bytes.kind != SM_KIND_BYTES)
        return false;
    size = value_array_item_size(typecode.text[0]);
    if (!size || bytes.len % size)
        return false;
    *ret = (struct value_array){.typecode = typecode.text[0], .bytes = bytes};
    return true;
}

/* array(typecode, bytes), or _array_reconstructor(array, typecode, format, bytes). */
bool value_is_array(struct sm_value v, struct value_array *ret)
{
    const struct sm_items *args = value_made_by(v, "array", "array");
    struct value_array array;

    if (args)
        return args->len == 2 && read_array(args->item[0], args->item[1], ret);
    args = value_made_by(v, "array", "_array_reconstructor");
    if (!args || args->len != 4 || !value_is_global(args->item[0], "array", "array") ||
        !read_array(args->item[1], args->item[3], &array))
        return false;
    if (args->item[2].kind != SM_KIND_INT ||
        args->item[2].integer !=
            machine_format(array.typecode, value_array_item_size(array.typecode)))
        return false;
    *ret = array;
    return true;
}

/* A Token's state is its slots, as a tuple. */
bool value_is_token(struct sm_value v, struct value_token *ret)
{
    const struct sm_object *object = v.object;
    const struct sm_items *state;

    if (v.kind != SM_KIND_OBJECT || object->args.kind != SM_KIND_TUPLE ||
        !value_is_of_managers(object->callable, "Token") || object->steps_len != 1 ||
        object->steps[0].kind != SM_STEP_STATE || object->steps[0].value.kind != SM_KIND_TUPLE)
        return false;
    state = object->steps[0].value.items;
    if (state->len != 3)
        return false;
    *ret = (struct value_token){
        .typeid = state->item[0],
        .address = state->item[1],
        .ident = state->item[2],
    };
    return true;
}

bool value_is_descriptor(const struct sm_object *object, struct sm_value *ret_key)
{
    struct sm_value state;

    if (object->steps_len != 1 || object->steps[0].kind != SM_STEP_STATE ||
        (!value_is_global(object->callable, "multiprocessing.resource_sharer", "DupFd") &&
         !value_is_global(object->callable, "multiprocess.resource_sharer", "DupFd")))
        return false;
    state = object->steps[0].value;
    if (state.kind != SM_KIND_DICT || state.items->len != 2 ||
        state.items->item[1].kind != SM_KIND_TUPLE || state.items->item[1].items->len != 2)
        return false;
    *ret_key = state.items->item[1].items->item[1];
    return true;
}

bool value_is_proxy(const struct sm_object *object, struct value_proxy *ret)
{
    const struct sm_items *args;

    if (object->args.kind != SM_KIND_TUPLE ||
        !value_is_of_managers(object->callable, "RebuildProxy"))
        return false;
    args = object->args.items;
    if (args->len != 4 || !value_is_token(args->item[1], &ret->token))
        return false;
    ret->factory = args->item[0];
    return true;
}
