/* SPDX-License-Identifier: MIT */
/*
 * What is known at once is answered at once. A question for the manager is put to the asking
 * thread, and its connection suspended meanwhile. So is one whose token is wrong, to the next tick:
 * who guesses has one guess a second for each of the connections that there may be.
 *
 * libmicrohttpd's own timeout begins anew with each byte. So that nobody stays by sending or taking
 * a byte now and then, each connection has an end here too, which is put off by a whole answer to
 * somebody with a token.
 */
#include "http.h"

#include "pages.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

/* More than a few people and programs, each with the six connections of a browser. */
#define CONNECTIONS_MAX 256

/* From so many on, the oldest without a token makes room for the one that comes. */
#define CONNECTIONS_MANY 192

#define STRANGER_S 10 /* from its beginning */
#define GUEST_S 60    /* from its last answer */

/* A request's line and headers, and an answer's: 8 to 16 KiB are usual. */
#define CONNECTION_MEMORY 16384

#define LOG_EVERY_S 10

struct connection {
    struct connection *next;
    struct connection *previous;
    int fd;
    bool known;   /* a token was good */
    bool cut;     /* its thread will find it ended */
    double until; /* by now_s() */
};

/* A connection whose answer waits for the next tick. */
struct late {
    struct late *next;
    struct MHD_Connection *connection;
};

/* What libmicrohttpd keeps for us of a request. */
struct visit {
    enum {
        VISIT_NEW,  /* nobody has looked at it */
        VISIT_ASKS, /* the manager, by `request` */
        VISIT_LATE, /* for its token */
    } state;
    struct request request;
    struct late late;
};

/* Connections. */

/* Called with the lock held, under which no descriptor is closed. */
static void cut(struct connection *c)
{
    c->cut = true;
    shutdown(c->fd, SHUT_RDWR);
}

static void add_connection(struct http *http, struct connection *c)
{
    struct connection *oldest;

    pthread_mutex_lock(&http->lock);
    c->previous = http->last;
    *(http->last ? &http->last->next : &http->first) = c;
    http->last = c;
    http->len++;
    for (oldest = http->first; (oldest->known || oldest->cut) && oldest != c; oldest = oldest->next)
        continue;
    if (http->len > CONNECTIONS_MANY && oldest != c)
        cut(oldest);
    pthread_mutex_unlock(&http->lock);
}

static void remove_connection(struct http *http, struct connection *c)
{
    pthread_mutex_lock(&http->lock);
    *(c->previous ? &c->previous->next : &http->first) = c->next;
    *(c->next ? &c->next->previous : &http->last) = c->previous;
    http->len--;
    pthread_mutex_unlock(&http->lock);
    free(c);
}

/* A descriptor is closed after this has been called for it. */
static void on_connection(void *context, struct MHD_Connection *connection, void **ours,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http *http = context;
    struct connection *c = *ours;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (c)
            remove_connection(http, c);
        return;
    }
    c = calloc(1, sizeof(*c));
    *ours = c;
    if (!c)
        return; /* it is refused when it asks */
    c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    c->until = now_s() + STRANGER_S;
    add_connection(http, c);
}

static struct connection *connection_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void put_off(struct http *http, struct connection *c)
{
    pthread_mutex_lock(&http->lock);
    c->known = true;
    c->until = now_s() + GUEST_S;
    pthread_mutex_unlock(&http->lock);
}

/* Answers. */

static const char *const headers[][2] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
     "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
};

struct reply {
    unsigned status;
    const char *type;
    const void *body;
    size_t len;
    enum MHD_ResponseMemoryMode memory;
    const char *name; /* of a header more, or NULL */
    const char *value;
    bool last; /* the connection ends behind it */
};

static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct reply *reply)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->len, (void *)reply->body, reply->memory);
    enum MHD_Result r;

    if (!response)
        return MHD_NO;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    MHD_add_response_header(response, "Content-Type", reply->type);
    if (reply->name)
        MHD_add_response_header(response, reply->name, reply->value);
    if (reply->last)
        MHD_add_response_header(response, "Connection", "close");
    r = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return r;
}

