/* SPDX-License-Identifier: MIT */
/*
 * By system call: the C library knows of pidfds only since glibc 2.36. Elsewhere there are none,
 * and what a process holds outlives it.
 */
#include "system/pidfd.h"

#include <errno.h>
#include <poll.h>
#ifdef __linux__
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#endif

/* Of the file system where each process has an inode of its own (Linux 6.9). */
#define PIDFS_MAGIC 0x50494446

int pidfd_of(int pid)
{
#ifdef SYS_pidfd_open
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

    return pidfd < 0 ? -errno : pidfd;
#else
    (void)pid;
    return -ENOTSUP;
#endif
}

uint64_t pidfd_number(int pidfd)
{
#ifdef __linux__
    struct statfs fs;
    struct stat st;

    if (fstatfs(pidfd, &fs) < 0 || fs.f_type != PIDFS_MAGIC || fstat(pidfd, &st) < 0)
        return 0;
    return st.st_ino;
#else
    (void)pidfd;
    return 0;
#endif
}

bool pidfd_has_ended(int pidfd)
{
    struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};

    return poll(&poll_fd, 1, 0) > 0;
}
