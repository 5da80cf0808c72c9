/* SPDX-License-Identifier: MIT */
/*
 * A server is a registry on a loop. Stopping is a wish that any thread, or a signal handler, may
 * express: the loop carries it out.
 */
#include "server/server.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "object/place.h"
#include "peer/meter.h"
#include "server/keys.h"
#include "types/types.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Another thread has something for the loop. */
static void server_woken(struct loop *loop)
{
    struct sm_server *server = container_of(loop, struct sm_server, loop);
    unsigned stops = atomic_load(&server->stops);

    posts_deliver(&server->posts);
    if (memory_free_some(&server->spent))
        loop_wake(loop);
    drain_looked(server);
    follow_woken(server);
    keys_woken(server);
    if (stops)
        drain_begin(server);
    if (stops > 1)
        drain_cut(server);
}

static void memory_spent(struct memory_row *row)
{
    loop_wake(&container_of(row, struct sm_server, spent)->loop);
}

static void crowd_changed(struct sm_server *server)
{
    server->crowd.changed = false;
    follow_review(server);
    if (server->crowd.phase != CROWD_SERVES && list_empty(&server->crowd.peers))
        loop_halt(&server->loop);
}

static void server_settle(struct loop *loop)
{
    struct sm_server *server = container_of(loop, struct sm_server, loop);

    crowd_settle(&server->crowd);
    if (server->crowd.changed)
        crowd_changed(server);
    leases_lend(&server->registry.leases);
    for (size_t i = 0; i < server->listeners_len; i++)
        listener_turn(&server->listeners[i]->listener);
    if (!list_empty(&server->crowd.answered))
        loop_wake(loop);
    drain_continue(server);
}

static void server_make_crowd(struct sm_server *server)
{
    struct crowd *crowd = &server->crowd;

    crowd_init(crowd);
    crowd->registry = &server->registry;
    crowd->loop = &server->loop;
    crowd->tree = &server->tree;
    crowd->options = &server->options;
    crowd->descriptors = connections_possible();
}

static int server_init(struct sm_server *server, const struct sm_server_options *options)
{
    int r;

    r = keys_begin(server, options);
    if (r < 0)
        return r;
    if (loop_init(&server->loop, &server->registry.timers, server_woken, server_settle) < 0)
        return error_set(SM_ESYSTEM, "cannot make an event loop: %s", error_text(errno));
    server->loop.spin = spin_from(options->spins);
    if (options->tls_certificate) {
        r = sm_server_set_tls(server, options->tls_certificate, options->tls_key,
                              options->tls_client_ca);
        if (r < 0)
            return r;
    }
    if (!options->bare && types_register(&server->registry) < 0)
        return error_set_memory();
    server->registry.complete = true;
    if (options->metrics && !(server->crowd.meter = meter_new()))
        return error_set_memory();
    return options->follow_pid ? sm_server_follow(server, options->follow_pid) : SM_OK;
}

int sm_server_new(const struct sm_server_options *options, struct sm_server **ret)
{
    struct sm_server *server;
    int r;

    if (options->python_minor && (options->python_minor < 8 || options->python_minor > 15))
        return error_set(SM_EARG, "Python 3.%u is not one of 3.8 to 3.15", options->python_minor);
    server = calloc(1, sizeof(*server));
    if (!server)
        return error_set_memory();
    r = registry_init(&server->registry);
    if (r < 0) {
        free(server);
        return error_set(SM_ESYSTEM, "no random numbers: %s", error_text(-r));
    }
    server_make_crowd(server);
    list_init(&server->own_types);
    posts_init(&server->posts, &server->loop, &server->registry);
    host_init(&server->host, &server->registry, &server->posts, &server->tree);
    forking_init(&server->forking);
    server->since = loop_now(&server->loop);
    server->options = *options;
    options_fill(&server->options);
    server->spent.filled = memory_spent;
    place_add(&server->registry, &server->functions, &server_functions);
    asides_init(&server->asides, &server->registry, &server->posts, server->options.max_memory);
    server->registry.max_objects = server->options.max_objects;
    tree_init(&server->tree, &server->registry.resolver);
    server->tree.unknown = UNKNOWN_DOUBT;
    r = server_init(server, options);
    if (r < 0) {
        sm_server_free(server);
        return r;
    }
    *ret = server;
    return SM_OK;
}

