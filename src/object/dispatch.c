/* SPDX-License-Identifier: MIT */
/*
 * From a request to a method: find it, bind its arguments, run it. A method that runs answers or
 * parks; everything that goes wrong before it runs is answered here.
 */
#include "object/dispatch.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "object/access.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/place.h"
#include "value/number.h"
#include "value/repr.h"
#include "value/unknown.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* call_spread() for a method, by the names that Python's messages have for it. */
static bool spread_method(struct call *call, const char *owner, const struct method *method)
{
    bool is_slot = method->takes.style == SIGNATURE_SLOT || method->takes.style == SIGNATURE_SLOT2;
    char name[96], argument[112];

    if (call->args.kind == SM_KIND_TUPLE && call->kwds.kind == SM_KIND_DICT)
        return true; /* as good as always: names that only errors need are not made */
    if (call->python >= 9)
        snprintf(name, sizeof(name), "%s.%s()", owner, method->name);
    else if (is_slot)
        snprintf(name, sizeof(name), "method-wrapper object");
    else
        snprintf(name, sizeof(name), "%s()", method->name);
    snprintf(argument, sizeof(argument), "%s argument", name);
    return call_spread(call, argument, name);
}

static void answer_repr(struct object *object, struct call *call)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    int r = object_repr(object, &text, call->python);

    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return(call, sm_strn((char *)text.data, text.len));
}

static void answer_str(struct object *object, struct call *call)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    int r;

    if (!object->type->str) {
        answer_repr(object, call);
        return;
    }
    r = object->type->str(object, &text, call->python);
    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return(call, sm_strn((char *)text.data, text.len));
}

static void answer_getvalue(struct object *object, struct call *call)
{
    const struct object_type *type = object->type;

    if (!type->getvalue) {
        call_unserializable(call, "TypeError: cannot pickle '%s' object",
                            type->unpicklable ? type->unpicklable : type->name);
        return;
    }
    type->getvalue(object, call_return_begin(call));
    call_return_end(call);
}

/* What every object answers although it is in no exposed list. None of it changes anything. */
static const struct {
    const char *name;
    const char *python; /* the stock server's function, which its TypeErrors name */
    void (*answer)(struct object *object, struct call *call);
    size_t light;
} fallbacks[] = {
    {"__str__", "fallback_str", answer_str, 1},
    {"__repr__", "fallback_repr", answer_repr, 1},
    {"#GETVALUE", "fallback_getvalue", answer_getvalue, LIMIT_ASIDE_LIGHT},
};

static bool name_is(struct sm_value name, const char *text)
{
    return name.len == strlen(text) && memcmp(name.text, text, name.len) == 0;
}

/* `light` is how much less there is to do with a value than with one of those that count. */
static bool has_many(const struct call *call, const struct object *object, size_t light)
{
    return object->type->count && object->type->count(object) / light >= call->registry->many;
}

bool call_needs_time(struct call *call)
{
    return call->weight != CALL_LIGHT && has_many(call, call->object, 1) &&
           place_carry(call, call->object, NEED_TIME);
}

/* Moving values takes much less than going through them. */
#define MOVED_AT_ONCE 16

/* Whether so many values are behind this index that moving them takes long. */
static bool has_long_tail(const struct call *call, const struct object *object, struct sm_value at)
{
    size_t n = object->type->count(object), behind = n;

    if (at.kind == SM_KIND_INT && at.integer < 0 && at.integer != INT64_MIN)
        behind = MIN(n, (size_t)-at.integer);
    else if (at.kind == SM_KIND_INT)
        behind = n - MIN(n, (size_t)at.integer);
    return behind / MOVED_AT_ONCE >= call->registry->many;
}

