/* SPDX-License-Identifier: MIT */
/* Server functions that show a running manager. */
#ifndef SERVER_VIEWS_H
#define SERVER_VIEWS_H

struct call;
struct peer;

void serve_info(struct peer *peer, struct call *call);
void serve_clients(struct peer *peer, struct call *call);
void serve_locks(struct peer *peer, struct call *call);
void serve_objects(struct peer *peer, struct call *call);
void serve_debug_info(struct peer *peer, struct call *call);

/* sm_kill(client=None, pid=None): how many connections that has ended, the asking one never. */
void serve_kill(struct peer *peer, struct call *call);

#endif
