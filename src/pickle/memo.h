/* SPDX-License-Identifier: MIT */
/* The memo of one pickle that is being read: values by index. */
#ifndef PICKLE_MEMO_H
#define PICKLE_MEMO_H

#include "base/arena.h"
#include "base/map.h"
#include "syncmanager/value.h"

#define MEMO_FIRST 32

struct memo {
    struct sm_value *near; /* by index; owned unless it is `first` */
    size_t near_len;
    size_t near_cap;
    size_t near_max;     /* indices from here on are far */
    struct map far;      /* of struct memo_far */
    struct arena *arena; /* where far values live */
    size_t count;        /* indices that are set */
    struct sm_value first[MEMO_FIRST];
};

/* A memo for a pickle of `size` bytes. */
void memo_init(struct memo *m, struct arena *arena, size_t size);
void memo_deinit(struct memo *m);

/* Returns 0 or -ENOMEM. */
int memo_put(struct memo *m, size_t index, struct sm_value v);

/* The same at the index that is the number of those set, as writers count. */
static inline int memo_append(struct memo *m, struct sm_value v)
{
    if (m->count != m->near_len || m->near_len == m->near_cap)
        return memo_put(m, m->count, v);
    m->near[m->near_len++] = v;
    m->count++;
    return 0;
}

const struct sm_value *memo_get_far(const struct memo *m, size_t index);

/* NULL where nothing was put. */
static inline const struct sm_value *memo_get(const struct memo *m, size_t index)
{
    if (index >= m->near_max)
        return memo_get_far(m, index);
    if (index >= m->near_len || m->near[index].kind == SM_KIND_MISSING)
        return NULL;
    return &m->near[index];
}

#endif
