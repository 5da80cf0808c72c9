/* SPDX-License-Identifier: MIT */
/*
 * A token is the time when it ends, and the HMAC-SHA-256 of its use and that time, by a key that is
 * itself an HMAC by the manager's key. So the daemon need not keep that one for its page, and no
 * token of one use is one of another.
 */
#include "cli/token.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAC_LEN 32

static int mac(const void *key, size_t key_len, const char *text, unsigned char ret[MAC_LEN])
{
    unsigned len = MAC_LEN;

    return HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), ret,
                &len)
               ? 0
               : -1;
}

int token_derive(const void *authkey, size_t len, struct token_key *ret)
{
    return mac(authkey, len, "syncmanager page\n", ret->bytes);
}

int token_make(const struct token_key *key, enum token_use use, int64_t expires,
               char ret[static TOKEN_MAX])
{
    static const char *const uses[] = {"login", "session", "bearer"};
    unsigned char made[MAC_LEN];
    char text[64];
    int len;

    snprintf(text, sizeof(text), "%s\n%" PRId64, uses[use], expires);
    if (mac(key->bytes, sizeof(key->bytes), text, made) < 0)
        return -1;
    len = snprintf(ret, TOKEN_MAX, "%" PRId64 "-", expires);
    for (size_t i = 0; i < MAC_LEN; i++)
        len += snprintf(ret + len, TOKEN_MAX - (size_t)len, "%02x", made[i]);
    return 0;
}

/* The text that would be right, with the end that is claimed, is made and compared. */
enum token_state token_check(const struct token_key *key, enum token_use use, const char *text,
                             int64_t now)
{
    int64_t expires = strtoll(text, NULL, 10);
    char right[TOKEN_MAX] = "", given[TOKEN_MAX] = "";
    bool good;

    if (token_make(key, use, expires, right) < 0)
        return TOKEN_WRONG;
    strncpy(given, text, sizeof(given) - 1);
    good = CRYPTO_memcmp(right, given, sizeof(given)) == 0 && strlen(text) < sizeof(given);
    if (!good)
        return TOKEN_WRONG;
    return expires && expires <= now ? TOKEN_EXPIRED : TOKEN_GOOD;
}