static bool is_long(const struct call *call, const struct object *object)
{
    enum method_reach reach = call->method->reach;

    if (call->weight != CALL_UNWEIGHED)
        return call->weight == CALL_HEAVY;
    switch (reach) {
    case REACH_ALL:
        return has_many(call, object, 1);
    case REACH_LOOK:
        return has_many(call, object, LIMIT_ASIDE_LIGHT);
    case REACH_MOVE:
        return has_many(call, object, MOVED_AT_ONCE);
    case REACH_TAIL:
    case REACH_SLICE:
        if (!has_many(call, object, LIMIT_ASIDE_LIGHT))
            return false;
        if (!value_is_int(call->arg[0]))
            return call->arg[0].kind != SM_KIND_MISSING;
        return reach == REACH_TAIL && has_long_tail(call, object, call->arg[0]);
    default:
        return false;
    }
}

bool call_needs_python(struct call *call)
{
    if (!call->has_python || (call->object && !call->object->type->visits))
        return false;
    call->need = NEED_PYTHON;
    return true;
}

bool call_needs_python_for(struct call *call, struct sm_value v)
{
    return call->has_python && value_is_unknown(v) && call_needs_python(call);
}

/* Descriptors of other processes are taken over first; then the call is made again. */
static bool needs_descriptors(struct call *call)
{
    return call->tree->descriptors.len && !call->brought && !call->apart &&
           place_carry(call, NULL, NEED_DESCRIPTORS);
}

bool call_awaits(struct call *call, struct object *object)
{
    struct object *missed = call->apart ? NULL : object_missed(object);

    return missed && place_carry(call, missed, NEED_OBJECT);
}

/* The method returned without an answer, for this. On another thread that is left to the loop. */
static void see_to_need(struct call *call)
{
    enum call_need need = call->need;

    if (!need || call->apart)
        return;
    call->need = NEED_NONE;
    place_carry(call, call->object, need);
}

/* An object that a place has is that one's affair, unless this is how it is carried out there. */
static bool goes_to_object(struct call *call)
{
    struct object *object = call->object;

    return object->where && !call->apart && place_carry(call, object, NEED_PYTHON);
}

static void run(struct call *call, void (*fn)(struct object *object, struct call *call))
{
    call->has_python = registry_offers(call->registry, NEED_PYTHON);
    fn(call->object, call);
    call->has_python = false;
    see_to_need(call);
}

static void call_fallback(struct call *call, struct object *object, struct sm_value name)
{
    static const struct signature takes = {.style = SIGNATURE_PYTHON, .beside = 3};
    CLEANUP(buffer_deinit) struct buffer quoted = {0};

    call->errors = CALL_FAILS;
    for (size_t i = 0; i < ARRAY_SIZE(fallbacks); i++) {
        if (!name_is(name, fallbacks[i].name))
            continue;
        if (goes_to_object(call) || call_awaits(call, object))
            return;
        if (call->weight != CALL_LIGHT && has_many(call, object, fallbacks[i].light) &&
            place_carry(call, object, NEED_TIME))
            return;
        if (!call_spread(call, "Value", fallbacks[i].name) ||
            !call_bind(call, &takes, "Server", fallbacks[i].python))
            return;
        run(call, fallbacks[i].answer);
        return;
    }
    repr_text(&quoted, name.text, name.len);
    if (quoted.failed)
        call_raise_errno(call, -ENOMEM);
    else
        call_fail(call, "KeyError", "%.*s", (int)MIN(quoted.len, (size_t)INT_MAX),
                  (char *)quoted.data);
}

/* A name that is none. The stock server looks for it in a dict, but for None. */
static void refuse_name(struct call *call, const struct object *object, struct sm_value name)
{
    call->errors = CALL_FAILS;
    if (name.kind == SM_KIND_NONE)
        call_fail(call, "AttributeError", "method None of <class '%s'> object is not in exposed={}",
                  object->type->name);
    else
        call_raise_key(call, name);
}

/* Calls of one connection tend to repeat: what the last one found is looked at first. */
static const struct method *find_method(struct call *call, const struct object *object,
                                        struct sm_value name)
{
    const struct method *method = call->recent;

    if (call->recent_type == object->type && call->recent_len == name.len &&
        memcmp(method->name, name.text, name.len) == 0 &&
        object_exposes(object, method, call->python, call->proxies))
        return method;
    method = object_method(object, name.text, name.len, call->python, call->proxies);
    if (!method)
        return NULL;
    call->recent = method;
    call->recent_len = name.len;
    call->recent_type = object->type;
    return method;
}

