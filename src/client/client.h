/* SPDX-License-Identifier: MIT */
/*
 * The client's inside.
 *
 * A manager has handles (what sm_manager_free() and proxies give back) and references (what keeps
 * its memory: a handle each, and each thread's connection). With the last handle it closes: a
 * server of its own ends, connections are cut. Threads notice when they look at their connections
 * the next time, or end.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/list.h"
#include "net/channel.h"
#include "pickle/pickle.h"
#include "syncmanager/client.h"

#include <pthread.h>
#include <sys/types.h>

struct sm_manager {
    atomic_uint handles;
    atomic_uint refs;
    atomic_bool closed;
    struct address address;
    char text[ADDRESS_TEXT_MAX];
    struct auth_key *key; /* owned */
    uint64_t max_message;
    atomic_uint timeout_ms;
    int interrupt_fd; /* owned */
    atomic_uint interrupts;
    _Atomic pid_t server; /* the process that this one started, or 0 */
    pid_t creator;
    int server_fd;     /* pidfd of `server`, owned; -1 */
    _Atomic pid_t pid; /* the process whose threads' connections are listed */
    pthread_mutex_t lock;
    struct list connections; /* of all threads; under `lock` */
    struct python_address {  /* as it stands in tokens; `value` points into the rest */
        char host[ADDRESS_TEXT_MAX];
        struct sm_value item[2];
        struct sm_items items;
        struct sm_value value;
    } python;
};

/* A thread's connection to a manager. */
struct connection {
    struct list link;           /* in the thread's */
    struct list manager_link;   /* in the manager's */
    struct sm_manager *manager; /* one reference */
    pid_t pid;                  /* the process that opened it: a forked child must not use it */
    struct channel channel;
    uint64_t id; /* the manager's number of it, where the manager is ours; 0: a stock one */
};

struct sm_reply {
    struct buffer message; /* owned; the tree points into it */
    struct tree tree;
    struct sm_value value;
    bool is_proxy; /* #PROXY: the value is (exposed, Token) */
};

/* Take and give back a handle; a reference goes with it. */
struct sm_manager *manager_hold(struct sm_manager *manager);
void manager_drop(struct sm_manager *manager);
void manager_unref(struct sm_manager *manager);

/* What bounds a call that begins now. */
struct channel_wait manager_wait(struct sm_manager *manager);

/* This thread's connection to the manager, opened at need. */
int connection_get(struct sm_manager *manager, struct connection **ret);

/*
 * One request, one answer. `target` None is a server function. Returns SM_OK or SM_E...; with
 * SM_OK *ret is the reply, unless ret is NULL.
 */
int connection_call(struct connection *c, struct sm_value target, const char *name,
                    struct sm_value args, struct sm_value kwargs, struct sm_reply **ret);

/* A server function: over the thread's connection where the manager is ours, else over its own. */
int manager_request(struct sm_manager *manager, const char *name, struct sm_value args,
                    struct sm_value kwargs, struct sm_reply **ret);

/* The same over a connection of its own, whatever the manager is. */
int manager_request_once(struct sm_manager *manager, const char *name, struct sm_value args,
                         struct sm_value kwargs, const struct channel_wait *wait,
                         struct sm_reply **ret);

/* Texts of what is decoded here are as the newest Python has them. */
#define PYTHON_TEXTS 13

/* Take a message that came back apart: a reply, or an error set. */
int reply_parse(const struct frame *frame, struct sm_reply **ret);

/* An empty buffer of this thread for a text that its caller reads; NULL when memory runs out. */
struct buffer *thread_text(void);

/* No arguments, no keywords. */
struct sm_value no_args(void);
struct sm_value no_kwargs(void);

/* What a program gave as arguments: the two above for what is missing; SM_EARG for other kinds. */
int check_args(struct sm_value *args, struct sm_value *kwargs);

#endif
