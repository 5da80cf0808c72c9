/* SPDX-License-Identifier: MIT */
/*
 * Who may do what. A connection has shown one of the manager's keys, and may do what that key's
 * right says: whoever may only read (ro) calls methods that change nothing; who may write (rw) all
 * methods, and makes objects; who governs (admin) may end the manager and the connections of
 * others, and sees everything. Some objects are for some keys alone: that is their audience.
 *
 * The method tables say which methods change nothing: see `reads` and `harmless` in object.h.
 */
#ifndef OBJECT_ACCESS_H
#define OBJECT_ACCESS_H

#include "object/call.h"

struct auth_key;

/* A key of the manager's, as those see it who carry out calls. */
struct key {
    char *name;        /* owned; NULL: of an only key, which has all rights */
    const char *right; /* as people write it: "ro" */
    bool writes;
    bool governs;
    uint64_t bit;            /* its own among those of all keys; all bits: of one that governs */
    struct auth_key *secret; /* owned */
    uint8_t print[32];       /* of it: auth_key_print() */
    struct account account;  /* what is held by those who only read, and whose process is unknown */
};

/* Of calls that nobody's key is behind: the manager's own, and tests'. It has all rights. */
extern struct key key_of_all;

/* Of a connection that has shown none yet. */
extern struct key key_of_none;

/* The keys that an object is for, beside those that govern. The registry has a row of them. */
struct audience {
    struct list link;
    uint64_t keys; /* the bits of those that there are now */
    char names[];  /* of all of them, with commas between */
};

/* Whether the audience has a key of this name. */
bool audience_has(const struct audience *audience, const char *name);

/* Whether whoever has this key may use the object at all. */
static inline bool key_may_use(const struct key *key, const struct object *object)
{
    return !object->audience || object->audience->keys & key->bit;
}

/*
 * Answer the call with a PermissionError: its key's right is not what this takes. `method` is what
 * was called, in words; false, for its caller to return.
 */
bool access_refuse(struct call *call, const char *method, const char *takes);

/* May the call use this object, by a method of this name? False: it has been answered. */
bool access_refuse_object(struct call *call, const char *type, struct sm_value method);
static inline bool call_may_use(struct call *call, const struct object *object,
                                struct sm_value method)
{
    return key_may_use(call->key, object) || access_refuse_object(call, object->type->name, method);
}

/* May it call this method of its object? False: it has been answered. */
bool access_check_method(struct call *call, const struct method *method);
static inline bool call_may_call(struct call *call, const struct method *method)
{
    return !call->only_reads || access_check_method(call, method);
}

/*
 * May it leave a method to the host? That unpickles what the client has sent, and so may run
 * anything for it. False: it has been answered.
 */
bool access_check_host(struct call *call, struct sm_value method);
static inline bool call_may_call_host(struct call *call, struct sm_value method)
{
    return !call->only_reads || access_check_host(call, method);
}

/* Whether a reference to the object is the caller's to give back. */
bool call_may_release(const struct call *call, const struct object *object);

/* Where the references are noted of those who have this key, and whose process is not known. */
static inline struct account *key_account(struct key *key)
{
    return key->secret && !key->writes ? &key->account : NULL;
}

/* From now on the call is of who has this key. */
void call_take_key(struct call *call, struct key *key);

#endif
