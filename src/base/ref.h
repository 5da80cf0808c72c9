/* SPDX-License-Identifier: MIT */
/*
 * A counted reference, embedded in what it counts. The floors that store values hold shared
 * objects through this alone, without knowing what they are.
 */
#ifndef BASE_REF_H
#define BASE_REF_H

#include "base/macros.h"

struct ref {
    size_t count;
    void (*release)(struct ref *ref); /* called when the last reference is dropped */
};

static inline struct ref *ref_take(struct ref *ref)
{
    ref->count++;
    return ref;
}

static inline void ref_drop(struct ref *ref)
{
    if (ref && --ref->count == 0)
        ref->release(ref);
}

#endif
