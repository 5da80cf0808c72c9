/* SPDX-License-Identifier: MIT */
/*
 * Each path is a row of a table. All of it runs on one thread, the only one that asks the manager:
 * what takes long there keeps other pages waiting, and no call of the manager.
 */
#include "api.h"

#include "cli/fields.h"
#include "cli/json.h"
#include "cli/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS 100
#define PAGE_ROWS_MAX 1000
#define LOCK_ROWS_MAX 1000
#define READY_S 4
#define LATENCY_SHARE 100 /* one part of so many of the time */

static void answer(struct request *request, unsigned status, const char *type, char *body,
                   size_t len)
{
    request->status = status;
    request->type = type;
    request->body = body;
    request->len = len;
}

/* What is being written of an answer. */
struct writing {
    char *text;
    size_t len;
    FILE *out; /* NULL: out of memory */
};

static FILE *write_begin(struct writing *w)
{
    *w = (struct writing){0};
    w->out = open_memstream(&w->text, &w->len);
    return w->out;
}

static void write_end(struct writing *w, struct request *request, unsigned status)
{
    if (w->out && fclose(w->out) == 0) {
        answer(request, status, "application/json", w->text, w->len);
        return;
    }
    free(w->text);
    answer(request, 503, "application/json", NULL, 0);
}

void api_refuse(struct request *request, unsigned status, const char *why)
{
    struct writing w;

    if (write_begin(&w)) {
        fputs("{\"error\": ", w.out);
        json_text(w.out, why, strlen(why));
        fputs("}\n", w.out);
    }
    write_end(&w, request, status);
}

/* The manager did not do what it was asked to. */
static void refuse_failed(struct request *request)
{
    const struct sm_error *error = sm_last_error();

    if (error->status == SM_ERAISED)
        api_refuse(request, 502, error->message);
    else if (error->status == SM_ETIMEDOUT)
        api_refuse(request, 503, "the manager does not answer");
    else
        api_refuse(request, 503, error->message);
}

static int ask(struct api *api, const char *function, struct sm_value args, struct sm_reply **ret)
{
    int r = sm_manager_call(api->manager, function, args, sm_missing(), ret);

    if (r >= 0)
        atomic_store(&api->ready, (long long)now_s());
    return r;
}

/* History. */

static double count_calls(struct api *api, double passed)
{
    double rate = NAN;
    struct sm_reply *info;
    int64_t calls = -1;

    if (ask(api, "sm_info", sm_missing(), &info) >= 0) {
        calls = field_int(sm_reply_value(info), "calls");
        sm_reply_free(info);
    }
    if (calls >= 0 && api->calls >= 0)
        rate = (double)(calls - api->calls) / passed;
    api->calls = calls;
    return rate;
}

/* With very many types and methods that takes the manager long: then less often. */
static void look_at_latency(struct api *api, struct history_second *second)
{
    double begin = now_s();
    struct sm_reply *metrics;

    if (begin < api->latency_next || ask(api, "sm_metrics", sm_missing(), &metrics) < 0)
        return;
    latency_look(&api->latency, sm_reply_value(metrics), &second->p50, &second->p99);
    sm_reply_free(metrics);
    api->latency_next = begin + LATENCY_SHARE * (now_s() - begin);
}

static void sample(struct api *api)
{
    double passed = now_s() - api->sampled;
    struct history_second second = {NAN, NAN, NAN};

    api->sampled += passed;
    second.calls = count_calls(api, passed);
    look_at_latency(api, &second);
    history_add(&api->history, second);
}

void api_tick(struct api *api)
{
    if (now_s() - api->sampled < 1)
        return;
    sample(api);
    snapshot_age(&api->objects);
    snapshot_age(&api->clients);
}

static void tick(void *api)
{
    api_tick(api);
}

static void serve_history(struct api *api, struct request *request)
{
    struct writing w;

    if (write_begin(&w))
        history_write(&api->history, (int64_t)date_s(), w.out);
    write_end(&w, request, 200);
}

/* The manager as a whole. */

