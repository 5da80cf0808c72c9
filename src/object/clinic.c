/* SPDX-License-Identifier: MIT */
/*
 * CPython generates the conversion of its C functions' arguments, so that their errors are the
 * same everywhere and change together from one version to the next: those changes are kept here.
 */
#include "object/clinic.h"

#include "base/utf8.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/ask.h"
#include "value/number.h"

#include <errno.h>
#include <limits.h>

/* Until 3.9 floats were refused before anything was asked for its index. */
static bool refuse_float(struct call *call, struct sm_value v)
{
    if (v.kind != SM_KIND_FLOAT || call->python >= 10)
        return true;
    call_raise(call, "TypeError", "integer argument expected, got float");
    return false;
}

bool clinic_size(struct call *call, struct sm_value v, int64_t *ret)
{
    if (v.kind == SM_KIND_MISSING)
        return true;
    return refuse_float(call, v) && call_int(call, v, ret);
}

bool clinic_int(struct call *call, struct sm_value v, int *ret)
{
    int64_t n;

    if (v.kind == SM_KIND_MISSING)
        return true;
    if (!refuse_float(call, v))
        return false;
    if (!value_is_int(v) && call->python < 10) {
        if (call_asks(call, v, SM_ASK_INDEX, 0))
            return false;
        call_raise(call, "TypeError", "an integer is required (got type %s)",
                   call_type_name(call, v));
        return false;
    }
    if (!call_clamped_int(call, v, &n))
        return false;
    if (n < INT_MIN || n > INT_MAX) {
        call_raise(call, "OverflowError", "Python int too large to convert to C int");
        return false;
    }
    *ret = (int)n;
    return true;
}

bool clinic_flag(struct call *call, struct sm_value v, bool until_311_int, bool *ret)
{
    int n;

    if (v.kind == SM_KIND_MISSING)
        return true;
    if (!until_311_int || call->python >= 12)
        return call_truth(call, v, ret);
    if (!clinic_int(call, v, &n))
        return false;
    *ret = n != 0;
    return true;
}

bool clinic_slice_end(struct call *call, struct sm_value v, int64_t *ret)
{
    if (v.kind == SM_KIND_MISSING || v.kind == SM_KIND_NONE)
        return true;
    if (!value_is_int(v)) {
        call_raise_slice_index(call);
        return false;
    }
    return call_clamped_int(call, v, ret);
}

void clinic_raise_not_str(struct call *call, const char *which, struct sm_value v)
{
    call_raise(call, "TypeError", "%s() argument %s%smust be str, not %s", call->method->name,
               which ? which : "", which ? " " : "",
               v.kind == SM_KIND_NONE ? "None" : call_type_name(call, v));
}

bool clinic_check_utf8(struct call *call, struct sm_value v)
{
    int64_t index = 0, first = -1;

    for (size_t at = 0; at < v.len; index++) {
        bool surrogate = utf8_is_surrogate(utf8_next(v.text, v.len, &at));

        if (surrogate && first < 0)
            first = index;
        if (!surrogate && first >= 0)
            break;
    }
    if (first < 0)
        return true;
    call_raise_args(call, "UnicodeEncodeError",
                    SM_TUPLE(sm_str("utf-8"), v, sm_int(first), sm_int(index),
                             sm_str("surrogates not allowed")));
    return false;
}

bool clinic_c_string(struct call *call, const char *which, struct sm_value v, const char **ret)
{
    const char *copy;

    if (v.kind == SM_KIND_MISSING)
        return true;
    if (v.kind != SM_KIND_STR) {
        clinic_raise_not_str(call, which, v);
        return false;
    }
    if (!clinic_check_utf8(call, v))
        return false;
    if (memchr(v.text, '\0', v.len)) {
        call_raise(call, "ValueError", "embedded null character");
        return false;
    }
    copy = arena_copy(&call->tree->arena, v.text, v.len);
    if (!copy) {
        call_raise_errno(call, -ENOMEM);
        return false;
    }
    *ret = copy;
    return true;
}
