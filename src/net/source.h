/* SPDX-License-Identifier: MIT */
/* Whom a connection comes from, as far as strangers can be told apart. */
#ifndef NET_SOURCE_H
#define NET_SOURCE_H

#include "net/transport.h"

#define SOURCE_TEXT_MAX 64

struct source {
    uint8_t key[8]; /* the same for all connections of a source */
    size_t len;
    char text[SOURCE_TEXT_MAX]; /* for log lines */
};

/* Remote: the address, of IPv6 its network, since hosts pick the rest. Local: the user. */
void source_of(const struct identity *identity, struct source *ret);

#endif
