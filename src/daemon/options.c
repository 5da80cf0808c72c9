/* SPDX-License-Identifier: MIT */
/* The command line: long options only, each checked where it is read. */
#include "options.h"

#include "cli/cli.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: syncmanagerd --address ADDR [OPTION]...\n"
    "Share locks, queues, lists, dicts and more between processes, as Python's\n"
    "multiprocessing.managers.SyncManager does, for Python and C programs alike.\n"
    "\n"
    "  --address ADDR            listen on HOST:PORT (port 0 picks one), tls://HOST:PORT,\n"
    "                            unix:PATH or unix:@NAME (abstract); may be given several\n"
    "                            times\n"
    "  --tls-certificate FILE    what tls:// shows its clients, in PEM, with those behind it\n"
    "                            that sign it\n"
    "  --tls-key FILE            its key, without a passphrase (else in the same file)\n"
    "  --tls-client-ca FILE      clients of tls:// need a certificate that one of these has\n"
    "                            signed\n"
    "  --allow-remote            listen without TLS on addresses that other hosts reach, too:\n"
    "                            messages are not encrypted\n"
    "  --authkey-file FILE       the key: FILE's bytes, less one trailing newline\n"
    "                            (else $SYNCMANAGER_AUTHKEY, else a new random key);\n"
    "                            or several, each in a line NAME RIGHT KEY, where RIGHT is\n"
    "                            ro, rw or admin. SIGHUP reads FILE anew\n"
    "  --http ADDR               show the manager to browsers and Prometheus, on HOST:PORT or\n"
    "                            unix:PATH; may be given several times; syncmanagerctl page\n"
    "                            prints the link to it\n"
    "  --http-allow-kill         let whoever is logged in there end connections\n"
    "  --register NAME=SPEC      share an object under a name; SPEC is a Python literal\n"
    "                            or a constructor call; may be given several times.\n"
    "                            NAME@KEY,KEY=SPEC: for those alone who have these keys\n"
    "  --load FILE               load a plug-in, a shared object that registers types of its\n"
    "                            own; may be given several times\n"
    "  --threads N               event loops; this version serves on 1\n"
    "  --owner-death WHAT        what the dead held: release (default) or keep\n"
    "  --max-message BYTES       largest request, with K, M or G; default 4G\n"
    "  --max-memory BYTES        what all values may take; default: 3/4 of the machine's\n"
    "  --max-objects N           shared objects at a time; default 10000000\n"
    "  --max-connections N       connections at a time; default 100000\n"
    "  --keepalive SECONDS       cut clients that are out of reach, or take nothing of an\n"
    "                            answer, for so long; default 60; 0: never\n"
    "  --spin N                  look N times for more work before sleeping; default 20,\n"
    "                            less where that does not pay; 0: sleep at once\n"
    "  --shared-memory WHAT      with clients of this user on this host: on (default) or off\n"
    "  --metrics                 count calls, and how long they take and wait, by type and\n"
    "                            method: for 'syncmanagerctl metrics' and Prometheus\n"
    "  --drain-timeout SECONDS   time to finish calls and answers when it ends; default 5\n"
    "  --python 3.X              answer as this CPython where a client cannot be told\n"
    "  --log-level LEVEL         error, warning, info (default) or debug\n"
    "  --help                    show this and exit\n"
    "  --version                 show the version and exit\n"
    "\n"
    "Examples:\n"
    "  syncmanagerd --address 127.0.0.1:55555 --authkey-file key\n"
    "  syncmanagerd --address tls://0.0.0.0:5000 --tls-certificate server.pem \\\n"
    "               --tls-key server.key --authkey-file key\n"
    "  syncmanagerd --address unix:/run/jobs.sock --register 'jobs=Queue(100)'\n"
    "  syncmanagerd --address unix:@demo --register 'greeting=\"hello\"' \\\n"
    "               --register 'config=dict({\"retries\": 3})'\n"
    "  syncmanagerd --address unix:@maths --load ./maths.so\n"
    "  syncmanagerd --address unix:/run/jobs.sock --authkey-file keys \\\n"
    "               --register 'jobs@workers=Queue()'\n"
    "\n"
    "A Python client of the first one:\n"
    "  from multiprocessing.managers import SyncManager\n"
    "  m = SyncManager(('127.0.0.1', 55555), authkey=open('key', 'rb').read().rstrip(b'\\n'))\n"
    "  m.connect()\n"
    "  shared = m.list([0, 0, 0])\n";

