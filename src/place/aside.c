/* SPDX-License-Identifier: MIT */
/*
 * Calls that take long are carried out on another thread: requests with very many values, and
 * methods that go through an object with very many.
 *
 * The object belongs to that thread alone until the call is done. Later calls of the object wait
 * meanwhile, in their order, and are then made from their beginning. The caller's call is parked.
 * The thread runs another call, which is part of the record (struct aside). So a connection may end
 * before the thread has done its work.
 *
 * The thread touches what the record owns, and the values in the object. The blobs of these count
 * their handles atomically. The thread never touches another object, nor a reference to one. A
 * value that is removed and holds such references is kept until the loop frees it. A request with a
 * proxy in it, or an element with one that must be looked into, makes the thread give up: nothing
 * has been changed by then, and the loop does it all from the beginning.
 *
 * aside_threads.c has the threads.
 */
#include "place/aside_record.h"

#include "base/limits.h"
#include "base/memory.h"
#include "object/answer.h"
#include "object/caller.h"
#include "object/dispatch.h"

#include <errno.h>

static struct asides *asides_of(struct place *place)
{
    return container_of(place, struct asides, place);
}

static int refuse(const struct resolver *resolver, const struct sm_object *proxy, struct ref **ret)
{
    (void)proxy;
    (void)ret;
    *container_of(resolver, const struct aside, resolver)->refused = true;
    return -EBUSY;
}

static struct aside *aside_new(struct asides *asides)
{
    struct aside *aside = memory_lend_zeroed(1, sizeof(*aside));

    if (!aside)
        return NULL;
    aside->asides = asides;
    aside->stay.place = &asides->place;
    aside->resolver.find = refuse;
    aside->refused = &aside->has_refused;
    list_init(&aside->turn);
    list_init(&aside->link);
    list_init(&aside->followers);
    tree_init(&aside->tree, &aside->resolver);
    return aside;
}

/* A new aside for a request; NULL when memory runs out. */
static struct aside *aside_for(struct asides *asides, const struct call *call)
{
    struct aside *aside = aside_new(asides);

    if (aside)
        aside->tree.unknown = call->tree->unknown;
    return aside;
}

/* What may take long to free. */
static void forget_request(struct aside *aside)
{
    tree_deinit(&aside->tree);
    buffer_deinit(&aside->message);
}

static void aside_free(struct aside *aside)
{
    frozen_free_row(&aside->put_off);
    forget_request(aside);
    memory_free(aside->own.sent.refs); /* not held yet, or handed over */
    buffer_deinit(&aside->out);
    object_unref(aside->object);
    memory_free(aside);
}

/* The connection has ended, or the manager does. What runs aside runs on, as it would in Python. */
static void withdrawn(struct waitq *queue, struct call *call)
{
    struct aside *aside = call->record;

    (void)queue;
    call->record = NULL;
    aside->call = NULL;
    if (list_empty(&aside->link))
        return;
    list_remove(&aside->link);
    aside_free(aside);
}

static const struct waitq_ops waiters_ops = {.withdrawn = withdrawn};

static void park(struct aside *aside, struct call *call)
{
    aside->call = call;
    call->record = aside;
    waitq_park(&aside->asides->waiters, call, FOREVER);
}

/* The peer's call, not parked any more; NULL: it has ended. */
static struct call *unpark(struct aside *aside)
{
    struct call *call = TAKE_PTR(aside->call);

    if (!call)
        return NULL;
    call->record = NULL;
    waitq_leave(call);
    return call;
}

static void run_decode(struct aside *aside)
{
    struct decoded *decoded = &aside->decoded;

    decoded->outcome =
        request_parse(&aside->tree, aside->payload, aside->len, &decoded->request, &decoded->error);
    aside->is_decoded = true;
}

static void run_forget(struct aside *aside)
{
    forget_request(aside);
}

/* Large requests that have been served are freed aside, too. */
static void aside_done(struct aside *aside)
{
    if (aside->tree.arena.used < LIMIT_COPY)
        aside_free(aside);
    else
        aside_start(aside, run_forget, aside_free);
}

