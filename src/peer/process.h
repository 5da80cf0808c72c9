/* SPDX-License-Identifier: MIT */
/* The processes behind the connections, as far as the server can see them. */
#ifndef PEER_PROCESS_H
#define PEER_PROCESS_H

#include "net/watch.h"
#include "object/account.h"
#include "system/origin.h"
#include "system/pidfd.h"

struct crowd;
struct departed;
struct peer;

struct process {
    struct account account;
    struct crowd *crowd; /* outlives the process's record */
    struct list link;    /* in the crowd's row */
    struct list peers;   /* its connections; empty between them */
    struct watch watch;  /* until it ends */
    uint64_t key;        /* by which the crowd finds it: its pid, or its pidfd's number */
    int pid;             /* 0: one of a PID namespace that the server does not see */
    char name[ORIGIN_NAME_SIZE];
    nsec since;  /* its first connection */
    bool ending; /* process_ended() is at work on it */
};

/* The process of an account; NULL of NULL. */
static inline struct process *process_of(struct account *account)
{
    return account ? container_of(account, struct process, account) : NULL;
}

/* Find out which process the peer is of, if that can be known. */
void process_join(struct peer *peer);

/* The peer's connection ends. Harmless when it has joined none. */
void process_leave(struct peer *peer);

/* The process in words, for the log. */
void process_describe(const struct process *process, char *ret, size_t size);

/* Let go of what a connection or a process owned that has ended; `name` is for the log. */
void process_release(struct crowd *crowd, struct list *owned, const struct departed *who,
                     const char *name);

/* The process, or NULL, as one that has ended. */
void process_departs(const struct process *process, struct departed *ret);

/* Forget all. After the last peer, before loop_deinit(). */
void process_forget_all(struct crowd *crowd);

#endif
