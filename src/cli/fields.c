/* SPDX-License-Identifier: MIT */
/* A newer manager may tell more, and an older one less: what is missing is None. */
#include "cli/fields.h"

struct sm_value field(struct sm_value dict, const char *key)
{
    struct sm_value v = sm_none();

    sm_dict_find(dict, sm_str(key), &v);
    return v;
}

int64_t field_int(struct sm_value dict, const char *key)
{
    int64_t n = 0;

    sm_as_int(field(dict, key), &n);
    return n;
}

double field_float(struct sm_value dict, const char *key)
{
    double n = 0;

    sm_as_float(field(dict, key), &n);
    return n;
}
