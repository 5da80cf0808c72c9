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
#include "client/steps.h"
#include "net/channel.h"
#include "net/share.h"
#include "net/tls.h"
#include "pickle/pickle.h"
#include "syncmanager/client.h"
#include "system/this_process.h"
#include "system/wakeup.h"

#include <pthread.h>
#include <sys/types.h>

struct cache;
struct mapping;

struct sm_manager {
    atomic_uint handles;
    atomic_uint refs;
    atomic_bool closed;
    struct address address;
    char text[ADDRESS_TEXT_MAX];
    struct auth_key *key; /* owned */
    uint64_t max_message;
    transport_new_fn carry; /* what carries the bytes of its connections */
    struct tls *tls;        /* a reference, where those are encrypted; or NULL */
    nsec patience;          /* with a manager that is out of reach */
    unsigned spins;         /* as in sm_manager_options */
    unsigned python_minor;
    atomic_uint timeout_ms;
    struct wakeup wakeup; /* by interrupts; without it, waits look for them from time to time */
    atomic_uint interrupts;
    int (*look)(void *context); /* see sm_manager_options */
    void *look_context;
    _Atomic pid_t server; /* the process that this one started, or 0 */
    process_id creator;
    int server_fd; /* pidfd of `server`, owned; -1 */
    /*
     * What of all this is a process's own: the lock, the list, wakeup. `process` is the one
     * whose they are, `follower` differs from it while they are made anew: see follow_fork().
     */
    _Atomic process_id process, follower;
    pthread_mutex_t lock;
    struct list connections;  /* of all threads; under `lock` */
    struct mapping *mappings; /* owned; the newest first; under `lock` */
    bool sockets_only;        /* as in sm_manager_options */
    struct python_address python;
};

/* A thread's connection to a manager. */
struct connection {
    struct list link;           /* in the thread's */
    struct list manager_link;   /* in the manager's */
    struct sm_manager *manager; /* one reference */
    process_id process;         /* that opened it: a forked child must not use it */
    bool busy;                  /* a call waits on it, and the program may look around meanwhile */
    bool broken;                /* out of step, or lost: to be freed */
    unsigned owed; /* answers to requests that were posted: they come before any other */
    struct channel channel;
    struct buffer out; /* the request at hand */
    uint64_t id;       /* the manager's number of it, where the manager is ours; 0: a stock one */
    uint64_t calls;    /* requests that an answer was waited for */
    bool joined;       /* it has asked for a cell */
    struct mapping *mapping;            /* in which it has a cell; NULL: it has none */
    struct word_user user;              /* in it */
    nsec looked;                        /* when it looked whether the manager is there */
    unsigned words_used;                /* how often it has tried a word or a version */
    struct cache *cache;                /* owned; NULL: nothing was kept yet */
    int descriptors[SHARE_DESCRIPTORS]; /* that have come; owned; -1: none */
};

struct sm_reply {
    struct buffer message; /* owned; the tree points into it */
    size_t start;          /* of the payload in it */
    struct tree tree;
    struct sm_value value;
    atomic_uint others; /* who hold it too; what it holds does not change then */
    bool is_decoded;    /* `value` is there */
    bool is_proxy;      /* #PROXY: the value is (exposed, Token) */
};

/* A request: in parts, or pickled by the program. */
struct outgoing {
    struct sm_value target; /* an ident; None: the manager itself */
    const char *name;
    struct sm_value args, kwargs;
    const void *pickle; /* all four of them in one; NULL: they are in parts */
    size_t pickle_len;
    bool raw; /* the answer is handed over as it came: whatever it says is no error */
};

/* Take and give back a handle; a reference goes with it. */
struct sm_manager *manager_hold(struct sm_manager *manager);
void manager_drop(struct sm_manager *manager);
void manager_unref(struct sm_manager *manager);

/* What bounds a call that begins now. */
struct channel_wait manager_wait(struct sm_manager *manager);

/* As channel_open(). */
int manager_open_channel(struct sm_manager *manager, struct channel *channel,
                         const struct channel_wait *wait, const char **why);

/* This thread's connection to the manager, opened at need. */
int connection_get(struct sm_manager *manager, struct connection **ret);

/* The same if it was the last that this thread used, and is free; else NULL. In a few cycles. */
struct connection *connection_recent(struct sm_manager *manager);

/* The same if this thread has one to that manager at all. */
struct connection *connection_find(struct sm_manager *manager);

