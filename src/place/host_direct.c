/* SPDX-License-Identifier: MIT */
/*
 * A client that calls a guest, or an object that visits the host, again and again has its connection
 * lent to the host: the thread
 * that serves a call writes the answer to the socket itself, and reads the next request from there.
 * So no call needs the loop, nor two threads that wake each other.
 *
 * To the loop all this is one long call. It lends a connection when a guest was called on it, and
 * nothing else has come in, and reads it no more. The thread gives it back with whatever it has
 * read when that is not for the same guest, or when nothing came for a while, or what it sends does
 * not fit. The loop takes it back at any time, without waiting: what a thread does to the socket it
 * does under the loan's lock, while the loan stands. A call that takes long is taken back just to
 * be watched: a client that dies is noticed, and whatever withdraws calls finds this one as any
 * other.
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
 * A connection is lent to a client whose calls follow each other within this time, and as long: on
 * a machine with much to do a client is not late by its own will.
 */
#define LEND_TIME_MS 100

/* The host looks so often whether the loop has taken the connection back. */
#define LEND_SLICE_MS 10

/* A call that takes as long, or twice, is watched by the loop. */
#define LEND_LOOK_MS 50

/* Requests up to this length are read by the host: CPython sends these in one piece. */
#define LEND_READ (16 * 1024 + FRAME_HEADER_MAX)

/* So many calls are not tried after a loan that served none but the first. */
#define LEND_REST 16

/* The thread of the host: with the lock, but while it waits. */

