/* SPDX-License-Identifier: MIT */
/* The last owners that ended while they held something: who it was, and what it held. */
#ifndef PEER_DEATHS_H
#define PEER_DEATHS_H

#include "base/limits.h"
#include "base/macros.h"
#include "net/address.h"
#include "object/object.h"
#include "system/origin.h"

/* Who has ended. */
struct departed {
    uint64_t client; /* the number of its connection; 0: it was a process with all of them */
    int pid;         /* 0: not known */
    char process[ORIGIN_NAME_SIZE]; /* empty: not known */
    char host[ADDRESS_TEXT_MAX];    /* its address; empty: it was of this host */
};

/* What it held. */
struct death {
    struct departed who;
    nsec at;
    uint64_t ident;
    const struct object_type *type; /* outlives it */
    const char *registered;         /* the object's name; outlives it too; NULL: it has none */
    bool kept;                      /* it stays as it was, for ever */
};

struct deaths {
    struct death row[LIMIT_DEATHS];
    uint64_t len; /* so far: the last is in the place before this, modulo LIMIT_DEATHS */
};

/* Note one. The row is made for the first; without memory for it nothing is noted. */
void deaths_add(struct deaths **deaths, const struct departed *who, const struct object *object,
                bool kept);

/* The last but `n`; NULL: there is none, or it is forgotten. NULL is allowed for the row. */
const struct death *deaths_last(const struct deaths *deaths, size_t n);

void deaths_free(struct deaths *deaths);

#endif
