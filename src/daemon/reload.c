/* SPDX-License-Identifier: MIT */
/*
 * Each kind of file is taken whole, or not at all: what is wrong with it is logged, and what it had
 * said before holds on. systemd wants to know when it began, by its clock.
 */
#include "reload.h"

#include "keys.h"
#include "notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

__attribute__((format(printf, 3, 4))) static void
say(const struct options *options, enum sm_log_level level, const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    options->server.log(options->server.log_context, level, line);
}

static void take_keys(const struct reload *reload, struct sm_server *server,
                      const struct keys *keys)
{
    const struct options *options = reload->options;
    struct web_key of_page[KEYS_MAX];
    size_t n = keys_of_page(keys, of_page);

    if (reload->web && !n) {
        say(options, SM_LOG_ERROR,
            "the key file %s was not taken: with --http, one of its keys must have the right "
            "admin; the keys stay as they were",
            options->authkey_file);
        return;
    }
    if (sm_server_set_keys(server, keys->key, keys->len) < 0) {
        say(options, SM_LOG_ERROR, "the key file %s was not taken: %s; the keys stay as they were",
            options->authkey_file, sm_last_error()->message);
        return;
    }
    if (reload->web && web_set_keys(reload->web, of_page, n) < 0)
        say(options, SM_LOG_ERROR, "the page lets in nobody any more");
    say(options, SM_LOG_INFO, "read the key file %s anew: %zu %s", options->authkey_file, keys->len,
        keys->len == 1 ? "key" : "keys");
}

static void reload_keys(const struct reload *reload, struct sm_server *server)
{
    const struct options *options = reload->options;
    struct keys keys;

    if (!options->authkey_file)
        say(options, SM_LOG_INFO, "the key stays: there is no --authkey-file to read anew");
    else if (keys_reload(options, &keys) < 0)
        say(options, SM_LOG_ERROR, "the key file %s was not taken: the keys stay as they were",
            options->authkey_file);
    else
        take_keys(reload, server, &keys);
    keys_forget();
}

static void reload_certificates(const struct options *options, struct sm_server *server)
{
    const struct sm_server_options *files = &options->server;

    if (!files->tls_certificate)
        return;
    if (sm_server_set_tls(server, files->tls_certificate, files->tls_key, files->tls_client_ca) < 0)
        say(options, SM_LOG_ERROR, "%s; the certificates stay as they were",
            sm_last_error()->message);
    else
        say(options, SM_LOG_INFO, "read the certificate %s anew", files->tls_certificate);
}

void reload_all(void *context, struct sm_server *server)
{
    const struct reload *reload = context;
    struct timespec now;
    char state[80];

    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
             (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    notify(state);
    reload_keys(reload, server);
    reload_certificates(reload->options, server);
    notify("READY=1");
}
