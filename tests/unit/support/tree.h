/* SPDX-License-Identifier: MIT */
/* One tree for all tests of a program: make_tree and drop_tree are the group's. */
#ifndef SUPPORT_TREE_H
#define SUPPORT_TREE_H

#include "support/value.h"

static struct tree tree;

static inline int make_tree(void **state)
{
    (void)state;
    tree_init(&tree, NULL);
    return 0;
}

static inline int drop_tree(void **state)
{
    (void)state;
    tree_deinit(&tree);
    return 0;
}

#endif
