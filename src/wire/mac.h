/* SPDX-License-Identifier: MIT */
/* The codes (MACs) by which both ends of a handshake show that they know the key. */
#ifndef WIRE_MAC_H
#define WIRE_MAC_H

#include "wire/auth.h"

#include <openssl/evp.h>

/* The digests that CPython allows. */
enum mac_digest {
    MAC_MD5,
    MAC_SHA256,
    MAC_SHA384,
    MAC_SHA3_256,
    MAC_SHA3_384,
    MAC_DIGESTS, /* how many they are */
};

struct mac {
    uint8_t bytes[EVP_MAX_MD_SIZE];
    size_t len;
};

/* Whether OpenSSL has the digest: where FIPS rules it has no MD5. */
bool mac_has(const struct auth_key *key, enum mac_digest digest);

/* Returns 0 or -ENOMEM. */
int mac_compute(const struct auth_key *key, enum mac_digest digest, const uint8_t *data, size_t len,
                struct mac *ret);

#endif
