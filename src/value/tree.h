/* SPDX-License-Identifier: MIT */
/*
 * A value in flight: everything that one message brought, in one arena, freed at once. Text and
 * bytes may point into the message itself, which must live as long as the tree.
 *
 * Values that the message may refer to again carry an id; `shared` tells which of them it did refer
 * to again. Walking a tree without regard to ids is safe but for recursive values: every walk is
 * bounded in depth and steps (base/limits.h).
 */
#ifndef VALUE_TREE_H
#define VALUE_TREE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "syncmanager/value.h"
#include "value/frozen.h"
#include "value/unknown.h"

#include <errno.h>

#define RESOLVER_GONE 1
#define RESOLVER_REFUSED 2

/*
 * Finds the shared object that a proxy stands for, or a descriptor that is kept here. Returns 0
 * with *ret a new reference, or NULL when it is another manager's; RESOLVER_GONE when it names an
 * object of this manager that is not there; or a negative errno.
 */
struct resolver {
    int (*find)(const struct resolver *resolver, const struct sm_object *object, struct ref **ret);
};

/* Whether the value of an id is in more than one place. */
enum tree_shared {
    SHARED_NO,
    SHARED_YES,
    SHARED_SPENT, /* its items are; it was itself taken apart while the message was read */
};

struct tree {
    struct arena arena;
    const struct resolver *resolver; /* outlives the tree; NULL: proxies stay plain objects */
    uint8_t *shared;                 /* by id, enum tree_shared; owned */
    bool sharing;                    /* some value is shared */
    struct frozen *stored;           /* by id: what tree_freeze() made of shared values; owned */
    size_t stored_cap;
    size_t ids; /* ids given out, plus one: id 0 means none */
    size_t ids_cap;
    struct ref **refs; /* owned: one reference each */
    size_t refs_len;
    size_t refs_cap;
    struct sm_items descriptors; /* that other processes keep: objects, as they were met */
    struct buffer draft;         /* what freezing writes to, again and again */
    size_t message_len;          /* bytes that were decoded into the tree: the measure for growth */
    struct buffer *lent;      /* the message, if its memory may be kept; borrowed, or in `kept` */
    struct kept_buffer *kept; /* owned: one reference, once it is kept */
    size_t grown;             /* bytes that freezing has made of them */
    size_t walked; /* steps that hashing has taken over them, and making plain forms of them */
    enum unknown unknown; /* for whoever looks into its values */
};

void tree_init(struct tree *tree, const struct resolver *resolver);
void tree_deinit(struct tree *tree);

/* Forget everything, keep some memory for the next message. */
void tree_reset(struct tree *tree);

/* Give the next id. Returns 0 when memory runs out. */
uint32_t tree_new_id_growing(struct tree *tree);

static inline uint32_t tree_new_id(struct tree *tree)
{
    if (tree->ids >= tree->ids_cap)
        return tree_new_id_growing(tree);
    tree->shared[tree->ids] = SHARED_NO;
    return (uint32_t)tree->ids++;
}

/*
 * The buffer with the message, and nothing else, may be emptied by who wants to keep its bytes.
 * From this until tree_lend_no_more() they stay where they are, whoever keeps them. The buffer
 * outlives that.
 */
void tree_lend(struct tree *tree, struct buffer *message);
void tree_lend_no_more(struct tree *tree);

/* Take that buffer, unless some of its bytes are kept already. False: there is none to take. */
bool tree_take_message(struct tree *tree, struct buffer *ret);

/*
 * What keeps these bytes where they are, borrowed. NULL: nothing does; or the head is not what
 * stands before them; or it would be a waste, as they are too small a part of what is kept.
 */
struct ref *tree_keep(struct tree *tree, const uint8_t *head, size_t head_len, const uint8_t *bytes,
                      size_t len);

static inline bool tree_is_shared(const struct tree *tree, struct sm_value v)
{
    return v.id && tree->shared[v.id] == SHARED_YES;
}

/* Make the tree drop this reference when it is reset; on failure it is dropped at once. */
int tree_keep_ref(struct tree *tree, struct ref *ref);

/*
 * Builders, in the tree's arena. They return 0 or -ENOMEM.
 * tree_items makes a container of `len` items, left for the caller to fill.
 */
static inline int tree_items(struct tree *tree, enum sm_kind kind, size_t len, struct sm_value *ret)
{
    struct {
        struct sm_items items;
        struct sm_value item[];
    } * both;

    if (len > SIZE_MAX / sizeof(struct sm_value) / 8)
        return -ENOMEM;
    both = arena_alloc(&tree->arena, sizeof(*both) + len * sizeof(struct sm_value));
    if (!both)
        return -ENOMEM;
    both->items = (struct sm_items){.item = len ? both->item : NULL, .len = len, .cap = len};
    *ret = (struct sm_value){.kind = kind, .items = &both->items};
    return 0;
}

int tree_items_push(struct tree *tree, struct sm_items *items, struct sm_value v);
int tree_str(struct tree *tree, const void *text, size_t len, struct sm_value *ret);
int tree_bytes(struct tree *tree, const void *bytes, size_t len, struct sm_value *ret);
int tree_global(struct tree *tree, const char *module, const char *name, struct sm_value *ret);

/* An object made by callable(*args), without steps. */
int tree_object(struct tree *tree, enum sm_make make, struct sm_value callable,
                struct sm_value args, struct sm_value *ret);
int tree_object_step(struct tree *tree, struct sm_object *object, struct sm_step step);

#endif
