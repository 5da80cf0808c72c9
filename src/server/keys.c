/* SPDX-License-Identifier: MIT */
/*
 * Keys and what is registered for some of them. Reading anew is a wish like stopping: any thread or
 * signal handler may express it, and the loop has the program do it.
 */
#include "server/keys.h"

#include "base/error.h"
#include "server/server.h"

#include <string.h>

int keys_begin(struct sm_server *server, const struct sm_server_options *options)
{
    const struct sm_key only = {.key = options->authkey, .key_len = options->authkey_len};

    if (options->keys_len)
        return keyring_make(options->keys, options->keys_len, &server->crowd.keyring);
    return keyring_make(&only, 1, &server->crowd.keyring);
}

/* One name of an audience's, which has to be that of a key. */
static int check_name(const struct sm_server *server, const char *text, const char *at, size_t len)
{
    char name[LIMIT_KEY_NAME + 1];

    if (len && len <= LIMIT_KEY_NAME) {
        memcpy(name, at, len);
        name[len] = '\0';
        if (keyring_has(&server->crowd.keyring, name))
            return SM_OK;
    }
    return error_set(SM_EARG, "%s: no key has the name '%.*s'", text, (int)MIN(len, (size_t)100),
                     at);
}

static int check_names(const struct sm_server *server, const char *text, const char *names)
{
    int r = SM_OK;

    if (!keyring_has_names(&server->crowd.keyring))
        return error_set(SM_EARG,
                         "%s: for whom? The server has one key, and it has no name; give it "
                         "several with names (lines NAME RIGHTS KEY)",
                         text);
    for (const char *at = names; r == SM_OK; at++) {
        size_t len = strcspn(at, ",");

        r = check_name(server, text, at, len);
        at += len;
        if (!*at)
            break;
    }
    return r;
}

int keys_read_name(struct sm_server *server, const char *text, struct registered *ret)
{
    const char *at = text ? strrchr(text, '@') : NULL;
    size_t len = at ? (size_t)(at - text) : 0;
    int r;

    ret->audience = NULL;
    ret->name = at ? strndup(text, len) : strdup(text ? text : "");
    if (!ret->name)
        return error_set_memory();
    if (!at)
        return SM_OK;
    r = len ? check_names(server, text, at + 1) : error_set(SM_EARG, "%s: no name", text);
    if (r < 0)
        return r;
    ret->audience = registry_add_audience(&server->registry, at + 1);
    if (!ret->audience)
        return error_set_memory();
    keyring_fill(&server->crowd.keyring, ret->audience);
    return SM_OK;
}

/* Objects that are for keys which are no more are for those alone that govern. */
static void warn_of_missing(const struct sm_server *server)
{
    struct audience *audience;

    list_for_each(audience, &server->registry.audiences, link) {
        if (!audience->keys)
            crowd_log(&server->crowd, SM_LOG_WARNING,
                      "no key that is there now has an object that is registered for %s",
                      audience->names);
    }
}

int sm_server_set_keys(struct sm_server *server, const struct sm_key *keys, size_t len)
{
    struct keyring ring = {0};
    int r = keyring_make(keys, len, &ring);

    if (r < 0)
        return r;
    if (!keyring_has_names(&ring) && !list_empty(&server->registry.audiences)) {
        keyring_deinit(&ring);
        return error_set(SM_EARG, "objects are registered for keys by their names: one key without "
                                  "a name cannot take their place");
    }
    keyring_replace(&server->crowd, &ring);
    warn_of_missing(server);
    return SM_OK;
}

void keys_woken(struct sm_server *server)
{
    const struct sm_server_options *options = &server->options;

    if (atomic_exchange(&server->reloads, 0) && options->reload)
        options->reload(options->reload_context, server);
}

void sm_server_reload(struct sm_server *server)
{
    atomic_store(&server->reloads, 1);
    loop_wake(&server->loop);
}
