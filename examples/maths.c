/* SPDX-License-Identifier: MIT */
/*
 * A plug-in: a type of one's own in syncmanagerd.
 *
 *     cc -shared -fPIC maths.c -o maths.so $(pkg-config --cflags syncmanager)
 *     syncmanagerd --address unix:@maths --load ./maths.so
 *
 * A Python client sees a class `Total` with three methods:
 *
 *     Manager.register("Total")
 *     total = manager.Total(10)
 *     total.add(5)             # 15
 *     total.wait_for(20)       # waits until somebody has added enough
 *     half = total.half()      # another shared object
 */
#include <stdlib.h>
#include <syncmanager.h>

struct total {
    int64_t sum;
    struct waiter *waiters;
};

/*
 * A call that waits for a sum. It stays in its row until the sum is reached or its client is gone.
 */
struct waiter {
    struct waiter *next;
    struct sm_parked *call;
    int64_t sum;
    bool gone;
};

static bool get_int(struct sm_call *call, unsigned index, int64_t otherwise, int64_t *ret)
{
    struct sm_value v = sm_call_arg(call, index);

    *ret = v.kind == SM_KIND_INT ? v.integer : otherwise;
    if (v.kind == SM_KIND_INT || v.kind == SM_KIND_MISSING)
        return true;
    sm_call_raise(call, "TypeError", "an int is needed");
    return false;
}

static void *total_create(struct sm_call *call, void *context)
{
    struct total *total = calloc(1, sizeof(*total));

    (void)context;
    if (!total)
        sm_call_raise(call, "MemoryError", "no room for a total");
    else if (!get_int(call, 0, 0, &total->sum)) {
        free(total);
        total = NULL;
    }
    return total;
}

/* Answer who waits for no more than the sum, and forget who is gone. */
static void total_serve(struct total *total)
{
    struct waiter **at = &total->waiters;

    while (*at) {
        struct waiter *waiter = *at;

        if (!waiter->gone && waiter->sum > total->sum) {
            at = &waiter->next;
            continue;
        }
        *at = waiter->next;
        sm_parked_return(waiter->call, sm_int(total->sum));
        free(waiter);
    }
}

static void total_add(struct sm_call *call, void *self)
{
    struct total *total = self;
    int64_t n;

    if (!get_int(call, 0, 0, &n))
        return;
    total->sum += n;
    sm_call_return(call, sm_int(total->sum));
    total_serve(total);
}

static void waiter_withdrawn(void *data)
{
    ((struct waiter *)data)->gone = true;
}

static void total_wait_for(struct sm_call *call, void *self)
{
    struct total *total = self;
    struct waiter *waiter;
    int64_t sum;

    if (!get_int(call, 0, 0, &sum))
        return;
    if (sum <= total->sum) {
        sm_call_return(call, sm_int(total->sum));
        return;
    }
    waiter = calloc(1, sizeof(*waiter));
    if (!waiter) {
        sm_call_raise(call, "MemoryError", "no room for a waiter");
        return;
    }
    waiter->sum = sum;
    waiter->call = sm_call_park(call, -1, waiter_withdrawn, waiter);
    if (!waiter->call) {
        free(waiter);
        return;
    }
    waiter->next = total->waiters;
    total->waiters = waiter;
}

static void total_half(struct sm_call *call, void *self)
{
    struct total *total = self, *half = calloc(1, sizeof(*half));

    if (!half) {
        sm_call_raise(call, "MemoryError", "no room for a total");
        return;
    }
    half->sum = total->sum / 2;
    if (sm_call_return_object(call, "Total", half) < 0) {
        free(half);
        sm_call_raise(call, "RuntimeError", "Total is not registered");
    }
}

static void total_destroy(void *self)
{
    struct total *total = self;

    for (struct waiter *waiter = total->waiters; waiter; waiter = waiter->next)
        waiter->gone = true;
    total_serve(total);
    free(total);
}

static const struct sm_method total_methods[] = {
    {.name = "add", .fn = total_add, .params = {"n"}, .required = 1},
    {.name = "half", .fn = total_half},
    {.name = "wait_for", .fn = total_wait_for, .params = {"sum"}, .required = 1},
    {0},
};

static const struct sm_type total_type = {
    .name = "Total",
    .create = total_create,
    .params = {"start"},
    .destroy = total_destroy,
    .methods = total_methods,
};

static int init(struct sm_server *server)
{
    return sm_server_register_type(server, "Total", &total_type, NULL);
}

SM_PLUGIN(init);
