/* SPDX-License-Identifier: MIT */
/*
 * Barrier: calls wait until as many have come as there are parties; then all of them go at once,
 * each with its place in the order of arrival. Since they are answered on the spot, a new round
 * can begin at once; Python's state of "draining" does not occur.
 *
 * A call that gives up or vanishes breaks the barrier: the others would wait for a party that
 * never comes.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/ask.h"
#include "object/dispatch.h"
#include "object/waitq.h"
#include "types/types.h"
#include "value/repr.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

struct barrier {
    struct object object;
    struct waitq waiters;  /* of this round; their numbers are their places */
    size_t waiting;        /* how many they are */
    int64_t full;          /* how many make a round; 0: it never opens */
    bool broken;           /* until reset; nobody waits then */
    struct frozen parties; /* as given: before 3.13 Python took anything */
    struct frozen timeout; /* as given: looked at in wait() */
};

#define BROKEN "threading.BrokenBarrierError"

static struct barrier *barrier_of(struct object *self)
{
    return container_of(self, struct barrier, object);
}

static const struct waitq_ops leaving_ops = {0};

/*
 * The round is over: hand out who waited. They are answered one by one, and what that brings about
 * must find the barrier ready for the next round.
 */
static void end_round(struct barrier *barrier, struct waitq *ret_leaving)
{
    waitq_init(ret_leaving, &leaving_ops);
    waitq_move(ret_leaving, &barrier->waiters);
    barrier->waiting = 0;
}

/* Those who wait leave empty-handed. */
static void expel_waiters(struct barrier *barrier)
{
    struct waitq leaving;
    struct call *waiter;

    end_round(barrier, &leaving);
    while ((waiter = waitq_take(&leaving)))
        call_raise(waiter, BROKEN, NULL);
}

static void break_barrier(struct barrier *barrier)
{
    barrier->broken = true;
    expel_waiters(barrier);
}

static void waiter_expired(struct waitq *queue, struct call *call)
{
    struct barrier *barrier = container_of(queue, struct barrier, waiters);

    barrier->waiting--;
    break_barrier(barrier);
    call_raise(call, BROKEN, NULL);
}

static void waiter_withdrawn(struct waitq *queue, struct call *call)
{
    struct barrier *barrier = container_of(queue, struct barrier, waiters);

    (void)call;
    barrier->waiting--;
    break_barrier(barrier);
}

static const struct waitq_ops waiters_ops = {
    .expired = waiter_expired,
    .withdrawn = waiter_withdrawn,
};

/* The n for which n == parties, or 0 when no count ever equals it. */
static int64_t count_of(struct sm_value parties)
{
    switch (parties.kind) {
    case SM_KIND_BOOL:
        return parties.boolean;
    case SM_KIND_INT:
        return MAX(parties.integer, 0);
    case SM_KIND_FLOAT:
        if (parties.number >= 1 && parties.number < 0x1p53 &&
            trunc(parties.number) == parties.number)
            return (int64_t)parties.number;
        return 0;
    default:
        return 0;
    }
}

/* `parties < 1`, as 3.13 and later look at it. False: the call has been answered. */
static bool check_parties(struct call *call, struct sm_value parties)
{
    bool too_few;

    switch (parties.kind) {
    case SM_KIND_BOOL:
    case SM_KIND_INT:
        too_few = !count_of(parties);
        break;
    case SM_KIND_BIGINT:
        too_few = parties.bytes[parties.len - 1] & 0x80;
        break;
    case SM_KIND_FLOAT:
        too_few = parties.number < 1;
        break;
    default:
        call_raise(call, "TypeError", "'<' not supported between instances of '%s' and 'int'",
                   call_type_name(call, parties));
        return false;
    }
    if (too_few)
        call_raise(call, "ValueError", "parties must be >= 1");
    return !too_few;
}

