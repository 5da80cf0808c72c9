/* SPDX-License-Identifier: MIT */
/*
 * Setting an index takes at least a byte of the pickle, so a writer that counts from 0 never
 * passes the pickle's length: such indices are near, in an array. A writer may choose any other
 * index; those are far, in a hash table. Either way memory goes by what was set, not by the index.
 */
#include "pickle/memo.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

struct memo_far {
    size_t index;
    struct sm_value value;
};

void memo_init(struct memo *m, struct arena *arena, size_t size)
{
    m->near = m->first;
    m->near_cap = MEMO_FIRST;
    m->near_max = MAX(size, MEMO_FIRST);
    m->far = (struct map){0};
    m->arena = arena;
    m->near_len = 0;
    m->count = 0;
}

void memo_deinit(struct memo *m)
{
    if (m->near != m->first)
        memory_free(m->near);
    map_deinit(&m->far);
}

static int memo_grow(struct memo *m, size_t index)
{
    size_t cap = MIN(MAX(m->near_cap * 2, index + 1), m->near_max);
    struct sm_value *near;

    if (cap > SIZE_MAX / sizeof(*near))
        return -ENOMEM;
    near = memory_lend_more(m->near == m->first ? NULL : m->near, cap * sizeof(*near));
    if (!near)
        return -ENOMEM;
    if (m->near == m->first)
        memcpy(near, m->first, sizeof(m->first));
    m->near = near;
    m->near_cap = cap;
    return 0;
}

static bool far_matches(const void *item, const void *key)
{
    return ((const struct memo_far *)item)->index == *(const size_t *)key;
}

static int memo_put_far(struct memo *m, size_t index, struct sm_value v)
{
    struct memo_far *far = map_find(&m->far, map_hash_int(index), far_matches, &index);

    if (far) {
        far->value = v;
        return 0;
    }
    far = arena_alloc(m->arena, sizeof(*far));
    if (!far || map_add(&m->far, map_hash_int(index), far) < 0)
        return -ENOMEM;
    *far = (struct memo_far){.index = index, .value = v};
    m->count++;
    return 0;
}

int memo_put(struct memo *m, size_t index, struct sm_value v)
{
    if (index >= m->near_max)
        return memo_put_far(m, index, v);
    if (index >= m->near_cap && memo_grow(m, index) < 0)
        return -ENOMEM;
    while (m->near_len <= index)
        m->near[m->near_len++] = sm_missing();
    m->count += m->near[index].kind == SM_KIND_MISSING;
    m->near[index] = v;
    return 0;
}

const struct sm_value *memo_get_far(const struct memo *m, size_t index)
{
    const struct memo_far *far = map_find(&m->far, map_hash_int(index), far_matches, &index);

    return far ? &far->value : NULL;
}
