/* SPDX-License-Identifier: MIT */
/* The command line: long options only, each checked where it is read. */
#include "options.h"

#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: syncmanagerd --address ADDR [OPTION]...\n"
    "Share locks, queues, lists, dicts and more between processes, as Python's\n"
    "multiprocessing.managers.SyncManager does, for Python and C programs alike.\n"
    "\n"
    "  --address ADDR            listen on HOST:PORT (port 0 picks one), unix:PATH or\n"
    "                            unix:@NAME (abstract); may be given several times\n"
    "  --allow-remote            listen on TCP addresses that other hosts reach, too:\n"
    "                            messages are not encrypted\n"
    "  --authkey-file FILE       the key: FILE's bytes, less one trailing newline\n"
    "                            (else $SYNCMANAGER_AUTHKEY, else a new random key)\n"
    "  --register NAME=SPEC      share an object under a name; SPEC is a Python literal\n"
    "                            or a constructor call; may be given several times\n"
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
    "  --drain-timeout SECONDS   time to finish calls and answers when it ends; default 5\n"
    "  --python 3.X              answer as this CPython where a client cannot be told\n"
    "  --log-level LEVEL         error, warning, info (default) or debug\n"
    "  --help                    show this and exit\n"
    "  --version                 show the version and exit\n"
    "\n"
    "Examples:\n"
    "  syncmanagerd --address 127.0.0.1:55555 --authkey-file key\n"
    "  syncmanagerd --address unix:/run/jobs.sock --register 'jobs=Queue(100)'\n"
    "  syncmanagerd --address unix:@demo --register 'greeting=\"hello\"' \\\n"
    "               --register 'config=dict({\"retries\": 3})'\n"
    "  syncmanagerd --address unix:@maths --load ./maths.so\n"
    "\n"
    "A Python client of the first one:\n"
    "  from multiprocessing.managers import SyncManager\n"
    "  m = SyncManager(('127.0.0.1', 55555), authkey=open('key', 'rb').read().rstrip(b'\\n'))\n"
    "  m.connect()\n"
    "  shared = m.list([0, 0, 0])\n";

enum {
    OPTION_ADDRESS = CLI_OWN,
    OPTION_ALLOW_REMOTE,
    OPTION_AUTHKEY_FILE,
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
    OPTION_DRAIN_TIMEOUT,
    OPTION_PYTHON,
    OPTION_LOG_LEVEL,
};

static const struct option long_options[] = {
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"allow-remote", no_argument, NULL, OPTION_ALLOW_REMOTE},
    {"authkey-file", required_argument, NULL, OPTION_AUTHKEY_FILE},
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

/* A positive number, with K, M or G where it counts bytes. */
static bool parse_number(const char *text, bool bytes, uint64_t max, uint64_t *ret)
{
    static const char units[] = "KMG";
    const char *unit;
    uint64_t n;
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    n = strtoull(text, &end, 10);
    unit = *end && bytes ? strchr(units, *end) : NULL;
    if (unit) {
        unsigned shift = 10 * (unsigned)(unit - units + 1);

        if (n > UINT64_MAX >> shift)
            return false;
        n <<= shift;
        end++;
    }
    if (errno || *end || !n || n > max)
        return false;
    *ret = n;
    return true;
}

/* Seconds as milliseconds, of which the least is 1: 0 means the default. */
static bool parse_seconds(const char *text, unsigned *ret_ms)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end || !(seconds >= 0) || seconds > INT_MAX / 1000)
        return false;
    *ret_ms = seconds < 0.001 ? 1 : (unsigned)lround(seconds * 1000);
    return true;
}

static int parse_keepalive(struct options *options, const char *text)
{
    unsigned *ms = &options->server.keepalive_ms;

    if (!parse_seconds(text, ms))
        return wrong("keepalive", text, "not a number of seconds, such as 30");
    if (strtod(text, NULL) == 0)
        *ms = UINT_MAX;
    return -1;
}

static int parse_spin(struct options *options, const char *text)
{
    uint64_t n = UINT_MAX;

    if (strcmp(text, "0") != 0 && !parse_number(text, false, INT_MAX, &n))
        return wrong("spin", text, "not a number, such as 20");
    options->server.spins = (unsigned)n;
    return -1;
}

static int parse_python(struct options *options, const char *text)
{
    uint64_t minor;

    if (strncmp(text, "3.", 2) != 0 || !parse_number(text + 2, false, 14, &minor) || minor < 8)
        return wrong("python", text, "not one of 3.8 to 3.14");
    options->server.python_minor = (unsigned)minor;
    return -1;
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
    uint64_t n;

    switch (option) {
    case OPTION_ADDRESS:
        options->addresses[options->addresses_len++] = value;
        return -1;
    case OPTION_ALLOW_REMOTE:
        options->server.allow_remote = true;
        return -1;
    case OPTION_AUTHKEY_FILE:
        options->authkey_file = value;
        return -1;
    case OPTION_REGISTER:
        return parse_register(options, value);
    case OPTION_LOAD:
        options->plugins[options->plugins_len++] = value;
        return -1;
    case OPTION_THREADS:
        if (!parse_number(value, false, 1, &n))
            return wrong("threads", value, "this version serves on one event loop: use 1");
        return -1;
    case OPTION_OWNER_DEATH:
        return parse_owner_death(options, value);
    case OPTION_MAX_MESSAGE:
        if (!parse_number(value, true, INT64_MAX, &options->server.max_message))
            return wrong("max-message", value, "not a number of bytes, such as 500000 or 64M");
        return -1;
    case OPTION_MAX_MEMORY:
        if (!parse_number(value, true, INT64_MAX, &options->server.max_memory))
            return wrong("max-memory", value, "not a number of bytes, such as 500M or 4G");
        return -1;
    case OPTION_MAX_OBJECTS:
        if (!parse_number(value, false, INT_MAX, &n))
            return wrong("max-objects", value, "not a number of objects");
        options->server.max_objects = (size_t)n;
        return -1;
    case OPTION_MAX_CONNECTIONS:
        if (!parse_number(value, false, INT_MAX, &n))
            return wrong("max-connections", value, "not a number of connections");
        options->server.max_connections = (size_t)n;
        return -1;
    case OPTION_KEEPALIVE:
        return parse_keepalive(options, value);
    case OPTION_SPIN:
        return parse_spin(options, value);
    case OPTION_DRAIN_TIMEOUT:
        if (!parse_seconds(value, &options->server.drain_ms))
            return wrong("drain-timeout", value, "not a number of seconds, such as 2.5");
        return -1;
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
    options->registers = calloc((size_t)argc, sizeof(char *));
    options->plugins = calloc((size_t)argc, sizeof(char *));
    if (!options->addresses || !options->registers || !options->plugins) {
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
    free(options->registers);
    free(options->plugins);
}