/* A line for whoever asks, as JSON where that is expected. The connection ends. */
static enum MHD_Result send_line(struct MHD_Connection *connection, const char *path,
                                 unsigned status, const char *line)
{
    struct request request = {0};
    char words[256];
    struct reply reply = {
        .status = status,
        .type = "text/plain; charset=utf-8",
        .body = words,
        .len = (size_t)snprintf(words, sizeof(words), "%s\n", line),
        .memory = MHD_RESPMEM_MUST_COPY,
        .name = status == 405   ? "Allow"
                : status == 401 ? "WWW-Authenticate"
                                : NULL,
        .value = status == 405 ? "GET, HEAD, POST" : "Bearer",
        .last = true,
    };
    enum MHD_Result r;

    if (strncmp(path, "/api/", 5) == 0) {
        api_refuse(&request, status, line);
        reply.type = request.type;
        reply.body = request.body ? request.body : "";
        reply.len = request.len;
    }
    r = send_reply(connection, &reply);
    free(request.body);
    return r;
}

#define HOW_TO_LOGIN "log in by the link that `syncmanagerctl page` prints"

static enum MHD_Result send_login_needed(struct MHD_Connection *connection, const char *path,
                                         enum access access)
{
    return send_line(connection, path, 401,
                     access == ACCESS_EXPIRED ? "the session is over: " HOW_TO_LOGIN
                                              : "no session: " HOW_TO_LOGIN);
}

/* Who is it? */

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool leads_here(const char *path)
{
    return strcmp(path, "/") == 0 || strcmp(path, "/login") == 0;
}

/* A token that is wrong is answered late. */
static enum MHD_Result hold_late(struct http *http, struct MHD_Connection *connection,
                                 struct visit *visit)
{
    bool ends;

    visit->state = VISIT_LATE;
    visit->late.connection = connection;
    pthread_mutex_lock(&http->lock);
    ends = http->ends;
    if (!ends) {
        MHD_suspend_connection(connection);
        visit->late.next = http->late;
        http->late = &visit->late;
        http->wrong++;
    }
    pthread_mutex_unlock(&http->lock);
    return ends ? MHD_NO : MHD_YES;
}

/* Login. */

static enum MHD_Result open_session(struct http *http, struct MHD_Connection *connection,
                                    const struct token_key *key)
{
    /*
     * A page that leads on, and no redirection: after one that began elsewhere the browser would
     * keep the cookie back.
     */
    static const char page[] =
        "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"refresh\" content=\"0; url=/\">\n"
        "<title>syncmanager</title>\n"
        "<link rel=\"icon\" href=\"data:,\">\n<a href=\"/\">syncmanager</a>\n";
    char token[TOKEN_MAX], cookie[TOKEN_MAX + 128];

    if (token_make(key, TOKEN_SESSION, (int64_t)time(NULL) + TOKEN_SESSION_S, token) < 0)
        return MHD_NO;
    snprintf(cookie, sizeof(cookie), "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict",
             http->cookie, token, TOKEN_SESSION_S);
    return send_reply(connection, &(struct reply){
                                      .status = 200,
                                      .type = "text/html; charset=utf-8",
                                      .body = page,
                                      .len = sizeof(page) - 1,
                                      .memory = MHD_RESPMEM_PERSISTENT,
                                      .name = "Set-Cookie",
                                      .value = cookie,
                                  });
}

static enum MHD_Result login(struct http *http, struct MHD_Connection *connection,
                             struct visit *visit)
{
    const char *token = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "token");
    struct token_key key;

    if (!token)
        return send_line(connection, "", 401, HOW_TO_LOGIN);
    switch (keyring_check(&http->site->keys, TOKEN_LOGIN, token, (int64_t)time(NULL), &key)) {
    case TOKEN_GOOD:
        return open_session(http, connection, &key);
    case TOKEN_EXPIRED:
        return send_line(connection, "", 401,
                         "this link is too old: `syncmanagerctl page` prints another");
    default:
        return hold_late(http, connection, visit);
    }
}

/* Questions. */

static const struct page_file *find_file(const char *path)
{
    for (const struct page_file *file = page_files; file->path; file++) {
        if (strcmp(file->path, path) == 0)
            return file;
    }
    return NULL;
}

/* From the asking thread. */
static void on_answered(struct request *request)
{
    MHD_resume_connection(request->connection);
}

