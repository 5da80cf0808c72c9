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

struct guest_object {
    struct object object;
    struct guests *guests; /* outlive the object */
    void *guest;           /* one reference of the host's */
    char *typeid;          /* owned: what it was made as */
    char **exposed;        /* owned: names and their text in one block, NULL at the end */
};

static struct guests *guests_of(struct place *place)
{
    return container_of(place, struct guests, place);
}

static bool is_of_caller(const void *item, const void *caller)
{
    return ((const struct session *)item)->caller == *(const uint64_t *)caller;
}

struct session *guests_session(const struct guests *guests, const struct call *call)
{
    return map_find(&guests->sessions, map_hash_int(call->caller), is_of_caller, &call->caller);
}

/* The same, made at need; NULL when memory runs out. */
static struct session *open_session(struct guests *guests, const struct call *call)
{
    struct session *session = guests_session(guests, call);

    if (session)
        return session;
    session = memory_new_zeroed(1, sizeof(*session));
    if (!session)
        return NULL;
    session->caller = call->caller;
    if (map_add(&guests->sessions, map_hash_int(call->caller), session) == 0)
        return session;
    memory_free(session);
    return NULL;
}

/*
 * The host may still be at work for a call that was withdrawn: what the connection asks next is of
 * another session, and does not wait for it.
 */
static void end_session(struct guests *guests, const struct call *call)
{
    struct session *session = guests_session(guests, call);

    if (!session)
        return;
    map_remove(&guests->sessions, map_hash_int(call->caller), session);
    if (session->context)
        guests->host->ended(guests->context, session->context);
    memory_free(session);
}

static bool is_of_guest(const void *item, const void *guest)
{
    return ((const struct guest_object *)item)->guest == guest;
}

static uint64_t guest_hash(const void *guest)
{
    return map_hash_int((uint64_t)(uintptr_t)guest);
}

static void guest_deinit(struct object *self)
{
    struct guest_object *object = container_of(self, struct guest_object, object);
    struct guests *guests = object->guests;

    if (object->guest) {
        map_remove(&guests->objects, guest_hash(object->guest), object);
        guests->host->dropped(guests->context, TAKE_PTR(object->guest));
    }
    free(TAKE_PTR(object->exposed));
    free(TAKE_PTR(object->typeid));
}

static bool guest_init(struct object *self, struct call *call)
{
    (void)self;
    (void)call;
    return true;
}

static void guest_write_exposed(const struct object *self, struct pickler *p)
{
    const struct guest_object *object = container_of(self, struct guest_object, object);

    pickler_op(p, MARK);
    for (char **name = object->exposed; name && *name; name++)
        pickler_value(p, NULL, sm_str(*name));
    pickler_op(p, TUPLE);
}

void errand_drop_refs(struct errand *errand)
{
    for (size_t i = 0; i < errand->refs_len; i++)
        ref_drop(errand->refs[i]);
    memory_free(TAKE_PTR(errand->refs));
    errand->refs_len = 0;
}

void errand_free(struct errand *errand)
{
    errand_drop_refs(errand);
    descriptors_drop(errand);
    free(errand->shown);
    buffer_deinit(&errand->loan.unread);
    buffer_deinit(&errand->loan.unsent);
    pthread_mutex_destroy(&errand->loan.lock);
    buffer_deinit(&errand->message);
    buffer_deinit(&errand->reply);
    buffer_deinit(&errand->value);
    buffer_deinit(&errand->brought);
    free(errand->typeid);
    free(errand->exposed);
    memory_free(errand);
}

struct errand *errand_new(struct guests *guests, struct call *call, enum sm_request_kind kind)
{
    struct errand *errand = memory_lend_zeroed(1, sizeof(*errand));
    struct tree *tree = call->tree;

    if (!errand) {
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    errand->asked.kind = kind;
    errand->guests = guests;
    pthread_mutex_init(&errand->loan.lock, NULL);
    list_init(&errand->loan.link);
    errand->refs_len = tree->refs_len;
    errand->refs = TAKE_PTR(tree->refs);
    tree->refs_len = tree->refs_cap = 0;
    return errand;
}

struct errand *errand_about(struct guests *guests, struct call *call, enum sm_request_kind kind,
                            struct sm_value value)
{
    struct errand *errand;
    struct pickler p;

