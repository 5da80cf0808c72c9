/* SPDX-License-Identifier: MIT */
/*
 * Shared objects. A table, struct object_type, says what the objects of a type are: it has their
 * methods, and a handful of functions that all types have. The struct of a type's objects has a
 * `struct object` in it, under the name `object`.
 *
 * An object lives as long as anybody refers to it: clients (by incref and decref), parked calls,
 * values that hold a proxy of it, the registration of a name. `ref` counts all of these. `clients`
 * counts the references of clients alone: number_of_objects() and decref go by that.
 */
#ifndef OBJECT_OBJECT_H
#define OBJECT_OBJECT_H

#include "base/list.h"
#include "base/ref.h"
#include "base/word.h"
#include "pickle/pickle.h"
#include "syncmanager/value.h"

struct audience;
struct call;
struct lease;
struct object;
struct registry;
struct stay;
struct transit;
struct version;

typedef void (*method_fn)(struct object *self, struct call *call);

/* Which rules, and which words, Python has for the arguments of a function. */
enum signature_style {
    SIGNATURE_PYTHON,   /* def f(self, a, b=1, *, c): names, defaults, keyword-only */
    SIGNATURE_NONE,     /* C, METH_NOARGS: "list.clear() takes no arguments (1 given)" */
    SIGNATURE_ONE,      /* C, METH_O: "list.append() takes exactly one argument (2 given)" */
    SIGNATURE_UNPACK,   /* C, positional only: "insert expected 2 arguments, got 1" */
    SIGNATURE_PARSED,   /* the same, until 3.12: "find() takes at least 1 argument (0 given)" */
    SIGNATURE_KEYWORDS, /* C, with keywords: "acquire() takes at most 2 arguments (3 given)" */
    SIGNATURE_RAW,      /* the method looks at call->args and call->kwds itself */
    SIGNATURE_SLOT,     /* C slot wrapper: "expected 1 argument, got 2" */
    SIGNATURE_SLOT2, /* the same where Python's message starts with a space: __mul__, __setitem__ */
};

#define SIGNATURE_PARAMS_MAX 6

struct signature {
    enum signature_style style;
    const char *params[SIGNATURE_PARAMS_MAX]; /* names, in order; "" of C's positional-only ones */
    uint8_t required;                         /* how many of them must be given */
    uint8_t keyword_only;                     /* how many at the end are given by keyword alone */
    int8_t beside; /* arguments that Python counts beside these and self; -1: not even self */
    /* Which are read as numbers, and not kept: SIGNATURE_PARAM(0) is the first. */
    uint8_t ints;    /* an int, or a slice of ints */
    uint8_t numbers; /* an int or float */
};

#define SIGNATURE_PARAM(i) (1 << (i))

struct method {
    const char *name;
    method_fn fn;
    struct signature takes;
    const char *owner;     /* class that Python's messages name, where it is not the type's own */
    uint8_t since;         /* minor version of the first Python 3 whose type has it; 0: all here */
    uint8_t exposed_since; /* the same of its proxy class; EXPOSED_NEVER: by registration alone */
    uint8_t exposed_until; /* the last that has it in this place; 0: all */
    /*
     * A registered object does not list it among its exposed names: stock clients make a proxy
     * class of the list, and a proxy that has this method calls it for every attribute.
     */
    bool unlisted;
    /*
     * It is a function of its object's state and its arguments: it changes nothing, neither this
     * object nor another, hands out no reference, and never waits. One that does not say so may.
     */
    bool reads;
    /*
     * It changes nothing that another could see, either, although it waits, hands out an object
     * that is made for the caller, or depends on more than its object: whoever may only read may
     * call it.
     */
    bool harmless;
    /*
     * How many values of its object the method goes through. If they are many, or the arguments
     * are, the method runs aside, on another thread: then it must touch nothing but its call and
     * its object.
     */
    enum method_reach {
        REACH_LOOP,      /* it does touch more, and runs on the loop */
        REACH_ARGUMENTS, /* no more than it is given, and a few places */
        REACH_TAIL,      /* what is behind an index, to move it; all of it for a slice */
        REACH_SLICE,     /* a place, or for a slice all of it, to copy it */
        REACH_MOVE,      /* all of it, to move it */
        REACH_LOOK,      /* all of it, to look at it, copy it or free it */
        REACH_ALL,       /* all of it, with more to do */
    } reach;
};

#define EXPOSED_NEVER 255

/* How much an object holds, for people: what takes long to count is estimated. */
struct extent {
    size_t items;
    size_t bytes;
};

struct object_type {
    const char *name; /* type(x).__name__: "list", "Semaphore" */
    size_t size;
    struct signature create;
    const struct method *methods; /* in the order of the wire; ended by a zeroed one */

    /*
     * Make the object from call's bound arguments. The memory is zeroed but for the embedded
     * object. False: the call has been answered with the reason.
     */
    bool (*init)(struct object *self, struct call *call);

    /* Free what the object holds. No call is parked on it any more. Must bear zeroed memory. */
    void (*deinit)(struct object *self);

    /* Append repr(object). Returns 0 or a negative errno, as value_repr(). NULL: <name object>. */
    int (*repr)(struct object *self, struct buffer *out, unsigned python);

    /* Append str(object), where that is not repr(). */
    int (*str)(struct object *self, struct buffer *out, unsigned python);

