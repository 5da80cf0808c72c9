/* SPDX-License-Identifier: MIT */
/*
 * A call has a thread while it runs, and ASIDES_MAX run at a time: to make one takes much less than
 * what it is made for. A pool's threads would not be there in a child of the program's, which ends
 * libuv's by joining them.
 *
 * A record is in the row of those that are to run, in their order, then among those that do. It is
 * posted to the loop when it has run, which joins its thread, lets the next one run, and takes the
 * record back.
 */
#include "place/aside_record.h"

#include "base/memory.h"

#include <signal.h>

#define ASIDES_MAX 4

static void run_here(struct aside *aside)
{
    frozen_put_off(&aside->put_off);
    aside->run(aside);
    frozen_put_off(NULL);
    post_send(aside->asides->posts, &aside->post);
}

static void *run_thread(void *memory)
{
    struct aside *aside = memory;

    memory_set_limit(aside->asides->max_memory);
    run_here(aside);
    return NULL;
}

/* Signals are none of its business. */
static bool make_thread(struct aside *aside)
{
    sigset_t all, mask;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    aside->has_thread = pthread_create(&aside->thread, NULL, run_thread, aside) == 0;
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    return aside->has_thread;
}

void aside_join(struct aside *aside)
{
    if (aside->has_thread)
        pthread_join(aside->thread, NULL);
    aside->has_thread = false;
}

/* Those whose turn it is. Where there can be no thread at all, others must wait after all. */
static void run_next(struct asides *asides)
{
    while (asides->running_len < ASIDES_MAX && !list_empty(&asides->queue)) {
        struct aside *aside = list_first(&asides->queue, struct aside, turn);

        if (!make_thread(aside) && asides->running_len)
            return;
        list_remove(&aside->turn);
        list_append(&asides->running, &aside->turn);
        asides->running_len++;
        if (!aside->has_thread)
            run_here(aside);
    }
}

static void delivered(struct post *post)
{
    struct aside *aside = container_of(post, struct aside, post);
    struct asides *asides = aside->asides;

    aside_join(aside);
    list_remove(&aside->turn);
    asides->running_len--;
    run_next(asides);
    aside->back(aside);
}

void aside_start(struct aside *aside, void (*run)(struct aside *aside),
                 void (*back)(struct aside *aside))
{
    struct asides *asides = aside->asides;

    aside->run = run;
    aside->back = back;
    aside->post.deliver = delivered;
    list_append(&asides->queue, &aside->turn);
    run_next(asides);
}
