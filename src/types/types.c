/* SPDX-License-Identifier: MIT */
/* The typeids of Python's SyncManager, and Counter. */
#include "types/types.h"

#include "object/registry.h"
#include "scalar/scalar.h"

#include <errno.h>

static const struct {
    const char *typeid;
    const struct object_type *type;
} typeids[] = {
    {"Array", &array_type},
    {"Barrier", &barrier_type},
    {"BoundedSemaphore", &bounded_semaphore_type},
    {"Condition", &condition_type},
    {"Counter", &counter_type},
    {"Event", &event_type},
    {"Iterator", &iterator_type},
    {"JoinableQueue", &queue_type},
    {"Lock", &lock_type},
    {"Namespace", &namespace_type},
    {"Queue", &queue_type},
    {"RLock", &rlock_type},
    {"Semaphore", &semaphore_type},
    {"Value", &value_type},
    {"dict", &dict_type},
    {"list", &list_type},
    {"set", &set_type},
};

static const struct object_type *const literals[SM_KIND_MISSING + 1] = {
    [SM_KIND_NONE] = &none_type,   [SM_KIND_BOOL] = &bool_type,      [SM_KIND_INT] = &int_type,
    [SM_KIND_BIGINT] = &int_type,  [SM_KIND_FLOAT] = &float_type,    [SM_KIND_STR] = &str_type,
    [SM_KIND_BYTES] = &bytes_type, [SM_KIND_TUPLE] = &tuple_type,    [SM_KIND_LIST] = &list_type,
    [SM_KIND_SET] = &set_type,     [SM_KIND_OBJECT] = &complex_type, [SM_KIND_DICT] = &dict_type,
};

int types_register(struct registry *registry)
{
    for (size_t i = 0; i < ARRAY_SIZE(typeids); i++) {
        if (registry_add_type(registry, typeids[i].typeid, typeids[i].type) < 0)
            return -ENOMEM;
    }
    registry->literals = literals;
    return registry_add_refusal(
        registry, "Pool",
        "a Pool runs Python functions, which this manager does not: use the "
        "Pool of the Python package syncmanager, or multiprocessing.Pool");
}

const struct object_type *type_of_typeid(const char *typeid)
{
    for (size_t i = 0; i < ARRAY_SIZE(typeids); i++) {
        if (strcmp(typeids[i].typeid, typeid) == 0)
            return typeids[i].type;
    }
    return NULL;
}
