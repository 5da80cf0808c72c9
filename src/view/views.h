/* SPDX-License-Identifier: MIT */
/* Server functions that show a running manager, and the answer of one that knows the server. */
#ifndef VIEW_VIEWS_H
#define VIEW_VIEWS_H

struct call;
struct host;
struct peer;

void serve_clients(struct peer *peer, struct call *call);
void serve_deaths(struct peer *peer, struct call *call);
void serve_locks(struct peer *peer, struct call *call);
void serve_metrics(struct peer *peer, struct call *call);
void serve_objects(struct peer *peer, struct call *call);
void serve_values(struct peer *peer, struct call *call);

/* The host writes the text where there are guests. */
void answer_debug_info(struct call *call, struct host *host);

#endif
