/* SPDX-License-Identifier: MIT */
/*
 * A request for the host is parked like a call of any type, and known to the host by a struct that
 * owns all that it points to: the message, the object called, and the objects whose proxies are
 * among the arguments. The answer is posted by the thread that gives it, and carried out on the
 * loop.
 */
#include "place/host_request.h"

#include "base/memory.h"
#include "object/answer.h"
#include "object/ask.h"
#include "object/caller.h"
#include "object/dispatch.h"
#include "place/descriptor.h"
#include "place/guest.h"
#include "place/host.h"
#include "place/host_copy.h"
#include "wire/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void host_request_drop_refs(struct host_request *request)
{
    for (size_t i = 0; i < request->refs_len; i++)
        ref_drop(request->refs[i]);
    memory_free(TAKE_PTR(request->refs));
    request->refs_len = 0;
}

void host_request_free(struct host_request *request)
{
    host_request_drop_refs(request);
    descriptors_drop(request);
    free(request->shown);
    buffer_deinit(&request->direct.unread);
    buffer_deinit(&request->direct.unsent);
    pthread_mutex_destroy(&request->direct.lock);
    buffer_deinit(&request->message);
    buffer_deinit(&request->reply);
    buffer_deinit(&request->value);
    buffer_deinit(&request->brought);
    free(request->typeid);
    free(request->exposed);
    memory_free(request);
}

struct host_request *host_request_new(struct host *host, struct call *call,
                                      enum sm_request_kind kind)
{
    struct host_request *request = memory_lend_zeroed(1, sizeof(*request));
    struct tree *tree = call->tree;

    if (!request) {
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    request->asked.kind = kind;
    request->host = host;
    pthread_mutex_init(&request->direct.lock, NULL);
    list_init(&request->direct.link);
    request->refs_len = tree->refs_len;
    request->refs = TAKE_PTR(tree->refs);
    tree->refs_len = tree->refs_cap = 0;
    return request;
}

struct host_request *host_request_about(struct host *host, struct call *call,
                                        enum sm_request_kind kind, struct sm_value value)
{
    struct host_request *request;
    struct pickler p;

