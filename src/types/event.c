/* SPDX-License-Identifier: MIT */
/* Event: a flag; calls wait while it is down, and all of them go when it is raised. */
#include "object/answer.h"
#include "object/waitq.h"
#include "types/types.h"

#include <errno.h>
#include <inttypes.h>

struct event {
    struct object object;
    struct waitq waiters; /* empty while it is set */
    bool is_set;
};

static struct event *event_of(struct object *self)
{
    return container_of(self, struct event, object);
}

static void waiter_expired(struct waitq *queue, struct call *call)
{
    (void)queue;
    call_return_bool(call, false);
}

static const struct waitq_ops waiters_ops = {.expired = waiter_expired};

static bool event_init(struct object *self, struct call *call)
{
    (void)call;
    waitq_init(&event_of(self)->waiters, &waiters_ops);
    return true;
}

static int event_repr(struct object *self, struct buffer *out, unsigned python)
{
    if (python >= 11)
        buffer_addf(out, "<threading.Event at 0x%" PRIx64 ": %s>", self->ident,
                    event_of(self)->is_set ? "set" : "unset");
    else
        buffer_addf(out, "<threading.Event object at 0x%" PRIx64 ">", self->ident);
    return out->failed ? -ENOMEM : 0;
}

static void event_is_set(struct object *self, struct call *call)
{
    call_return_bool(call, event_of(self)->is_set);
}

static void event_set(struct object *self, struct call *call)
{
    struct event *event = event_of(self);

    event->is_set = true;
    waitq_wake(&event->waiters, SIZE_MAX, sm_bool(true));
    call_return_none(call);
}

static void event_clear(struct object *self, struct call *call)
{
    event_of(self)->is_set = false;
    call_return_none(call);
}

/* Python looks at the timeout only when it comes to waiting. */
static void event_wait(struct object *self, struct call *call)
{
    struct event *event = event_of(self);
    nsec timeout = 0;

    if (!event->is_set && !call_wait_time(call, call->arg[0], &timeout))
        return;
    if (timeout)
        waitq_park(&event->waiters, call, timeout);
    else
        call_return_bool(call, event->is_set);
}

static bool event_pack(struct object *self, uint64_t *ret)
{
    const struct event *event = event_of(self);

    if (!waitq_empty(&event->waiters))
        return false;
    *ret = event->is_set;
    return true;
}

static void event_unpack(struct object *self, uint64_t word)
{
    event_of(self)->is_set = word & 1;
}

static const struct method event_methods[] = {
    {"is_set", event_is_set, {SIGNATURE_PYTHON}, .reads = true},
    {"set", event_set, {SIGNATURE_PYTHON}},
    {"clear", event_clear, {SIGNATURE_PYTHON}},
    {"wait",
     event_wait,
     {SIGNATURE_PYTHON, {"timeout"}, .numbers = SIGNATURE_PARAM(0)},
     .harmless = true},
    {"isSet", event_is_set, {SIGNATURE_PYTHON}, .exposed_since = EXPOSED_NEVER, .reads = true},
    {0},
};

const struct object_type event_type = {
    .name = "Event",
    .size = sizeof(struct event),
    .create = {SIGNATURE_PYTHON},
    .methods = event_methods,
    .init = event_init,
    .repr = event_repr,
    .unpicklable = "_thread.lock",
    .pack = event_pack,
    .unpack = event_unpack,
    .word = WORD_FLAG,
};
