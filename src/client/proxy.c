/* SPDX-License-Identifier: MIT */
/*
 * Proxies. A proxy holds one reference in the manager, taken by the process that made it; in a
 * forked child it takes another before its first use there. As a value it is what a Python client
 * would send: RebuildProxy(factory, Token, 'pickle', kwds), so that Python peers can load it.
 */
#include "client/proxy.h"

#include "base/error.h"
#include "client/cache.h"
#include "client/lease.h"
#include "value/known.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MANAGERS "multiprocessing.managers"

/* The class that a Python client makes a proxy of; all others are AutoProxy. */
static const struct {
    const char *typeid_, *factory;
} factories[] = {
    {"Array", "ArrayProxy"},
    {"Barrier", "BarrierProxy"},
    {"BoundedSemaphore", "AcquirerProxy"},
    {"Condition", "ConditionProxy"},
    {"Event", "EventProxy"},
    {"Iterator", "IteratorProxy"},
    {"Lock", "AcquirerProxy"},
    {"Namespace", "NamespaceProxy"},
    {"Pool", "PoolProxy"},
    {"RLock", "AcquirerProxy"},
    {"Semaphore", "AcquirerProxy"},
    {"Value", "ValueProxy"},
    {"dict", "DictProxy"},
    {"list", "ListProxy"},
    {"set", "SetProxy"},
};

static const char *factory_of(struct sm_value typeid_)
{
    for (size_t i = 0; i < ARRAY_SIZE(factories); i++) {
        if (strlen(factories[i].typeid_) == typeid_.len &&
            memcmp(factories[i].typeid_, typeid_.text, typeid_.len) == 0)
            return factories[i].factory;
    }
    return "AutoProxy";
}

void proxy_write_class(const struct sm_proxy *proxy, struct buffer *out)
{
    const char *factory = factory_of(proxy->typeid_);

    buffer_addf(out, "<%s", factory);
    if (strcmp(factory, "AutoProxy") == 0)
        buffer_addf(out, "[%s]", proxy->typeid_.text);
}

static int build_token(struct sm_proxy *proxy, struct sm_value *ret)
{
    struct tree *tree = &proxy->tree;
    struct sm_value class, none, state;
    int r;

    r = tree_global(tree, MANAGERS, "Token", &class);
    if (r == 0)
        r = tree_items(tree, SM_KIND_TUPLE, 0, &none);
    if (r == 0)
        r = tree_object(tree, SM_MAKE_NEW, class, none, ret);
    if (r == 0)
        r = tree_items(tree, SM_KIND_TUPLE, 3, &state);
    if (r < 0)
        return r;
    state.items->item[0] = proxy->typeid_;
    state.items->item[1] = proxy->manager->python.value;
    state.items->item[2] = proxy->ident;
    return tree_object_step(tree, ret->object,
                            (struct sm_step){.kind = SM_STEP_STATE, .value = state});
}

/* Copy a tuple of names into the proxy's tree. */
static int copy_names(struct tree *tree, struct sm_value names, struct sm_value *ret)
{
    int r = tree_items(tree, SM_KIND_TUPLE, 0, ret);

    for (size_t i = 0; r == 0 && sm_is_container(names) && i < names.items->len; i++) {
        struct sm_value name = names.items->item[i], copy;

        if (name.kind != SM_KIND_STR)
            continue;
        r = tree_str(tree, name.text, name.len, &copy);
        if (r == 0)
            r = tree_items_push(tree, ret->items, copy);
    }
    return r;
}

/* Generated proxies need the names of their methods to be made anew. */
static int build_kwds(struct tree *tree, bool generated, struct sm_value exposed,
                      struct sm_value *ret)
{
    struct sm_value names;
    int r = tree_items(tree, SM_KIND_DICT, 0, ret);

    if (r < 0 || !generated || exposed.kind == SM_KIND_MISSING)
        return r;
    r = copy_names(tree, exposed, &names);
    if (r == 0)
        r = tree_items_push(tree, ret->items, sm_str("exposed"));
    if (r == 0)
        r = tree_items_push(tree, ret->items, names);
    return r;
}