/*
 * Serve a request on the loop, from its beginning, unless it is found that some of it is to be done
 * aside: that takes the record.
 */
static void serve_here(struct aside *aside, struct call *call)
{
    struct asides *asides = aside->asides;
    struct tree *tree = call->tree;
    struct decoded *decoded = NULL;

    if (aside->has_refused) {
        call->weight = CALL_LIGHT;
    } else if (aside->is_decoded) {
        decoded = &aside->decoded;
        call->tree = &aside->tree;
        call->weight = CALL_HEAVY;
    }
    call->message = aside->payload;
    call->message_len = aside->len;
    asides->at_hand = aside;
    call->ops->again(call, decoded);
    call->tree = tree;
    call->weight = CALL_UNWEIGHED;
    if (TAKE_PTR(asides->at_hand))
        aside_done(aside);
}

static void back_decoded(struct aside *aside)
{
    struct call *call = unpark(aside);

    if (call)
        serve_here(aside, call);
    else
        aside_done(aside);
}

static bool aside_decode(struct place *place, struct call *call, struct buffer *in)
{
    struct aside *aside;

    if (!pickle_has_many(call->message, call->message_len,
                         LIMIT_ASIDE_LIGHT * place->registry->many))
        return false;
    aside = aside_for(asides_of(place), call);
    if (!aside)
        return false;
    aside->message = *in; /* what is behind the message, the stream copies */
    *in = (struct buffer){0};
    aside->payload = call->message;
    aside->len = call->message_len;
    park(aside, call);
    aside_start(aside, run_decode, back_decoded);
    return true;
}

/*
 * The record of the request that is served; NULL after answering the call. A large message is not
 * copied where it can be taken: that would keep everybody waiting.
 */
static struct aside *record_of(struct asides *asides, struct call *call)
{
    struct aside *aside = TAKE_PTR(asides->at_hand);

