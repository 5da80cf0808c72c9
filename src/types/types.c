/* SPDX-License-Identifier: MIT */
/* The typeids of Python's SyncManager. */
#include "types/types.h"

#include "object/registry.h"
#include "value/known.h"

#include <errno.h>

static const struct {
    const char *typeid;
    const struct object_type *type;
} typeids[] = {
    {"Array", &array_type},
    {"Barrier", &barrier_type},
    {"BoundedSemaphore", &bounded_semaphore_type},
    {"Condition", &condition_type},
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

int types_register(struct registry *registry)
{
    for (size_t i = 0; i < ARRAY_SIZE(typeids); i++) {
        if (registry_add_type(registry, typeids[i].typeid, typeids[i].type) < 0)
            return -ENOMEM;
    }
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

const struct object_type *type_of_value(struct sm_value v)
{
    switch (v.kind) {
    case SM_KIND_NONE:
        return &none_type;
    case SM_KIND_BOOL:
        return &bool_type;
    case SM_KIND_INT:
    case SM_KIND_BIGINT:
        return &int_type;
    case SM_KIND_FLOAT:
        return &float_type;
    case SM_KIND_STR:
        return &str_type;
    case SM_KIND_BYTES:
        return &bytes_type;
    case SM_KIND_TUPLE:
        return &tuple_type;
    case SM_KIND_OBJECT:
        return value_made_by(v, "builtins", "complex") ? &complex_type : NULL;
    case SM_KIND_DICT:
        return &dict_type;
    case SM_KIND_LIST:
        return &list_type;
    case SM_KIND_SET:
        return &set_type;
    default:
        return NULL;
    }
}
