/* SPDX-License-Identifier: MIT */
/*
 * A program's type becomes an object type like any other: a table, built when it is registered.
 *
 * A parked call is known to the program by a handle that both sides hold. Whichever side ends it
 * first cuts the tie: an answer given to a call that is gone finds no call, a call that is
 * withdrawn tells the program. Answers may come from any thread, so they are written there, whole,
 * and posted to the loop, which sends them.
 */
#include "server/own_type.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "object/answer.h"
#include "object/caller.h"
#include "object/waitq.h"
#include "server/keys.h"
#include "server/server.h"
#include "syncmanager/own_type.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

/* Whose texts an answer has that is written before it is known who gets it. */
#define OWN_PYTHON 13

struct own_type {
    struct list link;
    struct object_type type;
    struct sm_server *server;  /* outlives us */
    const struct sm_type *def; /* the program's; too */
    void *context;
    struct method *methods; /* owned */
    void *adopt;            /* the state of the object that is being made, where there is one */
};

struct own_object {
    struct object object;
    struct waitq waiters;
    void *self; /* owned: the program's destroy frees it */
};

struct sm_parked {
    struct post post; /* under way once it is answered */
    struct sm_server *server;
    struct call *call;     /* of the loop's thread; NULL once it has ended */
    struct buffer message; /* the answer, whole */
    void (*withdrawn)(void *data);
    void *data;
};

static struct call *inner(struct sm_call *call)
{
    return (struct call *)(void *)call;
}

static struct sm_call *outer(struct call *call)
{
    return (struct sm_call *)(void *)call;
}

static struct own_type *own_type_of(const struct object_type *type)
{
    return container_of(type, struct own_type, type);
}

/* The call of a host's waiter is known to the program by this. */
static void parked_cut(struct call *call)
{
    struct sm_parked *parked = call->record;

    call->record = NULL;
    parked->call = NULL;
    if (parked->withdrawn)
        parked->withdrawn(parked->data);
}

static void own_expired(struct waitq *queue, struct call *call)
{
    (void)queue;
    parked_cut(call);
    call_raise(call, "TimeoutError", "the call took too long");
}

static void own_withdrawn(struct waitq *queue, struct call *call)
{
    (void)queue;
    parked_cut(call);
}

static const struct waitq_ops own_waiters = {.expired = own_expired, .withdrawn = own_withdrawn};

static bool own_init(struct object *self, struct call *call)
{
    struct own_object *own = container_of(self, struct own_object, object);
    struct own_type *type = own_type_of(self->type);

    waitq_init(&own->waiters, &own_waiters);
    own->self = type->adopt;
    if (own->self)
        return true;
    own->self = type->def->create(outer(call), type->context);
    if (!own->self && !call->answered)
        call_fail(call, "RuntimeError", "%s could not be made", type->def->name);
    return own->self;
}

static void own_deinit(struct object *self)
{
    struct own_object *own = container_of(self, struct own_object, object);
    const struct sm_type *def = own_type_of(self->type)->def;

    if (own->self && def->destroy)
        def->destroy(own->self);
    own->self = NULL;
}

static void own_method(struct object *self, struct call *call)
{
    struct own_object *own = container_of(self, struct own_object, object);
    const struct own_type *type = own_type_of(self->type);
    size_t index = (size_t)(call->method - type->methods);

    type->def->methods[index].fn(outer(call), own->self);
    if (!call->answered && !call->queue)
        call_raise(call, "RuntimeError", "%s.%s() did not answer", type->def->name,
                   call->method->name);
}

static void copy_params(struct signature *takes, const char *const *params, unsigned required)
{
    for (size_t i = 0; i < SM_PARAMS_MAX; i++)
        takes->params[i] = params[i];
    takes->required = (uint8_t)required;
}

static struct own_type *own_type_new(struct sm_server *server, const struct sm_type *def,
                                     void *context)
{
    struct own_type *type = memory_lend_zeroed(1, sizeof(*type));
    size_t n = 0;

    if (!type)
        return NULL;
    while (def->methods[n].name)
        n++;
    type->methods = memory_lend_zeroed(n + 1, sizeof(struct method));
    if (!type->methods) {
        memory_free(type);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        type->methods[i] = (struct method){
            .name = def->methods[i].name, .fn = own_method, .harmless = def->methods[i].reads};
        copy_params(&type->methods[i].takes, def->methods[i].params, def->methods[i].required);
    }
    type->server = server;
    type->def = def;
    type->context = context;
    type->type = (struct object_type){
        .name = def->name,
        .size = sizeof(struct own_object),
        .methods = type->methods,
        .init = own_init,
        .deinit = own_deinit,
    };
    copy_params(&type->type.create, def->params, def->required);
    list_append(&server->own_types, &type->link);
    return type;
}

void own_free_types(struct list *types)
{
    struct own_type *type;

    list_for_each(type, types, link) {
        list_remove(&type->link);
        memory_free(type->methods);
        memory_free(type);
    }
}