    if (call->object && tree_keep_ref(call->tree, ref_take(&call->object->ref)) < 0) {
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    errand = errand_new(guests, call, kind);
    if (!errand)
        return NULL;
    buffer_add(&errand->message, call->message, call->message_len);
    pickler_init(&p, &errand->value);
    pickler_start(&p);
    pickler_value(&p, call->tree, value);
    errand->message.failed |= pickler_finish(&p) < 0;
    pickler_deinit(&p);
    errand->asked.making = !call->object;
    errand->asked.value = errand->value.data;
    errand->asked.value_len = errand->value.len;
    return errand;
}

static void errand_withdrawn(struct waitq *queue, struct call *call)
{
    struct errand *errand = call->record;

    (void)queue;
    call->record = NULL;
    errand->call = NULL;
    end_session(errand->guests, call);
}

static const struct waitq_ops errand_waiters = {.withdrawn = errand_withdrawn};

void errand_serve(struct errand *errand, struct call *call)
{
    struct guests *guests = errand->guests;
    struct session *session = errand->message.failed ? NULL : open_session(guests, call);

    if (!session) {
        errand_free(errand);
        call_raise_errno(call, -ENOMEM);
        return;
    }
    errand->asked.message = errand->message.data;
    errand->asked.message_len = errand->message.len;
    errand->asked.python = call->python;
    errand->asked.tracebacks = call->proxies;
    errand->call = call;
    call->record = errand;
    waitq_park(&guests->waiters, call, FOREVER);
    if (errand->asked.kind == SM_REQUEST_CALL || errand->asked.kind == SM_REQUEST_VISIT)
        errand_lend(errand, session);
    guests->host->serve(guests->context, &errand->asked, &session->context);
}

static void guest_create(struct guests *guests, struct call *call)
{
    struct errand *errand = errand_new(guests, call, SM_REQUEST_CREATE);

    if (!errand)
        return;
    buffer_add(&errand->message, call->message, call->message_len);
    errand_serve(errand, call);
}

static void guest_call(struct object *self, struct call *call)
{
    struct guest_object *object = container_of(self, struct guest_object, object);
    struct errand *errand;

    if (tree_keep_ref(call->tree, ref_take(&self->ref)) < 0) {
        call_raise_errno(call, -ENOMEM);
        return;
    }
    errand = errand_new(object->guests, call, SM_REQUEST_CALL);
    if (!errand)
        return;
    errand->asked.guest = object->guest;
    buffer_add(&errand->message, call->message, call->message_len);
    errand_serve(errand, call);
}

const char *guest_method(const struct call *call, size_t *ret_len)
{
    const struct errand *errand = call->record;

    if (!call->queue || call->queue->ops != &errand_waiters ||
        (errand->asked.kind != SM_REQUEST_CALL && errand->asked.kind != SM_REQUEST_BRING))
        return NULL;
    return request_method(errand->asked.message, errand->asked.message_len, ret_len);
}

/* A call of an object of the server's own. */
static void guest_visit(struct guests *guests, struct call *call)
{
    struct object *object = call->object;
    struct visit *visit;
    struct errand *errand;

    if (tree_keep_ref(call->tree, ref_take(&object->ref)) < 0) {
        call_raise_errno(call, -ENOMEM);
        return;
    }
    errand = errand_new(guests, call, SM_REQUEST_VISIT);
    if (!errand)
        return;
    buffer_add(&errand->message, call->message, call->message_len);
    visit = errand->message.failed ? NULL : visit_join(guests, object, &errand->value);
    errand->message.failed |= !visit;
    if (visit) {
        errand->visits = object;
        errand->asked.visit = visit_number(visit);
        errand->asked.value = errand->value.data;
        errand->asked.value_len = errand->value.len;
    }
    errand_serve(errand, call);
}

/* What an argument of the call comes to: it is made again with that. */
static void guest_ask(struct guests *guests, struct call *call)
{
    const struct question *question = asked_question(call->asked);
    struct errand *errand = errand_about(guests, call, SM_REQUEST_ASK, question->about);

    if (!errand)
        return;
    errand->asked.ask = question->ask;
    errand->asked.typecode = question->typecode;
    errand_serve(errand, call);
}

static const struct method no_methods[] = {{0}};

static const struct object_type guest_type = {
    .name = "guest",
    .size = sizeof(struct guest_object),
    .methods = no_methods,
    .init = guest_init,
    .deinit = guest_deinit,
    .serve = guest_call,
    .write_exposed = guest_write_exposed,
};

void *guest_of(const struct object *object)
{
    return object->type == &guest_type ? container_of(object, struct guest_object, object)->guest
                                       : NULL;
}

const char *guest_typeid(const struct object *object)
{
    return guest_of(object) ? container_of(object, struct guest_object, object)->typeid : NULL;
}

void guests_debug_info(struct guests *guests, struct call *call, const struct buffer *message,
                       struct object *const *objects, size_t objects_len)
{
    struct errand *errand;
    size_t n = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < objects_len; i++)
        r = tree_keep_ref(call->tree, ref_take(&objects[i]->ref));
    if (r < 0) {
        call_raise_errno(call, r);
        return;
    }
    errand = errand_new(guests, call, SM_REQUEST_DEBUG_INFO);
    if (!errand)
        return;
    buffer_add(&errand->message, message->data, message->len);
    errand->message.failed |= message->failed;
    errand->shown = calloc(objects_len + 1, sizeof(void *));
    errand->message.failed |= !errand->shown;
    for (size_t i = 0; errand->shown && i < objects_len; i++) {
        if (guest_of(objects[i]))
            errand->shown[n++] = guest_of(objects[i]);
    }
    errand->asked.guests = errand->shown;
    errand_serve(errand, call);
}

/* The same: the host has the caller's call, perhaps on its connection. */
static void guests_recall_any(struct place *place, struct call *call)
{
    guests_recall_call(guests_of(place), call);
}

static void session_ended(struct place *place, struct call *call)
{
    end_session(guests_of(place), call);
}

static void visitor_gone(struct place *place, struct object *object)
{
    visit_forget(guests_of(place), object);
}

static struct object *find_descriptor(struct place *place, struct sm_value key)
{
    return descriptor_find(guests_of(place), key);
}

/* A call of an object goes to the host whole; so does the making of one of an unknown typeid. */
static void guests_carry(struct place *place, struct call *call, struct object *object,
                         enum call_need need)
{
    struct guests *guests = guests_of(place);

