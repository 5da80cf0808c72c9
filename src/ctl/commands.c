/* SPDX-License-Identifier: MIT */
/*
 * The commands, each a row of a table. What a command leaves in the manager for its user (create,
 * and calls that return an object) it leaves by not giving the reference back.
 */
#include "commands.h"

#include "arguments.h"
#include "cli/json.h"
#include "views.h"

#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    const char *usage; /* its arguments */
    int (*run)(struct session *session, char **words, int len);
    int least, most; /* number of arguments */
};

#define ANY_NUMBER 10000

int complain(void)
{
    const struct sm_error *error = sm_last_error();

    if (error->status != SM_ERAISED) {
        sm_complain("syncmanagerctl");
        return STATUS_FAILED;
    }
    fprintf(stderr, "%s%s%s\n", error->type, error->message[0] ? ": " : "", error->message);
    return STATUS_RAISED;
}

/*
 * A reference that is left to the user. Over a Unix socket it would go when this process does; what
 * does not know of that (Python's own managers) does not know of this either.
 */
static int leave_ident(const struct session *session, struct sm_value ident)
{
    sm_manager_call(session->manager, "sm_keep", SM_TUPLE(ident), sm_missing(), NULL);
    if (session->json) {
        fputs("{\"ident\": ", stdout);
        json_value(stdout, ident);
        puts("}");
    } else {
        puts(sm_value_str(ident));
    }
    return STATUS_OK;
}

static int show_reply(const struct session *session, const struct sm_reply *reply)
{
    struct sm_value ident = sm_reply_ident(reply), v = sm_reply_value(reply);

    if (ident.kind != SM_KIND_MISSING)
        return leave_ident(session, ident);
    if (session->json) {
        json_value(stdout, v);
        putchar('\n');
    } else {
        puts(sm_value_repr(v));
    }
    return STATUS_OK;
}

static int run_ping(struct session *session, char **words, int len)
{
    const char *address = sm_manager_address(session->manager);
    double ms;

    (void)words, (void)len;
    if (ping(session, &ms) < 0)
        return complain();
    if (session->json)
        printf("{\"latency_ms\": %.3f}\n", ms);
    else
        printf("%s answers in %.3f ms\n", address, ms);
    return STATUS_OK;
}

/* By the manager's own function and without a proxy: nobody gives the reference back. */
static int run_create(struct session *session, char **words, int len)
{
    struct arguments arguments;
    struct sm_reply *reply;
    int status = STATUS_FAILED;

    if (arguments_parse(&arguments, sm_str(words[0]), words + 1, len - 1)) {
        if (sm_manager_call(session->manager, "create", arguments.args, arguments.kwargs, &reply) <
            0) {
            status = complain();
        } else {
            status = leave_ident(session, sm_item(sm_reply_value(reply), 0));
            sm_reply_free(reply);
        }
    }
    arguments_deinit(&arguments);
    return status;
}

/* Idents are long hexadecimal numbers. */
static bool is_ident(const char *word)
{
    return strlen(word) >= 8 && strspn(word, "0123456789abcdef") == strlen(word);
}

static int find_object(struct session *session, const char *word, struct sm_proxy **ret)
{
    if (is_ident(word))
        return sm_proxy_from_ident(session->manager, word, ret);
    return sm_create(session->manager, word, sm_missing(), sm_missing(), ret);
}

static int call_object(struct session *session, const char *object, const char *method,
                       const struct arguments *arguments)
{
    struct sm_proxy *proxy;
    struct sm_reply *reply;
    int status;

    if (find_object(session, object, &proxy) < 0)
        return complain();
    if (sm_call_kwargs(proxy, method, arguments->args, arguments->kwargs, &reply) < 0) {
        status = complain();
    } else {
        status = show_reply(session, reply);
        sm_reply_free(reply);
    }
    sm_proxy_free(proxy);
    return status;
}

static int run_call(struct session *session, char **words, int len)
{
    struct arguments arguments;
    int status = STATUS_FAILED;

    if (arguments_parse(&arguments, sm_missing(), words + 2, len - 2))
        status = call_object(session, words[0], words[1], &arguments);
    arguments_deinit(&arguments);
    return status;
}

static int run_drop(struct session *session, char **words, int len)
{
    (void)len;
    if (sm_manager_call(session->manager, "decref", SM_TUPLE(sm_str(words[0])), sm_missing(),
                        NULL) < 0)
        return complain();
    return STATUS_OK;
}

static int run_shutdown(struct session *session, char **words, int len)
{
    (void)words, (void)len;
    return sm_manager_shutdown(session->manager) < 0 ? complain() : STATUS_OK;
}

static const struct command commands[] = {
    {"call", "NAME|IDENT METHOD [LITERAL...]", run_call, 2, ANY_NUMBER},
    {"clients", "", run_clients, 0, 0},
    {"create", "TYPE [LITERAL...]", run_create, 1, ANY_NUMBER},
    {"drop", "IDENT", run_drop, 1, 1},
    {"info", "", run_info, 0, 0},
    {"kill", "CLIENT|pid=PID", run_kill, 1, 1},
    {"locks", "", run_locks, 0, 0},
    {"metrics", "", run_metrics, 0, 0},
    {"objects", "", run_objects, 0, 0},
    {"page", "[--bearer]", run_page, 0, 1},
    {"ping", "", run_ping, 0, 0},
    {"shutdown", "", run_shutdown, 0, 0},
};

#define COMMANDS_LEN ((int)(sizeof(commands) / sizeof(commands[0])))

const char *command_name(int index)
{
    return index < COMMANDS_LEN ? commands[index].name : NULL;
}

void command_help(void)
{
    for (int i = 0; i < COMMANDS_LEN; i++)
        printf("  %s%s%s\n", commands[i].name, *commands[i].usage ? " " : "", commands[i].usage);
    puts("  help\n  quit\nLiterals are Python's: 5, None, 'text', [1, 2], timeout=2.5");
}

static const struct command *find(const char *name)
{
    for (int i = 0; i < COMMANDS_LEN; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

bool command_check(char **words, int len)
{
    const struct command *command = find(words[0]);

    if (!command)
        fprintf(stderr, "syncmanagerctl: %s: not a command\n", words[0]);
    else if (len - 1 < command->least || len - 1 > command->most)
        fprintf(stderr, "syncmanagerctl: usage: %s%s%s\n", command->name,
                *command->usage ? " " : "", command->usage);
    else
        return true;
    return false;
}

int command_run(struct session *session, char **words, int len)
{
    if (!command_check(words, len))
        return STATUS_FAILED;
    return find(words[0])->run(session, words + 1, len - 1);
}