    if (call->object && tree_keep_ref(call->tree, ref_take(&call->object->ref)) < 0) {
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    request = host_request_new(host, call, kind);
    if (!request)
        return NULL;
    buffer_add(&request->message, call->message, call->message_len);
    pickler_init(&p, &request->value);
    pickler_start(&p);
    pickler_value(&p, call->tree, value);
    request->message.failed |= pickler_finish(&p) < 0;
    pickler_deinit(&p);
    request->asked.making = !call->object;
    request->asked.value = request->value.data;
    request->asked.value_len = request->value.len;
    return request;
}

static void host_request_withdrawn(struct waitq *queue, struct call *call)
{
    struct host_request *request = call->record;

    (void)queue;
    call->record = NULL;
    request->call = NULL;
    host_session_end(request->host, call);
}

const struct waitq_ops host_waiters = {.withdrawn = host_request_withdrawn};

void host_request_serve(struct host_request *request, struct call *call)
{
    struct host *host = request->host;
    struct host_session *session = request->message.failed ? NULL : host_session_open(host, call);

    if (!session) {
        host_request_free(request);
        call_raise_errno(call, -ENOMEM);
        return;
    }
    request->asked.message = request->message.data;
    request->asked.message_len = request->message.len;
    request->asked.python = call->python;
    request->asked.tracebacks = call->proxies;
    request->call = call;
    call->record = request;
    waitq_park(&host->waiters, call, FOREVER);
    if (request->asked.kind == SM_REQUEST_CALL || request->asked.kind == SM_REQUEST_VISIT)
        host_direct_begin(request, session);
    host->ops->serve(host->context, &request->asked, &session->context);
}

const char *host_method(const struct call *call, size_t *ret_len)
{
    const struct host_request *request = call->record;

    if (!call->queue || call->queue->ops != &host_waiters ||
        (request->asked.kind != SM_REQUEST_CALL && request->asked.kind != SM_REQUEST_BRING))
        return NULL;
    return request_method(request->asked.message, request->asked.message_len, ret_len);
}

/* Answer with an object as the request asks for it; NULL: it has been answered. */
static void answer_object(struct host_request *request, struct call *call, struct object *object)
{
    if (object && request->asked.kind != SM_REQUEST_CREATE)
        call_return_proxy(call, object, request->typeid);
    else if (object)
        call_return_created(call, object);
    object_unref(object);
}

static void answer_guest(struct host_request *request, struct call *call)
{
    answer_object(request, call, guest_take(request, call));
}

static void answer_new(struct host_request *request, struct call *call)
{
    struct sm_items none = {0};
    struct pickle_error error;
    int r;

    tree_reset(call->tree);
    r = pickle_decode(call->tree, request->reply.data, request->reply.len, &call->args, &error);
    call->kwds = (struct sm_value){.kind = SM_KIND_DICT, .items = &none};
    if (r == -ENOMEM)
        call_raise_errno(call, r);
    else if (r < 0)
        call_fail(call, error.type, "%s", error.message);
    else
        answer_object(request, call,
                      call_construct(call, request->typeid, strlen(request->typeid)));
}

static void answer_message(struct host_request *request, struct call *call)
{
    call_answer(call, &request->reply);
}

void host_request_serve_again(struct host_request *request, struct call *call)
{
    call->message = request->message.data;
    call->message_len = request->message.len;
    call->ops->again(call, NULL);
}

static void answer_plain(struct host_request *request, struct call *call)
{
    struct pickle_error error;
    struct sm_value plain;
    int r;

    if (request->reply.len) {
        tree_reset(call->tree);
        r = pickle_decode(call->tree, request->reply.data, request->reply.len, &plain, &error);
        if (r < 0) {
            call_raise_errno(call, r == -ENOMEM ? r : -ELOOP);
            return;
        }
        if (!call_answered_plain(call, plain))
            return;
    }
    host_request_serve_again(request, call);
}

static void answer_close(struct host_request *request, struct call *call)
{
    (void)request;
    call->ops->close(call);
}

static void deliver(struct post *post)
{
    struct host_request *request = container_of(post, struct host_request, post);
    struct host *host = request->host;
    struct call *call = request->call;

    if (descriptors_receive(request) < 0) {
        request->failed = true;
        buffer_deinit(&request->brought);
    }
    if (call) {
        host_recall(host, call);
        call->record = NULL;
        waitq_leave(call);
        call->errors = CALL_FAILS;
        if (request->failed || request->reply.failed)
            call_raise_errno(call, -ENOMEM);
        else
            request->answer(request, call);
    }
    if (request->copied)
        host_copy_leave(host, request->copied, &request->brought, request->unchanged);
    if (request->guest)
        host->ops->dropped(host->context, request->guest);
    host_request_free(request);
}

static struct host_request *host_request_of(struct sm_request *asked)
{
    return container_of(asked, struct host_request, asked);
}

void host_request_answer(struct host_request *request,
                         void (*answer)(struct host_request *request, struct call *call))
{
    request->answer = answer;
    request->post.deliver = deliver;
    post_send(request->host->posts, &request->post);
}

void sm_request_answer(struct sm_request *asked, const void *message, size_t len)
{
    struct host_request *request = host_request_of(asked);

    buffer_add(&request->reply, message, len);
    host_request_answer(request, answer_message);
}

void sm_request_answer_visit(struct sm_request *asked, const void *message, size_t len,
                             const void *value, size_t value_len)
{
    struct host_request *request = host_request_of(asked);

    buffer_add(&request->reply, message, len);
    if (value && value_len)
        buffer_add(&request->brought, value, value_len);
    request->unchanged = value && !value_len;
    host_request_answer(request, answer_message);
}

void sm_request_answer_plain(struct sm_request *asked, const void *value, size_t len)
{
    struct host_request *request = host_request_of(asked);

    if (value)
        buffer_add(&request->reply, value, len);
    host_request_answer(request, answer_plain);
}

/* The names and their ends in one block; NULL when memory runs out. */
static char **copy_names(const char *const *names)
{
    size_t n = 0, size = sizeof(char *);
    char **copy, *text;

    for (; names[n]; n++)
        size += sizeof(char *) + strlen(names[n]) + 1;
    copy = malloc(size);
    if (!copy)
        return NULL;
    text = (char *)(copy + n + 1);
    for (size_t i = 0; i < n; i++) {
        copy[i] = text;
        text = stpcpy(text, names[i]) + 1;
    }
    copy[n] = NULL;
    return copy;
}

void sm_request_answer_guest(struct sm_request *asked, const char *typeid, void *guest,
                             const char *const *exposed)
{
    struct host_request *request = host_request_of(asked);

    request->typeid = strdup(typeid);
    request->exposed = copy_names(exposed);
    request->failed = !request->typeid || !request->exposed;
    request->guest = guest;
    host_request_answer(request, answer_guest);
}

void sm_request_answer_new(struct sm_request *asked, const char *typeid, const void *args,
                           size_t len)
{
    struct host_request *request = host_request_of(asked);

    request->typeid = strdup(typeid);
    request->failed = !request->typeid;
    buffer_add(&request->reply, args, len);
    host_request_answer(request, answer_new);
}

void sm_request_close(struct sm_request *asked)
{
    host_request_answer(host_request_of(asked), answer_close);
}
