/* SPDX-License-Identifier: MIT */
/*
 * Server functions: what a connection may ask first. All but accept_connection are answered once,
 * and the connection closes.
 */
#include "object/access.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/dispatch.h"
#include "object/place.h"
#include "server/kill.h"
#include "server/server.h"
#include "server/share.h"
#include "value/known.h"
#include "view/gather.h"
#include "view/pickle.h"
#include "view/views.h"

#include <errno.h>
#include <stdio.h>

struct server_method {
    struct method method; /* without a function: this one is not of an object */
    void (*serve)(struct peer *peer, struct call *call);
    bool keeps_connection;
    bool looks;   /* at connections, which must be the loop's therefore */
    bool governs; /* for those alone whose key has the right admin */
};

static struct object *find_object(struct call *call, struct sm_value ident)
{
    struct object *object = registry_find_value(call->registry, ident);

    if (!object)
        call_raise_key(call, ident);
    return object && call_may_use(call, object, call->function) ? object : NULL;
}

/* The same of one that the caller has taken a reference to, if its key does not let it write. */
static struct object *find_held(struct call *call, struct sm_value ident)
{
    struct object *object = find_object(call, ident);

    if (!object || call_may_release(call, object))
        return object;
    access_refuse(call, "a function that gives back a reference",
                  "the caller has none to this object");
    return NULL;
}

static void serve_accept_connection(struct peer *peer, struct call *call)
{
    (void)peer;
    call_return_none(call);
}

/* create(typeid, /, *args, **kwds) */
static void serve_create(struct peer *peer, struct call *call)
{
    struct sm_items *args = call->args.items;
    struct sm_items rest;

    (void)peer;
    if (!args->len) {
        if (call->python <= 8)
            call_raise(call, "TypeError", "create expected at least 2 positional arguments, got 1");
        else
            call_raise(call, "TypeError",
                       "%screate() missing 1 required positional argument: 'typeid'",
                       call->python >= 10 ? "Server." : "");
        return;
    }
    rest = (struct sm_items){.item = args->item + 1, .len = args->len - 1};
    call->args.items = &rest;
    call_create(call, args->item[0]);
}

static void serve_incref(struct peer *peer, struct call *call)
{
    struct object *object = find_object(call, call->arg[0]);

    (void)peer;
    if (!object)
        return;
    call_grant(call, object);
    call_return_none(call);
}

/* A connection that is taken back may have been the last to keep the object, and be broken. */
static void give_back(struct call *call, struct object *object)
{
    object_ref(object);
    if (object->clients <= 1)
        place_recall_object(call->registry, object);
    registry_decref(call->registry, object, call->account);
    object_unref(object);
    call_return_none(call);
}

static void serve_decref(struct peer *peer, struct call *call)
{
    struct object *object = find_held(call, call->arg[0]);

    (void)peer;
    if (object)
        give_back(call, object);
}

/*
 * A client takes a reference whose proxy was sent to it. Of those who may only read none makes an
 * object go sooner that is on its way to somebody else.
 */
static void serve_receive(struct peer *peer, struct call *call)
{
    struct object *object = find_object(call, call->arg[0]);

    (void)peer;
    if (!object)
        return;
    if (!call->only_reads)
        transit_arrived(object);
    call_grant(call, object);
    call_return_none(call);
}

/* A client gives a reference back, and says how often it has sent the proxy. */
static void serve_release(struct peer *peer, struct call *call)
{
    struct object *object = find_held(call, call->arg[0]);
    int64_t times;

    (void)peer;
    if (object && sm_as_int(call->arg[1], &times) == SM_OK)
        transit_sent(object, times);
    if (object)
        give_back(call, object);
}

static void serve_dummy(struct peer *peer, struct call *call)
{
    (void)peer;
    call_return_none(call);
}

