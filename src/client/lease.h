/* SPDX-License-Identifier: MIT */
/* Calls that are made in the memory which the manager shares: see base/word.h. */
#ifndef CLIENT_LEASE_H
#define CLIENT_LEASE_H

#include "client/proxy.h"

/* What a proxy shares with the manager in this process. Without a mapping it asks no more. */
struct lease {
    process_id process;      /* whose it is */
    struct mapping *mapping; /* NULL: none */
    uint64_t number;
    enum word_kind kind;
    struct word *word;
    uint64_t max;
    const struct version *version; /* of WORD_VERSION, in place of a word */
    struct buffer reads;           /* the names of methods that it holds for, each with its end */
    struct lease *older;           /* of the process that this one was forked from */
};

/*
 * These return SM_OK: the call was made, and has returned True, None, or what `ret` has;
 * SM_NOT_YET: nothing was done, and it is to be made by a request; or SM_E..., as the request would
 * have failed in the place of what was asked first. NULL for a proxy is SM_NOT_YET. Where they may
 * not ask, the proxy has its word by earlier calls, or it is SM_NOT_YET.
 */
int lease_acquire(struct sm_proxy *proxy, bool may_ask);
int lease_release(struct sm_proxy *proxy, bool may_ask);
int lease_get_flag(struct sm_proxy *proxy, bool may_ask, bool *ret);
int lease_set_flag(struct sm_proxy *proxy, bool may_ask, bool value);
int lease_add(struct sm_proxy *proxy, bool may_ask, int64_t n, int64_t *ret);
int lease_get_number(struct sm_proxy *proxy, bool may_ask, int64_t *ret);
int lease_replace(struct sm_proxy *proxy, bool may_ask, int64_t old, int64_t value, bool *ret);

/*
 * Before a request that calls one of the methods that go by words: have the word and a cell, after
 * a few of them. Returns SM_OK, whether there is one or not, or SM_E..., as above.
 */
int lease_prepare(struct sm_proxy *proxy, const char *method);

/*
 * The version of the proxy's object, and this thread's connection. SM_OK, SM_NOT_YET or SM_E..., as
 * above.
 */
int lease_watch(struct sm_proxy *proxy, bool may_ask, const struct lease **ret,
                struct connection **ret_c);

/* Whether a method is one that the version holds for. */
bool lease_reads(const struct lease *lease, const char *method);

/* The proxy is about to be freed. */
void lease_free(struct sm_proxy *proxy);

#endif
