/* SPDX-License-Identifier: MIT */
/* What a connection's life, in peer.c, needs of what it is used for, in requests.c. */
#ifndef PEER_REQUESTS_H
#define PEER_REQUESTS_H

#include "net/stream.h"
#include "object/caller.h"

/* The stream's events that bring something: see struct stream_events. */
size_t peer_received(struct stream *stream, const uint8_t *data, size_t len, size_t *ret_need);
bool peer_starved(struct stream *stream);
void peer_skipped(struct stream *stream);

/* What a peer is to those who carry its call out. */
extern const struct caller_ops peer_ops;

/* The same where calls are counted: see meter.h. */
extern const struct caller_ops peer_ops_counted;

#endif
