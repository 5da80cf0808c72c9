/* SPDX-License-Identifier: MIT */
/* Managers: reaching one, holding it, and what concerns it as a whole. */
#include "client/client.h"

#include "base/error.h"
#include "base/limits.h"
#include "client/process.h"
#include "client/share.h"
#include "net/transport_socket.h"
#include "net/transport_tls.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct sm_value no_args(void)
{
    static struct sm_items none;

    return (struct sm_value){.kind = SM_KIND_TUPLE, .items = &none};
}

struct sm_value no_kwargs(void)
{
    static struct sm_items none;

    return (struct sm_value){.kind = SM_KIND_DICT, .items = &none};
}

int check_args(struct sm_value *args, struct sm_value *kwargs)
{
    if (args->kind == SM_KIND_MISSING)
        *args = no_args();
    if (kwargs->kind == SM_KIND_MISSING)
        *kwargs = no_kwargs();
    if (args->kind != SM_KIND_TUPLE)
        return error_set(SM_EARG, "args is not a tuple");
    return kwargs->kind == SM_KIND_DICT ? SM_OK : error_set(SM_EARG, "kwargs is not a dict");
}

struct sm_manager *manager_hold(struct sm_manager *manager)
{
    atomic_fetch_add(&manager->handles, 1);
    atomic_fetch_add(&manager->refs, 1);
    return manager;
}

void manager_unref(struct sm_manager *manager)
{
    if (atomic_fetch_sub(&manager->refs, 1) != 1)
        return;
    auth_key_free(manager->key);
    tls_unref(manager->tls);
    wakeup_close(&manager->wakeup);
    process_forget(manager);
    share_forget(manager);
    pthread_mutex_destroy(&manager->lock);
    free(manager);
}

/* Cut the connections of all threads. This one closes its own; others, when they find out. */
static void manager_close(struct sm_manager *manager)
{
    struct connection *c;

    atomic_store(&manager->closed, true);
    if (atomic_load(&manager->process) != this_process())
        return;
    pthread_mutex_lock(&manager->lock);
    list_for_each(c, &manager->connections, manager_link)
        channel_cut(&c->channel);
    pthread_mutex_unlock(&manager->lock);
    connection_drop_closed(manager);
}

void manager_drop(struct sm_manager *manager)
{
    if (atomic_fetch_sub(&manager->handles, 1) == 1) {
        if (manager->server && manager->creator == this_process())
            process_end(manager);
        manager_close(manager);
    }
    manager_unref(manager);
}

void sm_manager_free(struct sm_manager *manager)
{
    if (!manager)
        return;
    error_keep_begin();
    manager_drop(manager);
    error_keep_end();
}

int manager_open_channel(struct sm_manager *manager, struct channel *channel,
                         const struct channel_wait *wait, const char **why)
{
    struct transport *transport;
    int r = manager->carry(&manager->address, manager->patience, &transport);

    *channel = (struct channel){0};
    if (r == 0 && manager->tls)
        r = transport_tls_new(manager->tls, transport, manager->address.host, &transport);
    return r < 0 ? r
                 : channel_open(channel, transport, manager->key, manager->max_message, wait, why);
}

static int set_key(struct sm_manager *manager, const void *key, size_t len)
{
    const char *set = getenv("SYNCMANAGER_AUTHKEY");
    int r;

    if (!key && !set)
        return error_set(SM_EARG, "no key: give one in the options or in $SYNCMANAGER_AUTHKEY");
    r = auth_key_new(key ? key : set, key ? len : strlen(set), &manager->key);
    return r < 0 ? error_set(r == -ENOMEM ? SM_ENOMEM : SM_ESYSTEM, "the key: %s", error_text(-r))
                 : SM_OK;
}

/* What the options do not say, the environment may; an empty text says nothing. */
static const char *given(const char *option, const char *variable)
{
    const char *set = getenv(variable);

    return option ? option : set && set[0] ? set : NULL;
}

static int set_tls(struct sm_manager *manager, const struct sm_manager_options *options)
{
    struct tls_files files = {
        .ca = given(options->tls_ca, "SYNCMANAGER_TLS_CA"),
        .certificate = given(options->tls_certificate, "SYNCMANAGER_TLS_CERTIFICATE"),
        .key = given(options->tls_key, "SYNCMANAGER_TLS_KEY"),
    };

    return tls_new(false, &files, &manager->tls);
}

int manager_new(const char *address, const struct sm_manager_options *options,
                struct sm_manager **ret)
{
    struct sm_manager *manager = calloc(1, sizeof(*manager));
    const char *why;
    int r;

