/* SPDX-License-Identifier: MIT */
/*
 * repr() and str() of numpy's scalars: of the numbers they are, and since numpy 2, in repr(), with
 * their class. Floats that are narrower than Python's have as many digits as tell them apart.
 */
#include "value/repr_walk.h"

#include "value/numpy.h"

#include <errno.h>
#include <math.h>

/* What is in the parentheses since numpy 2, and all there is before. */
static int add_scalar(struct repr *repr, const struct numpy *scalar, bool quoted)
{
    CLEANUP(tree_deinit) struct tree scratch = {0};
    struct sm_value plain;
    int r;

    if (scalar->kind == 'f') {
        repr_narrow_float(repr->out, numpy_float(scalar, 0), scalar->size);
        return 0;
    }
    r = numpy_plain(&scratch, scalar, &plain);
    if (r == NUMPY_COMPLEX) {
        repr_complex(repr->out, numpy_float(scalar, 0), numpy_float(scalar, 1), scalar->size / 2);
        return 0;
    }
    if (r <= 0)
        return r < 0 ? r : REPR_OPAQUE;
    return quoted ? repr_value(repr, plain) : repr_str(repr, plain);
}

/* A complex number is in parentheses already, but for one without a real part. */
static bool in_parentheses(const struct numpy *scalar)
{
    double real = scalar->kind == 'c' ? numpy_float(scalar, 0) : 0;

    return real != 0 || signbit(real);
}

static int repr_since_2(struct repr *repr, const struct numpy *scalar)
{
    struct sm_value name = numpy_type_name(scalar);
    bool open = !in_parentheses(scalar);
    size_t start = repr->out->len;
    int r;

    if (scalar->kind == 'b') {
        buffer_add_str(repr->out, scalar->bytes[0] ? "np.True_" : "np.False_");
        return 0;
    }
    buffer_add_str(repr->out, "np");
    buffer_add(repr->out, name.text + strlen("numpy"), name.len - strlen("numpy"));
    buffer_add_str(repr->out, open ? "(" : "");
    r = add_scalar(repr, scalar, true);
    buffer_add_str(repr->out, open ? ")" : "");
    if (r == REPR_OPAQUE && !repr->out->failed)
        repr->out->len = start;
    return r;
}

int repr_numpy(struct repr *repr, struct sm_value v)
{
    struct numpy scalar;

    if (!numpy_read(v, &scalar))
        return REPR_OPAQUE;
    return scalar.since_2 ? repr_since_2(repr, &scalar) : add_scalar(repr, &scalar, true);
}

int str_numpy(struct repr *repr, struct sm_value v)
{
    struct numpy scalar;

    return numpy_read(v, &scalar) ? add_scalar(repr, &scalar, false) : REPR_OPAQUE;
}
