/* SPDX-License-Identifier: MIT */
/* What other threads hand to the loop. */
#ifndef PLACE_POST_H
#define PLACE_POST_H

#include "base/list.h"

#include <pthread.h>

struct loop;
struct registry;

/* Embedded in what is handed over. */
struct post {
    struct list link;
    void (*deliver)(struct post *post); /* runs on the loop, and frees it */
};

struct posts {
    pthread_mutex_t lock;
    struct list waiting; /* in the order they came in */
    struct loop *loop;   /* this and the next outlive the posts */
    struct registry *registry;
};

void posts_init(struct posts *posts, struct loop *loop, struct registry *registry);

/* In a forked child, where whoever had the lock may be no more. */
void posts_init_lock(struct posts *posts);

/* Nobody posts any more, and what was posted has been delivered. */
void posts_deinit(struct posts *posts);

/* Hand over. Any thread. */
void post_send(struct posts *posts, struct post *post);

/* Deliver what has been posted. Runs on the loop. */
void posts_deliver(struct posts *posts);

#endif
