/* SPDX-License-Identifier: MIT */
/*
 * fork() by another thread of a process that serves: the loop is made to stand still between two
 * events, where every descriptor is known, so that the child can close them. A client's connection
 * that lived on in a child would not end when the server closes it.
 */
#include "server/server.h"

#include <unistd.h>

void forking_init(struct forking *forking)
{
    pthread_mutex_init(&forking->lock, NULL);
    pthread_cond_init(&forking->changed, NULL);
}

void forking_deinit(struct forking *forking)
{
    pthread_cond_destroy(&forking->changed);
    pthread_mutex_destroy(&forking->lock);
}

static void set_state(struct forking *forking, enum fork_state state)
{
    pthread_mutex_lock(&forking->lock);
    forking->state = state;
    pthread_cond_broadcast(&forking->changed);
    pthread_mutex_unlock(&forking->lock);
}

void forking_set_running(struct forking *forking, bool running)
{
    pthread_mutex_lock(&forking->lock);
    forking->running = running;
    pthread_cond_broadcast(&forking->changed);
    pthread_mutex_unlock(&forking->lock);
}

/* Runs on the loop: nothing happens there until the fork is over. */
static void stand_still(struct post *post)
{
    struct forking *forking = container_of(post, struct forking, post);

    pthread_mutex_lock(&forking->lock);
    if (forking->state == FORK_ASKED) /* else who asked has seen the loop end */
        forking->state = FORK_STANDS;
    pthread_cond_broadcast(&forking->changed);
    while (forking->state == FORK_STANDS)
        pthread_cond_wait(&forking->changed, &forking->lock);
    pthread_mutex_unlock(&forking->lock);
}

void sm_server_before_fork(struct sm_server *server)
{
    struct forking *forking = &server->forking;

    pthread_mutex_lock(&forking->lock);
    while (forking->state != FORK_NONE)
        pthread_cond_wait(&forking->changed, &forking->lock);
    forking->state = FORK_ASKED;
    if (forking->running) {
        forking->post.deliver = stand_still;
        post_send(&server->posts, &forking->post);
    }
    while (forking->state == FORK_ASKED && forking->running)
        pthread_cond_wait(&forking->changed, &forking->lock);
    pthread_mutex_unlock(&forking->lock);
}

void sm_server_after_fork(struct sm_server *server)
{
    set_state(&server->forking, FORK_NONE);
}

void sm_server_in_forked_child(struct sm_server *server)
{
    struct peer *peer;

    posts_init_lock(&server->posts); /* a thread that is not here may have had it */
    list_for_each(peer, &server->crowd.peers, link)
        stream_close_inherited(&peer->stream);
    for (size_t i = 0; i < server->listeners_len; i++)
        listener_close_inherited(&server->listeners[i]->listener);
    share_close_inherited(&server->share);
    close(loop_fd(&server->loop));
}
