/* SPDX-License-Identifier: MIT */
/* Who holds locks, who waits for them, and who waits for each other. */
#include "cli/fields.h"
#include "cli/json.h"
#include "table.h"
#include "units.h"
#include "views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_row(struct table *table, struct sm_value row, const char *state, const char *time)
{
    table_add_field(table, row, "ident");
    table_add_field(table, row, "type");
    table_add(table, "%s", state);
    table_add_field(table, row, "client");
    table_add_field(table, row, "pid");
    table_add_field(table, row, "process");
    table_add_field(table, row, "host");
    table_add_time(table, row, time);
    if (field(row, "left_s").kind == SM_KIND_NONE)
        table_add(table, "-");
    else
        table_add_time(table, row, "left_s");
}

static bool is_same(struct sm_value a, struct sm_value b)
{
    return sm_value_equal(field(a, "ident"), field(b, "ident")) == 1;
}

/* Each lock that is held, with those who wait for it below; then what nobody holds. */
static void show_table(struct sm_value held, struct sm_value waiting)
{
    static const char *const heads[] = {"IDENT",   "TYPE", "STATE", ">CLIENT", ">PID",
                                        "PROCESS", "HOST", ">FOR",  ">LEFT",   NULL};
    struct table table;

    table_init(&table, heads);
    for (size_t i = 0; i < sm_len(held); i++) {
        struct sm_value lock = sm_item(held, i);

        bool gone = false;

        sm_as_bool(field(lock, "gone"), &gone); /* older managers do not tell */
        add_row(&table, lock, gone ? "gone" : "held", "held_s");
        for (size_t j = 0; field_int(lock, "waiting") && j < sm_len(waiting); j++) {
            if (is_same(lock, sm_item(waiting, j)))
                add_row(&table, sm_item(waiting, j), "waits", "waits_s");
        }
    }
    for (size_t i = 0; i < sm_len(waiting); i++) {
        if (field(sm_item(waiting, i), "held_by").kind == SM_KIND_NONE)
            add_row(&table, sm_item(waiting, i), "waits", "waits_s");
    }
    table_print(&table);
    table_deinit(&table);
}

static void print_client(struct sm_value row)
{
    struct sm_value pid = field(row, "pid");

    printf("client %s", sm_value_str(field(row, "client")));
    if (pid.kind != SM_KIND_NONE) {
        printf(" (process %s", sm_value_str(pid));
        printf(" %s)", sm_value_str(field(row, "process")));
    } else {
        printf(" (%s)", sm_value_str(field(row, "host")));
    }
}

/* One who waits for a limited time ends it. */
static double ends_in(struct sm_value circle)
{
    double least = -1;

    for (size_t i = 0; i < sm_len(circle); i++) {
        struct sm_value row = sm_item(circle, i);
        double left = field_float(row, "left_s");

        if (field(row, "left_s").kind != SM_KIND_NONE && (least < 0 || left < least))
            least = left;
    }
    return least;
}

static void show_deadlock(struct sm_value circle)
{
    double left = ends_in(circle);
    char text[UNITS_MAX];

    if (left < 0)
        puts("\ndeadlock:");
    else
        printf("\ndeadlock, unless a time limit ends it in %s:\n", units_time(left, text));
    for (size_t i = 0; i < sm_len(circle); i++) {
        struct sm_value row = sm_item(circle, i);

        fputs("  ", stdout);
        print_client(row);
        printf(" waits for %s ", sm_value_str(field(row, "type")));
        printf("%s, held by ", sm_value_str(field(row, "ident")));
        print_client(sm_item(circle, (i + 1) % sm_len(circle)));
        putchar('\n');
    }
}

/* The parts of the answer, strung together. */
struct locks {
    struct sm_reply **parts; /* owned, and each of them: what the rows point into */
    size_t parts_len;
    struct sm_items held, waiting, deadlocks; /* the rows, owned */
};

static void locks_free(struct locks *locks)
{
    for (size_t i = 0; i < locks->parts_len; i++)
        sm_reply_free(locks->parts[i]);
    free(locks->parts);
    free(locks->held.item);
    free(locks->waiting.item);
    free(locks->deadlocks.item);
}

static bool add_rows(struct sm_items *to, struct sm_value rows)
{
    struct sm_value *item = realloc(to->item, (to->len + sm_len(rows) + 1) * sizeof(*item));

    if (!item)
        return false;
    to->item = item;
    for (size_t i = 0; i < sm_len(rows); i++)
        item[to->len++] = sm_item(rows, i);
    return true;
}

/* Takes the reply. */
static bool add_part(struct locks *locks, struct sm_reply *reply)
{
    struct sm_reply **parts = realloc(locks->parts, (locks->parts_len + 1) * sizeof(*parts));
    struct sm_value part = sm_reply_value(reply);

    if (!parts) {
        sm_reply_free(reply);
        return false;
    }
    locks->parts = parts;
    parts[locks->parts_len++] = reply;
    return add_rows(&locks->held, field(part, "held")) &&
           add_rows(&locks->waiting, field(part, "waiting")) &&
           add_rows(&locks->deadlocks, field(part, "deadlocks"));
}

/* Returns STATUS_OK, or another after complaining. */
static int ask_for_locks(struct session *session, struct locks *ret)
{
    struct sm_value start = sm_none();
    struct sm_reply *reply;
    int r;

    do {
        r = view_ask(session, "sm_locks",
                     start.kind == SM_KIND_INT ? SM_TUPLE(start) : sm_missing(), sm_missing(),
                     &reply);
        if (r != 0)
            return view_complain(r);
        start = field(sm_reply_value(reply), "next"); /* an int, which stands in itself */
        if (!add_part(ret, reply)) {
            fputs("syncmanagerctl: out of memory\n", stderr);
            return STATUS_FAILED;
        }
    } while (start.kind == SM_KIND_INT);
    return STATUS_OK;
}

static void show(const struct session *session, struct locks *locks)
{
    struct sm_value held = sm_container(SM_KIND_LIST, &locks->held);
    struct sm_value waiting = sm_container(SM_KIND_LIST, &locks->waiting);
    struct sm_value deadlocks = sm_container(SM_KIND_LIST, &locks->deadlocks);

    if (session->json) {
        json_value(stdout, SM_DICT({sm_str("held"), held}, {sm_str("waiting"), waiting},
                                   {sm_str("deadlocks"), deadlocks}));
        putchar('\n');
        return;
    }
    show_table(held, waiting);
    for (size_t i = 0; i < sm_len(deadlocks); i++)
        show_deadlock(sm_item(deadlocks, i));
}

int run_locks(struct session *session, char **words, int len)
{
    struct locks locks = {0};
    int status;

    (void)words, (void)len;
    status = ask_for_locks(session, &locks);
    if (status == STATUS_OK)
        show(session, &locks);
    locks_free(&locks);
    return status;
}
