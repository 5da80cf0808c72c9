/* SPDX-License-Identifier: MIT */
/*
 * A request for the host is parked like a call of any type, and known to the host by a struct that
 * owns all that it points to: the message, the object called, and the objects whose proxies are
 * among the arguments. The host answers from any thread; the answer is posted, and carried out on
 * the loop. So the host never touches an object, and the loop never waits for the host. In host_direct.c
 * is how calls of a guest that follow each other do without the loop.
 *
 * Which guest has an object is known to the loop alone. A host that gives a guest twice gives two
 * references, and gets one back if the first object is still there: no moment is left in which one
 * side takes for alive what the other has dropped.
 */
#include "place/host.h"

#include "base/memory.h"
#include "object/answer.h"
#include "object/ask.h"
#include "object/caller.h"
#include "object/dispatch.h"
#include "object/registry.h"
#include "pickle/opcodes.h"
#include "place/descriptor.h"
#include "place/host_copy.h"
#include "place/host_request.h"
#include "place/post.h"
#include "wire/message.h"

#include <errno.h>
#include <stdlib.h>

struct hosted {
    struct object object;
    struct host *host; /* outlive the object */
    void *guest;       /* one reference of the host's */
    char *typeid;      /* owned: what it was made as */
    char **exposed;    /* owned: names and their text in one block, NULL at the end */
};

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

/* The same, made at need; NULL when memory runs out. */
static struct host_session *open_session(struct host *host, const struct call *call)
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

/*
 * The host may still be at work for a call that was withdrawn: what the connection asks next is of
 * another session, and does not wait for it.
 */
static void end_session(struct host *host, const struct call *call)
{
    struct host_session *session = host_session(host, call);

    if (!session)
        return;
    map_remove(&host->sessions, map_hash_int(call->caller), session);
    if (session->context)
        host->ops->ended(host->context, session->context);
    memory_free(session);
}

static bool is_of_guest(const void *item, const void *guest)
{
    return ((const struct hosted *)item)->guest == guest;
}

static uint64_t hosted_hash(const void *guest)
{
    return map_hash_int((uint64_t)(uintptr_t)guest);
}

static void hosted_deinit(struct object *self)
{
    struct hosted *object = container_of(self, struct hosted, object);
    struct host *host = object->host;

    if (object->guest) {
        map_remove(&host->objects, hosted_hash(object->guest), object);
        host->ops->dropped(host->context, TAKE_PTR(object->guest));
    }
    free(TAKE_PTR(object->exposed));
    free(TAKE_PTR(object->typeid));
}

static bool hosted_init(struct object *self, struct call *call)
{
    (void)self;
    (void)call;
    return true;
}

static void hosted_write_exposed(const struct object *self, struct pickler *p)
{
    const struct hosted *object = container_of(self, struct hosted, object);

    pickler_op(p, MARK);
    for (char **name = object->exposed; name && *name; name++)
        pickler_value(p, NULL, sm_str(*name));
    pickler_op(p, TUPLE);
}

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
    end_session(request->host, call);
}

static const struct waitq_ops host_waiters = {.withdrawn = host_request_withdrawn};

void host_request_serve(struct host_request *request, struct call *call)
{
    struct host *host = request->host;
    struct host_session *session = request->message.failed ? NULL : open_session(host, call);

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

static void host_create(struct host *host, struct call *call)
{
    struct host_request *request = host_request_new(host, call, SM_REQUEST_CREATE);

    if (!request)
        return;
    buffer_add(&request->message, call->message, call->message_len);
    host_request_serve(request, call);
}

static void hosted_call(struct object *self, struct call *call)
{
    struct hosted *object = container_of(self, struct hosted, object);
    struct host_request *request;

    if (tree_keep_ref(call->tree, ref_take(&self->ref)) < 0) {
        call_raise_errno(call, -ENOMEM);
        return;
    }
    request = host_request_new(object->host, call, SM_REQUEST_CALL);
    if (!request)
        return;
    request->asked.guest = object->guest;
    buffer_add(&request->message, call->message, call->message_len);
    host_request_serve(request, call);
}

const char *host_method(const struct call *call, size_t *ret_len)
{
    const struct host_request *request = call->record;

    if (!call->queue || call->queue->ops != &host_waiters ||
        (request->asked.kind != SM_REQUEST_CALL && request->asked.kind != SM_REQUEST_BRING))
        return NULL;
    return request_method(request->asked.message, request->asked.message_len, ret_len);
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

static const struct method no_methods[] = {{0}};

static const struct object_type hosted_type = {
    .name = "guest",
    .size = sizeof(struct hosted),
    .methods = no_methods,
    .init = hosted_init,
    .deinit = hosted_deinit,
    .serve = hosted_call,
    .write_exposed = hosted_write_exposed,
};

void *host_guest(const struct object *object)
{
    return object->type == &hosted_type ? container_of(object, struct hosted, object)->guest : NULL;
}

const char *host_typeid(const struct object *object)
{
    return host_guest(object) ? container_of(object, struct hosted, object)->typeid : NULL;
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
        if (host_guest(objects[i]))
            request->shown[n++] = host_guest(objects[i]);
    }
    request->asked.guests = request->shown;
    host_request_serve(request, call);
}

/* The same: the host has the caller's call, perhaps on its connection. */
static void host_recall_any(struct place *place, struct call *call)
{
    host_recall(host_of(place), call);
}

static void session_ended(struct place *place, struct call *call)
{
    end_session(host_of(place), call);
}

static void copied_gone(struct place *place, struct object *object)
{
    host_copy_forget(host_of(place), object);
}

static struct object *find_descriptor(struct place *place, struct sm_value key)
{
    return descriptor_find(host_of(place), key);
}

/* A call of an object goes to the host whole; so does the making of one of an unknown typeid. */
static void host_carry(struct place *place, struct call *call, struct object *object,
                       enum call_need need)
{
    struct host *host = host_of(place);

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

/* The guest's object, new or not; the request's reference to the guest is the object's then. */
static struct object *hosted_object(struct host_request *request, struct call *call)
{
    struct host *host = request->host;
    uint64_t hash = hosted_hash(request->guest);
    struct hosted *object = map_find(&host->objects, hash, is_of_guest, request->guest);
    struct object *made;

    if (object) {
        free(object->exposed);
        object->exposed = TAKE_PTR(request->exposed);
        return object_ref(&object->object);
    }
    made = object_new(call->registry, &hosted_type, call);
    if (!made)
        return NULL;
    object = container_of(made, struct hosted, object);
    object->host = host;
    object->typeid = strdup(request->typeid);
    if (!object->typeid || map_add(&host->objects, hash, object) < 0) {
        object_unref(made);
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    object->guest = TAKE_PTR(request->guest);
    object->exposed = TAKE_PTR(request->exposed);
    return made;
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
    answer_object(request, call, hosted_object(request, call));
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