/* The one argument is a Token: its third part is the ident. */
static void serve_get_methods(struct peer *peer, struct call *call)
{
    struct value_token token;
    struct object *object;

    (void)peer;
    if (!value_is_token(call->arg[0], &token)) {
        call_raise(call, "AttributeError", "'%s' object has no attribute 'id'",
                   call_type_name(call, call->arg[0]));
        return;
    }
    object = find_object(call, token.ident);
    if (!object)
        return;
    object_write_exposed(object, call_return_begin(call), call->python, call->proxies);
    call_return_end(call);
}

static void serve_number_of_objects(struct peer *peer, struct call *call)
{
    (void)peer;
    call_return_int(call, (int64_t)call->registry->counted);
}

static void serve_shutdown(struct peer *peer, struct call *call)
{
    crowd_log(peer->crowd, SM_LOG_INFO, "a client asked for shutdown");
    call_return_none(call);
    sm_server_stop(server_of_peer(peer));
}

/* The proxies of the Python package offer on every Python what those of this one do. */
#define PACKAGE_PROXIES 14

/*
 * What only managers of this kind answer: libsyncmanager asks it to learn that it may count
 * references over its connection, and withdraw calls by the connection's number.
 */
static void serve_connection(struct peer *peer, struct call *call)
{
    int64_t python;

    peer->looks = true;
    if (sm_as_int(call->arg[0], &python) == SM_OK && python >= 8 && python <= UINT8_MAX) {
        call->python = (unsigned)python;
        call->proxies = PACKAGE_PROXIES;
    }
    call_return_int(call, (int64_t)call->caller);
}

/* A reference that the caller's process took outlives it: somebody else will give it back. */
static void serve_keep(struct peer *peer, struct call *call)
{
    struct object *object = find_held(call, call->arg[0]);

    (void)peer;
    if (!object)
        return;
    if (call->account)
        account_take(call->account, object);
    call_return_none(call);
}

/*
 * End the call that a connection waits in. True if there was one. Those who do not govern end those
 * of their own key.
 */
static void serve_withdraw(struct peer *peer, struct call *call)
{
    struct sm_value id = call->arg[0];
    struct peer *waiting = NULL;

    if (id.kind == SM_KIND_INT)
        waiting = crowd_find(peer->crowd, (uint64_t)id.integer);
    if (waiting && waiting->call.key != call->key && !call->key->governs)
        waiting = NULL;
    call_return_bool(call, waiting && peer_withdraw(waiting));
}

/* Managers of other makes do not know it. */
static void serve_version(struct peer *peer, struct call *call)
{
    (void)peer;
    call_return(call, sm_str(SM_VERSION));
}

static void serve_info(struct peer *peer, struct call *call)
{
    const struct sm_server *server = server_of_peer(peer);
    size_t n = server->listeners_len;
    const char **addresses = arena_alloc(&call->tree->arena, (n + 1) * sizeof(*addresses));
    struct info_figures info;

    if (!addresses) {
        call_raise_errno(call, -ENOMEM);
        return;
    }
    for (size_t i = 0; i < n; i++)
        addresses[i] = sm_server_address(server, i);
    addresses[n] = NULL;
    gather_info(peer->crowd, &info);
    info.uptime = call->now - server->since;
    info.addresses = addresses;
    info.pages = (const char *const *)server->pages;
    pickle_info(call_return_begin(call), &info);
    call_return_end(call);
}

static void serve_debug_info(struct peer *peer, struct call *call)
{
    answer_debug_info(call, &server_of_peer(peer)->host);
}