static void serve_info(struct api *api, struct request *request)
{
    struct sm_value info;
    struct sm_reply *reply;
    struct writing w;

    if (ask(api, "sm_info", sm_missing(), &reply) < 0) {
        refuse_failed(request);
        return;
    }
    info = sm_reply_value(reply);
    if (write_begin(&w)) {
        fprintf(w.out, "{\"may_kill\": %s", request->may_kill ? "true" : "false");
        for (size_t i = 0; i < sm_len(info); i++) {
            fputs(", ", w.out);
            json_value(w.out, sm_item(info, i));
            fputs(": ", w.out);
            json_value(w.out, sm_item_value(info, i));
        }
        fputs("}", w.out);
    }
    write_end(&w, request, 200);
    sm_reply_free(reply);
}

/* Rows. */

/* False: the request has been refused. */
static bool parse_number(struct request *request, const char *text, uint64_t most, uint64_t *ret)
{
    char *end;

    if (!*text)
        return true;
    errno = 0;
    *ret = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || *ret > most) {
        api_refuse(request, 400, "offset is a number from 0 on, limit one up to 1000");
        return false;
    }
    return true;
}

/* Which rows of all that match are wanted. */
struct part {
    uint64_t offset;
    uint64_t limit;
};

static bool parse_question(struct request *request, struct rows_question *question,
                           struct part *part)
{
    const char *order = request->query.order;

    *question = (struct rows_question){
        .sort = request->query.sort[0] ? request->query.sort : NULL,
        .descending = strcmp(order, "desc") == 0,
        .search = request->query.search,
    };
    *part = (struct part){0, PAGE_ROWS};
    if (*order && !question->descending && strcmp(order, "asc") != 0) {
        api_refuse(request, 400, "order is asc or desc");
        return false;
    }
    return parse_number(request, request->query.offset, UINT32_MAX, &part->offset) &&
           parse_number(request, request->query.limit, PAGE_ROWS_MAX, &part->limit);
}

static void write_rows(const struct snapshot *snapshot, const uint32_t *found, size_t len,
                       const struct part *part, FILE *out)
{
    fprintf(out, "{\"at\": %.3f, \"total\": %zu, \"matching\": %zu, \"rows\": [", snapshot->at,
            snapshot->rows.len, len);
    for (size_t i = part->offset; i < len && i - part->offset < part->limit; i++) {
        fputs(i > part->offset ? ",\n" : "", out);
        rows_write(&snapshot->rows, found[i], out);
        fputs("}", out);
    }
    fputs("]}", out);
}

static void serve_rows(struct api *api, struct snapshot *snapshot, struct request *request)
{
    struct rows_question question;
    uint32_t *found;
    struct part part;
    struct writing w;
    size_t len;
    int r;

    if (!parse_question(request, &question, &part))
        return;
    if (snapshot_refresh(snapshot, api->manager, tick, api) < 0) {
        refuse_failed(request);
        return;
    }
    r = rows_select(&snapshot->rows, &question, &found, &len);
    if (r < 0) {
        api_refuse(request, r == -EINVAL ? 400 : 503,
                   r == -EINVAL ? "there is no such key to sort by" : "out of memory");
        return;
    }
    if (write_begin(&w))
        write_rows(snapshot, found, len, &part, w.out);
    write_end(&w, request, 200);
    free(found);
}

static void serve_objects(struct api *api, struct request *request)
{
    serve_rows(api, &api->objects, request);
}

static void serve_clients(struct api *api, struct request *request)
{
    serve_rows(api, &api->clients, request);
}

/* The row of an object that there is; < 0: none. Where the rows are older, they are taken anew. */
static int find_object(struct api *api, const char *ident, int64_t *row)
{
    struct snapshot *objects = &api->objects;
    int r = snapshot_refresh(objects, api->manager, tick, api);

    *row = r < 0 ? -1 : rows_find(&objects->rows, "ident", ident);
    if (r < 0 || *row >= 0 || objects->rows.len == SNAPSHOT_ROWS_MAX)
        return r;
    objects->next = 0;
    r = snapshot_refresh(objects, api->manager, tick, api);
    *row = r < 0 ? -1 : rows_find(&objects->rows, "ident", ident);
    return r;
}

