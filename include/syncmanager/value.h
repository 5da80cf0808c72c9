/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Python values in C: a small tagged view, passed by value.
 *
 * A scalar stands in the view itself; text, bytes and items are borrowed, and must live as long as
 * the view is used. Nothing here allocates. Values are read-only: every holder may share them.
 */
#ifndef SYNCMANAGER_VALUE_H
#define SYNCMANAGER_VALUE_H

#include "syncmanager/base.h"

#include <string.h>

/** What a value is. Each kind is one Python type, but for the last three. */
enum sm_kind {
    SM_KIND_NONE,      /**< `None`; zeroed memory is this */
    SM_KIND_BOOL,      /**< `boolean` */
    SM_KIND_INT,       /**< `integer`; every int that fits 64 bits is of this kind */
    SM_KIND_BIGINT,    /**< `bytes`, `len`: two's complement, little-endian, no needless byte */
    SM_KIND_FLOAT,     /**< `number` */
    SM_KIND_STR,       /**< `text`, `len` in bytes: UTF-8, lone surrogates encoded likewise */
    SM_KIND_BYTES,     /**< `bytes`, `len` */
    SM_KIND_BYTEARRAY, /**< `bytes`, `len` */
    SM_KIND_TUPLE,     /**< `items` */
    SM_KIND_LIST,      /**< `items` */
    SM_KIND_SET,       /**< `items` */
    SM_KIND_FROZENSET, /**< `items` */
    SM_KIND_DICT,      /**< `items`: key, value, key, value, in order of insertion */
    SM_KIND_GLOBAL,    /**< `global`: a class, function or singleton, by name */
    SM_KIND_OBJECT,    /**< `object`: anything else, as the recipe that makes it */
    SM_KIND_MISSING,   /**< no value: an argument that was not given */
};

struct sm_items;
struct sm_global;
struct sm_object;

/** A Python value. */
struct sm_value {
    enum sm_kind kind; /**< which Python type it is of, and which member below holds it */
    /** 0, or which of its message's values this is; set by the library alone. */
    uint32_t id;
    union {
        bool boolean;
        int64_t integer;
        double number;
        const char *text;
        const uint8_t *bytes;
        struct sm_items *items;
        const struct sm_global *global;
        struct sm_object *object;
    };
    size_t len; /**< bytes of `text` or `bytes`; unused in other kinds */
};

/** What a container holds. */
struct sm_items {
    struct sm_value *item; /**< the first of them */
    size_t len;            /**< number of values; a dict has two for each entry */
    size_t cap;            /**< used by the library while it builds */
};

/** A name that Python finds by import: `module` and qualified `name`, UTF-8. */
struct sm_global {
    const char *module; /**< such as `collections` */
    size_t module_len;  /**< in bytes */
    const char *name;   /**< such as `OrderedDict` */
    size_t name_len;    /**< in bytes */
};

/** How an object is made from its callable. */
enum sm_make {
    SM_MAKE_CALL,   /**< `callable(*args)` */
    SM_MAKE_NEW,    /**< `callable.__new__(callable, *args)` */
    SM_MAKE_NEW_EX, /**< `callable.__new__(callable, *args, **kwargs)` */
};

/** What is done to an object once it is made, in order. */
enum sm_step_kind {
    SM_STEP_APPEND,  /**< `object.append(value)`, or extend */
    SM_STEP_SETITEM, /**< `object[key] = value` */
    SM_STEP_ADD,     /**< `object.add(value)` */
    SM_STEP_STATE,   /**< `object.__setstate__(value)` */
};

/** One of the steps. */
struct sm_step {
    enum sm_step_kind kind; /**< which */
    struct sm_value key;    /**< of SM_STEP_SETITEM alone */
    struct sm_value value;  /**< what is appended, set, added; the state */
};

/** An object of a class that is not known here: its recipe, which only Python carries out. */
struct sm_object {
    enum sm_make make;        /**< how the recipe begins */
    struct sm_value callable; /**< a global, or an object that is called */
    struct sm_value args;     /**< a tuple; another kind where a peer sent one */
    struct sm_value kwargs;   /**< a dict, of SM_MAKE_NEW_EX alone */
    struct sm_step *steps;    /**< how it goes on */
    size_t steps_len;         /**< number of steps */
    size_t steps_cap;         /**< used by the library while it builds */
    void *ref;                /**< used by the library: the shared object that a proxy stands for */
};

/** `None`. */
static inline struct sm_value sm_none(void)
{
    return (struct sm_value){.kind = SM_KIND_NONE};
}

/** No value, in place of an argument that is left out. */
static inline struct sm_value sm_missing(void)
{
    return (struct sm_value){.kind = SM_KIND_MISSING};
}

/** `True` or `False`. */
static inline struct sm_value sm_bool(bool boolean)
{
    return (struct sm_value){.kind = SM_KIND_BOOL, .boolean = boolean};
}

/** An int. */
static inline struct sm_value sm_int(int64_t integer)
{
    return (struct sm_value){.kind = SM_KIND_INT, .integer = integer};
}

/** A float. */
static inline struct sm_value sm_float(double number)
{
    return (struct sm_value){.kind = SM_KIND_FLOAT, .number = number};
}

/** A str of `len` bytes of UTF-8, borrowed. */
static inline struct sm_value sm_strn(const char *text, size_t len)
{
    return (struct sm_value){.kind = SM_KIND_STR, .text = text, .len = len};
}

/** A str of NUL-terminated UTF-8, borrowed. */
static inline struct sm_value sm_str(const char *text)
{
    return sm_strn(text, strlen(text));
}

/** A bytes object, borrowed. */
static inline struct sm_value sm_bytes(const void *bytes, size_t len)
{
    return (struct sm_value){.kind = SM_KIND_BYTES, .bytes = (const uint8_t *)bytes, .len = len};
}

/** Whether a value is one of Python's containers, whose content is in `items`. */
static inline bool sm_is_container(struct sm_value v)
{
    return v.kind >= SM_KIND_TUPLE && v.kind <= SM_KIND_DICT;
}

/** The number of elements of a container, entries of a dict, or bytes of text or bytes. */
static inline size_t sm_len(struct sm_value v)
{
    if (v.kind == SM_KIND_DICT)
        return v.items->len / 2;
    return sm_is_container(v) ? v.items->len : v.len;
}

#ifndef __cplusplus
/** @cond */
#define SM_CONTAINER_(kind_, ...)                                                                  \
    ((struct sm_value){.kind = (kind_),                                                            \
                       .items =                                                                    \
                           &(struct sm_items){.item = (struct sm_value[]){__VA_ARGS__},            \
                                              .len = sizeof((struct sm_value[]){__VA_ARGS__}) /    \
                                                     sizeof(struct sm_value)}})
/** @endcond */

/** A tuple of the values given, in the scope where it is written. */
#define SM_TUPLE(...) SM_CONTAINER_(SM_KIND_TUPLE, __VA_ARGS__)

/** A list of the values given, in the scope where it is written. */
#define SM_LIST(...) SM_CONTAINER_(SM_KIND_LIST, __VA_ARGS__)

/** A dict of `{key, value}` pairs, in the scope where it is written. */
#define SM_DICT(...)                                                                               \
    ((struct sm_value){                                                                            \
        .kind = SM_KIND_DICT,                                                                      \
        .items = &(struct sm_items){                                                               \
            .item = (struct sm_value *)(struct sm_value[][2]){__VA_ARGS__},                        \
            .len = sizeof((struct sm_value[][2]){__VA_ARGS__}) / sizeof(struct sm_value)}})
#endif

#endif
