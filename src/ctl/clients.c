/* SPDX-License-Identifier: MIT */
/* The connections of a manager, and ending them. */
#include "cli/fields.h"
#include "table.h"
#include "units.h"
#include "views.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its name, where it is a user of this host; users of local clients alone are told. */
static void add_user(struct table *table, struct sm_value uid)
{
    const struct passwd *user = uid.kind == SM_KIND_INT ? getpwuid((uid_t)uid.integer) : NULL;

    if (user)
        table_add(table, "%s", user->pw_name);
    else
        table_add_value(table, uid);
}

/* The name that it has shown; "yes" where it is encrypted, and has shown none. */
static void add_tls(struct table *table, struct sm_value name)
{
    const char *text = name.kind == SM_KIND_STR ? sm_value_str(name) : NULL;

    table_add(table, "%s", !text ? "" : text[0] ? text : "yes");
}

/* The key that it has shown, where the manager has several. */
static void add_key(struct table *table, struct sm_value client)
{
    struct sm_value key = field(client, "key");
    char name[80];

    if (key.kind != SM_KIND_STR) {
        table_add(table, "-");
        return;
    }
    snprintf(name, sizeof(name), "%s", sm_value_str(key));
    table_add(table, "%s (%s)", name, sm_value_str(field(client, "right")));
}

static void add_state(struct table *table, struct sm_value client)
{
    struct sm_value wait = field(client, "waits_for"), method = field(wait, "method");
    char time[UNITS_MAX], type[64], name[64];

    if (wait.kind == SM_KIND_NONE) {
        table_add_field(table, client, "state");
        return;
    }
    snprintf(type, sizeof(type), "%s", sm_value_str(field(wait, "type")));
    snprintf(name, sizeof(name), "%s", method.kind == SM_KIND_NONE ? "" : sm_value_str(method));
    table_add(table, "waits %s in %s.%s() of %s", units_time(field_float(wait, "waits_s"), time),
              type, name, sm_value_str(field(wait, "ident")));
}

static void show_client(struct view_rows *rows, struct sm_value client)
{
    struct table *table = rows->table;

    table_add_field(table, client, "client");
    table_add_field(table, client, "pid");
    table_add_field(table, client, "process");
    add_user(table, field(client, "uid"));
    add_key(table, client);
    table_add_field(table, client, "host");
    table_add_time(table, client, "since_s");
    table_add_field(table, client, "calls");
    table_add_bytes(table, client, "bytes_in");
    table_add_bytes(table, client, "bytes_out");
    table_add(table, "%s%s", field(client, "shares").boolean ? "memory " : "",
              field(client, "ring").boolean ? "ring" : "");
    add_tls(table, field(client, "tls"));
    add_state(table, client);
}

int run_clients(struct session *session, char **words, int len)
{
    static const char *const heads[] = {">CLIENT", ">PID",   "PROCESS", "USER", "KEY",
                                        "HOST",    ">SINCE", ">CALLS",  ">IN",  ">OUT",
                                        "SHARES",  "TLS",    "STATE",   NULL};
    struct table table;
    struct view_rows rows = {
        .session = session, .function = "sm_clients", .show = show_client, .table = &table};
    int r;

    (void)words, (void)len;
    table_init(&table, heads);
    r = view_rows_show(&rows);
    table_deinit(&table);
    return r != 0 ? view_complain(r) : STATUS_OK;
}

/* "17" is a client, "pid=4242" all of a process. */
static bool parse_target(const char *word, struct sm_value *ret, bool *ret_pid)
{
    char *end;
    long n;

    *ret_pid = strncmp(word, "pid=", 4) == 0;
    word += *ret_pid ? 4 : 0;
    n = strtol(word, &end, 10);
    *ret = sm_int(n);
    return n > 0 && !*end;
}

int run_kill(struct session *session, char **words, int len)
{
    struct sm_value target, count;
    struct sm_reply *reply;
    bool is_pid;
    int r;

    (void)len;
    if (!parse_target(words[0], &target, &is_pid)) {
        fprintf(stderr, "syncmanagerctl: %s: neither the number of a client, nor pid=PID\n",
                words[0]);
        return STATUS_FAILED;
    }
    r = view_ask(session, "sm_kill", is_pid ? sm_missing() : SM_TUPLE(target),
                 is_pid ? SM_DICT({sm_str("pid"), target}) : sm_missing(), &reply);
    if (r != 0)
        return view_complain(r);
    count = sm_reply_value(reply);
    printf(session->json ? "{\"ended\": %s}\n" : "%s\n", sm_value_repr(count));
    r = count.kind == SM_KIND_INT && count.integer > 0 ? STATUS_OK : STATUS_RAISED;
    sm_reply_free(reply);
    return r;
}
