/* SPDX-License-Identifier: MIT */
/*
 * Timeouts: Python's floats in seconds to nanoseconds, with the conversions and complaints of the
 * two places where CPython takes them, threading's Python code and the C locks.
 */
#include "object/waitq.h"

#include <math.h>

/* What a C lock bears: 2^63 - 1 nanoseconds. */
#define SECONDS_MAX 9223372036.0

static bool number_of(struct sm_value v, double *ret)
{
    switch (v.kind) {
    case SM_KIND_BOOL:
        *ret = v.boolean;
        return true;
    case SM_KIND_INT:
        *ret = (double)v.integer;
        return true;
    case SM_KIND_BIGINT:
        *ret = v.bytes[v.len - 1] & 0x80 ? -HUGE_VAL : HUGE_VAL;
        return true;
    case SM_KIND_FLOAT:
        *ret = v.number;
        return true;
    default:
        return false;
    }
}

/* A timeout too large for the platform. */
static bool raise_overflow(struct call *call)
{
    call_raise(call, "OverflowError",
               call->python >= 11 ? "timestamp out of range for platform time_t"
                                  : "timestamp too large to convert to C _PyTime_t");
    return false;
}

static bool to_nsec(struct call *call, double seconds, nsec *ret)
{
    if (isnan(seconds)) {
        call_raise(call, "ValueError", "Invalid value NaN (not a number)");
        return false;
    }
    if (fabs(seconds) >= SECONDS_MAX)
        return raise_overflow(call);
    *ret = (nsec)ceil(seconds * 1e9);
    return true;
}

bool call_wait_time(struct call *call, struct sm_value timeout, nsec *ret)
{
    double seconds;

    if (timeout.kind == SM_KIND_NONE || timeout.kind == SM_KIND_MISSING) {
        *ret = FOREVER;
        return true;
    }
    if (!number_of(timeout, &seconds)) {
        call_raise(call, "TypeError", "'>' not supported between instances of '%s' and 'int'",
                   call_type_name(call, timeout));
        return false;
    }
    if (!(seconds > 0)) {
        *ret = 0;
        return true;
    }
    return to_nsec(call, seconds, ret);
}

static bool raise_timeout_type(struct call *call, struct sm_value timeout)
{
    const char *name = call_type_name(call, timeout);

    if (call->python >= 10)
        call_raise(call, "TypeError", "'%s' object cannot be interpreted as an integer%s", name,
                   call->python >= 14 ? " or float" : "");
    else
        call_raise(call, "TypeError", "an integer is required (got type %s)", name);
    return false;
}

bool call_lock_wait(struct call *call, struct sm_value blocking, struct sm_value timeout, nsec *ret)
{
    nsec limit = -SEC;
    int64_t block = 1;
    double seconds;

    if (blocking.kind != SM_KIND_MISSING && !call_int(call, blocking, &block))
        return false;
    if (timeout.kind != SM_KIND_MISSING) {
        if (!number_of(timeout, &seconds))
            return raise_timeout_type(call, timeout);
        if (!to_nsec(call, seconds, &limit))
            return false;
    }
    if (!block && limit != -SEC) {
        call_raise(call, "ValueError", "can't specify a timeout for a non-blocking call");
        return false;
    }
    if (limit < 0 && limit != -SEC) {
        call_raise(call, "ValueError",
                   call->python >= 13 ? "timeout value must be a non-negative number"
                                      : "timeout value must be positive");
        return false;
    }
    *ret = !block ? 0 : limit == -SEC ? FOREVER : limit;
    return true;
}