void sm_server_free(struct sm_server *server)
{
    if (!server)
        return;
    if (server->loop.scratch) {
        drain_begin(server);
        drain_cut(server);
        if (!list_empty(&server->crowd.peers))
            loop_run(&server->loop);
    }
    asides_end(&server->asides);
    crowd_deinit(&server->crowd);
    watch_close(&server->follow.watch, NULL);
    loop_deinit(&server->loop);
    free(server->listeners);
    for (size_t i = 0; server->pages && server->pages[i]; i++)
        free(server->pages[i]);
    free(server->pages);
    tls_unref(server->tls);
    tree_deinit(&server->tree);
    posts_deliver(&server->posts);
    registry_deinit(&server->registry);
    share_close(&server->share);
    own_free_types(&server->own_types);
    host_deinit(&server->host);
    forking_deinit(&server->forking);
    posts_deinit(&server->posts);
    memory_free_row(&server->spent);
    free(server);
}

static void on_connected(struct listener *listener)
{
    struct server_listener *l = container_of(listener, struct server_listener, listener);

    peer_accept(&l->server->crowd, listener);
}

static void on_listener_closed(struct listener *listener)
{
    free(container_of(listener, struct server_listener, listener));
}

static int listen_error(const char *address, int r)
{
    if (r == -EADDRINUSE)
        return error_set_reason(SM_ESYSTEM, -r, "",
                                "%s: in use; stop the other server or choose another address",
                                address);
    if (r == -EEXIST)
        return error_set_reason(SM_ESYSTEM, -r, "",
                                "%s: there is a file, and no socket; choose another path", address);
    if (r == -EPERM)
        return error_set_reason(
            SM_ESYSTEM, -r, "",
            "%s: there is a socket of another user; remove it or choose another path", address);
    if (r == -ELOOP)
        return error_set_reason(
            SM_ESYSTEM, -r, "",
            "%s: %s.syncmanager-lock is a link, or not yours; remove it or choose "
            "another path",
            address, address + strlen("unix:"));
    if (r == -EACCES)
        return error_set_reason(SM_ESYSTEM, -r, "",
                                "%s: not permitted; choose an address you may use", address);
    return error_set_reason(SM_ESYSTEM, -r, "", "%s: %s", address, uv_strerror(r));
}

/* Whether there is room for anybody. What is registered counts, so this is known last. */
static int check_limits(const struct sm_server *server)
{
    const struct sm_server_options *options = &server->options;

    if (options->max_message < LIMIT_MESSAGE_LEAST)
        return error_set(SM_EARG,
                         "messages of %" PRIu64 " bytes hold no request: the largest message "
                         "(--max-message) must be %d or more",
                         options->max_message, LIMIT_MESSAGE_LEAST);
    if (options->max_memory < memory_used() + LIMIT_MEMORY_LEAST)
        return error_set(SM_EARG,
                         "no client could be served with %" PRIu64 " bytes of memory "
                         "(--max-memory): %zu are in use, and %zu more are needed",
                         options->max_memory, memory_used(), LIMIT_MEMORY_LEAST);
    return SM_OK;
}

/* With peers that are out of reach. */
static nsec patience(const struct sm_server *server)
{
    unsigned ms = server->options.keepalive_ms;

    return ms == UINT_MAX ? FOREVER : ms * MSEC;
}

/* Whether it may be listened on: what others can reach is to be encrypted, or allowed. */
static int check_address(const struct sm_server *server, const char *text,
                         const struct address *address)
{
    if (address->tls && !server->tls)
        return error_set(SM_EARG, "%s: TLS needs a certificate and its key (--tls-certificate)",
                         text);
    if (address->tls || address_is_local(address))
        return SM_OK;
    if (!server->options.allow_remote)
        return error_set(SM_EARG,
                         "%s: other hosts could reach it, and messages are not encrypted; choose "
                         "127.0.0.1, a Unix socket or tls://, or allow it (--allow-remote)",
                         text);
    crowd_log(&server->crowd, SM_LOG_WARNING,
              "%s: other hosts can reach it, and messages are not encrypted; tls:// would", text);
    return SM_OK;
}

