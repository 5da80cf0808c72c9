/* SPDX-License-Identifier: MIT */
/*
 * Trees are arenas with two tables beside them: the ids of values that may be shared, and the
 * references that the tree's proxies hold.
 */
#include "value/tree.h"

#include "base/memory.h"

#include <errno.h>

/* Memory that is kept for the next message. */
#define DRAFT_KEEP_MAX ((size_t)4096)

void tree_init(struct tree *tree, const struct resolver *resolver)
{
    *tree = (struct tree){.resolver = resolver, .ids = 1};
}

static void tree_drop(struct tree *tree)
{
    for (size_t i = 0; i < tree->refs_len; i++)
        ref_drop(tree->refs[i]);
    tree->refs_len = 0;
    for (size_t i = 0; i < tree->stored_cap; i++)
        frozen_free(&tree->stored[i]);
    memory_free(tree->stored);
    tree->stored = NULL;
    tree->stored_cap = 0;
}

void tree_deinit(struct tree *tree)
{
    tree_lend_no_more(tree);
    tree_drop(tree);
    arena_deinit(&tree->arena);
    memory_free(tree->shared);
    memory_free(tree->refs);
    buffer_deinit(&tree->draft);
    *tree = (struct tree){.ids = 1, .unknown = tree->unknown};
}

void tree_reset(struct tree *tree)
{
    tree_drop(tree);
    arena_reset(&tree->arena);
    if (tree->draft.cap > DRAFT_KEEP_MAX)
        buffer_deinit(&tree->draft);
    tree->descriptors = (struct sm_items){0};
    tree->ids = 1;
    tree->sharing = false;
    tree->message_len = 0;
    tree->walked = 0;
    tree->grown = 0;
}

void tree_lend(struct tree *tree, struct buffer *message)
{
    tree->lent = message;
}

void tree_lend_no_more(struct tree *tree)
{
    struct kept_buffer *kept = TAKE_PTR(tree->kept);

    tree->lent = NULL;
    if (kept)
        ref_drop(&kept->ref);
}

bool tree_take_message(struct tree *tree, struct buffer *ret)
{
    struct buffer *message = tree->kept ? NULL : tree->lent;

    if (!message || !message->len)
        return false;
    *ret = *message;
    *message = (struct buffer){0};
    return true;
}

/* At least three quarters of what is kept must be the value. */
struct ref *tree_keep(struct tree *tree, const uint8_t *head, size_t head_len, const uint8_t *bytes,
                      size_t len)
{
    const struct buffer *b = tree->lent;

    if (!b || bytes < b->data || bytes >= b->data + b->len || len < b->cap - b->cap / 4)
        return NULL;
    if ((size_t)(bytes - b->data) < head_len || memcmp(bytes - head_len, head, head_len) != 0)
        return NULL;
    if (!tree->kept && buffer_keep(tree->lent, &tree->kept) < 0)
        return NULL;
    tree->lent = &tree->kept->buffer;
    return &tree->kept->ref;
}

uint32_t tree_new_id_growing(struct tree *tree)
{
    size_t cap = tree->ids_cap ? tree->ids_cap * 2 : 64;
    uint8_t *shared;

    if (cap > UINT32_MAX)
        return 0;
    shared = memory_lend_more(tree->shared, cap);
    if (!shared)
        return 0;
    tree->shared = shared;
    tree->ids_cap = cap;
    return tree_new_id(tree);
}

int tree_keep_ref(struct tree *tree, struct ref *ref)
{
    if (tree->refs_len == tree->refs_cap) {
        size_t cap = tree->refs_cap ? tree->refs_cap * 2 : 8;
        struct ref **refs = memory_lend_more(tree->refs, cap * sizeof(struct ref *));

        if (!refs) {
            ref_drop(ref);
            return -ENOMEM;
        }
        tree->refs = refs;
        tree->refs_cap = cap;
    }
    tree->refs[tree->refs_len++] = ref;
    return 0;
}

int tree_items_push(struct tree *tree, struct sm_items *items, struct sm_value v)
{
    if (items->len == items->cap) {
        size_t cap = items->cap ? items->cap * 2 : 4;
        struct sm_value *item = arena_alloc(&tree->arena, cap * sizeof(*item));

        if (!item)
            return -ENOMEM;
        if (items->len)
            memcpy(item, items->item, items->len * sizeof(*item));
        items->item = item;
        items->cap = cap;
    }
    items->item[items->len++] = v;
    return 0;
}

int tree_str(struct tree *tree, const void *text, size_t len, struct sm_value *ret)
{
    char *copy = arena_copy(&tree->arena, text, len);

    if (!copy)
        return -ENOMEM;
    *ret = sm_strn(copy, len);
    return 0;
}

int tree_bytes(struct tree *tree, const void *bytes, size_t len, struct sm_value *ret)
{
    char *copy = arena_copy(&tree->arena, bytes, len);

    if (!copy)
        return -ENOMEM;
    *ret = sm_bytes(copy, len);
    return 0;
}

int tree_global(struct tree *tree, const char *module, const char *name, struct sm_value *ret)
{
    struct sm_global *global = arena_alloc(&tree->arena, sizeof(*global));

    if (!global)
        return -ENOMEM;
    *global = (struct sm_global){
        .module_len = strlen(module),
        .name_len = strlen(name),
    };
    global->module = arena_copy(&tree->arena, module, global->module_len);
    global->name = arena_copy(&tree->arena, name, global->name_len);
    if (!global->module || !global->name)
        return -ENOMEM;
    *ret = (struct sm_value){.kind = SM_KIND_GLOBAL, .global = global};
    return 0;
}

int tree_object(struct tree *tree, enum sm_make make, struct sm_value callable,
                struct sm_value args, struct sm_value *ret)
{
    struct sm_object *object = arena_alloc(&tree->arena, sizeof(*object));

    if (!object)
        return -ENOMEM;
    *object = (struct sm_object){.make = make, .callable = callable, .args = args};
    *ret = (struct sm_value){.kind = SM_KIND_OBJECT, .object = object};
    return 0;
}

int tree_object_step(struct tree *tree, struct sm_object *object, struct sm_step step)
{
    if (object->steps_len == object->steps_cap) {
        size_t cap = object->steps_cap ? object->steps_cap * 2 : 2;
        struct sm_step *steps = arena_alloc(&tree->arena, cap * sizeof(*steps));

        if (!steps)
            return -ENOMEM;
        if (object->steps_len)
            memcpy(steps, object->steps, object->steps_len * sizeof(*steps));
        object->steps = steps;
        object->steps_cap = cap;
    }
    object->steps[object->steps_len++] = step;
    return 0;
}