static int build_value(struct sm_proxy *proxy, struct sm_value exposed)
{
    const char *factory_name = factory_of(proxy->typeid_);
    struct tree *tree = &proxy->tree;
    struct sm_value rebuild, factory, token, kwds, args;
    int r;

    r = tree_global(tree, MANAGERS, "RebuildProxy", &rebuild);
    if (r == 0)
        r = tree_global(tree, MANAGERS, factory_name, &factory);
    if (r == 0)
        r = build_token(proxy, &token);
    if (r == 0)
        r = build_kwds(tree, strcmp(factory_name, "AutoProxy") == 0, exposed, &kwds);
    if (r == 0)
        r = tree_items(tree, SM_KIND_TUPLE, 4, &args);
    if (r < 0)
        return r;
    args.items->item[0] = factory;
    args.items->item[1] = token;
    args.items->item[2] = sm_str("pickle");
    args.items->item[3] = kwds;
    return tree_object(tree, SM_MAKE_CALL, rebuild, args, &proxy->value);
}

/* A proxy without a reference in the manager yet. */
static int proxy_make(struct sm_manager *manager, struct sm_value typeid_, struct sm_value ident,
                      struct sm_value exposed, struct sm_proxy **ret)
{
    struct sm_proxy *proxy;
    int r;

    if (typeid_.kind != SM_KIND_STR || ident.kind != SM_KIND_STR)
        return error_set(SM_EPROTOCOL, "%s: not a token", manager->text);
    proxy = calloc(1, sizeof(*proxy));
    if (!proxy)
        return error_set_memory();
    tree_init(&proxy->tree, NULL);
    proxy->manager = manager_hold(manager);
    r = tree_str(&proxy->tree, typeid_.text, typeid_.len, &proxy->typeid_);
    if (r == 0)
        r = tree_str(&proxy->tree, ident.text, ident.len, &proxy->ident);
    if (r == 0)
        r = build_value(proxy, exposed);
    if (r < 0) {
        sm_proxy_free(proxy);
        return error_set_memory();
    }
    *ret = proxy;
    return SM_OK;
}

/*
 * Give the reference back, with word of how often the proxy was sent: the manager then keeps an
 * object that nobody refers to until the proxy arrives. A stock manager is told nothing of it.
 */
static int proxy_decref(struct sm_proxy *proxy, unsigned sent,
                        int (*how)(struct sm_manager *manager, const struct outgoing *request))
{
    struct outgoing decref = server_function("decref", SM_TUPLE(proxy->ident));
    struct outgoing release = server_function("sm_release", SM_TUPLE(proxy->ident, sm_int(sent)));

    return how(proxy->manager, sent && manager_is_ours(proxy->manager) ? &release : &decref);
}

static int request_and_wait(struct sm_manager *manager, const struct outgoing *request)
{
    return manager_request(manager, request, NULL);
}

/* Take a reference for this process, unless another of its threads was quicker. */
static int proxy_incref(struct sm_proxy *proxy, bool received)
{
    const char *name = received && manager_is_ours(proxy->manager) ? "sm_receive" : "incref";
    struct outgoing incref = server_function(name, SM_TUPLE(proxy->ident));
    process_id before = atomic_load(&proxy->process);
    int r = manager_request(proxy->manager, &incref, NULL);

    if (r < 0)
        return r;
    if (!atomic_compare_exchange_strong(&proxy->process, &before, this_process()))
        return proxy_decref(proxy, 0, request_and_wait);
    atomic_store(&proxy->sent, 0); /* what a parent has sent, it tells itself */
    return SM_OK;
}

int proxy_new(struct sm_manager *manager, struct sm_value typeid_, struct sm_value ident,
              struct sm_value exposed, bool received, struct sm_proxy **ret)
{
    struct sm_proxy *proxy;
    int r = proxy_make(manager, typeid_, ident, exposed, &proxy);

    if (r < 0)
        return r;
    r = proxy_incref(proxy, received);
    if (r < 0) {
        sm_proxy_free(proxy);
        return r;
    }
    *ret = proxy;
    return SM_OK;
}

/* A proxy of an object of which the manager has just given us a reference. */
static int proxy_adopt(struct sm_manager *manager, struct sm_value typeid_, struct sm_value ident,
                       struct sm_value exposed, struct sm_proxy **ret)
{
    struct outgoing decref = server_function("decref", SM_TUPLE(ident));
    int r = proxy_make(manager, typeid_, ident, exposed, ret);

    if (r == SM_OK) {
        atomic_store(&(*ret)->process, this_process());
        return SM_OK;
    }
    error_keep_begin();
    manager_request(manager, &decref, NULL);
    error_keep_end();
    return r;
}

