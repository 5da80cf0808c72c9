/* SPDX-License-Identifier: MIT */
#include "system/random.h"

#ifdef __linux__
#include <sys/random.h>
#else
#include <unistd.h>
#endif

bool random_bytes(void *bytes, size_t len)
{
#ifdef __linux__
    return getrandom(bytes, len, 0) == (ssize_t)len;
#else
    return getentropy(bytes, len) == 0;
#endif
}