/* False: the loop is to send the rest, or to look at the error. */
static bool send_reply(struct loan *loan, const void *reply, size_t len)
{
    uint8_t header[FRAME_HEADER_MAX];
    struct iovec parts[] = {{header, frame_header(len, header)}, {(void *)reply, len}};
    ssize_t sent = socket_writev(loan->fd, parts, ARRAY_SIZE(parts));

    if (sent == -EAGAIN)
        sent = 0;
    if (sent < 0) {
        loan->error = (int)sent;
        loan->failed_to_send = true;
        return false;
    }
    loan->bytes_out += (uint64_t)sent;
    if (transport_advance(parts, ARRAY_SIZE(parts), (size_t)sent) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        buffer_add(&loan->unsent, parts[i].iov_base, parts[i].iov_len);
    return !loan->unsent.len && !loan->unsent.failed;
}

/* What has come in, up to a request's length; all else is for the loop to find out. */
static void receive(struct loan *loan)
{
    ssize_t n;

    if (buffer_reserve(&loan->unread, LEND_READ) < 0)
        return;
    n = socket_read(loan->fd, loan->unread.data, LEND_READ);
    if (n < 0 && n != -EAGAIN)
        loan->error = (int)n;
    if (n <= 0)
        return;
    loan->unread.len = (size_t)n;
    loan->bytes_in += (uint64_t)n;
}

/* Of a guest the host knows what it exposes; of what visits it, the object's type does. */
static bool is_exposed(const struct errand *errand, const struct frame *frame)
{
    const char *method;
    size_t len;

    if (!errand->visits)
        return true;
    method = request_method(frame->payload, frame->len, &len);
    return method &&
           object_method(errand->visits, method, len, errand->asked.python, errand->loan.proxies);
}

/* Whether exactly one request has come in, and one to be served here. */
static bool take_request(struct errand *errand)
{
    static const char proxy[] = "RebuildProxy";
    struct loan *loan = &errand->loan;
    struct frame frame;
    size_t need;

    receive(loan);
    if (frame_parse(loan->unread.data, loan->unread.len, LEND_READ, &frame, &need) != 0 ||
        frame.size != loan->unread.len ||
        !request_begins_with(frame.payload, frame.len, loan->ident) ||
        !is_exposed(errand, &frame) || memmem(frame.payload, frame.len, proxy, strlen(proxy)))
        return false;
    errand->asked.message = frame.payload;
    errand->asked.message_len = frame.len;
    errand->asked.value = NULL; /* the host has it */
    errand->asked.value_len = 0;
    loan->state = LOAN_SERVES;
    loan->began = loop_now(errand->guests->posts->loop);
    loan->calls++;
    return true;
}

/* Send the reply, and wait for what comes next. False: the loop is to go on from here. */
static bool answer_and_wait(struct loan *loan, const void *reply, size_t len)
{
    bool readable = false;
    int waited = 0;

    loan->state = LOAN_WAITS;
    buffer_clear(&loan->unread); /* the request that is answered now */
    if (!send_reply(loan, reply, len))
        return false;
    while (loan->state == LOAN_WAITS && waited < LEND_TIME_MS && !readable) {
        pthread_mutex_unlock(&loan->lock);
        readable = socket_wait(loan->fd, LEND_SLICE_MS); /* if it is another's by now: no harm */
        pthread_mutex_lock(&loan->lock);
        waited += LEND_SLICE_MS;
    }
    return true;
}

static void returned(struct post *post);

struct sm_request *sm_request_answer_next(struct sm_request *asked, const void *message, size_t len)
{
    struct errand *errand = container_of(asked, struct errand, asked);
    struct loan *loan = &errand->loan;
    bool over;

    pthread_mutex_lock(&loan->lock);
    if (loan->state != LOAN_SERVES || atomic_load(&errand->guests->holds)) {
        pthread_mutex_unlock(&loan->lock);
        sm_request_answer(asked, message, len);
        return NULL;
    }
    if (answer_and_wait(loan, message, len) && loan->state == LOAN_WAITS && take_request(errand)) {
        pthread_mutex_unlock(&loan->lock);
        return asked;
    }
    over = loan->state == LOAN_OVER;
    if (!over) {
        loan->state = LOAN_BACK;
        errand->post.deliver = returned;
        post_send(errand->guests->posts,
                  &errand->post); /* locked: the server waits for that to end */
    }
    pthread_mutex_unlock(&loan->lock);
    if (over)
        errand_free(errand);
    return NULL;
}

/* The loop. */

/* The connection is the loop's again; what its calls have come to is known. */
static void settle(struct errand *errand)
{
    struct session *session = guests_session(errand->guests, errand->call);
    struct loan *loan = &errand->loan;

    list_remove(&loan->link);
    if (!session)
        return;
    session->at = loop_now(errand->guests->posts->loop);
    session->rest = loan->calls ? 0 : LEND_REST;
}

static void give_back(struct errand *errand, struct call *call, bool answered)
{
    const struct loan *loan = &errand->loan;
    const struct handed_back back = {
        .answered = answered,
        .unread = &loan->unread,
        .unsent = &loan->unsent,
        .failed_to_send = loan->failed_to_send,
        .error = loan->error,
        .calls = loan->calls,
        .began = loan->began,
        .bytes_in = loan->bytes_in,
        .bytes_out = loan->bytes_out,
    };

    call->ops->take_back(call, &back);
}

/* What visits the host stays there. */
static void leave_visit(struct errand *errand)
{
    struct object *object = TAKE_PTR(errand->visits);

    if (object)
        visit_leave(errand->guests, object, &errand->brought, false);
}

/* The host has answered all: what it has read and not sent is left. */
static void end_call(struct errand *errand)
{
    struct call *call = TAKE_PTR(errand->call);

    call->record = NULL;
    waitq_leave(call);
    leave_visit(errand);
    errand_drop_refs(errand);
    give_back(errand, call, true);
}

/* That of a parked call, if the host has its connection. */
static struct errand *lent_of(const struct guests *guests, const struct call *call)
{
    struct errand *errand = call->queue == &guests->waiters ? call->record : NULL;

    return errand && !list_empty(&errand->loan.link) ? errand : NULL;
}

void guests_recall_call(struct guests *guests, struct call *call)
{
    struct errand *errand = lent_of(guests, call);
    enum loan_state before;
    struct loan *loan;

    if (!errand)
        return;
    loan = &errand->loan;
    pthread_mutex_lock(&loan->lock);
    before = loan->state;
    settle(errand);
    if (before == LOAN_SERVES) {
        loan->state = LOAN_NONE;
        give_back(errand, call, false);
    } else {
        end_call(errand);
    }
    if (before == LOAN_WAITS)
        loan->state = LOAN_OVER;
    pthread_mutex_unlock(&loan->lock);
}

void guests_recall_all(struct guests *guests)
{
    struct errand *errand;

    list_for_each(errand, &guests->lent, loan.link)
        guests_recall_call(guests, errand->call);
}

void guests_recall(struct guests *guests, uint64_t ident)
{
    struct errand *errand;

    list_for_each(errand, &guests->lent, loan.link) {
        if (errand->call->object->ident == ident)
            guests_recall_call(guests, errand->call);
    }
}

static void returned(struct post *post)
{
    struct errand *errand = container_of(post, struct errand, post);

    pthread_mutex_lock(&errand->loan.lock); /* the host lets go of it behind the post */
    pthread_mutex_unlock(&errand->loan.lock);
    if (errand->call)
        guests_recall_call(errand->guests, errand->call);
    leave_visit(errand);
    errand_free(errand);
}

/* Whether a request has been served since the last look, or none is. */
static bool goes_on(struct loan *loan)
{
    bool same;

    pthread_mutex_lock(&loan->lock);
    same = loan->state == LOAN_SERVES && loan->calls == loan->seen;
    loan->seen = loan->calls;
    pthread_mutex_unlock(&loan->lock);
    return !same;
}

static void look(struct timer *timer)
{
    struct guests *guests = container_of(timer, struct guests, look);
    struct timers *timers = &guests->place.registry->timers;
    struct errand *errand;

    list_for_each(errand, &guests->lent, loan.link) {
        if (!goes_on(&errand->loan))
            guests_recall_call(guests, errand->call);
    }
    if (!list_empty(&guests->lent) &&
        timers_set(timers, timer, loop_now(guests->posts->loop) + LEND_LOOK_MS * MSEC) < 0)
        guests_recall_all(guests);
}

/* Whether the client calls this object again and again, and waits for each answer. */
static bool is_of_use(const struct errand *errand, struct session *session)
{
    const struct call *call = errand->call;
    uint64_t ident = call->object->ident;
    bool again = session->ident == ident && call->now - session->at < LEND_TIME_MS * MSEC;

    session->ident = ident;
    session->at = call->now;
    if (session->rest) {
        session->rest--;
        return false;
    }
    return again && errand->refs_len == 1; /* its own: there are no proxies among the arguments */
}

void errand_lend(struct errand *errand, struct session *session)
{
    struct guests *guests = errand->guests;
    struct timers *timers = &guests->place.registry->timers;
    struct loan *loan = &errand->loan;
    struct call *call = errand->call;

    if (!is_of_use(errand, session))
        return;
    guests->look.fire = look;
    if (!guests->look.at && timers_set(timers, &guests->look, call->now + LEND_LOOK_MS * MSEC) < 0)
        return;
    loan->fd = call->ops->hand_over(call);
    if (loan->fd < 0)
        return;
    ident_format(call->object->ident, loan->ident);
    loan->proxies = call->proxies;
    loan->state = LOAN_SERVES;
    list_append(&guests->lent, &loan->link);
}
