/* SPDX-License-Identifier: MIT */
/* Ending connections of others. */
#ifndef SERVER_KILL_H
#define SERVER_KILL_H

struct call;
struct peer;

/* sm_kill(client=None, pid=None): how many connections that has ended, the asking one never. */
void serve_kill(struct peer *peer, struct call *call);

#endif
