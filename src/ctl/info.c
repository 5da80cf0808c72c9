/* SPDX-License-Identifier: MIT */
/* How a manager is: of ours what sm_info() tells, of Python's own how many objects it has. */
#include "cli/fields.h"
#include "cli/json.h"
#include "units.h"
#include "views.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void line(const char *name, const char *text)
{
    printf("%-13s%s\n", name, text);
}

static void show_list(const char *name, struct sm_value list)
{
    for (size_t i = 0; i < sm_len(list); i++)
        line(i ? "" : name, sm_value_str(sm_item(list, i)));
}

static void show_memory(struct sm_value memory)
{
    char used[UNITS_MAX], limit[UNITS_MAX], objects[UNITS_MAX], connections[UNITS_MAX],
        tables[UNITS_MAX], resident[UNITS_MAX];

    printf("%-13s%s of %s: objects %s, connections %s, tables %s; resident %s\n", "memory",
           units_bytes(field_int(memory, "used"), used),
           units_bytes(field_int(memory, "limit"), limit),
           units_bytes(field_int(memory, "objects"), objects),
           units_bytes(field_int(memory, "connections"), connections),
           units_bytes(field_int(memory, "tables"), tables),
           units_bytes(field_int(memory, "resident"), resident));
}

static void show_shared(struct sm_value info)
{
    char bytes[UNITS_MAX];

    printf("%-13s%s: %" PRId64 " words, %" PRId64 " lent now; %" PRId64 " recalled; %" PRId64
           " watched; %" PRId64 " rings, %" PRId64 " calls by them\n",
           "shared", units_bytes(field_int(field(info, "memory"), "shared"), bytes),
           field_int(info, "words"), field_int(info, "lent"), field_int(info, "recalls"),
           field_int(info, "watched"), field_int(info, "rings"), field_int(info, "by_rings"));
}

static void show_state(struct sm_value info)
{
    char time[UNITS_MAX], in[UNITS_MAX], out[UNITS_MAX];

    printf("%-13s%" PRId64 "\n", "pid", field_int(info, "pid"));
    line("up", units_time(field_float(info, "uptime_s"), time));
    show_list("listening", field(info, "addresses"));
    show_list("page", field(info, "pages"));
    printf("%-13s%" PRId64 " of %" PRId64 " processes, %" PRId64 " since the start\n",
           "connections", field_int(info, "connections"), field_int(info, "processes"),
           field_int(info, "connections_ever"));
    printf("%-13s%" PRId64 "\n", "keys", field_int(info, "keys"));
    printf("%-13s%" PRId64 ", %" PRId64 " wait now\n", "calls", field_int(info, "calls"),
           field_int(info, "waiting"));
    printf("%-13s%s in, %s out\n", "traffic", units_bytes(field_int(info, "bytes_in"), in),
           units_bytes(field_int(info, "bytes_out"), out));
    show_memory(field(info, "memory"));
    show_shared(info);
}

static void show_troubles(struct sm_value info)
{
    printf("%-13s%" PRId64 " without the key, %" PRId64 " silent, %" PRId64 " when full, %" PRId64
           " killed\n",
           "refused", field_int(info, "refused"), field_int(info, "cut"), field_int(info, "full"),
           field_int(info, "killed"));
    printf("%-13s%" PRId64 " held locks, %" PRId64 " references, %" PRId64 " answers not read\n",
           "owner deaths", field_int(info, "owner_deaths"), field_int(info, "references_dropped"),
           field_int(info, "undelivered"));
}

static void show_ours(struct session *session, struct sm_value info, double ms)
{
    line("address", sm_manager_address(session->manager));
    printf("%-13ssyncmanager %s\n", "manager", sm_value_str(field(info, "version")));
    show_state(info);
    printf("%-13s%" PRId64 ", %" PRId64 " alive, %" PRId64 " references\n", "objects",
           field_int(info, "objects"), field_int(info, "objects_alive"),
           field_int(info, "references"));
    show_troubles(info);
    printf("%-13s%.3f ms\n", "latency", ms);
}

static void begin_json(struct session *session, const char *manager, double ms)
{
    const char *address = sm_manager_address(session->manager);

    fputs("{\"address\": ", stdout);
    json_text(stdout, address, strlen(address));
    printf(", \"manager\": \"%s\", \"latency_ms\": %.3f", manager, ms);
}

static void show_ours_json(struct session *session, struct sm_value info, double ms)
{
    begin_json(session, "syncmanager", ms);
    for (size_t i = 0; i < sm_len(info); i++) {
        fputs(", ", stdout);
        json_value(stdout, sm_item(info, i));
        fputs(": ", stdout);
        json_value(stdout, sm_item_value(info, i));
    }
    puts("}");
}

static int show_pythons(struct session *session, double ms)
{
    size_t objects;

    if (sm_manager_number_of_objects(session->manager, &objects) < 0)
        return complain();
    if (session->json) {
        begin_json(session, "multiprocessing", ms);
        printf(", \"version\": null, \"objects\": %zu}\n", objects);
        return STATUS_OK;
    }
    line("address", sm_manager_address(session->manager));
    line("manager", "Python's multiprocessing");
    printf("%-13s%zu\n", "objects", objects);
    printf("%-13s%.3f ms\n", "latency", ms);
    return STATUS_OK;
}

int run_info(struct session *session, char **words, int len)
{
    struct sm_reply *reply;
    double ms;
    int r;

    (void)words, (void)len;
    if (ping(session, &ms) < 0)
        return complain();
    r = view_ask(session, "sm_info", sm_missing(), sm_missing(), &reply);
    if (r != 0)
        return r < 0 ? complain() : show_pythons(session, ms);
    if (session->json)
        show_ours_json(session, sm_reply_value(reply), ms);
    else
        show_ours(session, sm_reply_value(reply), ms);
    sm_reply_free(reply);
    return STATUS_OK;
}
