/* SPDX-License-Identifier: MIT */
/*
 * Timeouts: Python's numbers of seconds to nanoseconds. Five kinds of code in CPython take them,
 * and each looks at them in its own way before the clock sees them; what the clock cannot bear is
 * complained of in the same words by all.
 */
#include "object/answer.h"
#include "object/ask.h"
#include "object/waitq.h"
#include "value/compare.h"
#include "value/number.h"

#include <limits.h>
#include <math.h>

/* The clock counts 2^63 - 1 nanoseconds. */
#define CLOCK_SECONDS 9223372036
#define CLOCK_LIMIT 0x1p63

/* An int of more bytes than this is too large for a float. */
#define FLOAT_BYTES 128

static bool is_absent(struct sm_value v)
{
    return v.kind == SM_KIND_NONE || v.kind == SM_KIND_MISSING;
}

/* The older words depend on the number's type. */
static void raise_out_of_range(struct call *call, const char *older)
{
    call_raise(call, "OverflowError", "timestamp %s",
               call->python >= 13 ? "out of range for C PyTime_t" : older);
}

static bool clock_float(struct call *call, double seconds, nsec *ret)
{
    double ns = seconds * 1e9;

    if (isnan(seconds)) {
        call_raise(call, "ValueError", "Invalid value NaN (not a number)");
        return false;
    }
    ns = ns < 0 ? floor(ns) : ceil(ns);
    if (ns >= -CLOCK_LIMIT && ns < CLOCK_LIMIT) {
        *ret = (nsec)ns;
        return true;
    }
    raise_out_of_range(call, call->python >= 11 ? "out of range for platform time_t"
                                                : "too large to convert to C _PyTime_t");
    return false;
}

/* Seconds, which are a number, as the clock takes them. */
static bool clock_seconds(struct call *call, struct sm_value v, nsec *ret)
{
    int64_t seconds = v.kind == SM_KIND_BOOL ? v.boolean : v.integer;

    if (v.kind == SM_KIND_FLOAT)
        return clock_float(call, v.number, ret);
    if (v.kind != SM_KIND_BIGINT && seconds <= CLOCK_SECONDS && seconds >= -CLOCK_SECONDS) {
        *ret = seconds * SEC;
        return true;
    }
    raise_out_of_range(call, "too large to convert to C _PyTime_t");
    return false;
}

bool call_wait_time(struct call *call, struct sm_value timeout, nsec *ret)
{
    double seconds;

    if (is_absent(timeout)) {
        *ret = FOREVER;
        return true;
    }
    if (!value_is_number(timeout)) {
        if (call_asks(call, timeout, SM_ASK_WAIT, 0))
            return false;
        call_raise(call, "TypeError", "'%s' not supported between instances of '%s' and 'int'",
                   call->python >= 14 ? "<=" : ">", call_type_name(call, timeout));
        return false;
    }
    seconds = number_to_double(timeout);
    if (seconds > 0 || (isnan(seconds) && call->python >= 14))
        return clock_seconds(call, timeout, ret);
    *ret = 0;
    return true;
}

/* time() + timeout */
static bool check_sum(struct call *call, struct sm_value timeout)
{
    if (timeout.kind != SM_KIND_BIGINT || timeout.len <= FLOAT_BYTES)
        return true;
    call_raise(call, "OverflowError", "int too large to convert to float");
    return false;
}

bool call_wait_until(struct call *call, struct sm_value timeout, nsec *ret)
{
    double seconds;

    if (is_absent(timeout)) {
        *ret = FOREVER;
        return true;
    }
    if (!value_is_number(timeout)) {
        if (call_asks(call, timeout, SM_ASK_WAIT_UNTIL, 0))
            return false;
        call_raise(call, "TypeError", "unsupported operand type(s) for +: 'float' and '%s'",
                   call_type_name(call, timeout));
        return false;
    }
    if (!check_sum(call, timeout))
        return false;
    seconds = number_to_double(timeout);
    if (seconds > 0)
        return clock_seconds(call, timeout, ret);
    *ret = isnan(seconds) ? FOREVER : 0;
    return true;
}

