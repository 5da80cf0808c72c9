/* SPDX-License-Identifier: MIT */
/*
 * syncmanagerd: a server with a command line. It is the first user of the public API: all it does
 * beyond that is options, keys, signals and log lines.
 */
#include "authkey.h"
#include "keys.h"
#include "notify.h"
#include "options.h"
#include "private.h"
#include "reload.h"
#include "web/web.h"

#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static struct sm_server *running; /* for the signal handlers */

static void on_signal(int signal)
{
    (void)signal;
    sm_server_stop(running);
}

static void on_hangup(int signal)
{
    (void)signal;
    sm_server_reload(running);
}

/* The server is about to be freed: what comes now has come too late to stop it. */
static void ignore_signals(void)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

static void handle_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    struct sigaction reload = {.sa_handler = on_hangup};

    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &reload, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

static void log_line(void *context, enum sm_log_level level, const char *message)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    const struct options *options = context;
    struct timespec now;
    struct tm tm;
    char date[32];

    if (level > options->log_level)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
    fprintf(stderr, "%s.%03ldZ %s: %s\n", date, now.tv_nsec / 1000000, names[level], message);
}

static int complain(void)
{
    fprintf(stderr, "syncmanagerd: %s\n", sm_last_error()->message);
    return STATUS_USAGE;
}

/* As many descriptors as the system allows: each client needs one. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* A plug-in stays loaded: its types live as long as the server. */
static int load(struct sm_server *server, const char *file)
{
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    const struct sm_plugin *plugin = handle ? dlsym(handle, "syncmanager_plugin") : NULL;

    if (!plugin) {
        fprintf(stderr, "syncmanagerd: --load %s: %s\n", file, dlerror());
        return STATUS_USAGE;
    }
    if (plugin->version != SM_PLUGIN_VERSION) {
        fprintf(stderr,
                "syncmanagerd: --load %s: made for version %u of the plug-in interface, this is "
                "%d; build it anew\n",
                file, plugin->version, SM_PLUGIN_VERSION);
        return STATUS_USAGE;
    }
    return plugin->init(server) < 0 ? complain() : STATUS_OK;
}

static int load_all(struct sm_server *server, const struct options *options)
{
    int status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < options->plugins_len; i++)
        status = load(server, options->plugins[i]);
    return status;
}

static int register_all(struct sm_server *server, const struct options *options)
{
    for (size_t i = 0; i < options->registers_len; i++) {
        char *equals = strchr(options->registers[i], '=');
        int r;

        *equals = '\0';
        r = sm_server_register(server, options->registers[i], equals + 1);
        *equals = '=';
        if (r < 0)
            return r;
    }
    return SM_OK;
}

static int listen_all(struct sm_server *server, const struct options *options)
{
    for (size_t i = 0; i < options->addresses_len; i++) {
        int r = sm_server_listen(server, options->addresses[i]);

        if (r < 0)
            return r;
    }
    return SM_OK;
}

/* Listen for those who look at the page, and have the manager say where that is. */
static int open_page(struct sm_server *server, struct options *options, struct web **ret)
{
    struct web_options web = {
        .addresses = options->https,
        .addresses_len = options->https_len,
        .allow_remote = options->server.allow_remote,
        .allow_kill = options->http_allow_kill,
        .log = log_line,
        .log_context = options,
    };
    const char *address;

    if (!options->https_len)
        return STATUS_OK;
    if (web_new(&web, ret) < 0)
        return STATUS_USAGE;
    for (size_t i = 0; (address = web_address(*ret, i)); i++) {
        if (sm_server_add_page(server, address) < 0)
            return complain();
    }
    return STATUS_OK;
}

static int start_page(struct sm_server *server, struct web *web, const struct web_key *keys,
                      size_t len)
{
    const char *address = private_address(server);

    return address && web_start(web, address, keys, len) == 0 ? STATUS_OK : STATUS_USAGE;
}

static int prepare(struct sm_server *server, struct options *options, const struct keys *keys,
                   struct web **ret)
{
    struct web_key of_page[KEYS_MAX];
    size_t n = keys_of_page(keys, of_page);
    int status = load_all(server, options);

    if (status == STATUS_OK)
        status = open_page(server, options, ret);
    if (status == STATUS_OK && register_all(server, options) < 0)
        status = complain();
    if (status == STATUS_OK && listen_all(server, options) < 0)
        status = complain();
    if (status == STATUS_OK && *ret)
        status = start_page(server, *ret, of_page, n);
    return status;
}

static void tell_addresses(const struct sm_server *server, const struct options *options,
                           const struct web *web)
{
    const char *address;

    for (size_t i = 0; i < options->addresses_len; i++)
        printf("listening on %s\n", sm_server_address(server, i));
    for (size_t i = 0; (address = web_address(web, i)); i++)
        printf("page on %s\n", address);
    fflush(stdout);
}

static int serve(struct sm_server *server, const struct options *options, const struct web *web)
{
    int r;

    running = server;
    handle_signals();
    tell_addresses(server, options, web);
    notify("READY=1");
    r = sm_server_run(server);
    ignore_signals();
    notify("STOPPING=1");
    return r < 0 ? complain() : STATUS_OK;
}

/*
 * Large pieces are the system's again as soon as they are free. glibc would keep ever larger ones
 * for later, up to 32 MiB: of a dict of a million entries that was a fifth of the memory.
 */
static void limit_spare_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
#endif
}

/* Make the server, and what it needs to begin. */
static int begin(struct options *options, struct sm_server **server, struct web **web)
{
    struct keys keys;
    int status = STATUS_USAGE;

    if (keys_load(options, &keys) == 0) {
        options->server.keys = keys.key;
        options->server.keys_len = keys.len;
        status = sm_server_new(&options->server, server) < 0
                     ? complain()
                     : prepare(*server, options, &keys, web);
        options->server.keys = NULL;
    }
    keys_forget(); /* the server has what it needs of them */
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    struct sm_server *server = NULL;
    struct reload reload = {.options = &options};
    int status;

    limit_spare_memory();
    status = options_parse(&options, argc, argv);
    if (status < 0) {
        raise_descriptor_limit();
        options.server.log = log_line;
        options.server.log_context = &options;
        options.server.reload = reload_all;
        options.server.reload_context = &reload;
        status = begin(&options, &server, &reload.web);
        if (status == STATUS_OK)
            status = serve(server, &options, reload.web);
        web_free(reload.web);
        sm_server_free(server);
        authkey_forget();
    }
    options_deinit(&options);
    return status;
}
