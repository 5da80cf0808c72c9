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

/* The args tuple of an object made by calling (or NEW of) that global, or NULL. */
const struct sm_items *value_made_by(struct sm_value v, const char *module, const char *name);

struct value_slice {
    struct sm_value start;
    struct sm_value stop;
    struct sm_value step;
};
bool value_is_slice(struct sm_value v, struct value_slice *ret);

/* An array.array: type code, and items in this machine's byte order. */
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
 * The elements of anything iterable, as a new list in the tree: containers, dicts (their keys),
 * str (its characters), bytes (ints), range, and the iterables of the standard library that are
 * sent by value (iterators, deque, OrderedDict, Counter, defaultdict, array.array, ...). Returns 0,
 * -ENOMEM, -EINVAL when v is not iterable, -ENOTSUP when only running its class's code would tell.
 */
int value_iterate(struct tree *tree, struct sm_value v, struct sm_value *ret);

/* The key, value pairs of a mapping sent by value: dict, OrderedDict, Counter, ... as a dict. */
int value_mapping(struct tree *tree, struct sm_value v, struct sm_value *ret);

#endif
