/* SPDX-License-Identifier: MIT */
/* malloc_usable_size(): how many bytes a piece of the heap holds, by the allocator's own note. */
#ifndef SYSTEM_HEAP_H
#define SYSTEM_HEAP_H

#if defined(__APPLE__)
#include <malloc/malloc.h>
#define malloc_usable_size malloc_size
#elif defined(__FreeBSD__)
#include <malloc_np.h>
#else
#include <malloc.h>
#endif

#endif
