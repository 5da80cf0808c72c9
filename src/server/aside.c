/* SPDX-License-Identifier: MIT */
/*
 * A request with very many values, or a method that goes through an object with very many, is done
 * on another thread. The object is that thread's alone until the call is back: later calls of it
 * wait, in their order, and are then made from their beginning. The peer's call is parked; what
 * runs is a call of the record's own, so that a connection may end meanwhile.
 *
 * The other thread touches what the record owns and the values in the object, whose blobs count
 * their handles atomically. It never touches another object, nor any reference to one: values that
 * hold such references and go are put off until the loop frees them, and a request, or an element
 * to be looked into, that has a proxy in it, gives up: then all is done again on the loop, with
 * nothing changed.
 *
 * The threads are aside_threads.c's.
 */
#include "server/aside_record.h"

#include "base/limits.h"
#include "base/memory.h"
#include "object/answer.h"
#include "object/dispatch.h"
#include "object/registry.h"
#include "server/server.h"

#include <errno.h>

static struct sm_server *server_of(const struct call *call)
{
    return container_of(call->registry, struct sm_server, registry);
}

static int refuse(const struct resolver *resolver, const struct sm_object *proxy, struct ref **ret)
{
    (void)proxy;
    (void)ret;
    *container_of(resolver, const struct aside, resolver)->refused = true;
    return -EBUSY;
}

static struct aside *aside_new(struct sm_server *server)
{
    struct aside *aside = memory_lend_zeroed(1, sizeof(*aside));

    if (!aside)
        return NULL;
    aside->server = server;
    aside->resolver.find = refuse;
    aside->refused = &aside->has_refused;
    list_init(&aside->turn);
    list_init(&aside->link);
    list_init(&aside->followers);
    tree_init(&aside->tree, &aside->resolver);
    aside->tree.unknown = server->tree.unknown;
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
    struct aside *aside = call->parked;

    (void)queue;
    call->parked = NULL;
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
    call->parked = aside;
    waitq_park(&aside->server->asides.waiters, call, FOREVER);
}

/* The peer's call, not parked any more; NULL: it has ended. */
static struct call *unpark(struct aside *aside)
{
    struct call *call = TAKE_PTR(aside->call);

    if (!call)
        return NULL;
    call->parked = NULL;
    waitq_leave(call);
    return call;
}