static void hold(struct request *request)
{
    MHD_suspend_connection(request->connection);
}

static bool take_argument(struct MHD_Connection *connection, const char *name, char *room,
                          size_t size)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);

    return snprintf(room, size, "%s", value ? value : "") < (int)size;
}

static enum MHD_Result put_question(struct http *http, struct MHD_Connection *connection,
                                    const char *path, bool post, enum access access,
                                    struct visit *visit)
{
    struct request *request = &visit->request;
    bool fits;

    visit->state = VISIT_ASKS;
    fits = snprintf(request->path, sizeof(request->path), "%s", path) < (int)sizeof(request->path);
    fits &= take_argument(connection, "sort", request->query.sort, sizeof(request->query.sort));
    fits &= take_argument(connection, "order", request->query.order, sizeof(request->query.order));
    fits &=
        take_argument(connection, "search", request->query.search, sizeof(request->query.search));
    fits &=
        take_argument(connection, "offset", request->query.offset, sizeof(request->query.offset));
    fits &= take_argument(connection, "limit", request->query.limit, sizeof(request->query.limit));
    if (!fits)
        return send_line(connection, path, 400, "that is too long");
    request->post = post;
    request->may_kill = access == ACCESS_FULL && http->site->allow_kill;
    request->answered = on_answered;
    request->connection = connection;
    if (asker_put(&http->site->asker, request, hold))
        return MHD_YES;
    return send_line(connection, path, 503, "the manager ends");
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct visit *visit,
                                   const char *path)
{
    struct request *request = &visit->request;
    struct reply reply = {
        .status = request->status,
        .type = request->type ? request->type : "text/plain; charset=utf-8",
        .body = request->body ? request->body : "",
        .len = request->len,
        .memory = request->body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT,
    };

    if (visit->state == VISIT_LATE)
        return send_line(connection, path, 401, "the token is wrong: " HOW_TO_LOGIN);
    request->body = NULL; /* libmicrohttpd's now */
    return send_reply(connection, &reply);
}

/* Whoever has a token. */
static enum MHD_Result answer_guest(struct http *http, struct MHD_Connection *connection,
                                    const char *path, bool post, enum access access,
                                    struct visit *visit)
{
    const struct page_file *file = find_file(path);

    put_off(http, connection_of(connection));
    if (strncmp(path, "/api/", 5) == 0 || strcmp(path, "/metrics") == 0)
        return put_question(http, connection, path, post, access, visit);
    if (!file)
        return send_line(connection, path, 404, "there is nothing here");
    if (post)
        return send_line(connection, path, 405, "that takes GET");
    return send_reply(connection, &(struct reply){
                                      .status = 200,
                                      .type = file->type,
                                      .body = file->bytes,
                                      .len = file->len,
                                      .memory = MHD_RESPMEM_PERSISTENT,
                                  });
}

static enum MHD_Result answer_stranger(struct http *http, struct MHD_Connection *connection,
                                       const char *path)
{
    if (strcmp(path, "/healthz") == 0)
        return send_line(connection, "", 200, "ok");
    if (api_is_ready(&http->site->asker.api))
        return send_line(connection, "", 200, "ready");
    return send_line(connection, "", 503, "the manager does not answer");
}

static bool is_for_strangers(const char *path)
{
    return strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0;
}

static bool has_body(struct MHD_Connection *connection)
{
    const char *len = header(connection, "Content-Length");

    return header(connection, "Transfer-Encoding") || (len && strcmp(len, "0") != 0);
}

static enum MHD_Result answer(struct http *http, struct MHD_Connection *connection,
                              const char *path, bool post, struct visit *visit)
{
    struct web_origin from = {
        .host = header(connection, "Host"),
        .origin = header(connection, "Origin"),
        .site = header(connection, "Sec-Fetch-Site"),
        .mode = header(connection, "Sec-Fetch-Mode"),
        .authorization = header(connection, "Authorization"),
        .cookie = MHD_lookup_connection_value(connection, MHD_COOKIE_KIND, http->cookie),
        .changes = post,
        .leads_here = leads_here(path),
    };
    enum access access;
    const char *why;
    int status;

    status = access_check_origin(&from, &http->socket, &why);
    if (status != 0)
        return send_line(connection, path, (unsigned)status, why);
    if (is_for_strangers(path) && !post)
        return answer_stranger(http, connection, path);
    if (strcmp(path, "/login") == 0 && !post)
        return login(http, connection, visit);
    access = access_check(&from, &http->site->keys, (int64_t)time(NULL));
    if (access == ACCESS_WRONG)
        return hold_late(http, connection, visit);
    if (access == ACCESS_READ || access == ACCESS_FULL)
        return answer_guest(http, connection, path, post, access, visit);
    return send_login_needed(connection, path, access);
}

