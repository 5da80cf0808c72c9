/* SPDX-License-Identifier: MIT */
/*
 * A queue under a lock that is held for a few instructions: the loop takes all there is at once,
 * and delivers without it. What one thread posts is delivered in its order.
 */
#include "place/post.h"

#include "net/loop.h"
#include "object/registry.h"

void posts_init_lock(struct posts *posts)
{
    pthread_mutex_init(&posts->lock, NULL);
}

void posts_init(struct posts *posts, struct loop *loop, struct registry *registry)
{
    posts_init_lock(posts);
    posts->loop = loop;
    posts->registry = registry;
    list_init(&posts->waiting);
}

void posts_deinit(struct posts *posts)
{
    pthread_mutex_destroy(&posts->lock);
}

void post_send(struct posts *posts, struct post *post)
{
    list_init(&post->link);
    pthread_mutex_lock(&posts->lock);
    list_append(&posts->waiting, &post->link);
    pthread_mutex_unlock(&posts->lock);
    loop_wake(posts->loop);
}

void posts_deliver(struct posts *posts)
{
    struct list ready;
    struct post *post;

    list_init(&ready);
    pthread_mutex_lock(&posts->lock);
    list_splice(&ready, &posts->waiting);
    pthread_mutex_unlock(&posts->lock);
    if (!list_empty(&ready))
        posts->registry->now = loop_now(posts->loop);
    list_for_each(post, &ready, link) {
        list_remove(&post->link);
        post->deliver(post);
    }
}
