/* SPDX-License-Identifier: MIT */
/*
 * What lets somebody see the page of a manager: a text that whoever has the manager's key can make,
 * and that does not tell the key. It is of one use, and mostly of a limited time.
 */
#ifndef CLI_TOKEN_H
#define CLI_TOKEN_H

#include <stddef.h>
#include <stdint.h>

/* A token's text, with its NUL, is no longer. */
#define TOKEN_MAX 96

/* How long a link lasts, and a session that it has opened, in seconds. */
#define TOKEN_LOGIN_S 600
#define TOKEN_SESSION_S (12 * 3600)

/* What tokens are made with: derived from the manager's key, which it does not tell. */
struct token_key {
    unsigned char bytes[32];
};

enum token_use {
    TOKEN_LOGIN,   /* opens a session */
    TOKEN_SESSION, /* a browser's cookie */
    TOKEN_BEARER,  /* a program's, to read with */
};

/* Returns 0, or -1 where OpenSSL does not have the means. */
int token_derive(const void *authkey, size_t len, struct token_key *ret);

/* A token that lasts until `expires`, in seconds since 1970; 0: without an end. Likewise. */
int token_make(const struct token_key *key, enum token_use use, int64_t expires,
               char ret[static TOKEN_MAX]);

enum token_state {
    TOKEN_GOOD,
    TOKEN_EXPIRED, /* it was good */
    TOKEN_WRONG,
};

/* What a text is worth. It takes as long whatever is wrong in it. */
enum token_state token_check(const struct token_key *key, enum token_use use, const char *text,
                             int64_t now);

#endif