int proxy_ready(struct sm_proxy *proxy)
{
    return atomic_load(&proxy->process) == this_process() ? SM_OK : proxy_incref(proxy, false);
}

void sm_proxy_release(struct sm_proxy *proxy, bool wait)
{
    unsigned sent;

    if (!proxy || atomic_exchange(&proxy->process, 0) != this_process() ||
        atomic_load(&proxy->manager->closed))
        return;
    sent = atomic_exchange(&proxy->sent, 0);
    error_keep_begin();
    proxy_decref(proxy, sent, wait ? request_and_wait : manager_post);
    error_keep_end();
}

void sm_proxy_forget(struct sm_proxy *proxy)
{
    if (proxy)
        atomic_store(&proxy->process, 0);
}

void sm_proxy_free(struct sm_proxy *proxy)
{
    if (!proxy)
        return;
    lease_free(proxy);
    sm_proxy_release(proxy, true);
    error_keep_begin();
    manager_drop(proxy->manager);
    error_keep_end();
    tree_deinit(&proxy->tree);
    free(atomic_load(&proxy->text));
    free(proxy);
}

/* The names in RebuildProxy's keyword arguments, where they are. */
static struct sm_value exposed_of(struct sm_value v)
{
    struct sm_value kwds = v.object->args.items->item[3];

    for (size_t i = 0; kwds.kind == SM_KIND_DICT && i < kwds.items->len; i += 2) {
        struct sm_value key = kwds.items->item[i];

        if (key.kind == SM_KIND_STR && key.len == strlen("exposed") &&
            memcmp(key.text, "exposed", key.len) == 0)
            return kwds.items->item[i + 1];
    }
    return sm_missing();
}

struct sm_value proxy_exposed(const struct sm_proxy *proxy)
{
    return exposed_of(proxy->value);
}

int sm_proxy_copy(struct sm_proxy *proxy, struct sm_proxy **ret)
{
    if (!proxy)
        return error_set(SM_EARG, "no proxy");
    return proxy_new(proxy->manager, proxy->typeid_, proxy->ident, proxy_exposed(proxy), false,
                     ret);
}

void sm_proxy_sent(struct sm_proxy *proxy, unsigned times)
{
    if (proxy)
        atomic_fetch_add(&proxy->sent, times);
}

int sm_proxy_take(struct sm_manager *manager, const char *typeid_, const char *ident, bool received,
                  struct sm_proxy **ret)
{
    if (!manager || !typeid_ || !ident)
        return error_set(SM_EARG, "no manager, no typeid or no ident");
    connection_drop_dead(manager);
    return proxy_new(manager, sm_str(typeid_), sm_str(ident), sm_missing(), received, ret);
}

const char *sm_proxy_typeid(const struct sm_proxy *proxy)
{
    return proxy ? proxy->typeid_.text : "";
}

const char *sm_proxy_ident(const struct sm_proxy *proxy)
{
    return proxy ? proxy->ident.text : "";
}

struct sm_value sm_proxy_value(struct sm_proxy *proxy)
{
    return proxy ? proxy->value : sm_missing();
}

/* The arguments of the server's create: the typeid first. */
static int create_args(const char *typeid_, struct sm_value args, struct sm_items *items,
                       struct sm_value *ret)
{
    items->len = args.items->len + 1;
    items->item = calloc(items->len, sizeof(struct sm_value));
    if (!items->item)
        return error_set_memory();
    items->item[0] = sm_str(typeid_);
    if (args.items->len)
        memcpy(items->item + 1, args.items->item, args.items->len * sizeof(struct sm_value));
    *ret = (struct sm_value){.kind = SM_KIND_TUPLE, .items = items};
    return SM_OK;
}

int sm_create(struct sm_manager *manager, const char *typeid_, struct sm_value args,
              struct sm_value kwargs, struct sm_proxy **ret)
{
    struct outgoing request;
    struct sm_items items;
    struct sm_reply *reply;
    struct sm_value v;
    int r;

