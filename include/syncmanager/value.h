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

#ifdef __cplusplus
#include <initializer_list>

extern "C" {
#endif

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

/**
 * What a method of a shared object does with an argument whose class only Python knows; and what
 * that comes to. See SM_REQUEST_ASK.
 */
enum sm_ask {
    SM_ASK_TRUTH,         /**< `if x`: a bool */
    SM_ASK_INDEX,         /**< an index, a count, a part of a slice: an int */
    SM_ASK_NUMBER,        /**< counts with it and compares it: an int or float */
    SM_ASK_UNITS,         /**< the same, as `Semaphore.release()` */
    SM_ASK_TEXT,          /**< takes it for a text: a str */
    SM_ASK_NAME,          /**< takes it for an attribute's name, which is hashed: a str */
    SM_ASK_ITEM,          /**< stores it in an array of `typecode`: an int, float or str */
    SM_ASK_WAIT,          /**< waits so long, as `Event.wait()`: an int or float */
    SM_ASK_WAIT_UNTIL,    /**< the same, as `Semaphore.acquire()`, which adds it to the time */
    SM_ASK_QUEUE_WAIT,    /**< the same, as `Queue.get()`, which compares it to 0 before */
    SM_ASK_QUEUE_TIMEOUT, /**< what `Queue.get()` does with it when it need not wait */
    SM_ASK_LOCK_BLOCKING, /**< the first argument of `Lock.acquire()`, until Python 3.11 */
    SM_ASK_LOCK_TIMEOUT,  /**< its second argument: an int or float */
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
    bool listed;              /**< used by the library while it reads a descriptor */
    struct sm_value callable; /**< a global, or an object that is called */
    struct sm_value args;     /**< a tuple; another kind where a peer sent one */
    struct sm_value kwargs;   /**< a dict, of SM_MAKE_NEW_EX alone */
    struct sm_step *steps;    /**< how it goes on */
    size_t steps_len;         /**< number of steps */
    size_t steps_cap;         /**< used by the library while it builds */
    void *ref;                /**< used by the library: the shared object that a proxy stands for */
};

/** @cond */
static inline struct sm_value sm_zero_(enum sm_kind kind)
{
    struct sm_value v;

    v.kind = kind;
    v.id = 0;
    v.integer = 0;
    v.len = 0;
    return v;
}
/** @endcond */

/** `None`. */
static inline struct sm_value sm_none(void)
{
    return sm_zero_(SM_KIND_NONE);
}

/** No value, in place of an argument that is left out. */
static inline struct sm_value sm_missing(void)
{
    return sm_zero_(SM_KIND_MISSING);
}

/** `True` or `False`. */
static inline struct sm_value sm_bool(bool boolean)
{
    struct sm_value v = sm_zero_(SM_KIND_BOOL);

    v.boolean = boolean;
    return v;
}

/** An int. */
static inline struct sm_value sm_int(int64_t integer)
{
    struct sm_value v = sm_zero_(SM_KIND_INT);

    v.integer = integer;
    return v;
}

/** A float. */
static inline struct sm_value sm_float(double number)
{
    struct sm_value v = sm_zero_(SM_KIND_FLOAT);

    v.number = number;
    return v;
}

/** A str of `len` bytes of UTF-8, borrowed. */
static inline struct sm_value sm_strn(const char *text, size_t len)
{
    struct sm_value v = sm_zero_(SM_KIND_STR);

    v.text = text;
    v.len = len;
    return v;
}

/** A str of NUL-terminated UTF-8, borrowed. */
static inline struct sm_value sm_str(const char *text)
{
    return sm_strn(text, strlen(text));
}

/** A bytes object, borrowed. */
static inline struct sm_value sm_bytes(const void *bytes, size_t len)
{
    struct sm_value v = sm_zero_(SM_KIND_BYTES);

    v.bytes = (const uint8_t *)bytes;
    v.len = len;
    return v;
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

/** An int of any size, from little-endian bytes in two's complement, borrowed. */
static inline struct sm_value sm_bigint(const void *bytes, size_t len)
{
    struct sm_value v = sm_zero_(SM_KIND_BIGINT);

    v.bytes = (const uint8_t *)bytes;
    v.len = len;
    return v;
}

/** A container of a kind, of `items` that are borrowed; of a dict: keys and values in turn. */
static inline struct sm_value sm_container(enum sm_kind kind, struct sm_items *items)
{
    struct sm_value v = sm_zero_(kind);

    v.items = items;
    return v;
}

/**
 * An element of a tuple, list, set or frozenset, or a key of a dict.
 *
 * @return a view that lives as long as `v`; of SM_KIND_MISSING where there is no such element
 */
static inline struct sm_value sm_item(struct sm_value v, size_t index)
{
    if (!sm_is_container(v) || index >= sm_len(v))
        return sm_missing();
    return v.items->item[v.kind == SM_KIND_DICT ? 2 * index : index];
}

/** The value of the dict's entry whose key is sm_item(v, index); likewise missing. */
static inline struct sm_value sm_item_value(struct sm_value v, size_t index)
{
    if (v.kind != SM_KIND_DICT || index >= sm_len(v))
        return sm_missing();
    return v.items->item[2 * index + 1];
}

/**
 * @name Looking into values
 * Each returns SM_OK and sets `*ret`, or SM_EARG where the value is of another kind.
 * @{
 */

/** A bool. */
SM_API int sm_as_bool(struct sm_value v, bool *ret);

/** An int, or a bool, that fits 64 bits. */
SM_API int sm_as_int(struct sm_value v, int64_t *ret);

/** A float, int or bool. */
SM_API int sm_as_float(struct sm_value v, double *ret);

/** The UTF-8 of a str, as long as `v` lives; no NUL ends it. See sm_value_str() for one that has.
 */
SM_API int sm_as_str(struct sm_value v, const char **ret, size_t *ret_len);

/** The content of a bytes or bytearray, as long as `v` lives. */
SM_API int sm_as_bytes(struct sm_value v, const void **ret, size_t *ret_len);

/** The value of the dict's key that is equal to `key`; SM_NOT_YET when there is none. */
SM_API int sm_dict_find(struct sm_value dict, struct sm_value key, struct sm_value *ret);

/** @} */

/**
 * Whether two values are equal, as Python's `==` says: 1 == 1.0 == True; objects of classes that
 * are not known here are when they were made alike.
 *
 * @return 1, 0, or SM_EARG (too deep) or SM_ENOMEM
 */
SM_API int sm_value_equal(struct sm_value a, struct sm_value b);

/**
 * repr() of a value: the Python literal of what has one.
 *
 * @return NUL-terminated UTF-8 in memory of this thread, which keeps the last four such texts; on
 *         failure a text that says so: never NULL
 */
SM_API const char *sm_value_repr(struct sm_value v);

/** str() of a value, likewise: a str as it is, all else as print() shows it. */
SM_API const char *sm_value_str(struct sm_value v);

/** A value and all the memory that it is made of: what came back from a manager, or was parsed. */
struct sm_reply;

/**
 * The value of a Python literal, such as `{'a': [1, 2.5, None]}`.
 *
 * @param text  NUL-terminated UTF-8
 * @param ret   what holds the value, freed with sm_reply_free()
 *
 * @return SM_OK, SM_EARG (the message says what is wrong, and where), SM_ENOMEM
 */
SM_API int sm_value_parse(const char *text, struct sm_reply **ret);

/**
 * The value: a view that lives as long as the reply, and is not to be changed, as other replies may
 * have it too. NULL gives None.
 */
SM_API struct sm_value sm_reply_value(const struct sm_reply *reply);

/** Free a reply and every value taken out of it. NULL is allowed. */
SM_API void sm_reply_free(struct sm_reply *reply);

/** @cond */
#ifndef __cplusplus
#define SM_CONTAINER_(kind_, ...)                                                                  \
    ((struct sm_value){.kind = (kind_),                                                            \
                       .items =                                                                    \
                           &(struct sm_items){.item = (struct sm_value[]){__VA_ARGS__},            \
                                              .len = sizeof((struct sm_value[]){__VA_ARGS__}) /    \
                                                     sizeof(struct sm_value)}})
#define SM_DICT_(...)                                                                              \
    ((struct sm_value){                                                                            \
        .kind = SM_KIND_DICT,                                                                      \
        .items = &(struct sm_items){                                                               \
            .item = (struct sm_value *)(struct sm_value[][2]){__VA_ARGS__},                        \
            .len = sizeof((struct sm_value[][2]){__VA_ARGS__}) / sizeof(struct sm_value)}})
#else
}

struct sm_pair_ {
    struct sm_value item[2];
};

/* Lives to the end of the expression that it is written in, and so do the values. */
struct sm_items_ : sm_items {
    sm_items_(std::initializer_list<struct sm_value> list)
        : sm_items{const_cast<struct sm_value *>(list.begin()), list.size(), 0}
    {
    }
    sm_items_(std::initializer_list<struct sm_pair_> list)
        : sm_items{list.size() ? const_cast<struct sm_value *>(list.begin()->item) : nullptr,
                   2 * list.size(), 0}
    {
    }
    struct sm_value as(enum sm_kind kind)
    {
        return sm_container(kind, this);
    }
};

#define SM_CONTAINER_(kind_, ...)                                                                  \
    (sm_items_(std::initializer_list<struct sm_value>{__VA_ARGS__}).as(kind_))
#define SM_DICT_(...)                                                                              \
    (sm_items_(std::initializer_list<struct sm_pair_>{__VA_ARGS__}).as(SM_KIND_DICT))
#endif
/** @endcond */

/** A tuple of the values given. It lives as long as the block of code that it is written in; in C++
 * as long as the expression: write it where the call is. */
#define SM_TUPLE(...) SM_CONTAINER_(SM_KIND_TUPLE, __VA_ARGS__)

/** A list of the values given, likewise. */
#define SM_LIST(...) SM_CONTAINER_(SM_KIND_LIST, __VA_ARGS__)

/** A dict of `{key, value}` pairs, likewise. */
#define SM_DICT(...) SM_DICT_(__VA_ARGS__)

#endif
