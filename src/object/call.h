/* SPDX-License-Identifier: MIT */
/*
 * A call: one request to an object, with one answer, now or later. A method returns, raises or
 * parks. The request's values are gone once the method has returned: a method that parks stores
 * what it needs in the call (`item`, `number`).
 */
#ifndef OBJECT_CALL_H
#define OBJECT_CALL_H

#include "base/list.h"
#include "base/timers.h"
#include "object/account.h"
#include "object/object.h"

struct asked;
struct waitq;

/* What an exception in this call becomes. */
enum call_errors {
    CALL_RAISES, /* #ERROR: the caller gets the exception itself */
    CALL_FAILS,  /* #TRACEBACK: the caller gets a RemoteError; constructors and server functions */
};

/* What closes a message whose payload is lent: TUPLE2, STOP. */
#define CALL_LENT_END "\x86."

struct call {
    struct registry *registry;
    struct object *object; /* one reference while the call is under way; NULL in create */
    const struct method *method;
    const struct method *recent;           /* what the last call found */
    size_t recent_len;                     /* of its name, in bytes */
    const struct object_type *recent_type; /* whose method it is; NULL: none was found yet */
    uint64_t caller;         /* the connection, which owns an RLock; never reused, never 0 */
    struct list *owned;      /* what that connection owns: see object_own() */
    struct account *account; /* of the process behind it; NULL: not known */
    unsigned python;  /* minor version of the Python whose texts and types the caller expects */
    unsigned proxies; /* of the one whose proxies it has, if that is newer; else 0 */
    nsec now;         /* when the request came; for a parked call, when it is answered */
    enum call_errors errors;
    bool answered;
    bool may_leave; /* there is a host that can serve the call: see call_leave() */
    enum {
        CALL_STAYS,
        CALL_LEAVES, /* the host is to serve it */
        CALL_ASKS,   /* the host is to tell what an argument is: see ask.h */
        CALL_BRINGS, /* the host is to take over the descriptors among the arguments */
    } left;
    bool many; /* the arguments are: their message was decoded aside */
    enum {
        CALL_ANYWHERE,
        CALL_HERE,  /* it must run on the loop */
        CALL_ASIDE, /* it runs on another thread */
    } place;

    /* The request; until the method returns. */
    struct tree *tree;
    const uint8_t *message;                    /* as it came; borrowed */
    size_t message_len;                        /* in bytes */
    struct sm_value args;                      /* tuple */
    struct sm_value kwds;                      /* dict */
    struct sm_value arg[SIGNATURE_PARAMS_MAX]; /* bound to the method's parameters, or missing */
    struct asked *asked;     /* owned: what Python was asked about them; NULL: nothing */
    struct object **brought; /* owned, and a reference each: the descriptors among them that were
                                taken over, NULL at the end; NULL: none */

    /* The answer: a reply message is appended to `out`, then `done` is called, once. */
    struct buffer *out; /* borrowed */
    size_t out_room;    /* bytes left free before the message, for a frame's header */
    size_t out_start;   /* where that room begins */
    struct pickler pickler;
    void (*done)(struct call *call);
    bool lends;         /* the message may end elsewhere: in `lent`, and CALL_LENT_END behind it */
    struct frozen lent; /* absent: the message is whole */

    /* While parked, and after it, until the answer is known to have arrived. */
    struct waitq *queue; /* NULL: not parked */
    struct list link;
    struct timer timer;
    struct frozen item;       /* what a parked method needs: the item to put, ... */
    void *parked;             /* what is known of it outside the server: see server/ */
    uint64_t number;          /* ...: the units to take, the levels to restore */
    bool handed;              /* the answer hands over something that give_back can take back */
    struct object *granted;   /* the answer gives a client's reference to it; one reference */
    struct pickle_notes sent; /* the objects whose proxies answers hold, one reference each */
    size_t sent_held;         /* as many of them have that reference already */
};

void call_init(struct call *call, struct registry *registry, struct tree *tree, struct buffer *out,
               void (*done)(struct call *call));

/* The `done` of a call that no connection waits for: who made it looks at `out`. */
void call_unattended(struct call *call);