    if (need == NEED_DESCRIPTORS)
        descriptors_bring(guests, call);
    else if (need == NEED_PLAIN)
        guest_ask(guests, call);
    else if (object)
        guest_visit(guests, call);
    else
        guest_create(guests, call);
}

static const struct place_ops guests_ops = {
    .sees_to = NEED_BIT(NEED_PYTHON) | NEED_BIT(NEED_PLAIN) | NEED_BIT(NEED_DESCRIPTORS),
    .carry = guests_carry,
    .recall = guests_recall_any,
    .ended = session_ended,
    .gone = visitor_gone,
    .find = find_descriptor,
};

void guests_init(struct guests *guests, struct registry *registry, struct posts *posts,
                 struct tree *tree)
{
    guests->place.registry = registry;
    guests->posts = posts;
    guests->tree = tree;
    waitq_init(&guests->waiters, &errand_waiters);
    list_init(&guests->lent);
}

void guests_deinit(struct guests *guests)
{
    map_deinit(&guests->sessions);
    map_deinit(&guests->objects);
    map_deinit(&guests->descriptors);
}

void guests_set_host(struct guests *guests, const struct sm_host *host, void *context)
{
    guests->host = host;
    guests->context = context;
    guests->tree->unknown = UNKNOWN_ASK;
    place_add(guests->place.registry, &guests->place, &guests_ops);
}

/* The guest's object, new or not; the request's reference to the guest is the object's then. */
static struct object *guest_object(struct errand *errand, struct call *call)
{
    struct guests *guests = errand->guests;
    uint64_t hash = guest_hash(errand->guest);
    struct guest_object *object = map_find(&guests->objects, hash, is_of_guest, errand->guest);
    struct object *made;

