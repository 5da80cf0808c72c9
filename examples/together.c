/* SPDX-License-Identifier: MIT */
/*
 * Processes of one host on one lock, one dict and one counter, which a daemon has registered.
 *
 *     together ADDRESS [TURNS] [sockets]
 *
 * In each turn a process takes the lock to change the dict, and counts 20 times on its own way. On
 * a Unix socket lock and counter are called in memory that is shared with the daemon; `sockets`
 * keeps to the socket. examples/together.py is the same in Python.
 */
#include "lesson.h"

#include <string.h>
#include <time.h>

#define STEPS 20

static struct sm_proxy *registered(struct sm_manager *manager, const char *name)
{
    struct sm_proxy *proxy;

    must(sm_create(manager, name, sm_missing(), sm_missing(), &proxy));
    return proxy;
}

static void raise_turns(struct sm_proxy *board)
{
    struct sm_reply *reply;
    int64_t turns;

    must(sm_dict_get(board, sm_str("turns"), &reply));
    must(sm_as_int(sm_reply_value(reply), &turns));
    must(sm_dict_set(board, sm_str("turns"), sm_int(turns + 1)));
    sm_reply_free(reply);
}

static void take_turns(struct sm_manager *manager, int turns)
{
    struct sm_proxy *lock = registered(manager, "lock");
    struct sm_proxy *board = registered(manager, "board");
    struct sm_proxy *hits = registered(manager, "hits");

    for (int turn = 0; turn < turns; turn++) {
        must(sm_lock_acquire(lock, SM_FOREVER));
        raise_turns(board);
        must(sm_lock_release(lock));
        for (int step = 0; step < STEPS; step++)
            must(sm_counter_add(hits, 1, NULL));
    }
    sm_proxy_free(hits);
    sm_proxy_free(board);
    sm_proxy_free(lock);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct sm_manager_options options = {.sockets_only = argc > 3 && !strcmp(argv[3], "sockets")};
    int turns = argc > 2 ? atoi(argv[2]) : 2000;
    struct sm_manager *manager;
    double start;

    must(sm_manager_connect(argv[1], &options, &manager));
    start = now_s();
    take_turns(manager, turns);
    /* Of the lock and the dict, two each. */
    printf("C:      %9.0f calls a second\n", turns * (STEPS + 4) / (now_s() - start));
    sm_manager_free(manager);
    return 0;
}