int sm_server_register_type(struct sm_server *server, const char *name, const struct sm_type *def,
                            void *context)
{
    struct own_type *type;

    if (!name || !*name || !def->create || !def->methods || !def->name)
        return error_set(SM_EARG, "a type needs a name, a create function and methods");
    type = own_type_new(server, def, context);
    return register_status(name, type ? registry_add_type(&server->registry, name, &type->type)
                                      : -ENOMEM);
}

/* Make an object around a state that is there. NULL after answering the call. */
static struct object *adopt(struct call *call, struct own_type *type, void *self)
{
    struct object *object;

    type->adopt = self;
    object = object_new(call->registry, &type->type, call);
    type->adopt = NULL;
    return object;
}

int sm_server_register_object(struct sm_server *server, const char *name, const struct sm_type *def,
                              void *self)
{
    CLEANUP(registered_deinit) struct registered as = {0};
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct own_type *type;
    struct object *object;
    struct call call;
    int r;

    if (!name || !*name || !self || !def->methods || !def->name)
        return error_set(SM_EARG, "an object needs a name, a state and a type with methods");
    r = keys_read_name(server, name, &as);
    if (r < 0)
        return r;
    type = own_type_new(server, def, NULL);
    if (!type)
        return error_set_memory();
    call_init(&call, &server->registry, &server->tree, &out, &caller_none);
    call.audience = as.audience;
    object = adopt(&call, type, self);
    call_deinit(&call);
    if (!object)
        return error_set_memory();
    r = registry_add_object(&server->registry, as.name, object);
    object_unref(object);
    return register_status(as.name, r);
}

struct sm_value sm_call_arg(const struct sm_call *call, unsigned index)
{
    const struct call *in = (const struct call *)(const void *)call;

    return index < SM_PARAMS_MAX ? in->arg[index] : sm_missing();
}

void sm_call_return(struct sm_call *call, struct sm_value value)
{
    if (!inner(call)->answered)
        call_return(inner(call), value);
}

#define TEXT_SIZE 1024

/* The message of an exception; a long one loses its end. */
static void format_text(char ret[TEXT_SIZE], const char *format, va_list args)
{
    if (vsnprintf(ret, TEXT_SIZE, format, args) >= TEXT_SIZE)
        ret[utf8_whole(ret, TEXT_SIZE - 1)] = '\0';
}

void sm_call_raise(struct sm_call *call, const char *type, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    if (!inner(call)->answered)
        call_raise(inner(call), type, "%s", text);
}

int sm_call_return_object(struct sm_call *outer_call, const char *name, void *self)
{
    struct call *call = inner(outer_call);
    const struct typeid *typeid = registry_typeid(call->registry, name, strlen(name));
    struct object *object;

    if (!typeid || !typeid->type || typeid->type->init != own_init)
        return error_set(SM_EARG, "%s: not a type that was registered", name);
    object = adopt(call, own_type_of(typeid->type), self);
    if (object)
        call_return_proxy(call, object, name);
    object_unref(object);
    return SM_OK;
}

static void deliver(struct post *post)
{
    struct sm_parked *parked = container_of(post, struct sm_parked, post);
    struct call *call = parked->call;

    if (call) {
        call->record = NULL;
        waitq_leave(call);
        call_answer(call, &parked->message);
    }
    buffer_deinit(&parked->message);
    memory_free(parked);
}

struct sm_parked *sm_call_park(struct sm_call *outer_call, double timeout_s,
                               void (*withdrawn)(void *data), void *data)
{
    struct call *call = inner(outer_call);
    struct own_object *own = container_of(call->object, struct own_object, object);
    struct sm_parked *parked = memory_lend_zeroed(1, sizeof(*parked));

    if (!parked) {
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    waitq_park(&own->waiters, call,
               timeout_s < 0 || timeout_s > 1e9 ? FOREVER : (nsec)(timeout_s * 1e9));
    if (!call->queue) {
        memory_free(parked);
        return NULL;
    }
    parked->post.deliver = deliver;
    parked->server = own_type_of(call->object->type)->server;
    parked->call = call;
    parked->withdrawn = withdrawn;
    parked->data = data;
    call->record = parked;
    return parked;
}

/* An answer is written by a call of its own, which no connection waits for. */
static void write_begin(struct sm_parked *parked, struct call *writer)
{
    call_init(writer, &parked->server->registry, NULL, &parked->message, &caller_none);
    writer->python = OWN_PYTHON;
}

void sm_parked_return(struct sm_parked *parked, struct sm_value value)
{
    struct call writer;

    write_begin(parked, &writer);
    call_return(&writer, value);
    call_deinit(&writer);
    post_send(&parked->server->posts, &parked->post);
}

void sm_parked_raise(struct sm_parked *parked, const char *type, const char *format, ...)
{
    struct call writer;
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    write_begin(parked, &writer);
    call_raise(&writer, type, "%s", text);
    call_deinit(&writer);
    post_send(&parked->server->posts, &parked->post);
}