/* Close the descriptors that have come over it. */
void connection_drop_descriptors(struct connection *c);

/* Let go of it: its descriptor is closed, its memory freed. */
void connection_free(struct connection *c);

/*
 * Let go of this thread's connection to the manager if that has hung up on it, as one does that was
 * started anew. For requests that any manager at the address may serve; it costs a system call.
 */
void connection_drop_dead(struct sm_manager *manager);

/* The same for a manager that has been closed here. */
void connection_drop_closed(struct sm_manager *manager);

/* A failure of a manager's channel as a status, with the error set. */
int channel_error(struct sm_manager *manager, int r, const char *why);

/*
 * Append the frame of a request in parts; what goes into `inserts`, unless that is NULL, is sent in
 * between. Returns SM_OK, or SM_E... with `out` as it was.
 */
int request_write(struct buffer *out, const struct outgoing *request, struct inserts *inserts);

/* One request, one answer, over a channel of which nothing else is known; `out` is scratch. */
int request_exchange(struct sm_manager *manager, struct channel *channel, struct buffer *out,
                     const struct channel_wait *wait, const struct outgoing *request,
                     struct frame *ret);

/*
 * The same over a thread's connection: a wait that ends early is withdrawn in the manager. Returns
 * SM_OK or SM_E...; with SM_OK *ret is the reply, unless ret is NULL.
 */
int connection_call(struct connection *c, const struct outgoing *request, struct sm_reply **ret);

/*
 * Send a server function to a manager of ours over this thread's connection, and leave its answer
 * to whoever calls next. Of another manager, and when many are owed, the answer is waited for.
 */
int manager_post(struct sm_manager *manager, const struct outgoing *request);

/* Receive the answers that are owed. Returns 0 or a negative errno. */
int connection_settle(struct connection *c, const struct channel_wait *wait);

/* Whether a manager of ours is there; false when it cannot be reached. */
bool manager_is_ours(struct sm_manager *manager);

/* A server function: over the thread's connection where the manager is ours, else over its own. */
int manager_request(struct sm_manager *manager, const struct outgoing *request,
                    struct sm_reply **ret);

/* The same over a connection of its own, whatever the manager is. */
int manager_request_once(struct sm_manager *manager, const struct outgoing *request,
                         const struct channel_wait *wait, struct sm_reply **ret);

/* sm_manager_call(); if `raw`, with an answer that is not decoded: sm_manager_call_raw(). */
int manager_ask(struct sm_manager *manager, const char *name, struct sm_value args,
                struct sm_value kwargs, bool raw, struct sm_reply **reply);

/* A server function without keywords. */
struct outgoing server_function(const char *name, struct sm_value args);

/* Texts of what is decoded here are as the newest Python has them. */
#define PYTHON_TEXTS 13

/*
 * Take a message that came back over a channel apart: a reply, or an error set. `raw`: as it is. A
 * large one takes the channel's memory with it.
 */
int reply_take(struct channel *channel, const struct frame *frame, bool raw, struct sm_reply **ret);

/*
 * Make what it came as (`raw`) what it says: a value, or the error that the manager raised. Returns
 * SM_OK with *ret the reply, unless ret is NULL; else the reply is freed.
 */
int reply_finish(struct sm_reply *reply, struct sm_reply **ret);

/* Another holder of a reply that is decoded: each frees it. What it takes, in bytes. */
struct sm_reply *reply_hold(struct sm_reply *reply);
size_t reply_bytes(const struct sm_reply *reply);

/* Free its memory, which sm_reply_free() may keep for the thread's next answer. NULL is allowed. */
void reply_drop(struct sm_reply *reply);

/* What this thread has kept of an answer, empty; or NULL. The caller owns it. */
struct sm_reply *thread_take_reply(void);

/* Keep an empty one for that. Returns whether this thread did. */
bool thread_keep_reply(struct sm_reply *reply);

/* Decode the message. Returns SM_OK, or SM_E... with the error set. */
int reply_decode(struct sm_reply *reply, struct sm_value *ret);

/* An empty buffer of this thread for a text that its caller reads; NULL when memory runs out. */
struct buffer *thread_text(void);

/* No arguments, no keywords. */
struct sm_value no_args(void);
struct sm_value no_kwargs(void);

/* What a program gave as arguments: the two above for what is missing; SM_EARG for other kinds. */
int check_args(struct sm_value *args, struct sm_value *kwargs);

#endif
