/* SPDX-License-Identifier: MIT */
/*
 * A client that calls one object of the host's again and again, a guest or one that the host has a
 * copy of, is answered by the host directly: the thread that serves a call writes the answer to the
 * socket itself, and reads the next request from there. So no call needs the loop, nor two threads
 * that wake each other.
 *
 * To the loop all this is one long call. It hands the connection over when nothing else has come
 * in, and reads it no more. The thread gives it back with whatever it has read when that is not for
 * the same object, or when nothing came for a while, or what it sends does not fit. The loop takes
 * it back at any time, without waiting: the thread touches the socket only under a lock, while the
 * connection is the host's. No function of the host's or of the call's is called with that lock. A
 * call that takes long is taken back just to be watched: a client that dies is noticed, and
 * whatever withdraws calls finds this one as any other.
 *
 * Requests with proxies among their arguments go through the loop, which keeps their objects alive
 * until the answer. An answer that follows a sm_server_hold() does so too: they stay in order.
 */
#include "net/loop.h"
#include "net/transport_socket.h"
#include "object/caller.h"
#include "object/waitq.h"
#include "place/host.h"
#include "place/host_copy.h"
#include "place/host_request.h"
#include "wire/frame.h"
#include "wire/message.h"

#include <errno.h>

/*
 * A connection is handed over when its calls follow each other within this time, and for as long:
 * on a machine with much to do a client is not late by its own will.
 */
#define DIRECT_TIME_MS 100

/* The host looks so often whether the loop has taken the connection back. */
#define DIRECT_SLICE_MS 10

/* A call that takes as long, or twice, is watched by the loop. */
#define DIRECT_LOOK_MS 50

/* Requests up to this length are read by the host: CPython sends these in one piece. */
#define DIRECT_READ (16 * 1024 + FRAME_HEADER_MAX)

/* So many calls go through the loop after the host was handed a connection for one alone. */
#define DIRECT_REST 16

/* The thread of the host: with the lock, but while it waits. */

