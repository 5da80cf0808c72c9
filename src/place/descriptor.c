/* SPDX-License-Identifier: MIT */
/*
 * A Connection or socket is pickled as a name under which its process hands out a copy of the
 * descriptor, once, while it lives. The host takes that copy over, keeps it, and hands out copies
 * itself: its own name is put into the request, which is then served like any other. To the server
 * the name stands for an object, as a proxy does. A stored value holds references to those that are
 * in it, a connection to those it was sent; with the last one the host closes the descriptor.
 *
 * The rewritten request takes the place of the one that came: what the client's process has handed
 * out, it does not hand out again, and the call may still leave for the host, or be made again.
 */
#include "place/descriptor.h"

#include "base/memory.h"
#include "object/answer.h"
#include "object/caller.h"
#include "place/host.h"
#include "place/host_request.h"

#include <errno.h>
#include <stdlib.h>

struct descriptor {
    struct object object;
    struct host *host; /* outlive the object */
    void *guest;       /* one reference of the host's */
    char *key;         /* owned: what the host knows it by */
};

static bool has_key(const void *item, const void *key)
{
    const struct sm_value *name = key;
    const char *text = ((const struct descriptor *)item)->key;

    return strlen(text) == name->len && memcmp(text, name->text, name->len) == 0;
}

struct object *descriptor_find(const struct host *host, struct sm_value key)
{
    struct descriptor *descriptor;

    if (key.kind != SM_KIND_STR)
        return NULL;
    descriptor = map_find(&host->descriptors, map_hash_bytes(key.text, key.len), has_key, &key);
    return descriptor ? &descriptor->object : NULL;
}

static bool descriptor_init(struct object *self, struct call *call)
{
    (void)self;
    (void)call;
    return true;
}

static void descriptor_deinit(struct object *self)
{
    struct descriptor *descriptor = container_of(self, struct descriptor, object);
    struct host *host = descriptor->host;

    if (descriptor->guest) {
        map_remove(&host->descriptors, map_hash_bytes(descriptor->key, strlen(descriptor->key)),
                   descriptor);
        host->ops->dropped(host->context, TAKE_PTR(descriptor->guest));
    }
    free(TAKE_PTR(descriptor->key));
}

static const struct method no_methods[] = {{0}};

static const struct object_type descriptor_type = {
    .name = "descriptor",
    .size = sizeof(struct descriptor),
    .methods = no_methods,
    .init = descriptor_init,
    .deinit = descriptor_deinit,
};

static struct object *descriptor_new(struct host *host, struct brought *brought)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct descriptor *descriptor;
    struct object *object;
    struct call call;

    call_init(&call, host->place.registry, host->tree, &out, &caller_none);
    object = object_new(call.registry, &descriptor_type, &call);
    call_deinit(&call);
    if (!object)
        return NULL;
    descriptor = container_of(object, struct descriptor, object);
    if (map_add(&host->descriptors, map_hash_bytes(brought->key, strlen(brought->key)),
                descriptor) < 0) {
        object_unref(object);
        return NULL;
    }
    descriptor->host = host;
    descriptor->guest = TAKE_PTR(brought->guest);
    descriptor->key = TAKE_PTR(brought->key);
    return object;
}

int descriptors_receive(struct host_request *request)
{
    for (size_t i = 0; i < request->brings_len; i++) {
        request->brings[i].object = descriptor_new(request->host, &request->brings[i]);
        if (!request->brings[i].object)
            return -ENOMEM;
    }
    return 0;
}

void descriptors_drop(struct host_request *request)
{
    struct host *host = request->host;

    for (size_t i = 0; i < request->brings_len; i++) {
        struct brought *brought = &request->brings[i];

        object_unref(brought->object);
        if (brought->guest)
            host->ops->dropped(host->context, brought->guest);
        free(brought->key);
    }
    free(TAKE_PTR(request->brings));
    request->brings_len = 0;
}

/* The call keeps them for as long as it has the request. Returns 0 or -ENOMEM. */
static int hand_over(struct host_request *request, struct call *call)
{
    size_t len = request->brings_len;

    call->brought = memory_lend_zeroed(len + 1, sizeof(*call->brought));
    if (!call->brought)
        return -ENOMEM;
    for (size_t i = 0; i < len; i++)
        call->brought[i] = TAKE_PTR(request->brings[i].object);
    return 0;
}

/*
 * The request in request->message with the states in request->reply. Returns 0 or a negative errno.
 */
static int rewrite(struct host_request *request, struct tree *tree, struct pickle_error *error)
{
    struct buffer out = {0};
    struct sm_value message, states;
    struct pickler p;
    int r;

    tree_reset(tree);
    r = pickle_decode(tree, request->message.data, request->message.len, &message, error);
    if (r == 0)
        r = pickle_decode(tree, request->reply.data, request->reply.len, &states, error);
    if (r < 0)
        return r;
    if (states.kind != SM_KIND_LIST || states.items->len != tree->descriptors.len) {
        *error = (struct pickle_error){"RuntimeError", "the host has taken over something else"};
        return -EINVAL;
    }
    for (size_t i = 0; i < states.items->len; i++)
        tree->descriptors.item[i].object->steps[0].value = states.items->item[i];
    pickler_init(&p, &out);
    pickler_start(&p);
    pickler_value(&p, tree, message);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    buffer_deinit(&request->message);
    request->message = out;
    return r;
}

static void answer_brought(struct host_request *request, struct call *call)
{
    struct pickle_error error = {0};
    int r = hand_over(request, call);

    if (r == 0)
        r = rewrite(request, call->tree, &error);
    if (r == -EINVAL)
        call_fail(call, error.type, "%s", error.message);
    else if (r < 0)
        call_raise_errno(call, r);
    else
        host_request_serve_again(request, call);
}

void descriptors_bring(struct host *host, struct call *call)
{
    struct host_request *request = host_request_about(
        host, call, SM_REQUEST_BRING, sm_container(SM_KIND_LIST, &call->tree->descriptors));

    if (request)
        host_request_serve(request, call);
}

int sm_request_bring(struct sm_request *asked, void *guest, const char *key)
{
    struct host_request *request = container_of(asked, struct host_request, asked);
    struct brought *more = realloc(request->brings, (request->brings_len + 1) * sizeof(*more));
    char *copy = strdup(key);

    if (more)
        request->brings = more;
    if (!more || !copy) {
        free(copy);
        return SM_ENOMEM;
    }
    more[request->brings_len++] = (struct brought){.guest = guest, .key = copy};
    return SM_OK;
}

void sm_request_answer_brought(struct sm_request *asked, const void *states, size_t len)
{
    struct host_request *request = container_of(asked, struct host_request, asked);

    buffer_add(&request->reply, states, len);
    host_request_answer(request, answer_brought);
}