enum {
    OPTION_ADDRESS = CLI_OWN,
    OPTION_TLS_CERTIFICATE,
    OPTION_TLS_KEY,
    OPTION_TLS_CLIENT_CA,
    OPTION_ALLOW_REMOTE,
    OPTION_AUTHKEY_FILE,
    OPTION_HTTP,
    OPTION_HTTP_ALLOW_KILL,
    OPTION_REGISTER,
    OPTION_LOAD,
    OPTION_THREADS,
    OPTION_OWNER_DEATH,
    OPTION_MAX_MESSAGE,
    OPTION_MAX_MEMORY,
    OPTION_MAX_OBJECTS,
    OPTION_MAX_CONNECTIONS,
    OPTION_KEEPALIVE,
    OPTION_SPIN,
    OPTION_SHARED_MEMORY,
    OPTION_METRICS,
    OPTION_DRAIN_TIMEOUT,
    OPTION_PYTHON,
    OPTION_LOG_LEVEL,
};

static const struct option long_options[] = {
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"tls-certificate", required_argument, NULL, OPTION_TLS_CERTIFICATE},
    {"tls-key", required_argument, NULL, OPTION_TLS_KEY},
    {"tls-client-ca", required_argument, NULL, OPTION_TLS_CLIENT_CA},
    {"allow-remote", no_argument, NULL, OPTION_ALLOW_REMOTE},
    {"authkey-file", required_argument, NULL, OPTION_AUTHKEY_FILE},
    {"http", required_argument, NULL, OPTION_HTTP},
    {"http-allow-kill", no_argument, NULL, OPTION_HTTP_ALLOW_KILL},
    {"register", required_argument, NULL, OPTION_REGISTER},
    {"load", required_argument, NULL, OPTION_LOAD},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"owner-death", required_argument, NULL, OPTION_OWNER_DEATH},
    {"max-message", required_argument, NULL, OPTION_MAX_MESSAGE},
    {"max-memory", required_argument, NULL, OPTION_MAX_MEMORY},
    {"max-objects", required_argument, NULL, OPTION_MAX_OBJECTS},
    {"max-connections", required_argument, NULL, OPTION_MAX_CONNECTIONS},
    {"keepalive", required_argument, NULL, OPTION_KEEPALIVE},
    {"spin", required_argument, NULL, OPTION_SPIN},
    {"shared-memory", required_argument, NULL, OPTION_SHARED_MEMORY},
    {"metrics", no_argument, NULL, OPTION_METRICS},
    {"drain-timeout", required_argument, NULL, OPTION_DRAIN_TIMEOUT},
    {"python", required_argument, NULL, OPTION_PYTHON},
    {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
    CLI_OPTIONS_END,
};

static int wrong(const char *option, const char *value, const char *what)
{
    fprintf(stderr, "syncmanagerd: --%s %s: %s\n", option, value, what);
    return STATUS_USAGE;
}

static bool parse_number(const char *option, const char *text, const struct cli_range *range,
                         uint64_t *ret)
{
    return cli_number("syncmanagerd", option, text, range, ret);
}

static bool parse_seconds(const char *option, const char *text, unsigned *ret_ms)
{
    return cli_seconds("syncmanagerd", option, text, 0, ret_ms);
}

static int parse_bytes(const char *option, const char *text, uint64_t *ret)
{
    static const struct cli_range range = {1, INT64_MAX, .bytes = true, .such_as = "500000 or 64M"};

    return parse_number(option, text, &range, ret) ? -1 : STATUS_USAGE;
}

static int parse_count(const char *option, const char *text, size_t *ret)
{
    static const struct cli_range range = {1, INT_MAX, .such_as = "1000"};
    uint64_t n;

    if (!parse_number(option, text, &range, &n))
        return STATUS_USAGE;
    *ret = (size_t)n;
    return -1;
}

static int parse_keepalive(struct options *options, const char *text)
{
    unsigned *ms = &options->server.keepalive_ms;

    if (!parse_seconds("keepalive", text, ms))
        return STATUS_USAGE;
    if (strtod(text, NULL) == 0)
        *ms = UINT_MAX;
    return -1;
}

static int parse_spin(struct options *options, const char *text)
{
    static const struct cli_range range = {0, INT_MAX, .such_as = "20"};
    uint64_t n;

    if (!parse_number("spin", text, &range, &n))
        return STATUS_USAGE;
    options->server.spins = n ? (unsigned)n : UINT_MAX;
    return -1;
}

static int parse_threads(const char *text)
{
    static const struct cli_range range = {1, INT_MAX, .such_as = "1"};
    uint64_t n;

    if (!parse_number("threads", text, &range, &n))
        return STATUS_USAGE;
    return n == 1 ? -1 : wrong("threads", text, "this version serves on one event loop: use 1");
}

static int parse_python(struct options *options, const char *text)
{
    char version[8];

    for (unsigned minor = 8; minor <= 15; minor++) {
        snprintf(version, sizeof(version), "3.%u", minor);
        if (strcmp(text, version) == 0) {
            options->server.python_minor = minor;
            return -1;
        }
    }
    return wrong("python", text, "not one of 3.8 to 3.15");
}