static void run_decode(struct aside *aside)
{
    aside->outcome =
        request_parse(&aside->tree, aside->payload, aside->len, &aside->request, &aside->error);
    aside->decoded = true;
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
    struct sm_server *server = aside->server;
    struct tree *tree = call->tree;
    struct pickle_error error = aside->error;
    struct request request = aside->request;
    int r = aside->outcome;

    if (aside->has_refused || !aside->decoded) {
        tree_reset(tree);
        r = request_parse(tree, aside->payload, aside->len, &request, &error);
        call->place = aside->has_refused ? CALL_HERE : CALL_ANYWHERE;
    } else {
        call->tree = &aside->tree;
        call->many = true;
    }
    object_unref(TAKE_PTR(call->object));
    call->message = aside->payload;
    call->message_len = aside->len;
    server->asides.at_hand = aside;
    peer_serve(container_of(call, struct peer, call), r, &request, &error);
    call->tree = tree;
    call->many = false;
    call->place = CALL_ANYWHERE;
    if (TAKE_PTR(server->asides.at_hand))
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

bool aside_decode(struct peer *peer, const struct frame *frame)
{
    struct buffer *in = stream_buffer_of(&peer->stream, frame->payload);
    struct aside *aside;

    if (!server_of(&peer->call)->registry.run_aside || !in ||
        !pickle_has_many(frame->payload, frame->len,
                         LIMIT_ASIDE_LIGHT * server_of(&peer->call)->registry.many))
        return false;
    aside = aside_new(server_of(&peer->call));
    if (!aside)
        return false;
    timers_cancel(&server_of(&peer->call)->registry.timers, &peer->deadline);
    aside->message = *in; /* what is behind the frame, the stream copies */
    *in = (struct buffer){0};
    aside->payload = frame->payload;
    aside->len = frame->len;
    park(aside, &peer->call);
    aside_start(aside, run_decode, back_decoded);
    return true;
}

/*
 * To copy a large message would keep everybody waiting: one that ends the stream's buffer takes
 * that along. Nothing is behind it then that the stream would still copy.
 */
static bool take_message(struct aside *aside, const struct call *call)
{
    struct peer *peer = container_of(call, struct peer, call);
    struct buffer *in = stream_buffer_of(&peer->stream, call->message);

    if (call->message_len < LIMIT_COPY || !in ||
        call->message + call->message_len != in->data + in->len)
        return false;
    aside->message = *in;
    *in = (struct buffer){0};
    aside->payload = call->message;
    aside->len = call->message_len;
    return true;
}

/* The record of the request that is served; NULL after answering the call. */
static struct aside *record_of(struct call *call)
{
    struct sm_server *server = server_of(call);
    struct aside *aside = TAKE_PTR(server->asides.at_hand);

    if (aside)
        return aside;
    aside = aside_new(server);
    if (!aside) {
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    if (take_message(aside, call))
        return aside;
    buffer_add(&aside->message, call->message, call->message_len);
    if (aside->message.failed) {
        aside_free(aside);
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    aside->payload = aside->message.data;
    aside->len = aside->message.len;
    return aside;
}

static void aside_await(struct call *call, struct object *object)
{
    struct aside *aside = record_of(call);

    if (!aside)
        return;
    aside->object = object_ref(object);
    list_append(&object->aside->followers, &aside->link);
    park(aside, call);
}

/* The call that runs aside is like the peer's, but for all that belongs to the loop. */
static void make_own(struct aside *aside, const struct call *call)
{
    struct call *own = &aside->own;

    call_init(own, call->registry, &aside->tree, &aside->out, call_unattended);
    own->object = call->object;
    own->method = call->method;
    own->caller = call->caller;
    own->python = call->python;
    own->now = call->now;
    own->errors = call->errors;
    own->may_leave = call->may_leave;
    own->message = aside->payload;
    own->message_len = aside->len;
    own->out_room = call->out_room;
    own->place = CALL_ASIDE;
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
    while (!list_empty(followers) && !object->aside) {
        struct aside *next = list_first(followers, struct aside, link);
        struct call *call = unpark(next);

        list_remove(&next->link);
        object_unref(TAKE_PTR(next->object));
        serve_here(next, call);
    }
    if (object->aside)
        list_splice(&object->aside->followers, followers);
}

static void run_method(struct aside *aside)
{
    struct call *own = &aside->own;

    if (!aside->decoded)
        run_decode(aside);
    if (aside->outcome) {
        aside->has_refused = true;
        return;
    }
    own->args = aside->request.args;
    own->kwds = aside->request.kwds;
    call_serve(own, aside->request.name);
    if (!aside->has_refused && !own->left)
        forget_request(aside);
}

static void back_method(struct aside *aside)
{
    struct object *object = aside->object;
    struct list followers;

    list_init(&followers);
    list_splice(&followers, &aside->followers);
    object->aside = NULL;
    aside->object = NULL;
    if (aside->has_refused || aside->own.left) {
        aside->has_refused = true;
        back_decoded(aside);
    } else {
        hand_over(aside);
        aside_done(aside);
    }
    let_follow(object, &followers);
    object_unref(object);
}

static void run_aside(struct call *call)
{
    struct aside *aside = record_of(call);

    if (!aside)
        return;
    make_own(aside, call);
    aside->object = object_ref(call->object);
    aside->object->aside = aside;
    park(aside, call);
    aside_start(aside, run_method, back_method);
}

static void run_init(struct aside *aside)
{
    aside->made = aside->object->type->init(aside->object, &aside->own);
    if (!aside->own.left)
        forget_request(aside);
}

static void back_made(struct aside *aside)
{
    struct object *object = TAKE_PTR(aside->object);

    if (aside->own.left) {
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

static void make_aside(struct call *call, struct object *object)
{
    struct aside *aside = record_of(call);
    struct sm_items *args;

    if (!aside) {
        object_unref(object);
        return;
    }
    args = arena_alloc(&aside->tree.arena, sizeof(*args));
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

static bool bury(struct object *object)
{
    struct sm_server *server = container_of(object->registry, struct sm_server, registry);
    struct aside *aside = aside_new(server);

    if (!aside)
        return false;
    aside->object = object;
    aside_start(aside, run_bury, aside_free);
    return true;
}

void asides_init(struct sm_server *server)
{
    struct registry *registry = &server->registry;

    waitq_init(&server->asides.waiters, &waiters_ops);
    list_init(&server->asides.queue);
    list_init(&server->asides.running);
    registry->many = LIMIT_ASIDE;
    registry->run_aside = run_aside;
    registry->make_aside = make_aside;
    registry->bury = bury;
    registry->await = aside_await;
}

void asides_end(struct sm_server *server)
{
    struct asides *asides = &server->asides;

    server->registry.run_aside = NULL;
    server->registry.bury = NULL;
    while (!list_empty(&asides->running)) {
        aside_join(list_first(&asides->running, struct aside, turn));
        posts_deliver(&server->posts);
    }
}
