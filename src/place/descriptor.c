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
    struct guests *guests; /* outlive the object */
    void *guest;           /* one reference of the host's */
    char *key;             /* owned: what the host knows it by */
};

static bool has_key(const void *item, const void *key)
{
    const struct sm_value *name = key;
    const char *text = ((const struct descriptor *)item)->key;

    return strlen(text) == name->len && memcmp(text, name->text, name->len) == 0;
}

struct object *descriptor_find(const struct guests *guests, struct sm_value key)
{
    struct descriptor *descriptor;

    if (key.kind != SM_KIND_STR)
        return NULL;
    descriptor = map_find(&guests->descriptors, map_hash_bytes(key.text, key.len), has_key, &key);
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
    struct guests *guests = descriptor->guests;

    if (descriptor->guest) {
        map_remove(&guests->descriptors, map_hash_bytes(descriptor->key, strlen(descriptor->key)),
                   descriptor);
        guests->host->dropped(guests->context, TAKE_PTR(descriptor->guest));
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

static struct object *descriptor_new(struct guests *guests, struct brought *brought)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct descriptor *descriptor;
    struct object *object;
    struct call call;

    call_init(&call, guests->place.registry, guests->tree, &out, &caller_none);
    object = object_new(call.registry, &descriptor_type, &call);
    call_deinit(&call);
    if (!object)
        return NULL;
    descriptor = container_of(object, struct descriptor, object);
    if (map_add(&guests->descriptors, map_hash_bytes(brought->key, strlen(brought->key)),
                descriptor) < 0) {
        object_unref(object);
        return NULL;
    }
    descriptor->guests = guests;
    descriptor->guest = TAKE_PTR(brought->guest);
    descriptor->key = TAKE_PTR(brought->key);
    return object;
}

int descriptors_receive(struct errand *errand)
{
    for (size_t i = 0; i < errand->brings_len; i++) {
        errand->brings[i].object = descriptor_new(errand->guests, &errand->brings[i]);
        if (!errand->brings[i].object)
            return -ENOMEM;
    }
    return 0;
}

void descriptors_drop(struct errand *errand)
{
    struct guests *guests = errand->guests;

    for (size_t i = 0; i < errand->brings_len; i++) {
        struct brought *brought = &errand->brings[i];

        object_unref(brought->object);
        if (brought->guest)
            guests->host->dropped(guests->context, brought->guest);
        free(brought->key);
    }
    free(TAKE_PTR(errand->brings));
    errand->brings_len = 0;
}

/* The call keeps them for as long as it has the request. Returns 0 or -ENOMEM. */
static int hand_over(struct errand *errand, struct call *call)
{
    size_t len = errand->brings_len;

    call->brought = memory_lend_zeroed(len + 1, sizeof(*call->brought));
    if (!call->brought)
        return -ENOMEM;
    for (size_t i = 0; i < len; i++)
        call->brought[i] = TAKE_PTR(errand->brings[i].object);
    return 0;
}

/* The request in errand->message with the states in errand->reply. Returns 0 or a negative errno. */
static int rewrite(struct errand *errand, struct tree *tree, struct pickle_error *error)
{
    struct buffer out = {0};
    struct sm_value request, states;
    struct pickler p;
    int r;

    tree_reset(tree);
    r = pickle_decode(tree, errand->message.data, errand->message.len, &request, error);
    if (r == 0)
        r = pickle_decode(tree, errand->reply.data, errand->reply.len, &states, error);
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
    pickler_value(&p, tree, request);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    buffer_deinit(&errand->message);
    errand->message = out;
    return r;
}

static void answer_brought(struct errand *errand, struct call *call)
{
    struct pickle_error error = {0};
    int r = hand_over(errand, call);

    if (r == 0)
        r = rewrite(errand, call->tree, &error);
    if (r == -EINVAL)
        call_fail(call, error.type, "%s", error.message);
    else if (r < 0)
        call_raise_errno(call, r);
    else
        errand_serve_again(errand, call);
}

void descriptors_bring(struct guests *guests, struct call *call)
{
    struct errand *errand = errand_about(guests, call, SM_REQUEST_BRING,
                                         sm_container(SM_KIND_LIST, &call->tree->descriptors));

    if (errand)
        errand_serve(errand, call);
}

int sm_request_bring(struct sm_request *asked, void *guest, const char *key)
{
    struct errand *errand = container_of(asked, struct errand, asked);
    struct brought *more = realloc(errand->brings, (errand->brings_len + 1) * sizeof(*more));
    char *copy = strdup(key);

    if (more)
        errand->brings = more;
    if (!more || !copy) {
        free(copy);
        return SM_ENOMEM;
    }
    more[errand->brings_len++] = (struct brought){.guest = guest, .key = copy};
    return SM_OK;
}

void sm_request_answer_brought(struct sm_request *asked, const void *states, size_t len)
{
    struct errand *errand = container_of(asked, struct errand, asked);

    buffer_add(&errand->reply, states, len);
    errand_answer(errand, answer_brought);
}
