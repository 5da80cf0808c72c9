/* SPDX-License-Identifier: MIT */
/*
 * Each typed function is one sm_call(). What they share is here: results of a known kind, and how
 * a time is told to the manager, where None, a missing argument or False say what SM_FOREVER and 0
 * say in C.
 */
#include "client/typed.h"

#include "base/error.h"
#include "client/lease.h"

#include <math.h>
#include <string.h>

int typed_create(struct sm_manager *manager, const char *typeid_, struct sm_value arg,
                 struct sm_proxy **ret)
{
    return sm_create(manager, typeid_, arg.kind == SM_KIND_MISSING ? arg : SM_TUPLE(arg),
                     sm_missing(), ret);
}

int typed_call(struct sm_proxy *proxy, const char *method, struct sm_value args)
{
    return sm_call(proxy, method, args, NULL);
}

static int wrong_kind(const char *method)
{
    return error_set(SM_EPROTOCOL, "%s() returned what it never does", method);
}

/* Call for a value of that kind, which holds nothing but itself. */
static int typed_scalar(struct sm_proxy *proxy, const char *method, struct sm_value args,
                        enum sm_kind kind, struct sm_value *ret)
{
    struct sm_reply *reply;
    int r = sm_call(proxy, method, args, &reply);

    if (r < 0)
        return r;
    *ret = sm_reply_value(reply);
    if (ret->kind != kind)
        r = wrong_kind(method);
    sm_reply_free(reply);
    return r;
}

int typed_bool(struct sm_proxy *proxy, const char *method, struct sm_value args, bool *ret)
{
    struct sm_value v;
    int r = typed_scalar(proxy, method, args, SM_KIND_BOOL, &v);

    if (r == SM_OK && ret)
        *ret = v.boolean;
    return r;
}

int typed_int(struct sm_proxy *proxy, const char *method, struct sm_value args, int64_t *ret)
{
    struct sm_value v;
    int r = typed_scalar(proxy, method, args, SM_KIND_INT, &v);

    if (r == SM_OK && ret)
        *ret = v.integer;
    return r;
}

int typed_size(struct sm_proxy *proxy, const char *method, struct sm_value args, size_t *ret)
{
    int64_t size = 0;
    int r = typed_int(proxy, method, args, &size);

    if (r == SM_OK && size < 0)
        r = wrong_kind(method);
    if (r == SM_OK && ret)
        *ret = (size_t)size;
    return r;
}

int typed_wait(struct sm_proxy *proxy, const char *method, struct sm_value args)
{
    bool done = false;
    int r = typed_bool(proxy, method, args, &done);

    return r < 0 ? r : done ? SM_OK : SM_NOT_YET;
}

bool typed_forever(double timeout_s)
{
    return timeout_s < 0 || isinf(timeout_s);
}

struct sm_value typed_timeout(double timeout_s)
{
    return typed_forever(timeout_s) ? sm_none() : sm_float(timeout_s);
}

/* A longer one is an error of its own in Python, as one is that is no number. */
#define TIMEOUT_PLAIN 1e6

int typed_acquire(struct sm_proxy *proxy, double timeout_s)
{
    bool is_plain = typed_forever(timeout_s) || timeout_s <= TIMEOUT_PLAIN;
    int r = is_plain ? lease_acquire(proxy, true) : SM_NOT_YET;

    if (r != SM_NOT_YET)
        return r;
    if (typed_forever(timeout_s))
        return typed_wait(proxy, "acquire", sm_missing());
    if (timeout_s == 0)
        return typed_wait(proxy, "acquire", SM_TUPLE(sm_bool(false)));
    return typed_wait(proxy, "acquire", SM_TUPLE(sm_bool(true), sm_float(timeout_s)));
}

int typed_release(struct sm_proxy *proxy)
{
    int r = lease_release(proxy, true);

    return r == SM_NOT_YET ? typed_call(proxy, "release", sm_missing()) : r;
}

bool typed_raised(const char *type)
{
    return strcmp(sm_last_error()->type, type) == 0;
}

struct sm_value typed_slice(struct typed_slice *slice, int64_t start, int64_t stop)
{
    static const struct sm_global global = {"builtins", strlen("builtins"), "slice",
                                            strlen("slice")};

    slice->item[0] = sm_int(start);
    slice->item[1] = stop == SM_END ? sm_none() : sm_int(stop);
    slice->item[2] = sm_none();
    slice->items = (struct sm_items){.item = slice->item, .len = 3};
    slice->object = (struct sm_object){
        .make = SM_MAKE_CALL,
        .callable = {.kind = SM_KIND_GLOBAL, .global = &global},
        .args = {.kind = SM_KIND_TUPLE, .items = &slice->items},
    };
    return (struct sm_value){.kind = SM_KIND_OBJECT, .object = &slice->object};
}
