/* SPDX-License-Identifier: MIT */
/*
 * Which process this is, asked several times in each call: handles follow a fork. Processes that
 * come of each other by fork are numbered, so that no two in such a row have one number; a pid
 * would be used again once its process has ended. The number stands in a page that a forked child
 * gets as zeros. Where there are no such pages, it is the pid, and the system is asked each time.
 */
#include "system/this_process.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic(_Atomic process_id *) known;
static _Atomic process_id last; /* no number that was given is above it, here or in a parent */
static pthread_once_t known_once = PTHREAD_ONCE_INIT;

static void make_page(void)
{
#if defined(__linux__) && defined(MADV_WIPEONFORK)
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return;
    if (madvise(page, size, MADV_WIPEONFORK) == 0)
        known = page;
    else
        munmap(page, size);
#endif
}

/* The first time in a process. */
static process_id take_number(void)
{
    _Atomic process_id *page;
    process_id here = 0, next;

    pthread_once(&known_once, make_page);
    page = known;
    if (!page)
        return (process_id)getpid();
    /* Of threads that come here at once, one has its number taken. */
    next = atomic_fetch_add(&last, 1) + 1;
    return atomic_compare_exchange_strong(page, &here, next) ? next : here;
}

process_id this_process(void)
{
    _Atomic process_id *page = atomic_load_explicit(&known, memory_order_acquire);
    process_id here = page ? atomic_load_explicit(page, memory_order_relaxed) : 0;

    return here ? here : take_number();
}