    /*
     * Append, for people, the newest value that the object holds, and at the next calls those
     * before it: `*at` is 0 at first, and the type's. Returns 1, 0 when there are no more, or a
     * negative errno. NULL: it holds no row of values.
     */
    int (*newest)(struct object *self, size_t *at, struct buffer *out, unsigned python);

    /* Write the object by value, for #GETVALUE. NULL: it cannot be pickled. */
    void (*getvalue)(struct object *self, struct pickler *p);

    /* Add what the object holds beside its struct. NULL: nothing. */
    void (*measure)(struct object *self, struct extent *extent);

    /*
     * How many values the object holds. If they are many, what takes long is done aside: its
     * methods, making it, freeing it. So init and deinit must touch nothing but the object. NULL:
     * the objects of this type never hold many.
     */
    size_t (*count)(const struct object *self);

    /*
     * The object whose values this one's methods read, as an iterator's read a list's, or NULL. A
     * type without this function has methods that read no other object.
     */
    struct object *(*looks_into)(const struct object *self);

    /* Its objects never change: all methods are for those who may only read, too. */
    bool constant;

    /* Text that cannot-be-pickled messages name: "_thread.lock"; NULL: the type's name. */
    const char *unpicklable;

    /* A parked call of `caller` ended without an answer that arrived: take back what it got. */
    void (*give_back)(struct object *self, struct call *call);

    /* Serve calls whole, whatever their method: the type has none of its own. NULL: by methods. */
    void (*serve)(struct object *self, struct call *call);

    /* What becomes of it where Python code is run for its calls: see place/host_copy.c. */
    enum {
        OBJECT_STAYS,
        OBJECT_VISITS,           /* `create` takes its value back; it has no pointers into itself */
        OBJECT_VISITS_UNCHANGED, /* it cannot change */
    } visits;

    /* Write the tuple of the exposed names. NULL: those of the methods. */
    void (*write_exposed)(const struct object *self, struct pickler *p);

    /*
     * The owner of this object, by object_own(), has ended. Let the object go; or, with `keep`,
     * leave it as it is for ever.
     */
    void (*owner_gone)(struct object *self, bool keep);

    /*
     * The state as a word that clients change (base/word.h), which leaves the object free and
     * unowned. False: not as it is now, above all while a call waits. `unpack` takes the state
     * back, and bears any word. NULL: the state does not go into one.
     */
    bool (*pack)(struct object *self, uint64_t *ret);
    void (*unpack)(struct object *self, uint64_t word);

    enum word_kind word; /* what such a word is */

    /* Of WORD_COUNT: the most that it may be. */
    uint64_t (*word_max)(const struct object *self);
};

struct object {
    struct ref ref;
    const struct object_type *type;
    struct registry *registry; /* outlives the object */
    uint64_t ident;            /* never reused */
    size_t clients;            /* references that clients hold */
    struct stay *where;        /* at a place that gets its calls: see place.h; NULL: it is here */
    size_t waiting;            /* calls of its methods that are parked */
    size_t accounted;          /* those that known processes have taken: see account.c */
    struct list holdings;      /* by whom */
    struct audience *audience; /* the keys that it is for: see access.h; NULL: all */
    bool of_reader;            /* made for one who may only read: so may do all with it */
    bool registered;           /* made by a registration: its public methods are exposed too */
    int32_t transit; /* how often its proxy was sent, as clients say, less how often it arrived */
    struct transit *in_transit; /* while nobody refers to it but that: see transit.h */
    struct list owned;          /* in the row of what a connection or a process owns; or in none */
    struct object *next_dying;  /* in the registry's row of objects to free */
    struct lease *lease;        /* owned; NULL: no client has a word of it */
    struct version *version;    /* shared memory; NULL: no client watches it */
    uint64_t calls;             /* that were answered, where the server counts them */
};

/*
 * Make an object, from the arguments bound in `call`. On failure the call has been answered.
 * The caller owns the one reference.
 */
struct object *object_new(struct registry *registry, const struct object_type *type,
                          struct call *call);

static inline struct object *object_ref(struct object *object)
{
    ref_take(&object->ref);
    return object;
}

/* Enter an object that was made aside into the registry. False: the call has been answered. */
bool object_enter(struct object *object, struct call *call);

static inline void object_unref(struct object *object)
{
    if (object)
        ref_drop(&object->ref);
}

/*
 * Give the object an owner: a connection, whose row is call.owned, or a process, whose row is
 * account.owned. It has this owner until object_disown(). If the owner ends before that, the type's
 * owner_gone is called.
 */
void object_own(struct object *object, struct list *owned);
void object_disown(struct object *object);

/*
 * The method of this name that `object` exposes to a client, or NULL. `python` is the minor version
 * of the client's Python. `proxies` is that of the Python whose proxy classes the client has, if it
 * is newer, else 0: methods that only proxies call go by it.
 */
const struct method *object_method(const struct object *object, const char *name, size_t len,
                                   unsigned python, unsigned proxies);

/* Whether such a client may call this method, which is of the object's type. */
bool object_exposes(const struct object *object, const struct method *method, unsigned python,
                    unsigned proxies);

/* Write the tuple of the names that object_method() finds. */
void object_write_exposed(const struct object *object, struct pickler *p, unsigned python,
                          unsigned proxies);

/* The same for those that read. */
void object_write_reads(const struct object *object, struct pickler *p, unsigned python,
                        unsigned proxies);

/* Append repr(object). Returns 0, -ENOMEM or -ELOOP, as value_repr(). */
int object_repr(struct object *object, struct buffer *out, unsigned python);

#endif
