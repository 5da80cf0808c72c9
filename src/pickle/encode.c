/* SPDX-License-Identifier: MIT */
/*
 * Values to protocol 4, in one form for each value. What CPython's pickler would write differs in
 * two ways that no reader can tell: the memo is used for what is referred to again and nothing
 * else, with indices given by BINPUT, so that fragments can be put together in any order; and there
 * are no frames, which spare a reader of files some calls of read(), and cost everyone else a copy.
 *
 * A container is put in the memo before its items are written, so that these may refer to it. A
 * tuple, a frozenset or an object cannot be: it exists only once all that it is made of does. If
 * one of these parts refers back, the whole is met again inside, and is written there; back outside
 * the parts are dropped, and the whole is fetched. That ends, because every circle goes through
 * something that is in the memo before its content.
 *
 * Writing recurses, to LIMIT_DEPTH, so functions here keep little on the stack.
 */
#include "pickle/encode.h"

#include "base/limits.h"
#include "base/memory.h"
#include "pickle/opcodes.h"
#include "value/known.h"

#include <errno.h>

static void write_value(struct pickler *p, struct sm_value v);

static void write_get(struct pickler *p, uint32_t index)
{
    encode_sized(p, BINGET, LONG_BINGET, 0, index);
}

/* The value just written is referred to again, if it has a place. */
static void write_put(struct pickler *p, struct place *place)
{
    if (!place)
        return;
    place->index = p->memos++;
    encode_sized(p, BINPUT, LONG_BINPUT, 0, place->index);
}

/* Whether the whole was written inside its own parts. */
static bool written_inside(const struct place *place)
{
    return place && place->index != PLACE_UNSET;
}

static void write_row(struct pickler *p, const struct sm_value *v, size_t n)
{
    for (size_t i = 0; i < n && !p->error; i++)
        write_value(p, v[i]);
}

static void write_tuple(struct pickler *p, const struct sm_items *items, struct place *place)
{
    static const uint8_t closes[] = {EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3};
    bool marked = items->len >= ARRAY_SIZE(closes);

    if (marked)
        pickler_op(p, MARK);
    write_row(p, items->item, items->len);
    if (!written_inside(place)) {
        pickler_op(p, marked ? TUPLE : closes[items->len]);
        write_put(p, place);
        return;
    }
    if (marked)
        pickler_op(p, POP_MARK);
    for (size_t i = 0; !marked && i < items->len; i++)
        pickler_op(p, POP);
    write_get(p, place->index);
}

static void write_frozenset(struct pickler *p, const struct sm_items *items, struct place *place)
{
    pickler_op(p, MARK);
    write_row(p, items->item, items->len);
    if (!written_inside(place)) {
        pickler_op(p, FROZENSET);
        write_put(p, place);
        return;
    }
    pickler_op(p, POP_MARK);
    write_get(p, place->index);
}

/* Items, or pairs when `stride` is 2. One alone is added by `add_one`, if there is such. */
static void write_items(struct pickler *p, const struct sm_items *items, size_t stride,
                        uint8_t add_one, uint8_t add)
{
    if (items->len == stride && add_one) {
        write_row(p, items->item, stride);
        pickler_op(p, add_one);
        return;
    }
    for (size_t at = 0; at < items->len && !p->error; at += BATCH_MAX * stride) {
        pickler_op(p, MARK);
        write_row(p, items->item + at, MIN(items->len - at, BATCH_MAX * stride));
        pickler_op(p, add);
    }
}

static void write_container(struct pickler *p, struct sm_value v, struct place *place)
{
    switch (v.kind) {
    case SM_KIND_TUPLE:
        write_tuple(p, v.items, place);
        break;
    case SM_KIND_FROZENSET:
        write_frozenset(p, v.items, place);
        break;
    case SM_KIND_LIST:
        pickler_op(p, EMPTY_LIST);
        write_put(p, place);
        write_items(p, v.items, 1, APPEND, APPENDS);
        break;
    case SM_KIND_SET:
        pickler_op(p, EMPTY_SET);
        write_put(p, place);
        write_items(p, v.items, 1, 0, ADDITEMS);
        break;
    default:
        pickler_op(p, EMPTY_DICT);
        write_put(p, place);
        write_items(p, v.items, 2, SETITEM, SETITEMS);
    }
}

static void write_step(struct pickler *p, const struct sm_step *step)
{
    if (step->kind == SM_STEP_SETITEM)
        write_value(p, step->key);
    write_value(p, step->value);
}