    if (aside)
        return aside;
    aside = aside_for(asides, call);
    if (!aside) {
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    aside->payload = call->message;
    aside->len = call->message_len;
    if (tree_take_message(call->tree, &aside->message))
        return aside;
    buffer_add(&aside->message, call->message, call->message_len);
    if (aside->message.failed) {
        aside_free(aside);
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    aside->payload = aside->message.data;
    return aside;
}

/* What has the object to itself. */
static struct aside *holder_of(const struct object *object)
{
    return container_of(object->where, struct aside, stay);
}

static void await(struct aside *aside, struct call *call, struct object *object)
{
    aside->object = object_ref(object);
    list_append(&holder_of(object)->followers, &aside->link);
    park(aside, call);
}

/* The call that runs aside is like the peer's, but for all that belongs to the loop. */
static void make_own(struct aside *aside, const struct call *call)
{
    struct call *own = &aside->own;

    call_init(own, call->registry, &aside->tree, &aside->out, &caller_none);
    own->object = call->object;
    own->method = call->method;
    own->caller = call->caller;
    own->python = call->python;
    own->now = call->now;
    own->errors = call->errors;
    own->has_python = call->has_python;
    own->message = aside->payload;
    own->message_len = aside->len;
    own->out_room = call->out_room;
    own->weight = CALL_LIGHT;
    own->apart = true;
}

/* The answer goes to who has asked, if it is still there. */
static void hand_over(struct aside *aside)
{
    struct call *call = unpark(aside);

    if (call)
        call_take_answer(call, &aside->own);
}

/* Those who have waited go on, until one takes the object away again: the others follow that. */
static void let_follow(struct object *object, struct list *followers)
{
    while (!list_empty(followers) && !object_is_out(object)) {
        struct aside *next = list_first(followers, struct aside, link);
        struct call *call = unpark(next);

        list_remove(&next->link);
        object_unref(TAKE_PTR(next->object));
        serve_here(next, call);
    }
    if (!list_empty(followers))
        list_splice(&holder_of(object)->followers, followers);
}

static void run_method(struct aside *aside)
{
    struct call *own = &aside->own;

    if (!aside->is_decoded)
        run_decode(aside);
    if (aside->decoded.outcome) {
        aside->has_refused = true;
        return;
    }
    own->args = aside->decoded.request.args;
    own->kwds = aside->decoded.request.kwds;
    call_serve(own, aside->decoded.request.name);
    if (!aside->has_refused && !own->need)
        forget_request(aside);
}

static void back_method(struct aside *aside)
{
    struct object *object = aside->object;
    struct list followers;

    list_init(&followers);
    list_splice(&followers, &aside->followers);
    object->where = NULL;
    aside->object = NULL;
    if (aside->has_refused || aside->own.need) {
        aside->has_refused = true;
        back_decoded(aside);
    } else {
        hand_over(aside);
        aside_done(aside);
    }
    let_follow(object, &followers);
    object_unref(object);
}

static void run_aside(struct aside *aside, struct call *call)
{
    make_own(aside, call);
    aside->object = object_ref(call->object);
    aside->object->where = &aside->stay;
    park(aside, call);
    aside_start(aside, run_method, back_method);
}

static void run_init(struct aside *aside)
{
    aside->made = aside->object->type->init(aside->object, &aside->own);
    if (!aside->own.need)
        forget_request(aside);
}

static void back_made(struct aside *aside)
{
    struct object *object = TAKE_PTR(aside->object);

    if (aside->own.need) {
        object_unref(object);
        aside->has_refused = true;
        back_decoded(aside);
        return;
    }
    if (aside->made && aside->call) {
        struct call *call = unpark(aside);

        if (object_enter(object, call)) {
            call_return_created(call, object);
            object_unref(object);
        }
    } else {
        hand_over(aside);
        object_unref(object);
    }
    aside_done(aside);
}

static void make_aside(struct aside *aside, struct call *call, struct object *object)
{
    struct sm_items *args = arena_alloc(&aside->tree.arena, sizeof(*args));

    if (!args) {
        aside_free(aside);
        object_unref(object);
        call_raise_errno(call, -ENOMEM);
        return;
    }
    make_own(aside, call);
    *args = *call->args.items; /* what has been taken off them is on the stack */
    aside->own.args = call->args;
    aside->own.args.items = args;
    aside->own.kwds = call->kwds;
    memcpy(aside->own.arg, call->arg, sizeof(call->arg));
    aside->object = object;
    park(aside, call);
    aside_start(aside, run_init, back_made);
}

static void run_bury(struct aside *aside)
{
    struct object *object = TAKE_PTR(aside->object);

    object->type->deinit(object);
    memory_free(object);
}

static bool bury(struct place *place, struct object *object)
{
    struct aside *aside = aside_new(asides_of(place));

    if (!aside)
        return false;
    aside->object = object;
    aside_start(aside, run_bury, aside_free);
    return true;
}

static void aside_carry(struct place *place, struct call *call, struct object *object,
                        enum call_need need)
{
    struct aside *aside = record_of(asides_of(place), call);

    (void)need;
    if (object->where && aside)
        await(aside, call, object);
    else if (object == call->object && aside)
        run_aside(aside, call);
    else if (aside)
        make_aside(aside, call, object);
    else if (object != call->object && !object->where)
        object_unref(object);
}

/* A record keeps its object alive: nothing is to be told of one that has gone. */
static const struct place_ops aside_ops = {
    .sees_to = NEED_BIT(NEED_TIME) | NEED_BIT(NEED_OBJECT),
    .excludes = true,
    .carry = aside_carry,
    .decode = aside_decode,
    .free = bury,
};

void asides_init(struct asides *asides, struct registry *registry, struct posts *posts,
                 uint64_t max_memory)
{
    waitq_init(&asides->waiters, &waiters_ops);
    list_init(&asides->queue);
    list_init(&asides->running);
    asides->posts = posts;
    asides->max_memory = max_memory;
    place_add(registry, &asides->place, &aside_ops);
}

void asides_end(struct asides *asides)
{
    place_remove(&asides->place);
    while (!list_empty(&asides->running)) {
        aside_join(list_first(&asides->running, struct aside, turn));
        posts_deliver(asides->posts);
    }
}
