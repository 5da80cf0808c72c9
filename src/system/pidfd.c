/* SPDX-License-Identifier: MIT */
/* By system call: the C library knows of pidfds only since glibc 2.36. */
#include "system/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Of the file system where each process has an inode of its own (Linux 6.9). */
#define PIDFS_MAGIC 0x50494446

int pidfd_of(int pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

    return pidfd < 0 ? -errno : pidfd;
}

uint64_t pidfd_number(int pidfd)
{
    struct statfs fs;
    struct stat st;

    if (fstatfs(pidfd, &fs) < 0 || fs.f_type != PIDFS_MAGIC || fstat(pidfd, &st) < 0)
        return 0;
    return st.st_ino;
}

bool pidfd_has_ended(int pidfd)
{
    struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};

    return poll(&poll_fd, 1, 0) > 0;
}