void call_method(struct call *call, struct object *object, struct sm_value name)
{
    struct registry *registry = call->registry;

    if (!call_may_use(call, object, name))
        return;
    call->object = object_ref(object);
    lease_recall_for(object);
    if (object_is_out(object))
        place_carry(call, object, NEED_OBJECT);
    else
        call_serve(call, name);
    leases_lend(&registry->leases);
}

void call_serve(struct call *call, struct sm_value name)
{
    struct object *object = call->object;
    const struct method *method;
    const char *owner;

    if (object->type->serve) {
        if (call_may_call_host(call, name))
            object->type->serve(object, call);
        return;
    }
    if (!object->where && needs_descriptors(call))
        return;
    if (name.kind != SM_KIND_STR) {
        refuse_name(call, object, name);
        return;
    }
    call->errors = CALL_RAISES;
    method = find_method(call, object, name);
    if (!method) {
        call_fallback(call, object, name);
        return;
    }
    if (!call_may_call(call, method) || goes_to_object(call))
        return;
    call->method = method;
    owner = method->owner ? method->owner : object->type->name;
    if (!spread_method(call, owner, method) ||
        !call_bind(call, &method->takes, owner, method->name))
        return;
    if (!call->apart)
        version_raise_for(call);
    if (method->reach && !(method->reach == REACH_SLICE && call->arg[0].kind == SM_KIND_INT) &&
        is_long(call, object) && place_carry(call, object, NEED_TIME))
        return;
    run(call, method->fn);
}

/* The name is one that the manager knows. */
static struct object *refuse_create(struct call *call, const char *name, const char *why)
{
    char text[128];

    snprintf(text, sizeof(text), "create('%s')", name);
    text[utf8_whole(text, strlen(text))] = '\0';
    access_refuse(call, text, why);
    return NULL;
}

static struct object *construct(struct call *call, const struct typeid *typeid)
{
    static const struct signature takes_nothing = {.style = SIGNATURE_PYTHON, .beside = -1};
    const struct object_type *type = typeid->type;
    bool bound;

    if (typeid->refusal) {
        call_fail(call, "NotImplementedError", "%s", typeid->refusal);
        return NULL;
    }
    if (!call_spread(call, typeid->name, typeid->name))
        return NULL;
    if (typeid->singleton && !key_may_use(call->key, typeid->singleton))
        return refuse_create(call, typeid->name, "the object is for other keys");
    if (!typeid->singleton && call->only_reads)
        return refuse_create(call, typeid->name, "that takes the right rw");
    if (typeid->singleton)
        return call_bind(call, &takes_nothing, NULL, "<lambda>") ? object_ref(typeid->singleton)
                                                                 : NULL;
    if (type->create.style == SIGNATURE_PYTHON)
        bound = call_bind(call, &type->create, type->name, "__init__");
    else
        bound = call_bind(call, &type->create, NULL, type->name);
    return bound ? object_new(call->registry, type, call) : NULL;
}

struct object *call_construct(struct call *call, const char *name, size_t len)
{
    const struct typeid *typeid = registry_typeid(call->registry, name, len);

    call->errors = CALL_FAILS;
    if (typeid)
        return construct(call, typeid);
    call_raise_args(call, "KeyError", SM_TUPLE(sm_strn(name, len)));
    return NULL;
}

void call_create(struct call *call, struct sm_value name)
{
    struct registry *registry = call->registry;
    struct object *object;

    call->errors = CALL_FAILS;
    if (name.kind != SM_KIND_STR) {
        call_raise_key(call, name);
        return;
    }
    if (registry_offers(registry, NEED_PYTHON) && !registry_typeid(registry, name.text, name.len)) {
        place_carry(call, NULL, NEED_PYTHON);
        return;
    }
    if (needs_descriptors(call))
        return;
    call->has_python = registry_offers(registry, NEED_PYTHON);
    object = call_construct(call, name.text, name.len);
    call->has_python = false;
    see_to_need(call);
    if (!object)
        return;
    call_return_created(call, object);
    object_unref(object);
}
