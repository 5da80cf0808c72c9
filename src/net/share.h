/* SPDX-License-Identifier: MIT */
/* The memory that a manager shares with clients of its own user on the same host: base/word.h. */
#ifndef NET_SHARE_H
#define NET_SHARE_H

#include "base/word.h"

#include <stdbool.h>
#include <stddef.h>

/* Of all that is shared; a client says which one it knows. */
#define SHARE_VERSION 1

/* Descriptors that a client gets, in this order: of the words, the cells, the versions. */
#define SHARE_DESCRIPTORS 3

/* One end's mappings. */
struct share {
    struct word *words;       /* NULL: none */
    struct cell *cells;       /* a client's are read-only */
    struct version *versions; /* likewise */
    size_t words_len, cells_len, versions_len;
    size_t words_size, cells_size, versions_size; /* in bytes */
    int fds[SHARE_DESCRIPTORS];                   /* the manager's; owned; -1: none */
    size_t counted;                               /* bytes, of the manager's */
    bool open;
    uint64_t id; /* of this memory, among all there ever were; below 2^63 */
};

/* The manager's end. Returns 0, or a negative errno: there is none. */
int share_make(struct share *share, size_t words_len, size_t cells_len, size_t versions_len);

/* A client's, of the descriptors that it got, which stay the caller's. */
int share_map(struct share *share, const int fds[SHARE_DESCRIPTORS]);

/* Harmless when there is none. */
void share_close(struct share *share);

/* In a forked child, which has nothing of it but the descriptors: close them. */
void share_close_inherited(const struct share *share);

#endif
