/* SPDX-License-Identifier: MIT */
#include "system/futex.h"

#include <errno.h>

#ifdef __linux__

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

int futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t nanoseconds)
{
    struct timespec time = {.tv_sec = nanoseconds / SECOND, .tv_nsec = nanoseconds % SECOND};

    if (syscall(SYS_futex, word, FUTEX_WAIT, value, &time, NULL, 0) == 0 || errno == EAGAIN)
        return 0;
    return -errno;
}

void futex_wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

#else

int futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t nanoseconds)
{
    (void)word, (void)value, (void)nanoseconds;
    return -ENOSYS;
}

void futex_wake(_Atomic uint32_t *word)
{
    (void)word;
}

#endif
