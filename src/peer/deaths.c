/* SPDX-License-Identifier: MIT */
/* A ring: the oldest makes room. Most managers never have one, so it is made when it is needed. */
#include "peer/deaths.h"

#include "base/memory.h"
#include "object/registry.h"

void deaths_add(struct deaths **deaths, const struct departed *who, const struct object *object,
                bool kept)
{
    const struct registry *registry = object->registry;

    if (!*deaths)
        *deaths = memory_lend_zeroed(1, sizeof(**deaths));
    if (!*deaths)
        return;
    (*deaths)->row[(*deaths)->len++ % LIMIT_DEATHS] = (struct death){
        .who = *who,
        .at = registry->now,
        .ident = object->ident,
        .type = object->type,
        .registered = registry_name(registry, object),
        .kept = kept,
    };
}

const struct death *deaths_last(const struct deaths *deaths, size_t n)
{
    if (!deaths || n >= LIMIT_DEATHS || n >= deaths->len)
        return NULL;
    return &deaths->row[(deaths->len - 1 - n) % LIMIT_DEATHS];
}

void deaths_free(struct deaths *deaths)
{
    memory_free(deaths);
}
