/* SPDX-License-Identifier: MIT */
/*
 * Server functions that show a running manager: sm_info, sm_clients, sm_locks, sm_objects; and
 * sm_kill. Their answers are plain dicts and lists, which docs/protocol.md describes.
 */
#ifndef SERVER_VIEW_H
#define SERVER_VIEW_H

#include "server/process.h"
#include "server/server.h"

/* As many rows are in one answer; the rest is asked for from there on. */
#define VIEW_ROWS_MAX 1000

void serve_info(struct peer *peer, struct call *call);
void serve_clients(struct peer *peer, struct call *call);
void serve_kill(struct peer *peer, struct call *call);
void serve_locks(struct peer *peer, struct call *call);
void serve_objects(struct peer *peer, struct call *call);

/* Write a dict: between its begin and end, keys with their values; a list: values. */
void view_dict_begin(struct pickler *p);
void view_dict_end(struct pickler *p);
void view_list_begin(struct pickler *p);
void view_list_end(struct pickler *p);

void view_key(struct pickler *p, const char *key);
void view_int(struct pickler *p, const char *key, uint64_t n);
void view_none(struct pickler *p, const char *key);

/* Text that may have been chosen by a peer: what is not printable ASCII shows as '?'. */
void view_text(struct pickler *p, const char *key, const char *text);
void view_item_text(struct pickler *p, const char *text);

/* A time that has passed, or is left, in seconds; FOREVER is None. */
void view_time(struct pickler *p, const char *key, nsec time);

/* The keys that tell who a client is: "client", "pid", "process", "host". */
void view_client(struct pickler *p, const struct peer *peer);

/* All of them but "host"; `process` may be NULL. */
void view_caller(struct pickler *p, uint64_t caller, const struct process *process);

/* The keys that tell which object: "ident", "type". */
void view_object(struct pickler *p, const struct object *object);

/* The keys that tell about a call that is parked: "method", "waits_s", "left_s". */
void view_wait(struct pickler *p, const struct call *call);

/*
 * Where a row of answers goes on: an int that the last answer gave, or missing for the beginning.
 * False: the call has been answered with a TypeError.
 */
bool view_start(struct call *call, struct sm_value start, uint64_t *ret);

#endif