/* Withdraws the call if it is parked; its `done` is not called. */
void call_deinit(struct call *call);

/* Make ready for the next request, which tells that the last answer has arrived. */
void call_reset(struct call *call);

/*
 * Let go of the objects whose proxies were sent. A client of ours takes its own references over
 * the same connection, so they are held until its next request that is not a server function.
 */
void call_drop_sent(struct call *call);

/* The last answer was not delivered: what it handed over goes back. */
void call_undelivered(struct call *call);

/* The connection or the process has ended: let go of all it owned, or keep it locked for ever. */
void call_disown_all(struct list *owned, bool keep);

/*
 * Run the request in call->args and call->kwds: a method of an object, by name, or the making of
 * an object of a typeid. Answers or parks. Names that no object exposes but every object has
 * (__str__, __repr__, #GETVALUE) are served too.
 */
void call_method(struct call *call, struct object *object, struct sm_value name);
void call_create(struct call *call, struct sm_value typeid);

/* The same for a call that has its object: the rest of call_method(). */
void call_serve(struct call *call, struct sm_value name);

/* Whether an object of this type is to be made aside. */
static inline bool call_goes_aside(const struct call *call, const struct object_type *type)
{
    return call->many && type->count && call->place == CALL_ANYWHERE;
}

/*
 * A method finds that it has more to do with its object's values than to look at them. True: there
 * are many, and it runs aside, from its beginning, and returns without an answer.
 */
bool call_turned_aside(struct call *call);

/*
 * Whether the call must wait until it can look into this object; then it will be made again, from
 * its beginning, and returns without an answer. It has changed nothing, or will do it again.
 */
bool call_awaits(struct call *call, struct object *object);

/* Make the object of a typeid, or take its singleton. NULL: the call has been answered. */
struct object *call_construct(struct call *call, const char *typeid, size_t len);

/*
 * The call would run Python code. True: the manager has a host that serves it instead, from its
 * beginning: nothing may have been changed, and the method returns without an answer. False: there
 * is none, and the call is to be answered with a refusal.
 */
bool call_leave(struct call *call);

/* Make plain numbers of numpy's where the parameters say so. False: the call has been answered. */
bool call_take_numbers(struct call *call, const struct signature *takes);

/* The same where a method does not know v for what it needs, because Python alone knows its class. */
bool call_leave_for(struct call *call, struct sm_value v);

/*
 * Whether descriptors of other processes are among the arguments, and there is a host to take them
 * over: then the call is made again, from its beginning.
 */
bool call_brings(struct call *call);

/* Forget what Python was asked. NULL is allowed. */
void asked_free(struct asked *asked);

/*
 * Make args and kwds a tuple or list, and a dict, as f(*args, **kwds) does. What messages call the
 * function differs for the two stars; from 3.15 on they do not tell it. False: the call has been answered.
 */
bool call_spread(struct call *call, const char *starred, const char *function);

/*
 * Bind args and kwds to a signature, into call->arg. False: the call has been answered with the
 * TypeError that Python raises. `name` is the function's, `owner` its class's.
 */
bool call_bind(struct call *call, const struct signature *takes, const char *owner,
               const char *name);

/* Answers. Each ends the call. Values are of the call's tree, or carry no ids. */
void call_return(struct call *call, struct sm_value v);
void call_return_none(struct call *call);
void call_return_bool(struct call *call, bool v);
void call_return_int(struct call *call, int64_t v);
void call_return_frozen(struct call *call, const struct frozen *f);

/* The answer at hand gives the client a reference; taken back if it is not delivered. */
void call_grant(struct call *call, struct object *object);

/* #PROXY of a new object whose typeid is `typeid`; the client gets a reference. */
void call_return_proxy(struct call *call, struct object *object, const char *typeid);

/* The reply of create: (ident, exposed names); the client gets a reference. */
void call_return_created(struct call *call, struct object *object);

/* A whole message, written elsewhere. */
void call_answer(struct call *call, const struct buffer *message);

/* The answer that another call has, which ran aside; that one's buffer is left with another's. */
void call_take_answer(struct call *call, struct call *from);