static bool barrier_init(struct object *self, struct call *call)
{
    struct barrier *barrier = barrier_of(self);
    struct sm_value parties = call->arg[0], action = call->arg[1], timeout = call->arg[2];

    waitq_init(&barrier->waiters, &waiters_ops);
    if (call_asks(call, parties, SM_ASK_NUMBER, 0) || call_asks(call, timeout, SM_ASK_NUMBER, 0))
        return false;
    if (call->python >= 13 && !check_parties(call, parties))
        return false;
    if (action.kind != SM_KIND_NONE && action.kind != SM_KIND_MISSING) {
        if (call_needs_python(call))
            return false;
        call_raise(call, "NotImplementedError",
                   "a Barrier's action is a Python function, and this manager runs none: let the "
                   "caller whose wait() returns 0 do what the action would");
        return false;
    }
    barrier->full = count_of(parties);
    return call_freeze(call, parties, &barrier->parties) &&
           call_freeze(call, timeout.kind == SM_KIND_MISSING ? sm_none() : timeout,
                       &barrier->timeout);
}

static void barrier_deinit(struct object *self)
{
    frozen_free(&barrier_of(self)->parties);
    frozen_free(&barrier_of(self)->timeout);
}

static int add_stored(struct buffer *out, const struct frozen *f, unsigned python)
{
    struct tree tree;
    struct sm_value v;
    int r;

    tree_init(&tree, NULL);
    r = tree_thaw(&tree, f, &v);
    if (r == 0)
        r = value_str(out, v, python);
    tree_deinit(&tree);
    return r;
}

static int barrier_repr(struct object *self, struct buffer *out, unsigned python)
{
    struct barrier *barrier = barrier_of(self);
    int r = 0;

    if (python < 11) {
        buffer_addf(out, "<threading.Barrier object at 0x%" PRIx64 ">", self->ident);
    } else if (barrier->broken) {
        buffer_addf(out, "<threading.Barrier at 0x%" PRIx64 ": broken>", self->ident);
    } else {
        buffer_addf(out, "<threading.Barrier at 0x%" PRIx64 ": waiters=%zu/", self->ident,
                    barrier->waiting);
        r = add_stored(out, &barrier->parties, python);
        buffer_add_byte(out, '>');
    }
    return r < 0 ? r : out->failed ? -ENOMEM : 0;
}

static void open_barrier(struct barrier *barrier)
{
    struct waitq leaving;
    struct call *waiter;

    end_round(barrier, &leaving);
    while ((waiter = waitq_take(&leaving)))
        call_return_int(waiter, (int64_t)waiter->number);
}

/* Python's own order: broken, then full, and the timeout only when it comes to waiting. */
static void barrier_wait(struct object *self, struct call *call)
{
    struct barrier *barrier = barrier_of(self);
    struct sm_value limit = call->arg[0];
    size_t place = barrier->waiting;
    nsec timeout;

    if (barrier->broken) {
        call_raise(call, BROKEN, NULL);
        return;
    }
    if ((int64_t)place + 1 == barrier->full) {
        open_barrier(barrier);
        call_return_int(call, (int64_t)place);
        return;
    }
    if (limit.kind == SM_KIND_MISSING || limit.kind == SM_KIND_NONE) {
        if (!call_thaw(call, &barrier->timeout, &limit))
            return;
    }
    if (!call_wait_until(call, limit, &timeout))
        return;
    if (timeout == 0) {
        break_barrier(barrier);
        call_raise(call, BROKEN, NULL);
        return;
    }
    call->number = place;
    waitq_park(&barrier->waiters, call, timeout);
    if (!call->answered)
        barrier->waiting++;
}

static void barrier_abort(struct object *self, struct call *call)
{
    break_barrier(barrier_of(self));
    call_return_none(call);
}

static void barrier_reset(struct object *self, struct call *call)
{
    struct barrier *barrier = barrier_of(self);

    barrier->broken = false;
    expel_waiters(barrier);
    call_return_none(call);
}

