/* SPDX-License-Identifier: MIT */
/* Works of the C client, in files by what they use. */
#ifndef BENCH_SM_H
#define BENCH_SM_H

#include "driver.h"

#include <syncmanager.h>

/* The manager and the objects of a work, made once; children use them as they are. */
struct stage {
    struct sm_manager *manager;
    struct sm_proxy *proxy[2];
    void *bytes; /* options.bytes of them */
    struct sm_batch *batch;
};

/* Reach the manager; client->common is the stage. */
int stage_open(struct client *first, struct stage **ret);
void stage_close(struct client *first);

/* What a client lets go of when it is done: the proxies as it has them. */
void stage_leave(struct client *client);

/* 0, or -1 after saying what went wrong. */
int check(int status);

/* values.c */
int list_prepare(struct client *first);
int list_get(struct client *client);
int pipeline_turn(struct client *client);
int list_set(struct client *client);
int list_read(struct client *client);
int dict_prepare(struct client *first);
int dict_get(struct client *client);
int dict_set(struct client *client);
int value_prepare(struct client *first);
int value_turn(struct client *client);
int create_turn(struct client *client);
int connect_turn(struct client *client);

/* waits.c */
int lock_prepare(struct client *first);
int lock_turn(struct client *client);
int rlock_prepare(struct client *first);
int turns_turn(struct client *client);
int handover_prepare(struct client *first);
int handover_turn(struct client *client);
int semaphore_prepare(struct client *first);
int semaphore_turn(struct client *client);
int semaphore_handover_prepare(struct client *first);
int counter_prepare(struct client *first);
int counter_turn(struct client *client);
int condition_prepare(struct client *first);
int condition_turn(struct client *client);
int barrier_prepare(struct client *first);
int barrier_turn(struct client *client);
int queue_prepare(struct client *first);
int queue_turn(struct client *client);
int bulk_turn(struct client *client);

#endif