bool call_queue_wait(struct call *call, struct sm_value timeout, bool waits, nsec *ret)
{
    double seconds;

    if (is_absent(timeout)) {
        *ret = FOREVER;
        return true;
    }
    if (!value_is_number(timeout)) {
        if (call_asks(call, timeout, waits ? SM_ASK_QUEUE_WAIT : SM_ASK_QUEUE_TIMEOUT, 0))
            return false;
        call_raise(call, "TypeError", "'<' not supported between instances of '%s' and 'int'",
                   call_type_name(call, timeout));
        return false;
    }
    seconds = number_to_double(timeout);
    if (seconds < 0) {
        call_raise(call, "ValueError", "'timeout' must be a non-negative number");
        return false;
    }
    if (!check_sum(call, timeout))
        return false;
    *ret = isnan(seconds) ? FOREVER : 0;
    return !waits || isnan(seconds) || clock_float(call, seconds, ret);
}

static bool raise_not_integer(struct call *call, struct sm_value v)
{
    const char *name = call_type_name(call, v);

    if (call->python >= 10)
        call_raise(call, "TypeError", "'%s' object cannot be interpreted as an integer", name);
    else if (v.kind == SM_KIND_FLOAT)
        call_raise(call, "TypeError", "integer argument expected, got float");
    else
        call_raise(call, "TypeError", "an integer is required (got type %s)", name);
    return false;
}

static bool raise_not_seconds(struct call *call, struct sm_value v)
{
    const char *name = call_type_name(call, v);

    if (call->python < 14)
        return raise_not_integer(call, v);
    if (call->python == 14)
        call_raise(call, "TypeError", "'%s' object cannot be interpreted as an integer or float",
                   name);
    else
        call_raise(call, "TypeError", "must be real number, not %s", name);
    return false;
}

/* Any value's truth from 3.12 on; a C int before. What is missing leaves the default. */
static bool lock_blocks(struct call *call, struct sm_value v, bool *ret)
{
    if (v.kind == SM_KIND_MISSING)
        return true;
    if (call->python >= 12)
        return call_truth(call, v, ret);
    if (v.kind == SM_KIND_BIGINT) {
        call_raise(call, "OverflowError", "Python int too large to convert to C long");
        return false;
    }
    if (v.kind != SM_KIND_INT && v.kind != SM_KIND_BOOL)
        return !call_asks(call, v, SM_ASK_LOCK_BLOCKING, 0) && raise_not_integer(call, v);
    if (v.kind == SM_KIND_INT && (v.integer > INT_MAX || v.integer < INT_MIN)) {
        call_raise(call, "OverflowError", "signed integer is %s",
                   v.integer > 0 ? "greater than maximum" : "less than minimum");
        return false;
    }
    *ret = value_truth(v);
    return true;
}

bool call_lock_wait(struct call *call, struct sm_value blocking, struct sm_value timeout, nsec *ret)
{
    nsec limit = -SEC;
    bool blocks = true;

    if (!lock_blocks(call, blocking, &blocks))
        return false;
    if (timeout.kind != SM_KIND_MISSING) {
        if (!value_is_number(timeout))
            return !call_asks(call, timeout, SM_ASK_LOCK_TIMEOUT, 0) &&
                   raise_not_seconds(call, timeout);
        if (!clock_seconds(call, timeout, &limit))
            return false;
    }
    if (!blocks && limit != -SEC) {
        call_raise(call, "ValueError", "can't specify a timeout for a non-blocking call");
        return false;
    }
    if (limit < 0 && limit != -SEC) {
        call_raise(call, "ValueError",
                   call->python >= 13 ? "timeout value must be a non-negative number"
                                      : "timeout value must be positive");
        return false;
    }
    *ret = !blocks ? 0 : limit == -SEC ? FOREVER : limit;
    return true;
}