static void get_parties(struct barrier *barrier, struct call *call)
{
    call_return_frozen(call, &barrier->parties);
}

static void get_waiting(struct barrier *barrier, struct call *call)
{
    call_return_int(call, (int64_t)barrier->waiting);
}

static void get_broken(struct barrier *barrier, struct call *call)
{
    call_return_bool(call, barrier->broken);
}

static void get_state(struct barrier *barrier, struct call *call)
{
    call_return_int(call, barrier->broken ? -2 : 0);
}

static void get_timeout(struct barrier *barrier, struct call *call)
{
    call_return_frozen(call, &barrier->timeout);
}

static void get_none(struct barrier *barrier, struct call *call)
{
    (void)barrier;
    call_return_none(call);
}

static void get_module(struct barrier *barrier, struct call *call)
{
    (void)barrier;
    call_return(call, sm_str("threading"));
}

static void get_class(struct barrier *barrier, struct call *call)
{
    struct sm_value v;

    (void)barrier;
    if (tree_global(call->tree, "threading", "Barrier", &v) < 0)
        call_raise_errno(call, -ENOMEM);
    else
        call_return(call, v);
}

/* Methods and the Condition inside: all of them hold the lock. */
static void get_unpicklable(struct barrier *barrier, struct call *call)
{
    call_unserializable(call, "TypeError: cannot pickle '%s' object",
                        barrier->object.type->unpicklable);
}

static const struct {
    const char *name;
    void (*get)(struct barrier *barrier, struct call *call);
} attributes[] = {
    {"parties", get_parties},      {"_parties", get_parties},     {"n_waiting", get_waiting},
    {"_count", get_waiting},       {"broken", get_broken},        {"_state", get_state},
    {"_timeout", get_timeout},     {"_action", get_none},         {"_cond", get_unpicklable},
    {"wait", get_unpicklable},     {"abort", get_unpicklable},    {"reset", get_unpicklable},
    {"__dict__", get_unpicklable}, {"__class__", get_class},      {"__module__", get_module},
    {"__weakref__", get_none},     {"__init__", get_unpicklable}, {"_wait", get_unpicklable},
    {"_enter", get_unpicklable},   {"_exit", get_unpicklable},    {"_release", get_unpicklable},
    {"_break", get_unpicklable},
};

static void barrier_getattribute(struct object *self, struct call *call)
{
    struct sm_value name = call->arg[0];

    if (name.kind != SM_KIND_STR) {
        if (call_asks(call, name, SM_ASK_NAME, 0))
            return;
        call_raise(call, "TypeError", "attribute name must be string, not '%s'",
                   call_type_name(call, name));
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
        if (strlen(attributes[i].name) == name.len &&
            memcmp(attributes[i].name, name.text, name.len) == 0) {
            attributes[i].get(barrier_of(self), call);
            return;
        }
    }
    call_raise_missing(call, "Barrier", name, true);
}

static const struct method barrier_methods[] = {
    {"__getattribute__",
     barrier_getattribute,
     {SIGNATURE_SLOT, {"name"}, .required = 1},
     .unlisted = true,
     .reads = true},
    {"wait", barrier_wait, {SIGNATURE_PYTHON, {"timeout"}, .numbers = SIGNATURE_PARAM(0)}},
    {"abort", barrier_abort, {SIGNATURE_PYTHON}},
    {"reset", barrier_reset, {SIGNATURE_PYTHON}},
    {0},
};

const struct object_type barrier_type = {
    .name = "Barrier",
    .size = sizeof(struct barrier),
    .create = {SIGNATURE_PYTHON,
               {"parties", "action", "timeout"},
               .required = 1,
               .numbers = SIGNATURE_PARAM(0) | SIGNATURE_PARAM(2)},
    .methods = barrier_methods,
    .init = barrier_init,
    .deinit = barrier_deinit,
    .repr = barrier_repr,
    .unpicklable = "_thread.lock",
};
