/* SPDX-License-Identifier: MIT */
/* Counter. */
#include "client/lease.h"
#include "client/typed.h"

int sm_counter(struct sm_manager *manager, int64_t value, struct sm_proxy **ret)
{
    return typed_create(manager, "Counter", sm_int(value), ret);
}

int sm_counter_add(struct sm_proxy *counter, int64_t n, int64_t *ret)
{
    int64_t sum;
    int r = lease_add(counter, true, n, &sum);

    if (r == SM_NOT_YET)
        return typed_int(counter, "add", SM_TUPLE(sm_int(n)), ret);
    if (r == SM_OK && ret)
        *ret = sum;
    return r;
}

int sm_counter_get(struct sm_proxy *counter, int64_t *ret)
{
    int64_t value;
    int r = lease_get_number(counter, true, &value);

    if (r == SM_NOT_YET)
        return typed_int(counter, "get", sm_missing(), ret);
    if (r == SM_OK && ret)
        *ret = value;
    return r;
}

int sm_counter_compare_and_set(struct sm_proxy *counter, int64_t old, int64_t value, bool *ret)
{
    bool was_old;
    int r = lease_replace(counter, true, old, value, &was_old);

    if (r == SM_NOT_YET)
        return typed_bool(counter, "compare_and_set", SM_TUPLE(sm_int(old), sm_int(value)), ret);
    if (r == SM_OK && ret)
        *ret = was_old;
    return r;
}