/*
 * Called when the headers are there, and again when the body, or its absence, is: who is answered
 * the first time is read no more. It is called once more when it has been suspended.
 */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *body, size_t *body_len, void **ours)
{
    bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    struct visit *visit = *ours;

    (void)version, (void)body;
    *body_len = 0; /* all of it has been seen */
    if (visit)
        return visit->state == VISIT_NEW ? answer(context, connection, path, post, visit)
                                         : send_answer(connection, visit, path);
    if (!post && strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return send_line(connection, path, 405, "that takes GET");
    if (has_body(connection))
        return send_line(connection, path, 413, "nothing here takes a body");
    if (connection_of(connection))
        *ours = calloc(1, sizeof(*visit));
    return *ours ? MHD_YES : MHD_NO;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **ours,
                         enum MHD_RequestTerminationCode why)
{
    struct http *http = context;
    struct connection *c = connection_of(connection);
    struct visit *visit = *ours;

    if (c && c->known && why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        put_off(http, c);
    if (visit)
        free(visit->request.body);
    free(visit);
    *ours = NULL;
}

/*
 * Escapes of paths and arguments. One of a NUL would end the text, and make it another: it becomes
 * what no path has.
 */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    for (char *at = text; (at = strstr(at, "%00")); at += 3)
        at[2] = '1';
    return MHD_http_unescape(text);
}

/* What libmicrohttpd complains of is of clients' making. */
static void ignore_log(void *context, const char *format, va_list args)
{
    (void)context, (void)format, (void)args;
}

void http_init(struct http *http, struct site *site)
{
    *http = (struct http){.site = site, .socket = {.fd = -1}};
    pthread_mutex_init(&http->lock, NULL);
}

int http_start(struct http *http)
{
    snprintf(http->cookie, sizeof(http->cookie), "syncmanager-%d", http->socket.port);
    http->daemon = MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        on_request, http, MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET,
        http->socket.fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)GUEST_S, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, http, MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,
        MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_END);
    if (!http->daemon) {
        fprintf(stderr, "syncmanagerd: --http %s: libmicrohttpd does not start\n",
                http->socket.url);
        return -1;
    }
    return 0;
}

static void tell_log(struct http *http)
{
    double now = now_s();
    char line[512];

    http->wrong_untold += http->wrong;
    http->wrong = 0;
    if (!http->wrong_untold || (http->told > 0 && now - http->told < LOG_EVERY_S))
        return;
    snprintf(line, sizeof(line), "%s: %zu requests with a wrong token", http->socket.url,
             http->wrong_untold);
    http->site->log(http->site->log_context, SM_LOG_INFO, line);
    http->wrong_untold = 0;
    http->told = now;
}

void http_tick(struct http *http)
{
    double now = now_s();
    struct late *late;

    pthread_mutex_lock(&http->lock);
    for (struct connection *c = http->first; c; c = c->next) {
        if (c->until < now)
            cut(c);
    }
    late = http->late;
    http->late = NULL;
    tell_log(http);
    pthread_mutex_unlock(&http->lock);
    while (late) {
        struct late *next = late->next;

        MHD_resume_connection(late->connection); /* after which `late` may be gone */
        late = next;
    }
}

void http_quiesce(struct http *http)
{
    pthread_mutex_lock(&http->lock);
    http->ends = true;
    pthread_mutex_unlock(&http->lock);
    if (http->daemon && MHD_quiesce_daemon(http->daemon) < 0)
        http->socket.fd = -1;
}

void http_deinit(struct http *http)
{
    if (http->daemon)
        MHD_stop_daemon(http->daemon);
    web_socket_close(&http->socket);
    pthread_mutex_destroy(&http->lock);
}