static const struct server_method server_methods[] = {
    {{"accept_connection", .takes = {.params = {"name"}, .required = 1}},
     serve_accept_connection,
     .keeps_connection = true},
    {{"create", .takes = {.style = SIGNATURE_RAW}}, serve_create},
    {{"debug_info"}, serve_debug_info},
    {{"decref", .takes = {.params = {"ident"}, .required = 1}}, serve_decref},
    {{"dummy"}, serve_dummy},
    {{"get_methods", .takes = {.params = {"token"}, .required = 1}}, serve_get_methods},
    {{"incref", .takes = {.params = {"ident"}, .required = 1}}, serve_incref},
    {{"number_of_objects"}, serve_number_of_objects},
    {{"shutdown"}, serve_shutdown, .governs = true},
    {{"sm_cell"}, serve_cell},
    {{"sm_clients", .takes = {.params = {"start"}}}, serve_clients, .looks = true},
    {{"sm_connection", .takes = {.params = {"python"}}}, serve_connection},
    {{"sm_deaths"}, serve_deaths, .governs = true},
    {{"sm_detach", .takes = {.params = {"word"}, .required = 1}}, serve_detach},
    {{"sm_info"}, serve_info, .looks = true},
    {{"sm_kill", .takes = {.params = {"client", "pid"}}}, serve_kill, .governs = true},
    {{"sm_lease", .takes = {.params = {"ident"}, .required = 1}}, serve_lease},
    {{"sm_locks", .takes = {.params = {"start"}}}, serve_locks, .looks = true},
    {{"sm_metrics"}, serve_metrics, .looks = true},
    {{"sm_objects", .takes = {.params = {"start"}}}, serve_objects, .looks = true},
    {{"sm_keep", .takes = {.params = {"ident"}, .required = 1}}, serve_keep},
    {{"sm_receive", .takes = {.params = {"ident"}, .required = 1}}, serve_receive},
    {{"sm_ring"}, serve_ring},
    {{"sm_release", .takes = {.params = {"ident", "sent"}, .required = 2}}, serve_release},
    {{"sm_share", .takes = {.params = {"version"}, .required = 1}}, serve_share},
    {{"sm_values", .takes = {.params = {"ident"}, .required = 1}}, serve_values, .looks = true},
    {{"sm_version"}, serve_version},
    {{"sm_withdraw", .takes = {.params = {"connection"}, .required = 1}}, serve_withdraw},
};

static const struct server_method *find_method(struct sm_value name)
{
    for (size_t i = 0; i < ARRAY_SIZE(server_methods); i++) {
        const char *have = server_methods[i].method.name;

        if (name.kind == SM_KIND_STR && name.len == strlen(have) &&
            memcmp(name.text, have, name.len) == 0)
            return &server_methods[i];
    }
    return NULL;
}

/* func(connection, *args, **kwds) */
static bool spread(struct call *call, const char *name)
{
    char starred[64], function[96];

    if (call->python >= 9) {
        snprintf(function, sizeof(function), "multiprocessing.managers.Server.%s()", name);
        return call_spread(call, "Value", function);
    }
    snprintf(starred, sizeof(starred), "%s() argument", name);
    snprintf(function, sizeof(function), "%s()", name);
    return call_spread(call, starred, function);
}

static void carry(struct place *place, struct call *call, struct object *object,
                  enum call_need need)
{
    const struct server_method *method = find_method(call->function);
    struct peer *peer = container_of(call, struct peer, call);
    struct signature takes;

    (void)place;
    (void)object;
    (void)need;

    call->errors = CALL_FAILS;
    if (method && method->governs && !call->key->governs) {
        char text[64];

        snprintf(text, sizeof(text), "%s()", method->method.name);
        access_refuse(call, text, "that takes the right admin");
        return;
    }
    if (!method) {
        const char *name = call_repr(call, call->function);

        if (name)
            call_fail(call, "AssertionError", "%s unrecognized", name);
        return;
    }
    call->method = &method->method;
    if (!spread(call, call->method->name))
        return;
    takes = call->method->takes;
    takes.beside = 1; /* self, and the connection */
    if (!call_bind(call, &takes, "Server", call->method->name))
        return;
    if (method->keeps_connection)
        peer->state = PEER_CALLS;
    if (method->looks)
        place_recall_object(call->registry, NULL);
    method->serve(peer, call);
}

const struct place_ops server_functions = {
    .sees_to = NEED_BIT(NEED_SERVER),
    .carry = carry,
};