/* A run of steps of one kind, in batches; the object's class may make much of them at once. */
static void write_steps(struct pickler *p, const struct sm_step *steps, size_t n)
{
    static const struct {
        uint8_t one;
        uint8_t many;
    } adds[] = {
        [SM_STEP_APPEND] = {APPEND, APPENDS},
        [SM_STEP_SETITEM] = {SETITEM, SETITEMS},
        [SM_STEP_ADD] = {0, ADDITEMS},
        [SM_STEP_STATE] = {BUILD, 0},
    };
    uint8_t one = adds[steps->kind].one;
    uint8_t many = adds[steps->kind].many;

    for (size_t i = 0; i < n && !p->error; i++) {
        bool batched = many && !(one && n == 1);

        if (batched && i % BATCH_MAX == 0)
            pickler_op(p, MARK);
        write_step(p, &steps[i]);
        if (!batched)
            pickler_op(p, one);
        else if (i + 1 == n || (i + 1) % BATCH_MAX == 0)
            pickler_op(p, many);
    }
}

static void write_object_steps(struct pickler *p, const struct sm_object *object)
{
    for (size_t at = 0, n; at < object->steps_len && !p->error; at += n) {
        for (n = 1; at + n < object->steps_len; n++) {
            if (object->steps[at + n].kind != object->steps[at].kind)
                break;
        }
        write_steps(p, object->steps + at, n);
    }
}

void pickler_note_ref(struct pickler *p, struct ref *ref)
{
    struct pickle_notes *notes = p->notes;

    if (notes->refs_len == notes->refs_cap) {
        size_t cap = notes->refs_cap ? notes->refs_cap * 2 : 4;
        struct ref **refs = memory_lend_more(notes->refs, cap * sizeof(struct ref *));

        if (!refs) {
            p->error = -ENOMEM;
            return;
        }
        notes->refs = refs;
        notes->refs_cap = cap;
    }
    notes->refs[notes->refs_len++] = ref;
}

static void note_object(struct pickler *p, const struct sm_object *object)
{
    struct value_proxy proxy;

    p->notes->unequal |= value_is_nan(object);
    if (!object->ref && !value_is_proxy(object, &proxy))
        return;
    p->notes->unequal = true;
    if (object->ref)
        pickler_note_ref(p, object->ref);
}

static void write_object(struct pickler *p, const struct sm_object *object, struct place *place)
{
    static const uint8_t makes[] = {
        [SM_MAKE_CALL] = REDUCE,
        [SM_MAKE_NEW] = NEWOBJ,
        [SM_MAKE_NEW_EX] = NEWOBJ_EX,
    };
    bool kwargs = object->make == SM_MAKE_NEW_EX;

    if (p->notes)
        note_object(p, object);
    write_value(p, object->callable);
    write_value(p, object->args);
    if (kwargs)
        write_value(p, object->kwargs);
    if (written_inside(place)) {
        for (int i = 0; i < 2 + kwargs; i++)
            pickler_op(p, POP);
        write_get(p, place->index);
        return;
    }
    pickler_op(p, makes[object->make]);
    write_put(p, place);
    write_object_steps(p, object);
}

static void write_value(struct pickler *p, struct sm_value v)
{
    struct place *place;

    if (!v.id && v.kind < SM_KIND_TUPLE && p->depth < LIMIT_DEPTH) {
        encode_leaf(p, v); /* most values: nothing refers to it, and it holds no others */
        return;
    }
    place = places_get(p, v);
    if (p->error)
        return;
    if (written_inside(place)) {
        write_get(p, place->index);
        return;
    }
    if (p->depth == LIMIT_DEPTH) {
        p->error = -ELOOP;
        return;
    }
    p->depth++;
    if (p->notes && p->tree && p->tree->unknown == UNKNOWN_ASK && value_is_unknown(v))
        p->notes->unequal = true;
    if (v.kind == SM_KIND_OBJECT) {
        write_object(p, v.object, place);
    } else if (sm_is_container(v)) {
        write_container(p, v, place);
    } else {
        encode_leaf(p, v);
        write_put(p, place);
    }
    p->depth--;
}

void pickler_init(struct pickler *p, struct buffer *out)
{
    *p = (struct pickler){.out = out, .blob_memos = PICKLER_BLOB_MEMO};
}

void pickler_deinit(struct pickler *p)
{
    if (!p->places.cap && !p->blobs.cap && !p->arena.blocks)
        return; /* nothing was referred to twice, as is the rule */
    map_deinit(&p->places);
    map_deinit(&p->blobs);
    arena_deinit(&p->arena);
}

void pickler_start(struct pickler *p)
{
    pickler_op(p, PROTO);
    pickler_op(p, PICKLE_PROTOCOL_WRITTEN);
}

int pickler_finish(struct pickler *p)
{
    pickler_op(p, STOP);
    if (p->out->failed)
        return -ENOMEM;
    return p->error;
}

void pickler_value(struct pickler *p, const struct tree *tree, struct sm_value v)
{
    if (p->error)
        return;
    if (!v.id && v.kind <= SM_KIND_FLOAT) {
        encode_leaf(p, v); /* nothing can refer to it */
        return;
    }
    p->memos = 0;
    p->tree = tree;
    places_find(p, v);
    write_value(p, v);
    places_forget(p);
    p->tree = NULL;
    pickler_memos_used(p, p->memos);
}
