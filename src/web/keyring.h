/* SPDX-License-Identifier: MIT */
/* What tokens are checked by: a key for each of the manager's whose holders may see all. */
#ifndef WEB_KEYRING_H
#define WEB_KEYRING_H

#include "cli/token.h"
#include "web.h"

#include <pthread.h>

/* As many keys as a manager has. */
#define KEYRING_MAX 64

struct keyring {
    pthread_mutex_t lock; /* of what follows */
    struct token_key key[KEYRING_MAX];
    size_t len;
};

void keyring_init(struct keyring *ring);
void keyring_deinit(struct keyring *ring);

/* Exchange the keys. Returns 0, or -1 where OpenSSL does not have the means. */
int keyring_set(struct keyring *ring, const struct web_key *keys, size_t len);

/* As token_check(), by all keys. If the token is good, the key that it was made with is copied. */
enum token_state keyring_check(struct keyring *ring, enum token_use use, const char *text,
                               int64_t now, struct token_key *ret);

#endif
