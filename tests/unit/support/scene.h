/* SPDX-License-Identifier: MIT */
/* A server that the test steps, and clients of it that call registered objects by their names. */
#ifndef SUPPORT_SCENE_H
#define SUPPORT_SCENE_H

#include "support/raw.h"

#include "server/server.h"

#include <stdio.h>

#define CLIENTS_MAX 8

struct scene {
    struct sm_server *server;
    struct raw clients[CLIENTS_MAX];
    size_t clients_len;
};

/* The options' key is not told: it is that of raw.h. */
static inline int scene_start(void **state, struct sm_server_options options)
{
    struct scene *f = calloc(1, sizeof(*f));
    char address[64];

    options.authkey = "key";
    options.authkey_len = 3;
    snprintf(address, sizeof(address), "unix:@sm-test-scene-%d", (int)getpid());
    if (!f || sm_server_new(&options, &f->server) < 0 || sm_server_listen(f->server, address) < 0)
        return -1;
    *state = f;
    return 0;
}

static inline int scene_end(void **state)
{
    struct scene *f = *state;

    for (size_t i = 0; i < f->clients_len; i++)
        raw_close(&f->clients[i]);
    sm_server_free(f->server);
    free(f);
    return 0;
}

static inline void open_for_calls(struct raw *raw, struct sm_server *server)
{
    raw_connect(raw, server);
    raw_authenticate(raw);
    raw_ask(raw, "(None, 'accept_connection', ('test',), {})");
    raw_drop_answer(raw);
}

/* Clients have the numbers 1, 2, ... in the order in which they are opened. */
static inline struct raw *open_client(struct scene *f)
{
    struct raw *raw = &f->clients[f->clients_len++];

    open_for_calls(raw, f->server);
    return raw;
}

static inline void share(struct scene *f, const char *name, const char *spec)
{
    assert_int_equal(sm_server_register(f->server, name, spec), SM_OK);
}

/* The object of that name. */
static inline struct object *find(struct scene *f, const char *name)
{
    const struct registry *registry = &f->server->registry;
    struct object *object;
    size_t at = 0;

    while ((object = map_next(&registry->objects, &at))) {
        const char *has = registry_name(registry, object);

        if (has && strcmp(has, name) == 0)
            return object;
    }
    fail_msg("no object %s", name);
    return NULL;
}

static inline void send_call(struct scene *f, struct raw *raw, const char *name, const char *method,
                             const char *args)
{
    char ident[IDENT_SIZE], request[128];

    ident_format(find(f, name)->ident, ident);
    snprintf(request, sizeof(request), "('%s', '%s', %s, {})", ident, method, args);
    raw_ask(raw, request);
}

static inline void call(struct scene *f, struct raw *raw, const char *name, const char *method)
{
    send_call(f, raw, name, method, "()");
    raw_drop_answer(raw);
}

/* A call that parks. */
static inline void park(struct scene *f, struct raw *raw, const char *name, const char *method,
                        const char *args)
{
    size_t before = f->server->registry.waiting;

    send_call(f, raw, name, method, args);
    while (f->server->registry.waiting == before) {
        sm_server_step(f->server);
        raw_read(raw);
        assert_int_equal(raw->in.len, 0); /* no answer */
    }
}

#endif