    if (object) {
        free(object->exposed);
        object->exposed = TAKE_PTR(errand->exposed);
        return object_ref(&object->object);
    }
    made = object_new(call->registry, &guest_type, call);
    if (!made)
        return NULL;
    object = container_of(made, struct guest_object, object);
    object->guests = guests;
    object->typeid = strdup(errand->typeid);
    if (!object->typeid || map_add(&guests->objects, hash, object) < 0) {
        object_unref(made);
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    object->guest = TAKE_PTR(errand->guest);
    object->exposed = TAKE_PTR(errand->exposed);
    return made;
}

/* Answer with an object as the request asks for it; NULL: it has been answered. */
static void answer_object(struct errand *errand, struct call *call, struct object *object)
{
    if (object && errand->asked.kind != SM_REQUEST_CREATE)
        call_return_proxy(call, object, errand->typeid);
    else if (object)
        call_return_created(call, object);
    object_unref(object);
}

static void answer_guest(struct errand *errand, struct call *call)
{
    answer_object(errand, call, guest_object(errand, call));
}

static void answer_new(struct errand *errand, struct call *call)
{
    struct sm_items none = {0};
    struct pickle_error error;
    int r;

    tree_reset(call->tree);
    r = pickle_decode(call->tree, errand->reply.data, errand->reply.len, &call->args, &error);
    call->kwds = (struct sm_value){.kind = SM_KIND_DICT, .items = &none};
    if (r == -ENOMEM)
        call_raise_errno(call, r);
    else if (r < 0)
        call_fail(call, error.type, "%s", error.message);
    else
        answer_object(errand, call, call_construct(call, errand->typeid, strlen(errand->typeid)));
}

static void answer_message(struct errand *errand, struct call *call)
{
    call_answer(call, &errand->reply);
}

void errand_serve_again(struct errand *errand, struct call *call)
{
    call->message = errand->message.data;
    call->message_len = errand->message.len;
    call->ops->again(call, NULL);
}

static void answer_plain(struct errand *errand, struct call *call)
{
    struct pickle_error error;
    struct sm_value plain;
    int r;

    if (errand->reply.len) {
        tree_reset(call->tree);
        r = pickle_decode(call->tree, errand->reply.data, errand->reply.len, &plain, &error);
        if (r < 0) {
            call_raise_errno(call, r == -ENOMEM ? r : -ELOOP);
            return;
        }
        if (!call_answered_plain(call, plain))
            return;
    }
    errand_serve_again(errand, call);
}

static void answer_close(struct errand *errand, struct call *call)
{
    (void)errand;
    call->ops->close(call);
}

static void deliver(struct post *post)
{
    struct errand *errand = container_of(post, struct errand, post);
    struct guests *guests = errand->guests;
    struct call *call = errand->call;

    if (descriptors_receive(errand) < 0) {
        errand->failed = true;
        buffer_deinit(&errand->brought);
    }
    if (call) {
        guests_recall_call(guests, call);
        call->record = NULL;
        waitq_leave(call);
        call->errors = CALL_FAILS;
        if (errand->failed || errand->reply.failed)
            call_raise_errno(call, -ENOMEM);
        else
            errand->answer(errand, call);
    }
    if (errand->visits)
        visit_leave(guests, errand->visits, &errand->brought, errand->unchanged);
    if (errand->guest)
        guests->host->dropped(guests->context, errand->guest);
    errand_free(errand);
}

static struct errand *errand_of(struct sm_request *asked)
{
    return container_of(asked, struct errand, asked);
}

void errand_answer(struct errand *errand, void (*answer)(struct errand *errand, struct call *call))
{
    errand->answer = answer;
    errand->post.deliver = deliver;
    post_send(errand->guests->posts, &errand->post);
}

void sm_request_answer(struct sm_request *asked, const void *message, size_t len)
{
    struct errand *errand = errand_of(asked);

    buffer_add(&errand->reply, message, len);
    errand_answer(errand, answer_message);
}

void sm_request_answer_visit(struct sm_request *asked, const void *message, size_t len,
                             const void *value, size_t value_len)
{
    struct errand *errand = errand_of(asked);

    buffer_add(&errand->reply, message, len);
    if (value && value_len)
        buffer_add(&errand->brought, value, value_len);
    errand->unchanged = value && !value_len;
    errand_answer(errand, answer_message);
}

void sm_request_answer_plain(struct sm_request *asked, const void *value, size_t len)
{
    struct errand *errand = errand_of(asked);

    if (value)
        buffer_add(&errand->reply, value, len);
    errand_answer(errand, answer_plain);
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
    struct errand *errand = errand_of(asked);

    errand->typeid = strdup(typeid);
    errand->exposed = copy_names(exposed);
    errand->failed = !errand->typeid || !errand->exposed;
    errand->guest = guest;
    errand_answer(errand, answer_guest);
}

void sm_request_answer_new(struct sm_request *asked, const char *typeid, const void *args,
                           size_t len)
{
    struct errand *errand = errand_of(asked);

    errand->typeid = strdup(typeid);
    errand->failed = !errand->typeid;
    buffer_add(&errand->reply, args, len);
    errand_answer(errand, answer_new);
}

void sm_request_close(struct sm_request *asked)
{
    errand_answer(errand_of(asked), answer_close);
}
