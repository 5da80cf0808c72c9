/* SPDX-License-Identifier: MIT */
/*
 * The handshake: both ends prove that they know the key, the server asking first. Fed with the
 * payloads of the peer's frames, it appends the frames to send. The frames of a handshake are
 * short: parse them with LIMIT_AUTH_FRAME.
 *
 * A server may have several keys. Which one the client has, its answer tells; the server's own
 * answer is by that one.
 */
#ifndef WIRE_AUTH_H
#define WIRE_AUTH_H

#include "base/buffer.h"

/* What a manager that speaks TLS says, in place of a challenge, to a client that does not. */
#define AUTH_TLS_ONLY "#TLS# this port speaks TLS alone: its address begins with tls://"

enum auth_role { AUTH_SERVER, AUTH_CLIENT };

/* auth_feed: how far the handshake has come. */
enum {
    AUTH_MORE = 1, /* feed the next payload */
    AUTH_DONE,     /* both ends have proved themselves; what follows are messages */
    AUTH_REFUSED,  /* `reason` tells why; send what was appended, then close */
};

/* What HMAC keeps of a key, worked out once (mac.c). Any number of handshakes share it, in any
 * threads, and in forked children. */
struct auth_key;

/*
 * @param key  any bytes, none too; not needed afterwards
 *
 * @return 0, -ENOMEM, -EAGAIN if no thread can be made, which the first key of a process needs, or
 *         -ENOTSUP if OpenSSL has no HMAC-SHA-256
 */
int auth_key_new(const uint8_t *key, size_t len, struct auth_key **ret);
void auth_key_free(struct auth_key *key);

/*
 * What tells a key from others, without telling what it is: two are alike if handshakes cannot tell
 * them apart. Returns 0 or -ENOMEM.
 */
#define AUTH_PRINT_LEN 32
int auth_key_print(const struct auth_key *key, uint8_t ret[AUTH_PRINT_LEN]);

/* `{sha256}` and 40 random bytes. */
#define AUTH_CHALLENGE_LEN 48

struct auth {
    const struct auth_key *key; /* of both ends; outlives us; NULL: it is not known yet which */
    const struct auth_key *const *keys; /* those that it may be; outlive us, and may be set anew */
    size_t keys_len;                    /* 0: it is known */
    size_t index; /* the place of `key` among them, when the other end has proved that it has it */
    const char *reason; /* static; as CPython's AuthenticationError; NULL if not refused */
    enum auth_role role;
    enum auth_step {
        AUTH_AWAITS_CHALLENGE,
        AUTH_AWAITS_VERDICT,
        AUTH_AWAITS_RESPONSE,
        AUTH_OVER,
    } step;
    bool legacy; /* the peer answered in the way of CPython 3.11 and before; known when done */
    uint8_t challenge[AUTH_CHALLENGE_LEN]; /* ours */
};

/* There is nothing to deinit. */
void auth_init(struct auth *auth, enum auth_role role, const struct auth_key *key);

/* The same of a server that has these keys. */
void auth_init_keys(struct auth *auth, const struct auth_key *const *keys, size_t keys_len);

/* Send what our role sends first. Returns 0, -ENOMEM, or -EIO if there are no random bytes. */
int auth_start(struct auth *auth, struct buffer *out);

/*
 * Take the peer's next payload. Not to be called again after AUTH_DONE and AUTH_REFUSED.
 *
 * @return AUTH_MORE, AUTH_DONE, AUTH_REFUSED, -ENOMEM or -EIO
 */
int auth_feed(struct auth *auth, const uint8_t *payload, size_t len, struct buffer *out);

#endif