/* False: the loop is to send the rest, or to look at the error. */
static bool send_reply(struct host_direct *direct, const void *reply, size_t len)
{
    uint8_t header[FRAME_HEADER_MAX];
    struct iovec parts[] = {{header, frame_header(len, header)}, {(void *)reply, len}};
    ssize_t sent = socket_writev(direct->fd, parts, ARRAY_SIZE(parts));

    if (sent == -EAGAIN)
        sent = 0;
    if (sent < 0) {
        direct->error = (int)sent;
        direct->failed_to_send = true;
        return false;
    }
    direct->bytes_out += (uint64_t)sent;
    if (transport_advance(parts, ARRAY_SIZE(parts), (size_t)sent) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        buffer_add(&direct->unsent, parts[i].iov_base, parts[i].iov_len);
    return !direct->unsent.len && !direct->unsent.failed;
}

/* What has come in, up to a request's length; all else is for the loop to find out. */
static void receive(struct host_direct *direct)
{
    ssize_t n;

    if (buffer_reserve(&direct->unread, DIRECT_READ) < 0)
        return;
    n = socket_read(direct->fd, direct->unread.data, DIRECT_READ);
    if (n < 0 && n != -EAGAIN)
        direct->error = (int)n;
    if (n <= 0)
        return;
    direct->unread.len = (size_t)n;
    direct->bytes_in += (uint64_t)n;
}

/* Of a guest the host knows what it exposes; of what it has a copy of, the object's type does. */
static bool is_exposed(const struct host_request *request, const struct frame *frame)
{
    const char *method;
    size_t len;

    if (!request->copied)
        return true;
    method = request_method(frame->payload, frame->len, &len);
    return method && object_method(request->copied, method, len, request->asked.python,
                                   request->direct.proxies);
}

/* Whether exactly one request has come in, and one to be served here. */
static bool take_request(struct host_request *request)
{
    static const char proxy[] = "RebuildProxy";
    struct host_direct *direct = &request->direct;
    struct frame frame;
    size_t need;

    receive(direct);
    if (frame_parse(direct->unread.data, direct->unread.len, DIRECT_READ, &frame, &need) != 0 ||
        frame.size != direct->unread.len ||
        !request_begins_with(frame.payload, frame.len, direct->ident) ||
        !is_exposed(request, &frame) || memmem(frame.payload, frame.len, proxy, strlen(proxy)))
        return false;
    request->asked.message = frame.payload;
    request->asked.message_len = frame.len;
    request->asked.value = NULL; /* the host has it */
    request->asked.value_len = 0;
    direct->state = DIRECT_SERVES;
    direct->began = loop_now(request->host->posts->loop);
    direct->calls++;
    return true;
}

/* Send the reply, and wait for what comes next. False: the loop is to go on from here. */
static bool answer_and_wait(struct host_direct *direct, const void *reply, size_t len)
{
    bool readable = false;
    int waited = 0;

    direct->state = DIRECT_WAITS;
    buffer_clear(&direct->unread); /* the request that is answered now */
    if (!send_reply(direct, reply, len))
        return false;
    while (direct->state == DIRECT_WAITS && waited < DIRECT_TIME_MS && !readable) {
        pthread_mutex_unlock(&direct->lock);
        readable =
            socket_wait(direct->fd, DIRECT_SLICE_MS); /* if it is another's by now: no harm */
        pthread_mutex_lock(&direct->lock);
        waited += DIRECT_SLICE_MS;
    }
    return true;
}

static void returned(struct post *post);

/* The loop has taken the connection from the thread: the last of both to come here frees it. */
static void part(struct host_request *request)
{
    struct host_direct *direct = &request->direct;
    bool over;

    pthread_mutex_lock(&direct->lock);
    over = direct->state == DIRECT_OVER;
    direct->state = DIRECT_OVER;
    pthread_mutex_unlock(&direct->lock);
    if (over)
        host_request_free(request);
}

struct sm_request *sm_request_answer_next(struct sm_request *asked, const void *message, size_t len)
{
    struct host_request *request = container_of(asked, struct host_request, asked);
    struct host_direct *direct = &request->direct;
    bool taken;

    pthread_mutex_lock(&direct->lock);
    if (direct->state != DIRECT_SERVES || atomic_load(&request->host->holds)) {
        pthread_mutex_unlock(&direct->lock);
        sm_request_answer(asked, message, len);
        return NULL;
    }
    if (answer_and_wait(direct, message, len) && direct->state == DIRECT_WAITS &&
        take_request(request)) {
        pthread_mutex_unlock(&direct->lock);
        return asked;
    }
    taken = direct->state == DIRECT_TAKEN || direct->state == DIRECT_OVER;
    if (!taken) {
        direct->state = DIRECT_BACK;
        request->post.deliver = returned;
        post_send(request->host->posts,
                  &request->post); /* locked: the server waits for that to end */
    }
    pthread_mutex_unlock(&direct->lock);
    if (taken)
        part(request);
    return NULL;
}

/* The loop. */

/* The connection is the loop's again; what its calls have come to is known. */
static void settle(struct host_request *request)
{
    struct host_session *session = host_session(request->host, request->call);
    struct host_direct *direct = &request->direct;

    list_remove(&direct->link);
    if (!session)
        return;
    session->at = loop_now(request->host->posts->loop);
    session->rest = direct->calls ? 0 : DIRECT_REST;
}

static void give_back(struct host_request *request, struct call *call, bool answered)
{
    const struct host_direct *direct = &request->direct;
    const struct handed_back back = {
        .answered = answered,
        .unread = &direct->unread,
        .unsent = &direct->unsent,
        .failed_to_send = direct->failed_to_send,
        .error = direct->error,
        .calls = direct->calls,
        .began = direct->began,
        .bytes_in = direct->bytes_in,
        .bytes_out = direct->bytes_out,
    };

    call->ops->take_back(call, &back);
}

/* What the host has a copy of stays there. */
static void leave_copy(struct host_request *request)
{
    struct object *object = TAKE_PTR(request->copied);

    if (object)
        host_copy_leave(request->host, object, &request->brought, false);
}

/* The host has answered all: what it has read and not sent is left. */
static void end_call(struct host_request *request)
{
    struct call *call = TAKE_PTR(request->call);

    call->record = NULL;
    waitq_leave(call);
    leave_copy(request);
    host_request_drop_refs(request);
    give_back(request, call, true);
}

/* That of a parked call, if the host has its connection. */
static struct host_request *direct_of(const struct host *host, const struct call *call)
{
    struct host_request *request = call->queue == &host->waiters ? call->record : NULL;

    return request && !list_empty(&request->direct.link) ? request : NULL;
}

void host_recall(struct host *host, struct call *call)
{
    struct host_request *request = direct_of(host, call);
    enum direct_state before;
    struct host_direct *direct;

    if (!request)
        return;
    direct = &request->direct;
    pthread_mutex_lock(&direct->lock);
    before = direct->state;
    if (before == DIRECT_SERVES)
        direct->state = DIRECT_NONE;
    else if (before == DIRECT_WAITS)
        direct->state = DIRECT_TAKEN;
    pthread_mutex_unlock(&direct->lock);
    settle(request);
    if (before == DIRECT_SERVES)
        give_back(request, call, false);
    else
        end_call(request);
    if (before == DIRECT_WAITS)
        part(request);
}

void host_recall_object(struct host *host, const struct object *object)
{
    struct host_request *request;

    list_for_each(request, &host->direct, direct.link) {
        if (!object || request->call->object == object)
            host_recall(host, request->call);
    }
}

static void returned(struct post *post)
{
    struct host_request *request = container_of(post, struct host_request, post);

    pthread_mutex_lock(&request->direct.lock); /* the host lets go of it behind the post */
    pthread_mutex_unlock(&request->direct.lock);
    if (request->call)
        host_recall(request->host, request->call);
    leave_copy(request);
    host_request_free(request);
}

/* Whether a request has been served since the last look, or none is. */
static bool goes_on(struct host_direct *direct)
{
    bool same;

    pthread_mutex_lock(&direct->lock);
    same = direct->state == DIRECT_SERVES && direct->calls == direct->seen;
    direct->seen = direct->calls;
    pthread_mutex_unlock(&direct->lock);
    return !same;
}

static void look(struct timer *timer)
{
    struct host *host = container_of(timer, struct host, look);
    struct timers *timers = &host->place.registry->timers;
    struct host_request *request;

    list_for_each(request, &host->direct, direct.link) {
        if (!goes_on(&request->direct))
            host_recall(host, request->call);
    }
    if (!list_empty(&host->direct) &&
        timers_set(timers, timer, loop_now(host->posts->loop) + DIRECT_LOOK_MS * MSEC) < 0)
        host_recall_object(host, NULL);
}

/* Whether the client calls this object again and again, and waits for each answer. */
static bool is_of_use(const struct host_request *request, struct host_session *session)
{
    const struct call *call = request->call;
    uint64_t ident = call->object->ident;
    bool again = session->ident == ident && call->now - session->at < DIRECT_TIME_MS * MSEC;

    session->ident = ident;
    session->at = call->now;
    if (session->rest) {
        session->rest--;
        return false;
    }
    return again && request->refs_len == 1; /* its own: there are no proxies among the arguments */
}

void host_direct_begin(struct host_request *request, struct host_session *session)
{
    struct host *host = request->host;
    struct timers *timers = &host->place.registry->timers;
    struct host_direct *direct = &request->direct;
    struct call *call = request->call;

    if (!is_of_use(request, session))
        return;
    host->look.fire = look;
    if (!host->look.at && timers_set(timers, &host->look, call->now + DIRECT_LOOK_MS * MSEC) < 0)
        return;
    direct->fd = call->ops->hand_over(call);
    if (direct->fd < 0)
        return;
    ident_format(call->object->ident, direct->ident);
    direct->proxies = call->proxies;
    direct->state = DIRECT_SERVES;
    list_append(&host->direct, &direct->link);
}
