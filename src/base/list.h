/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists with the links inside the elements. A head is a link to itself when empty;
 * so is an element that is in no list. Zeroed links are not usable: list_init first.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/macros.h"

#include <stdbool.h>

struct list {
    struct list *prev;
    struct list *next;
};

static inline void list_init(struct list *l)
{
    l->prev = l->next = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

/* Put `item` before `at`: with a head for `at`, at the end. */
static inline void list_insert_before(struct list *at, struct list *item)
{
    item->prev = at->prev;
    item->next = at;
    at->prev->next = item;
    at->prev = item;
}

static inline void list_append(struct list *head, struct list *item)
{
    list_insert_before(head, item);
}

static inline void list_prepend(struct list *head, struct list *item)
{
    list_insert_before(head->next, item);
}

/* Take `item` out of whatever list it is in; harmless when it is in none. */
static inline void list_remove(struct list *item)
{
    item->prev->next = item->next;
    item->next->prev = item->prev;
    list_init(item);
}

/* Move all of `from` to the end of `to`. */
static inline void list_splice(struct list *to, struct list *from)
{
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

#define list_first(head, type, member) container_of((head)->next, type, member)

/* Walk a list; the element at hand may be removed and freed. */
#define list_for_each(it, head, member)                                                            \
    for (__typeof__(it) it##_next_ = ((it) = list_first(head, __typeof__(*(it)), member),          \
                                     container_of((it)->member.next, __typeof__(*(it)), member));  \
         &(it)->member != (head); (it) = it##_next_,                                               \
                        it##_next_ = container_of((it)->member.next, __typeof__(*(it)), member))

#endif