int sm_server_set_tls(struct sm_server *server, const char *certificate, const char *key,
                      const char *client_ca)
{
    struct tls_files files = {.certificate = certificate, .key = key, .ca = client_ca};
    struct tls *tls;
    int r;

    if (!certificate)
        return error_set(SM_EARG, "no certificate");
    r = tls_new(true, &files, &tls);
    if (r < 0)
        return r;
    tls_unref(server->tls);
    server->tls = tls;
    return SM_OK;
}

int sm_server_listen(struct sm_server *server, const char *text)
{
    struct server_listener **listeners, *l;
    struct address address;
    const char *why;
    int r;

    r = check_limits(server);
    if (r < 0)
        return r;
    if (address_parse(text, &address, &why) < 0)
        return error_set(SM_EARG, "%s: %s", text, why);
    r = check_address(server, text, &address);
    if (r < 0)
        return r;
    listeners =
        realloc(server->listeners, (server->listeners_len + 1) * sizeof(struct server_listener *));
    if (!listeners)
        return error_set_memory();
    server->listeners = listeners;
    l = calloc(1, sizeof(*l));
    if (!l)
        return error_set_memory();
    l->server = server;
    r = listener_open(&l->listener, &server->loop, &address, patience(server), &server->tls,
                      on_connected, on_listener_closed);
    if (r < 0)
        return listen_error(text, r);
    listeners[server->listeners_len++] = l;
    if (server->listeners_len == 1) { /* the first address is the one that tokens show */
        address_to_python(&l->listener.address, &server->token_address);
        server->registry.address = server->token_address.value;
    }
    return SM_OK;
}

const char *sm_server_address(const struct sm_server *server, size_t index)
{
    return index < server->listeners_len ? server->listeners[index]->listener.text : NULL;
}

int sm_server_add_page(struct sm_server *server, const char *url)
{
    size_t n = 0;
    char **pages, *copy = strdup(url);

    while (server->pages && server->pages[n])
        n++;
    pages = copy ? realloc(server->pages, (n + 2) * sizeof(*pages)) : NULL;
    if (!pages) {
        free(copy);
        return error_set_memory();
    }
    pages[n] = copy;
    pages[n + 1] = NULL;
    server->pages = pages;
    return SM_OK;
}

/* From here on memory is taken and freed on this server's account, or on that of the program. */
static void server_memory(struct sm_server *server)
{
    memory_set_limit(server->options.max_memory);
    memory_put_off(&server->spent);
}

static void server_memory_of_others(void)
{
    memory_set_limit(0);
    memory_put_off(NULL);
}

int sm_server_run(struct sm_server *server)
{
    int r;

    server_memory(server);
    forking_set_running(&server->forking, true);
    r = loop_run(&server->loop);
    forking_set_running(&server->forking, false);
    server_memory_of_others();
    return r < 0 ? error_set(SM_ESYSTEM, "the event loop failed: %s", uv_strerror(r)) : SM_OK;
}

int sm_server_step(struct sm_server *server)
{
    server_memory(server);
    loop_step(&server->loop);
    server_memory_of_others();
    return server->crowd.phase != CROWD_SERVES && list_empty(&server->crowd.peers) ? SM_OK
                                                                                   : SM_NOT_YET;
}

int sm_server_fd(const struct sm_server *server)
{
    return loop_fd(&server->loop);
}

int sm_server_timeout_ms(const struct sm_server *server)
{
    return loop_timeout_ms(&server->loop);
}

void sm_server_set_host(struct sm_server *server, const struct sm_host *host, void *context)
{
    host_set(&server->host, host, context);
}

struct sm_hold *sm_server_hold(struct sm_server *server, const char *ident)
{
    return host_ref_new(&server->host, ident);
}

void sm_server_stop(struct sm_server *server)
{
    atomic_fetch_add(&server->stops, 1);
    loop_wake(&server->loop);
}