/* Any other value, piece by piece: write exactly one value between begin and end. */
struct pickler *call_return_begin(struct call *call);
void call_return_end(struct call *call);

/*
 * Raise an exception. `type` is a builtin's name or has its module: "queue.Full". The message is
 * formatted; without one, pass NULL. Text that is not UTF-8 must not get in.
 */
void call_raise(struct call *call, const char *type, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same with these args: KeyError(key), StopIteration(value). */
void call_raise_args(struct call *call, const char *type, struct sm_value args);

/* The same, with a note that a traceback shows below it; Pythons have these from 3.11 on. */
void call_raise_args_note(struct call *call, const char *type, struct sm_value args,
                          const char *note);

/* What 3.14's messages about unhashable values call them. */
#define DICT_KEY "a dict key"
#define SET_ELEMENT "a set element"

/*
 * TypeError: v cannot be hashed, because of `blame`, which is v or inside it. `role` is what v was
 * to be; NULL: 3.14 does not say so either.
 */
void call_raise_unhashable(struct call *call, struct sm_value v, const char *role,
                           struct sm_value blame);

/* KeyError(key) of a dict that has no such key, or the TypeError of a key that cannot be one. */
void call_raise_key(struct call *call, struct sm_value key);

/* KeyError(key) and the like, the one argument being a stored value. */
void call_raise_frozen(struct call *call, const char *type, const struct frozen *arg);

/* TypeError: what was to be an index of a slice is none. */
void call_raise_slice_index(struct call *call);

/* The name of v's type, for messages; in the call's tree. */
const char *call_type_name(struct call *call, struct sm_value v);

/* repr(v) as text in the call's tree; NULL after the call has been answered with the reason. */
const char *call_repr(struct call *call, struct sm_value v);

/*
 * AttributeError about `name`, with the state that 3.12 and later pickle. None: one that was raised
 * without telling its name, as those of setting and deleting.
 */
void call_raise_attribute(struct call *call, struct sm_value message, struct sm_value name);

/* The same: an object of this type has no attribute of this name, which may be told. */
void call_raise_missing(struct call *call, const char *type, struct sm_value name, bool told);

/* The same with a note, by add_note(): what 3.14 says beside some messages. */
void call_raise_note(struct call *call, const char *type, const char *message, const char *note,
                     ...) PRINTF_LIKE(4, 5);

/* #TRACEBACK whose last line is "type: message". */
void call_fail(struct call *call, const char *type, const char *format, ...) PRINTF_LIKE(3, 4);

/* #UNSERIALIZABLE */
void call_unserializable(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Answer with what a negative errno of the floors below means: MemoryError, RecursionError, ...
 * With -ENOTSUP, what only Python tells, the call leaves if it can.
 */
void call_raise_errno(struct call *call, int r);

/* Store a value of the request. False: the call has been answered. */
bool call_freeze(struct call *call, struct sm_value v, struct frozen *ret);

/* A stored value in the call's tree, valid while `f` is. False: the call has been answered. */
bool call_thaw(struct call *call, const struct frozen *f, struct sm_value *ret);

/*
 * If v is a proxy of an object of this manager, the object's value in its place; any other v as it
 * is. False: the call has been answered.
 */
bool call_dereference(struct call *call, struct sm_value v, struct sm_value *ret);

/* The object that v is a proxy of, borrowed from v; NULL when v is something else. */
struct object *call_proxied(struct sm_value v);

/*
 * The elements of v as a list (list(v)), also of a proxy's object. False: the call has been
 * answered, with TypeError("'int' object is not iterable") where v is none.
 */
bool call_iterate(struct call *call, struct sm_value v, struct sm_value *ret);

/* Arguments with Python's conversions; each says false after answering with Python's error. */

/* An index or count: int, bool. "'str' object cannot be interpreted as an integer". */
bool call_int(struct call *call, struct sm_value v, int64_t *ret);

/* The same, but what does not fit 64 bits is clamped. */
bool call_clamped_int(struct call *call, struct sm_value v, int64_t *ret);

#endif
