/* SPDX-License-Identifier: MIT */
/*
 * The names of the steps are those of the model in tests/models/reads.pml. All numbers are stored
 * before what they announce: by then no answer to the call that changes the object is on its way,
 * and no other call of the object is served before that one has done its work.
 */
#include "object/version.h"

#include "base/memory.h"
#include "object/place.h"
#include "object/registry.h"

#include <errno.h>

int versions_begin(struct versions *versions, struct version *row, size_t len)
{
    versions->left = memory_new_zeroed(len, sizeof(*versions->left));
    if (!versions->left)
        return -ENOMEM;
    versions->row = row;
    versions->len = len;
    return 0;
}

void versions_deinit(struct versions *versions)
{
    memory_free(versions->left);
    *versions = (struct versions){0};
}

size_t versions_watched(const struct versions *versions)
{
    return versions->fresh - versions->left_len;
}

static void set(struct version *version, uint64_t number)
{
    atomic_store(&version->number, number);
}

static uint64_t number_of(const struct version *version)
{
    return atomic_load_explicit(&version->number, memory_order_relaxed);
}

void version_raise(struct version *version)
{
    set(version, number_of(version) + 2);
}

int version_watch(struct object *object, size_t *ret)
{
    struct versions *versions = &object->registry->versions;

    if (!object->version && versions->left_len)
        object->version = &versions->row[versions->left[--versions->left_len]];
    else if (!object->version && versions->fresh < versions->len)
        object->version = &versions->row[versions->fresh++];
    else if (!object->version)
        return -ENOSPC;
    if (object->where && !object_is_out(object))
        version_hide(object);
    *ret = (size_t)(object->version - versions->row);
    return 0;
}

void version_end(struct object *object)
{
    struct versions *versions = &object->registry->versions;

    if (!object->version)
        return;
    version_show(object);
    versions->left[versions->left_len++] = (uint32_t)(object->version - versions->row);
    object->version = NULL;
}

void version_hide(struct object *object)
{
    if (object->version)
        set(object->version, number_of(object->version) | VERSION_HIDDEN);
}

void version_show(struct object *object)
{
    if (object->version)
        set(object->version, (number_of(object->version) | VERSION_HIDDEN) + 1);
}
