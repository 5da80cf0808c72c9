/* SPDX-License-Identifier: MIT */
/*
 * Arguments of classes that only Python knows, where a method needs a number, a flag or a text. The
 * host is told what Python's method would do with the argument, and gives the plain value that it
 * comes to. Then the call is made again, from its beginning, with that in the argument's place. A
 * host that finds nothing plain in it leaves it as it is, and the method says what is wrong with
 * it.
 */
#include "object/ask.h"

#include "base/memory.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/dispatch.h"
#include "object/place.h"
#include "value/compare.h"
#include "value/known.h"

#include <errno.h>

struct spot {
    size_t at;   /* of the request's arguments, positional ones first */
    size_t part; /* of this argument's own arguments, as a slice's; WHOLE: the argument */
};

#define WHOLE SIZE_MAX
#define PLACES_MAX 4
#define PARTED_MAX 8 /* no method asks about arguments behind these */

struct asked {
    struct question question;
    size_t len;
    struct spot places[PLACES_MAX];  /* the last is asked about, until it is answered */
    struct frozen plain[PLACES_MAX]; /* absent: as it was */
};

void asked_free(struct asked *asked)
{
    for (size_t i = 0; asked && i < asked->len; i++)
        frozen_free(&asked->plain[i]);
    memory_free(asked);
}

static bool is_same(struct sm_value a, struct sm_value b)
{
    if (a.kind != b.kind)
        return false;
    return a.kind == SM_KIND_OBJECT ? a.object == b.object : a.global == b.global;
}

static bool is_at(struct sm_value argument, struct sm_value v, struct spot *ret)
{
    const struct sm_items *parts;

    ret->part = WHOLE;
    if (is_same(argument, v))
        return true;
    if (argument.kind != SM_KIND_OBJECT || argument.object->args.kind != SM_KIND_TUPLE)
        return false;
    parts = argument.object->args.items;
    for (ret->part = 0; ret->part < parts->len; ret->part++) {
        if (is_same(parts->item[ret->part], v))
            return true;
    }
    return false;
}

/* Where an argument is in the request; create() has taken the typeid off. */
static bool find_place(const struct call *call, struct sm_value v, struct spot *ret)
{
    size_t args_len = sm_len(call->args), kwds_len = sm_len(call->kwds);
    size_t first = call->object ? 0 : 1;

    for (size_t i = 0; i < args_len + kwds_len; i++) {
        struct sm_value argument =
            i < args_len ? call->args.items->item[i] : sm_item_value(call->kwds, i - args_len);

        ret->at = first + i;
        if (is_at(argument, v, ret))
            return true;
    }
    return false;
}

static bool was_asked(const struct asked *asked, const struct spot *place)
{
    for (size_t i = 0; asked && i < asked->len; i++) {
        if (asked->places[i].at == place->at && asked->places[i].part == place->part)
            return true;
    }
    return false;
}

bool call_asks(struct call *call, struct sm_value v, enum sm_ask ask, char typecode)
{
    struct spot place;

    if (!call->has_python || (v.kind != SM_KIND_OBJECT && v.kind != SM_KIND_GLOBAL))
        return false;
    if (call->apart) {
        call->need = NEED_PLAIN; /* on the loop it is found what about */
        return true;
    }
    if (call->args.kind != SM_KIND_TUPLE || !find_place(call, v, &place) ||
        was_asked(call->asked, &place) || (call->asked && call->asked->len == PLACES_MAX))
        return call_needs_python(call);
    if (!call->asked)
        call->asked = memory_lend_zeroed(1, sizeof(*call->asked));
    if (!call->asked) {
        call_raise_errno(call, -ENOMEM);
        return true;
    }
    call->asked->places[call->asked->len++] = place;
    call->asked->question = (struct question){.ask = ask, .typecode = typecode, .about = v};
    call->need = NEED_PLAIN;
    return true;
}

const struct question *asked_question(const struct asked *asked)
{
    return &asked->question;
}

bool call_answered_plain(struct call *call, struct sm_value plain)
{
    struct asked *asked = call->asked;

    return call_freeze(call, plain, &asked->plain[asked->len - 1]);
}

static struct sm_value *argument_at(const struct call *call, size_t at)
{
    size_t args_len = sm_len(call->args);

    return at < args_len ? &call->args.items->item[at]
                         : &call->kwds.items->item[2 * (at - args_len) + 1];
}

/* Another object in place of one that an argument before it is, too. */
static int copy_object(struct tree *tree, struct sm_value *v)
{
    struct sm_object *copy = arena_alloc(&tree->arena, sizeof(*copy));

    if (!copy)
        return -ENOMEM;
    *copy = *v->object;
    v->object = copy;
    return 0;
}

/* Give each argument that Python may be asked about a place of its own: put(x, x) asks of one. */
static int part_arguments(struct call *call)
{
    size_t len = sm_len(call->args) + sm_len(call->kwds);
    int r = 0;

    if (call->args.kind != SM_KIND_TUPLE || call->kwds.kind != SM_KIND_DICT)
        return 0;
    for (size_t i = 1; i < MIN(len, PARTED_MAX); i++) {
        struct sm_value *v = argument_at(call, i);

        for (size_t j = 0; j < i && r == 0 && v->kind == SM_KIND_OBJECT; j++) {
            if (is_same(*v, *argument_at(call, j)) && value_is_unknown(*v))
                r = copy_object(call->tree, v);
        }
    }
    return r;
}

int call_put_plain(struct call *call)
{
    struct asked *asked = call->asked;
    int r = registry_offers(call->registry, NEED_PLAIN) ? part_arguments(call) : 0;

    for (size_t i = 0; asked && i < asked->len && r == 0; i++) {
        const struct spot *place = &asked->places[i];
        struct sm_value *argument;

        if (frozen_is_absent(&asked->plain[i]))
            continue;
        argument = argument_at(call, place->at);
        if (place->part != WHOLE)
            argument = &argument->object->args.items->item[place->part];
        r = tree_thaw(call->tree, &asked->plain[i], argument);
    }
    return r;
}

bool call_truth(struct call *call, struct sm_value v, bool *ret)
{
    if (value_is_unknown(v) && call_asks(call, v, SM_ASK_TRUTH, 0))
        return false;
    if (v.kind == SM_KIND_OBJECT && value_is_unknown(v) && !value_is_known(v)) {
        call_raise(call, "NotImplementedError",
                   "whether a '%s' object is true only Python code tells, which this manager does "
                   "not run; pass True or False",
                   call_type_name(call, v));
        return false;
    }
    *ret = value_truth(v);
    return true;
}
