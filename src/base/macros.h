/* SPDX-License-Identifier: MIT */
/* Small words that every floor uses. */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#include <stddef.h>
#include <stdint.h>

/* A time or a duration in nanoseconds. Times are of one monotonic clock. */
typedef int64_t nsec;

#define USEC INT64_C(1000)
#define MSEC INT64_C(1000000)
#define SEC INT64_C(1000000000)
#define FOREVER INT64_MAX

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* A local that owns what it holds: fn is called with its address when the scope ends. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Take what an owning local holds, so that its cleanup finds nothing. */
#define TAKE_PTR(p)                                                                                \
    ({                                                                                             \
        __typeof__(p) take_ptr_ = (p);                                                             \
        (p) = NULL;                                                                                \
        take_ptr_;                                                                                 \
    })

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#endif
