/* SPDX-License-Identifier: MIT */
/* A token is tried with every key, so that the time tells nothing of which one it was made with. */
#include "keyring.h"

#include <string.h>

void keyring_init(struct keyring *ring)
{
    ring->len = 0;
    pthread_mutex_init(&ring->lock, NULL);
}

void keyring_deinit(struct keyring *ring)
{
    explicit_bzero(ring->key, sizeof(ring->key));
    pthread_mutex_destroy(&ring->lock);
}

int keyring_set(struct keyring *ring, const struct web_key *keys, size_t len)
{
    int r = 0;

    pthread_mutex_lock(&ring->lock);
    explicit_bzero(ring->key, sizeof(ring->key));
    for (ring->len = 0; r == 0 && ring->len < len && ring->len < KEYRING_MAX; ring->len++)
        r = token_derive(keys[ring->len].key, keys[ring->len].len, &ring->key[ring->len]);
    if (r < 0)
        ring->len = 0;
    pthread_mutex_unlock(&ring->lock);
    return r;
}

enum token_state keyring_check(struct keyring *ring, enum token_use use, const char *text,
                               int64_t now, struct token_key *ret)
{
    enum token_state found = TOKEN_WRONG;

    pthread_mutex_lock(&ring->lock);
    for (size_t i = 0; i < ring->len; i++) {
        enum token_state state = token_check(&ring->key[i], use, text, now);

        if (state != TOKEN_WRONG)
            found = state;
        if (state == TOKEN_GOOD)
            *ret = ring->key[i];
    }
    pthread_mutex_unlock(&ring->lock);
    return found;
}
