/* SPDX-License-Identifier: MIT */
/*
 * What the views have in common. Python's own managers raise an AssertionError for a function they
 * do not know, and that is how they are told from ours.
 */
#include "views.h"

#include "cli/json.h"
#include "cli/metrics.h"
#include "table.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int ping(struct session *session, double *ret_ms)
{
    struct timespec start, end;
    int r;

    clock_gettime(CLOCK_MONOTONIC, &start);
    r = sm_manager_call(session->manager, "dummy", sm_missing(), sm_missing(), NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    *ret_ms =
        (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
    return r;
}

/* What view_ask() returns for a status. */
static int outcome(int r)
{
    if (r == SM_ERAISED && strstr(sm_last_error()->message, "unrecognized"))
        return 1;
    return r < 0 ? r : 0;
}

int view_ask(struct session *session, const char *function, struct sm_value args,
             struct sm_value kwargs, struct sm_reply **ret)
{
    return outcome(sm_manager_call(session->manager, function, args, kwargs, ret));
}

int view_complain(int r)
{
    if (r < 0)
        return complain();
    fputs("syncmanagerctl: a manager of Python's own does not tell; one of syncmanagerd or "
          "libsyncmanager does\n",
          stderr);
    return STATUS_FAILED;
}

int run_metrics(struct session *session, char **words, int len)
{
    int r = outcome(metrics_write(stdout, session->manager));

    (void)words, (void)len;
    return r == 0 ? STATUS_OK : view_complain(r);
}

/* Show a part, and give where the next one begins; None at the end. */
static int show_part(struct view_rows *rows, struct sm_value *start, bool *first)
{
    struct sm_reply *reply;
    struct sm_value part;
    int r;

    r = view_ask(rows->session, rows->function,
                 start->kind == SM_KIND_NONE ? sm_missing() : SM_TUPLE(*start), sm_missing(),
                 &reply);
    if (r != 0)
        return r;
    if (*first)
        fputs(rows->session->json ? "[" : "", stdout);
    part = sm_item(sm_reply_value(reply), 1);
    for (size_t i = 0; i < sm_len(part); i++) {
        if (!rows->session->json) {
            rows->show(rows, sm_item(part, i));
            continue;
        }
        fputs(*first ? "" : ",\n ", stdout);
        json_value(stdout, sm_item(part, i));
        *first = false;
    }
    if (!rows->session->json)
        table_print(rows->table);
    *start = sm_item(sm_reply_value(reply), 0); /* an int, which stands in itself */
    sm_reply_free(reply);
    return 0;
}

int view_rows_show(struct view_rows *rows)
{
    struct sm_value start = sm_none();
    bool first = true;
    int r;

    do {
        r = show_part(rows, &start, &first);
        if (r != 0)
            return r;
    } while (start.kind != SM_KIND_NONE);
    fputs(rows->session->json ? "]\n" : "", stdout);
    return 0;
}
