/* SPDX-License-Identifier: MIT */
/*
 * Which process this is, asked several times in each call: handles follow a fork. The system is
 * asked once. Its answer stands in a page that a forked child gets as zeros; where there are no
 * such pages, the system is asked each time.
 */
#include "client/client.h"

#include <sys/mman.h>
#include <unistd.h>

static _Atomic pid_t *known;
static pthread_once_t known_once = PTHREAD_ONCE_INIT;

static void make_page(void)
{
#ifdef MADV_WIPEONFORK
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

pid_t this_process(void)
{
    pid_t pid;

    pthread_once(&known_once, make_page);
    if (!known)
        return getpid();
    pid = atomic_load_explicit(known, memory_order_relaxed);
    if (pid == 0) {
        pid = getpid();
        atomic_store_explicit(known, pid, memory_order_relaxed);
    }
    return pid;
}