    if (!manager)
        return error_set_memory();
    atomic_init(&manager->handles, 1);
    atomic_init(&manager->refs, 1);
    atomic_init(&manager->process, this_process());
    atomic_init(&manager->follower, this_process());
    manager->creator = this_process();
    manager->server_fd = -1;
    manager->python_minor = options->python_minor;
    manager->look = options->look;
    manager->look_context = options->look_context;
    manager->spins = options->spins;
    manager->sockets_only = options->sockets_only;
    manager->carry = transport_socket_new;
    manager->max_message = options->max_message ? options->max_message : LIMIT_MESSAGE_DEFAULT;
    manager->patience = options->keepalive_ms == UINT_MAX ? FOREVER
                        : options->keepalive_ms           ? options->keepalive_ms * MSEC
                                                          : LIMIT_KEEPALIVE_TIME;
    atomic_init(&manager->timeout_ms, options->timeout_ms);
    pthread_mutex_init(&manager->lock, NULL);
    list_init(&manager->connections);
    r = wakeup_open(&manager->wakeup);
    if (r < 0)
        r = error_set(SM_ESYSTEM, "no descriptor for interrupts: %s", error_text(-r));
    else if (address_parse(address, &manager->address, &why) < 0)
        r = error_set(SM_EARG, "%s: %s", address, why);
    else
        r = set_key(manager, options->authkey, options->authkey_len);
    if (r == SM_OK && manager->address.tls)
        r = set_tls(manager, options);
    if (r < 0) {
        manager_unref(manager);
        return r;
    }
    address_format(&manager->address, manager->text);
    address_to_python(&manager->address, &manager->python);
    *ret = manager;
    return SM_OK;
}

int sm_manager_at(const char *address, const struct sm_manager_options *options,
                  struct sm_manager **ret)
{
    static const struct sm_manager_options defaults;

    if (!address)
        return error_set(SM_EARG, "no address");
    return manager_new(address, options ? options : &defaults, ret);
}

int sm_manager_connect(const char *address, const struct sm_manager_options *options,
                       struct sm_manager **ret)
{
    struct outgoing dummy = server_function("dummy", no_args());
    struct sm_manager *manager;
    int r;

    r = sm_manager_at(address, options, &manager);
    if (r < 0)
        return r;
    r = manager_request(manager, &dummy, NULL);
    if (r < 0) {
        manager_drop(manager);
        return r;
    }
    *ret = manager;
    return SM_OK;
}

const char *sm_manager_address(const struct sm_manager *manager)
{
    return manager->text;
}

void sm_manager_set_timeout(struct sm_manager *manager, unsigned timeout_ms)
{
    atomic_store(&manager->timeout_ms, timeout_ms);
}

void sm_manager_interrupt(struct sm_manager *manager)
{
    int saved = errno;

    atomic_fetch_add(&manager->interrupts, 1);
    /* Else this is a forked child, where nobody has waited yet. */
    if (atomic_load(&manager->process) == this_process())
        wakeup_send(&manager->wakeup);
    errno = saved;
}

int sm_manager_shutdown(struct sm_manager *manager)
{
    struct outgoing shutdown = server_function("shutdown", no_args());
    struct channel_wait wait;
    int r;

    if (!manager)
        return error_set(SM_EARG, "no manager");
    wait = manager_wait(manager);
    r = manager_request_once(manager, &shutdown, &wait, NULL);

    if (r == SM_OK && manager->server && manager->creator == this_process())
        process_end(manager);
    return r;
}

int manager_ask(struct sm_manager *manager, const char *name, struct sm_value args,
                struct sm_value kwargs, bool raw, struct sm_reply **reply)
{
    struct outgoing request = {.name = name, .raw = raw};

    if (!manager || !name)
        return error_set(SM_EARG, "no manager, or no name");
    if (check_args(&args, &kwargs) < 0)
        return SM_EARG;
    request.args = args;
    request.kwargs = kwargs;
    connection_drop_dead(manager);
    return manager_request(manager, &request, reply);
}

int sm_manager_call(struct sm_manager *manager, const char *name, struct sm_value args,
                    struct sm_value kwargs, struct sm_reply **reply)
{
    return manager_ask(manager, name, args, kwargs, false, reply);
}

int sm_manager_number_of_objects(struct sm_manager *manager, size_t *ret)
{
    struct sm_reply *reply;
    int r = sm_manager_call(manager, "number_of_objects", sm_missing(), sm_missing(), &reply);

    if (r < 0)
        return r;
    r = SM_OK;
    if (reply->value.kind == SM_KIND_INT)
        *ret = (size_t)reply->value.integer;
    else
        r = error_set(SM_EPROTOCOL, "%s: the number of objects is no number", manager->text);
    sm_reply_free(reply);
    return r;
}

int sm_manager_debug_info(struct sm_manager *manager, struct sm_reply **ret)
{
    return sm_manager_call(manager, "debug_info", sm_missing(), sm_missing(), ret);
}
