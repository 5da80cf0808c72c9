/* SPDX-License-Identifier: MIT */
/*
 * The host as a place: what Python alone can do is asked of it by a request (host_request.c), which
 * it answers from any thread. So the host never touches an object, and the loop never waits for the
 * host. An object of the server's own goes along as a copy (host_copy.c). In host_direct.c is how
 * calls that follow each other do without the loop.
 */
#include "place/host.h"

#include "base/memory.h"
#include "object/access.h"
#include "object/answer.h"
#include "object/ask.h"
#include "place/descriptor.h"
#include "place/guest.h"
#include "place/host_copy.h"
#include "place/host_request.h"
#include "wire/message.h"

#include <errno.h>
#include <stdlib.h>

static struct host *host_of(struct place *place)
{
    return container_of(place, struct host, place);
}

static bool is_of_caller(const void *item, const void *caller)
{
    return ((const struct host_session *)item)->caller == *(const uint64_t *)caller;
}

struct host_session *host_session(const struct host *host, const struct call *call)
{
    return map_find(&host->sessions, map_hash_int(call->caller), is_of_caller, &call->caller);
}

struct host_session *host_session_open(struct host *host, const struct call *call)
{
    struct host_session *session = host_session(host, call);

    if (session)
        return session;
    session = memory_new_zeroed(1, sizeof(*session));
    if (!session)
        return NULL;
    session->caller = call->caller;
    if (map_add(&host->sessions, map_hash_int(call->caller), session) == 0)
        return session;
    memory_free(session);
    return NULL;
}

void host_session_end(struct host *host, const struct call *call)
{
    struct host_session *session = host_session(host, call);

    if (!session)
        return;
    map_remove(&host->sessions, map_hash_int(call->caller), session);
    if (session->context)
        host->ops->ended(host->context, session->context);
    memory_free(session);
}

static void host_create(struct host *host, struct call *call)
{
    struct host_request *request = host_request_new(host, call, SM_REQUEST_CREATE);

    if (!request)
        return;
    buffer_add(&request->message, call->message, call->message_len);
    host_request_serve(request, call);
}

/* A call of an object of the server's own. */
static void host_call_copy(struct host *host, struct call *call)
{
    struct object *object = call->object;
    struct host_copy *copy;
    struct host_request *request;

    if (tree_keep_ref(call->tree, ref_take(&object->ref)) < 0) {
        call_raise_errno(call, -ENOMEM);
        return;
    }
    request = host_request_new(host, call, SM_REQUEST_VISIT);
    if (!request)
        return;
    buffer_add(&request->message, call->message, call->message_len);
    request->message.failed |= !host_session_open(host, call);
    copy = request->message.failed ? NULL : host_copy_join(host, object, &request->value);
    request->message.failed |= !copy;
    if (copy) {
        request->copied = object;
        request->asked.visit = host_copy_number(copy);
        request->asked.value = request->value.data;
        request->asked.value_len = request->value.len;
    }
    host_request_serve(request, call);
}

/* What an argument of the call comes to: it is made again with that. */
static void host_ask(struct host *host, struct call *call)
{
    const struct question *question = asked_question(call->asked);
    struct host_request *request = host_request_about(host, call, SM_REQUEST_ASK, question->about);

    if (!request)
        return;
    request->asked.ask = question->ask;
    request->asked.typecode = question->typecode;
    host_request_serve(request, call);
}

void host_debug_info(struct host *host, struct call *call, const struct buffer *message,
                     struct object *const *objects, size_t objects_len)
{
    struct host_request *request;
    size_t n = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < objects_len; i++)
        r = tree_keep_ref(call->tree, ref_take(&objects[i]->ref));
    if (r < 0) {
        call_raise_errno(call, r);
        return;
    }
    request = host_request_new(host, call, SM_REQUEST_DEBUG_INFO);
    if (!request)
        return;
    buffer_add(&request->message, message->data, message->len);
    request->message.failed |= message->failed;
    request->shown = calloc(objects_len + 1, sizeof(void *));
    request->message.failed |= !request->shown;
    for (size_t i = 0; request->shown && i < objects_len; i++) {
        if (guest_of(objects[i]))
            request->shown[n++] = guest_of(objects[i]);
    }
    request->asked.guests = request->shown;
    host_request_serve(request, call);
}

static void host_recall_any(struct place *place, struct call *call)
{
    host_recall(host_of(place), call);
}

static void host_recall_any_object(struct place *place, const struct object *object)
{
    host_recall_object(host_of(place), object);
}

static void session_ended(struct place *place, struct call *call)
{
    host_session_end(host_of(place), call);
}

static void copied_gone(struct place *place, struct object *object)
{
    host_copy_forget(host_of(place), object);
}

static struct object *find_descriptor(struct place *place, struct sm_value key)
{
    return descriptor_find(host_of(place), key);
}

/*
 * A call of an object goes to the host whole; so does the making of one of an unknown typeid. Not
 * for those who may only read: the host unpickles what they send, and may run anything for it.
 */
static void host_carry(struct place *place, struct call *call, struct object *object,
                       enum call_need need)
{
    struct host *host = host_of(place);
    size_t len = 0;
    const char *method = request_method(call->message, call->message_len, &len);

    if (!call_may_call_host(call, method ? sm_strn(method, len) : sm_none()))
        return;
    if (need == NEED_DESCRIPTORS)
        descriptors_bring(host, call);
    else if (need == NEED_PLAIN)
        host_ask(host, call);
    else if (object)
        host_call_copy(host, call);
    else
        host_create(host, call);
}

static const struct place_ops host_ops = {
    .sees_to = NEED_BIT(NEED_PYTHON) | NEED_BIT(NEED_PLAIN) | NEED_BIT(NEED_DESCRIPTORS),
    .carry = host_carry,
    .recall = host_recall_any,
    .recall_object = host_recall_any_object,
    .ended = session_ended,
    .gone = copied_gone,
    .find = find_descriptor,
};

void host_init(struct host *host, struct registry *registry, struct posts *posts, struct tree *tree)
{
    host->place.registry = registry;
    host->posts = posts;
    host->tree = tree;
    waitq_init(&host->waiters, &host_waiters);
    list_init(&host->direct);
}

void host_deinit(struct host *host)
{
    map_deinit(&host->sessions);
    map_deinit(&host->objects);
    map_deinit(&host->descriptors);
}

void host_set(struct host *host, const struct sm_host *ops, void *context)
{
    host->ops = ops;
    host->context = context;
    host->tree->unknown = UNKNOWN_ASK;
    place_add(host->place.registry, &host->place, &host_ops);
}