static void write_object(struct api *api, size_t row, struct sm_value values,
                         struct request *request)
{
    struct writing w;

    if (write_begin(&w)) {
        rows_write(&api->objects.rows, row, w.out);
        fprintf(w.out, ", \"at\": %.3f, \"values\": ", api->objects.at);
        json_value(w.out, values);
        fputs("}", w.out);
    }
    write_end(&w, request, 200);
}

/* Its values come first: only the manager knows whether there is such an object. */
static void serve_object(struct api *api, struct request *request)
{
    const char *ident = request->path + strlen("/api/objects/");
    struct sm_reply *values;
    int64_t row;

    if (ask(api, "sm_values", SM_TUPLE(sm_str(ident)), &values) < 0) {
        if (sm_last_error()->status == SM_ERAISED)
            api_refuse(request, 404, "there is no such object");
        else
            refuse_failed(request);
        return;
    }
    if (find_object(api, ident, &row) < 0)
        refuse_failed(request);
    else if (row < 0)
        api_refuse(request, 404, "there is no such object");
    else
        write_object(api, (size_t)row, sm_reply_value(values), request);
    sm_reply_free(values);
}

/* Locks. */

/* Rows of one kind, out of the parts that the manager answers in. */
struct list_writing {
    struct writing w;
    size_t len;
    size_t most;
};

static void add_to_list(struct list_writing *list, struct sm_value rows)
{
    for (size_t i = 0; list->w.out && i < sm_len(rows) && list->len < list->most; i++) {
        fputs(list->len++ ? ",\n" : "", list->w.out);
        json_value(list->w.out, sm_item(rows, i));
    }
}

/* Returns SM_OK, or what the call has failed with. */
static int add_locks(struct api *api, struct list_writing lists[3])
{
    struct sm_value start = sm_none(), part;
    struct sm_reply *reply;
    int r;

    do {
        r = ask(api, "sm_locks", start.kind == SM_KIND_INT ? SM_TUPLE(start) : sm_missing(),
                &reply);
        if (r < 0)
            return r;
        part = sm_reply_value(reply);
        add_to_list(&lists[0], field(part, "held"));
        add_to_list(&lists[1], field(part, "waiting"));
        add_to_list(&lists[2], field(part, "deadlocks"));
        start = field(part, "next"); /* an int, which stands in itself */
        sm_reply_free(reply);
        api_tick(api);
    } while (start.kind == SM_KIND_INT);
    return SM_OK;
}

static void serve_locks(struct api *api, struct request *request)
{
    static const char *const names[] = {"{\"held\": [", "], \"waiting\": [", "], \"circles\": ["};
    struct list_writing lists[3] = {
        {.most = LOCK_ROWS_MAX}, {.most = LOCK_ROWS_MAX}, {.most = LOCK_ROWS_MAX}};
    struct writing w;
    bool good = true;
    int r;

    for (size_t i = 0; i < 3; i++)
        write_begin(&lists[i].w);
    r = add_locks(api, lists);
    for (size_t i = 0; i < 3; i++)
        good = lists[i].w.out && fclose(lists[i].w.out) == 0 && good;
    if (r < 0) {
        refuse_failed(request);
    } else {
        if (write_begin(&w) && good) {
            for (size_t i = 0; i < 3; i++)
                fprintf(w.out, "%s%s", names[i], lists[i].w.text);
            fputs("]}", w.out);
        }
        write_end(&w, request, good ? 200 : 503);
    }
    for (size_t i = 0; i < 3; i++)
        free(lists[i].w.text);
}

/* The dead. */

/* The row's own keys but those of the object, which go into a dict of their own. */
static void write_death(FILE *out, struct sm_value death)
{
    static const char *const of_object[] = {"ident", "type", "name"};
    static const char *const others[] = {"at", "client", "pid", "process", "host", "kept"};

    fputs("{\"object\": {", out);
    for (size_t i = 0; i < sizeof(of_object) / sizeof(of_object[0]); i++) {
        fprintf(out, "%s\"%s\": ", i ? ", " : "", of_object[i]);
        json_value(out, field(death, of_object[i]));
    }
    fputs("}", out);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        fprintf(out, ", \"%s\": ", others[i]);
        json_value(out, field(death, others[i]));
    }
    fputs("}", out);
}