    if (!manager || !typeid_)
        return error_set(SM_EARG, "no manager, or no typeid");
    if (check_args(&args, &kwargs) < 0)
        return SM_EARG;
    r = create_args(typeid_, args, &items, &v);
    if (r < 0)
        return r;
    request = server_function("create", v);
    request.kwargs = kwargs;
    connection_drop_dead(manager);
    r = manager_request(manager, &request, &reply);
    free(items.item);
    if (r < 0)
        return r;
    v = reply->value;
    if (v.kind != SM_KIND_TUPLE || sm_len(v) != 2)
        r = error_set(SM_EPROTOCOL, "%s: not a reply to create", manager->text);
    else
        r = proxy_adopt(manager, sm_str(typeid_), v.items->item[0], v.items->item[1], ret);
    sm_reply_free(reply);
    return r;
}

int proxy_call(struct sm_proxy *proxy, struct outgoing *request, struct sm_reply **reply)
{
    struct connection *c;
    int r = proxy_ready(proxy);

    if (r == SM_OK)
        r = connection_get(proxy->manager, &c);
    if (r < 0)
        return r;
    request->target = proxy->ident;
    return connection_call(c, request, reply);
}

int proxy_ask(struct sm_proxy *proxy, const char *method, struct sm_value args,
              struct sm_value kwargs, bool raw, struct sm_reply **reply)
{
    struct outgoing request = {.name = method, .raw = raw};
    struct question question;
    int r = SM_OK;

    if (!proxy || !method)
        return error_set(SM_EARG, "no proxy, or no method");
    if (check_args(&args, &kwargs) < 0)
        return SM_EARG;
    request.args = args;
    request.kwargs = kwargs;
    if (raw) /* typed functions have done so */
        r = lease_prepare(proxy, method);
    if (r == SM_OK)
        r = cache_find(proxy, &request, &question, reply);
    if (r != SM_NOT_YET)
        return r;
    r = proxy_call(proxy, &request, reply);
    if (r == SM_OK && reply)
        cache_keep(proxy->manager, &question, *reply);
    return r;
}

int sm_call_kwargs(struct sm_proxy *proxy, const char *method, struct sm_value args,
                   struct sm_value kwargs, struct sm_reply **reply)
{
    return proxy_ask(proxy, method, args, kwargs, false, reply);
}

int sm_call(struct sm_proxy *proxy, const char *method, struct sm_value args,
            struct sm_reply **reply)
{
    return sm_call_kwargs(proxy, method, args, sm_missing(), reply);
}

int sm_getvalue(struct sm_proxy *proxy, struct sm_reply **reply)
{
    return sm_call(proxy, "#GETVALUE", sm_missing(), reply);
}

/* The token of an answer (exposed, token), which stands for a shared object. */
static bool reply_token(const struct sm_reply *reply, struct value_token *ret)
{
    return reply->is_proxy && reply->value.kind == SM_KIND_TUPLE && sm_len(reply->value) == 2 &&
           value_is_token(reply->value.items->item[1], ret);
}

int sm_proxy_adopt(struct sm_manager *manager, const char *typeid_, const char *ident,
                   struct sm_proxy **ret)
{
    if (!manager || !typeid_ || !ident)
        return error_set(SM_EARG, "no manager, no typeid or no ident");
    return proxy_adopt(manager, sm_str(typeid_), sm_str(ident), sm_missing(), ret);
}

int sm_call_proxy(struct sm_proxy *proxy, const char *method, struct sm_value args,
                  struct sm_proxy **ret)
{
    struct value_token token;
    struct sm_reply *reply;
    int r = sm_call(proxy, method, args, &reply);

    if (r < 0)
        return r;
    if (!reply_token(reply, &token))
        r = error_set(SM_EARG, "%s() returned a value, not a shared object", method);
    else
        r = proxy_adopt(proxy->manager, token.typeid, token.ident, reply->value.items->item[0],
                        ret);
    sm_reply_free(reply);
    return r;
}

struct sm_value sm_reply_ident(const struct sm_reply *reply)
{
    struct value_token token;

    return reply && reply_token(reply, &token) ? token.ident : sm_missing();
}

bool sm_value_is_proxy(struct sm_value v)
{
    struct value_proxy parts;

    return v.kind == SM_KIND_OBJECT && value_is_proxy(v.object, &parts);
}

int sm_proxy_from_value(struct sm_manager *manager, struct sm_value v, struct sm_proxy **ret)
{
    struct value_proxy parts;

    if (v.kind != SM_KIND_OBJECT || !value_is_proxy(v.object, &parts))
        return error_set(SM_EARG, "the value is not a proxy");
    return proxy_new(manager, parts.token.typeid, parts.token.ident, exposed_of(v), false, ret);
}
