/* SPDX-License-Identifier: MIT */
/*
 * The keys of a server: one without a name, which has all rights, or several that have names and
 * rights. They may be changed while connections are open.
 */
#ifndef PEER_KEYRING_H
#define PEER_KEYRING_H

#include "object/access.h"
#include "syncmanager/server.h"
#include "wire/auth.h"

struct crowd;

struct keyring {
    struct key **keys;               /* owned, as what it points to; connections point there, too */
    const struct auth_key **secrets; /* owned: theirs, in the same order */
    size_t len;
};

/* Make a ring of copies of these keys. Returns a status; then nothing was made but with SM_OK. */
int keyring_make(const struct sm_key *keys, size_t len, struct keyring *ret);

void keyring_deinit(struct keyring *ring);

/* Whether its keys have names. */
bool keyring_has_names(const struct keyring *ring);

/* Whether one of its keys has this name. */
bool keyring_has(const struct keyring *ring, const char *name);

/* Find out anew whom this is. */
void keyring_fill(const struct keyring *ring, struct audience *audience);

/*
 * Put a new ring in the place of the crowd's, which takes what is in it. Keys that are in both stay
 * the same, whatever their order. Connections whose key is not in the new one end.
 */
void keyring_replace(struct crowd *crowd, struct keyring *with);

#endif
