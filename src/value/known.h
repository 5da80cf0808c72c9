/* SPDX-License-Identifier: MIT */
/*
 * Objects that are recipes in the tree, but whose meaning the types need: slice, range, complex,
 * array.array, proxies, iterators sent by value.
 */
#ifndef VALUE_KNOWN_H
#define VALUE_KNOWN_H

#include "value/tree.h"

/* Whether v is the global `module`.`name`. */
bool value_is_global(struct sm_value v, const char *module, const char *name);

/* The same of multiprocessing.managers, by whichever name a client has it. */
bool value_is_of_managers(struct sm_value v, const char *name);

/* The args tuple of an object made by calling (or NEW of) that global, or NULL. */
const struct sm_items *value_made_by(struct sm_value v, const char *module, const char *name);

/* Classes of the standard library whose instances are understood from their recipes. */
enum known_class {
    KNOWN_NONE,
    KNOWN_ARRAY,
    KNOWN_COMPLEX,
    KNOWN_CHAIN,
    KNOWN_COUNTER,
    KNOWN_DATE,
    KNOWN_DATETIME,
    KNOWN_DECIMAL,
    KNOWN_DEFAULT_DICT,
    KNOWN_DEQUE,
    KNOWN_DEQUE_ITERATOR,
    KNOWN_ENUMERATE,
    KNOWN_FRACTION,
    KNOWN_ISLICE,
    KNOWN_ITERATOR,
    KNOWN_LAZY, /* map, most of itertools: iterable, but only by running code */
    KNOWN_NAMESPACE,
    KNOWN_NUMPY, /* a scalar that is read as a number or text: numpy.h */
    KNOWN_ORDERED_DICT,
    KNOWN_PARTIAL,
    KNOWN_PATH,
    KNOWN_RANGE,
    KNOWN_REVERSED,
    KNOWN_SIMPLE_NAMESPACE,
    KNOWN_SLICE,
    KNOWN_TIME,
    KNOWN_TIMEDELTA,
    KNOWN_TIMEZONE,
    KNOWN_TOKEN,
    KNOWN_USER_DICT,
    KNOWN_USER_LIST,
    KNOWN_USER_STRING,
    KNOWN_UUID,
    KNOWN_VALUE,
    KNOWN_ZIP,
};

struct known {
    const char *name;
    const char *module;
    enum known_class class;
    const char *type_name; /* as messages have it, where that is not the name */
    bool unhashable;
};

/* What is known of the class of v; NULL for what is no object, or of an unknown class. */
const struct known *value_known(struct sm_value v);

static inline bool value_is_known(struct sm_value v)
{
    return value_known(v) != NULL;
}

/* Whether a global is one of these classes. */
bool value_is_known_class(const struct sm_global *global);

static inline enum known_class value_known_class(struct sm_value v)
{
    const struct known *known = value_known(v);

    return known ? known->class : KNOWN_NONE;
}

/* What a global most likely is: its name is all there is to tell by. */
enum global_sort {
    GLOBAL_CLASS,
    GLOBAL_FUNCTION,
    GLOBAL_BUILTIN_FUNCTION,
    GLOBAL_SINGLETON, /* Ellipsis, NotImplemented */
};
enum global_sort value_global_sort(const struct sm_global *global);

/* What follows the last dot of a qualified name. */
struct sm_value value_last_name(const struct sm_global *global);

/*
 * Whether v is a global of the builtins module; whether it is an exception, as far as names tell.
 */
bool value_is_builtin(struct sm_value v);
bool value_is_exception(struct sm_value v);

/* What a class that keeps its attributes in __dict__ was given as `name`; missing when nothing. */
struct sm_value value_attribute(const struct sm_object *object, const char *name);

/* Whether an object is a number that is not equal to itself: of Decimal, of numpy. */
bool value_is_nan(const struct sm_object *object);

struct value_slice {
    struct sm_value start;
    struct sm_value stop;
    struct sm_value step;
};
bool value_is_slice(struct sm_value v, struct value_slice *ret);

/* An array.array: type code, and items in this machine's byte order. Both ways it is pickled. */
struct value_array {
    char typecode;
    struct sm_value bytes;
};
bool value_is_array(struct sm_value v, struct value_array *ret);

/* Bytes of an item of an array of this type code on this machine; 0 when there is no such code. */
size_t value_array_item_size(char typecode);

/* A multiprocessing.managers.Token: how a shared object is named between processes. */
struct value_token {
    struct sm_value typeid;
    struct sm_value address;
    struct sm_value ident;
};
bool value_is_token(struct sm_value v, struct value_token *ret);

/* A proxy of a shared object: RebuildProxy(factory, Token, 'pickle', kwds). */
struct value_proxy {
    struct sm_value factory;
    struct value_token token;
};
bool value_is_proxy(const struct sm_object *object, struct value_proxy *ret);

/*
 * A file descriptor that some process keeps for whoever loads this: a DupFd, whose state says
 * where. What it is known by there is in *ret_key. It is told as soon as it has its state.
 */
bool value_is_descriptor(const struct sm_object *object, struct sm_value *ret_key);

/*
 * What a known object compares as, in the tree: the number that a Decimal, Fraction or complex is
 * equal to, the dict or list that a mapping or sequence holds, or a tuple that no Python value is
 * equal to and that tells instances of the class apart. Returns 1, 0 when v is of no such class,
 * -ENOMEM or -ELOOP.
 */
int value_plain(struct tree *tree, struct sm_value v, struct sm_value *ret);

/* The number of items of a range; -1 when v is none, or a longer one than 64 bits can tell. */
int64_t value_range_len(struct sm_value v);

/* Why the elements of a value, or the pairs of a mapping, cannot be had. */
enum iterate {
    ITERATE_NOT = 1,      /* it is no iterable, or no mapping */
    ITERATE_NEEDS_PYTHON, /* only the code of its class tells */
};

/*
 * The elements of anything iterable, as a new list in the tree: containers, dicts (their keys),
 * str (its characters), bytes (ints), range, and the iterables of the standard library that are
 * sent by value (iterators, deque, OrderedDict, Counter, defaultdict, array.array, ...). Returns 0,
 * an enum iterate, or -ENOMEM (also for a range of more than LIMIT_RANGE).
 */
int value_iterate(struct tree *tree, struct sm_value v, struct sm_value *ret);

/*
 * The key, value pairs of a mapping sent by value: dict, OrderedDict, Counter, ... as a dict.
 * Returns 0, an enum iterate, or -ENOMEM.
 */
int value_mapping(struct tree *tree, struct sm_value v, struct sm_value *ret);

#endif
