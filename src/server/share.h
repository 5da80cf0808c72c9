/* SPDX-License-Identifier: MIT */
/* Server functions by which a client comes to the memory of base/word.h; None: it does without. */
#ifndef SERVER_SHARE_H
#define SERVER_SHARE_H

struct call;
struct peer;

/* sm_share(version): the memory's number, and along with the answer its descriptors. */
void serve_share(struct peer *peer, struct call *call);

/* sm_cell(): the memory's number, and the cell and generation of this connection. */
void serve_cell(struct peer *peer, struct call *call);

/*
 * sm_lease(ident): number, kind and most of the word of an object, or of a Condition's lock. Or the
 * number of its version, WORD_VERSION, and the names of its methods that read.
 */
void serve_lease(struct peer *peer, struct call *call);

/* sm_detach(number): the process uses a word no more that it was given once. */
void serve_detach(struct peer *peer, struct call *call);

/* sm_ring(): True, and along with it the descriptor of memory that carries this connection. */
void serve_ring(struct peer *peer, struct call *call);

#endif