static int parse_log_level(struct options *options, const char *text)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            options->log_level = (enum sm_log_level)i;
            return -1;
        }
    }
    return wrong("log-level", text, "not one of error, warning, info, debug");
}

static int parse_shared_memory(struct options *options, const char *text)
{
    options->server.sockets_only = strcmp(text, "off") == 0;
    if (!options->server.sockets_only && strcmp(text, "on") != 0)
        return wrong("shared-memory", text, "not one of on, off");
    return -1;
}

static int parse_owner_death(struct options *options, const char *text)
{
    options->server.keep_owned = strcmp(text, "keep") == 0;
    if (!options->server.keep_owned && strcmp(text, "release") != 0)
        return wrong("owner-death", text, "not one of release, keep");
    return -1;
}

static int parse_register(struct options *options, char *text)
{
    const char *equals = strchr(text, '=');

    if (!equals || equals == text)
        return wrong("register", text, "not NAME=SPEC, such as jobs=Queue(100)");
    options->registers[options->registers_len++] = text;
    return -1;
}

static int parse_option(void *context, int option, char *value)
{
    struct options *options = context;

    switch (option) {
    case OPTION_ADDRESS:
        options->addresses[options->addresses_len++] = value;
        return -1;
    case OPTION_TLS_CERTIFICATE:
        options->server.tls_certificate = value;
        return -1;
    case OPTION_TLS_KEY:
        options->server.tls_key = value;
        return -1;
    case OPTION_TLS_CLIENT_CA:
        options->server.tls_client_ca = value;
        return -1;
    case OPTION_ALLOW_REMOTE:
        options->server.allow_remote = true;
        return -1;
    case OPTION_AUTHKEY_FILE:
        options->authkey_file = value;
        return -1;
    case OPTION_HTTP:
        options->https[options->https_len++] = value;
        options->server.metrics = true;
        return -1;
    case OPTION_HTTP_ALLOW_KILL:
        options->http_allow_kill = true;
        return -1;
    case OPTION_REGISTER:
        return parse_register(options, value);
    case OPTION_LOAD:
        options->plugins[options->plugins_len++] = value;
        return -1;
    case OPTION_THREADS:
        return parse_threads(value);
    case OPTION_OWNER_DEATH:
        return parse_owner_death(options, value);
    case OPTION_MAX_MESSAGE:
        return parse_bytes("max-message", value, &options->server.max_message);
    case OPTION_MAX_MEMORY:
        return parse_bytes("max-memory", value, &options->server.max_memory);
    case OPTION_MAX_OBJECTS:
        return parse_count("max-objects", value, &options->server.max_objects);
    case OPTION_MAX_CONNECTIONS:
        return parse_count("max-connections", value, &options->server.max_connections);
    case OPTION_KEEPALIVE:
        return parse_keepalive(options, value);
    case OPTION_SPIN:
        return parse_spin(options, value);
    case OPTION_SHARED_MEMORY:
        return parse_shared_memory(options, value);
    case OPTION_METRICS:
        options->server.metrics = true;
        return -1;
    case OPTION_DRAIN_TIMEOUT:
        return parse_seconds("drain-timeout", value, &options->server.drain_ms) ? -1 : STATUS_USAGE;
    case OPTION_PYTHON:
        return parse_python(options, value);
    case OPTION_LOG_LEVEL:
        return parse_log_level(options, value);
    }
    return -1;
}

static const struct cli cli = {
    .program = "syncmanagerd",
    .help = help,
    .order = "",
    .options = long_options,
    .status_wrong = STATUS_USAGE,
    .parse = parse_option,
};

int options_parse(struct options *options, int argc, char **argv)
{
    int r;

    *options = (struct options){.log_level = SM_LOG_INFO};
    options->addresses = calloc((size_t)argc, sizeof(char *));
    options->https = calloc((size_t)argc, sizeof(char *));
    options->registers = calloc((size_t)argc, sizeof(char *));
    options->plugins = calloc((size_t)argc, sizeof(char *));
    if (!options->addresses || !options->https || !options->registers || !options->plugins) {
        fputs("syncmanagerd: out of memory\n", stderr);
        return STATUS_USAGE;
    }
    r = cli_options(&cli, options, argc, argv);
    if (r >= 0)
        return r;
    if (optind < argc) {
        fprintf(stderr, "syncmanagerd: %s: not an option\nTry 'syncmanagerd --help'.\n",
                argv[optind]);
        return STATUS_USAGE;
    }
    if (!options->addresses_len) {
        fputs("syncmanagerd: nowhere to listen: give an --address, such as 127.0.0.1:0 or "
              "unix:/tmp/manager.sock\nTry 'syncmanagerd --help'.\n",
              stderr);
        return STATUS_USAGE;
    }
    return -1;
}

void options_deinit(struct options *options)
{
    free(options->addresses);
    free(options->https);
    free(options->registers);
    free(options->plugins);
}
