/* SPDX-License-Identifier: MIT */
/* What peer.c, a connection's life, and requests.c, what it is used for, know of each other. */
#ifndef SERVER_PEER_H
#define SERVER_PEER_H

#include "server/server.h"
#include "wire/frame.h"

/* The stream's events that bring something: see struct stream_events. */
size_t peer_received(struct stream *stream, const uint8_t *data, size_t len, size_t *ret_need);
bool peer_starved(struct stream *stream);
void peer_skipped(struct stream *stream);

/* Told by the peer's call: an answer stands in the stream's buffer. */
void peer_answered(struct call *call);

/* A frame of the handshake. */
void peer_authenticate(struct peer *peer, const struct frame *frame);

/* Close once everything has been sent. */
void peer_finish(struct peer *peer);

#endif