static void serve_deaths(struct api *api, struct request *request)
{
    struct sm_reply *reply;
    struct sm_value deaths;
    struct writing w;

    if (ask(api, "sm_deaths", sm_missing(), &reply) < 0) {
        refuse_failed(request);
        return;
    }
    deaths = sm_reply_value(reply);
    if (write_begin(&w)) {
        for (size_t i = 0; i < sm_len(deaths); i++) {
            fputs(i ? ",\n" : "[", w.out);
            write_death(w.out, sm_item(deaths, i));
        }
        fputs(sm_len(deaths) ? "]" : "[]", w.out);
    }
    write_end(&w, request, 200);
    sm_reply_free(reply);
}

/* For Prometheus. */

static void serve_metrics(struct api *api, struct request *request)
{
    struct writing w;

    if (write_begin(&w) && metrics_write(w.out, api->manager) < 0) {
        refuse_failed(request);
        fclose(w.out);
        free(w.text);
        return;
    }
    write_end(&w, request, 200);
    if (request->status == 200)
        request->type = METRICS_CONTENT_TYPE;
}

/* Ending connections. */

static void serve_kill(struct api *api, struct request *request)
{
    struct sm_reply *reply;
    struct writing w;
    int64_t ended = 0;
    char *end;
    long client = strtol(request->path + strlen("/api/clients/"), &end, 10);

    if (!request->may_kill) {
        api_refuse(request, 403,
                   api->allow_kill ? "a login may do that, and no token for reading"
                                   : "the manager was started without --http-allow-kill");
        return;
    }
    if (client <= 0 || strcmp(end, "/kill") != 0) {
        api_refuse(request, 404, "there is no such client");
        return;
    }
    if (ask(api, "sm_kill", SM_TUPLE(sm_int(client)), &reply) < 0) {
        refuse_failed(request);
        return;
    }
    sm_as_int(sm_reply_value(reply), &ended);
    sm_reply_free(reply);
    if (ended == 0) {
        api_refuse(request, 404, "there is no such client");
        return;
    }
    if (write_begin(&w))
        fprintf(w.out, "{\"ended\": %" PRId64 "}", ended);
    write_end(&w, request, 200);
}

struct route {
    const char *path; /* with a '/' at its end: all that begin so */
    bool post;
    void (*serve)(struct api *api, struct request *request);
};

static const struct route routes[] = {
    {"/api/clients", false, serve_clients}, {"/api/clients/", true, serve_kill},
    {"/api/deaths", false, serve_deaths},   {"/api/history", false, serve_history},
    {"/api/info", false, serve_info},       {"/api/locks", false, serve_locks},
    {"/api/objects", false, serve_objects}, {"/api/objects/", false, serve_object},
    {"/metrics", false, serve_metrics},
};

static bool is_for(const struct route *route, const char *path)
{
    size_t len = strlen(route->path);

    return route->path[len - 1] == '/' ? strncmp(path, route->path, len) == 0
                                       : strcmp(path, route->path) == 0;
}

void api_answer(struct api *api, struct request *request)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (!is_for(&routes[i], request->path))
            continue;
        if (routes[i].post != request->post)
            api_refuse(request, 405, routes[i].post ? "that takes POST" : "that takes GET");
        else
            routes[i].serve(api, request);
        return;
    }
    api_refuse(request, 404, "there is nothing here");
}

void api_init(struct api *api, bool allow_kill)
{
    *api = (struct api){
        .allow_kill = allow_kill,
        .objects = {.function = "sm_objects"},
        .clients = {.function = "sm_clients"},
        .calls = -1,
    };
    atomic_init(&api->ready, -2 * READY_S);
}

void api_deinit(struct api *api)
{
    snapshot_deinit(&api->objects);
    snapshot_deinit(&api->clients);
    sm_manager_free(api->manager);
    api->manager = NULL;
}

bool api_is_ready(struct api *api)
{
    return (long long)now_s() - atomic_load(&api->ready) < READY_S;
}
