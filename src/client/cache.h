/* SPDX-License-Identifier: MIT */
/*
 * Answers of methods that read, which are used again while their object is as it was: see struct
 * version. Each connection, and so each thread, has its own.
 */
#ifndef CLIENT_CACHE_H
#define CLIENT_CACHE_H

#include "client/proxy.h"

/* The most bytes of a key: object, method and arguments. With more, the object is always asked. */
#define CACHE_KEY_MAX 256

/* A call that is to be made, and the version before it. */
struct question {
    const struct version *version; /* NULL: its answer is not to be kept */
    struct mapping *mapping;       /* that has the version */
    uint64_t number;               /* of the version */
    bool raw;                      /* as in struct outgoing */
    uint64_t hash;                 /* of the key */
    size_t key_len;
    uint8_t key[CACHE_KEY_MAX];
};

/*
 * Look for the answer of a call. SM_OK: here it is. SM_NOT_YET: ask, and call cache_keep() with the
 * answer. Or SM_E...: to find out how the object is watched has failed; see lease_watch().
 */
int cache_find(struct sm_proxy *proxy, const struct outgoing *request, struct question *question,
               struct sm_reply **ret);

/* The answer that has come: it may be kept. */
void cache_keep(struct sm_manager *manager, const struct question *question,
                struct sm_reply *reply);

/* With its connection. */
void cache_free(struct cache *cache);

#endif
