/* SPDX-License-Identifier: MIT */
/*
 * A server that was killed leaves its socket file, which the next one has to replace. Two that
 * start at once would both find it stale, and the later one remove what the earlier one has just
 * bound. So whoever looks, removes and binds holds a lock on a file beside it meanwhile, which is
 * removed when that is done: the lock counts only if the name still is that file's once it is held.
 *
 * No link is followed: bind() and unlink() do not, the lock file is opened without, and what stands
 * at the path must be a socket itself, before and after it was found that nobody listens.
 */
#include "net/socket_file.h"

#include "system/bound.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LOCK_SUFFIX ".syncmanager-lock"

struct lock_file {
    char path[sizeof(((struct sockaddr_un *)0)->sun_path) + sizeof(LOCK_SUFFIX)];
    int fd;
};

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether the file that was opened is ours alone, and no trap. */
static int lock_check(int fd, struct stat *ret)
{
    if (fstat(fd, ret) < 0)
        return -errno;
    return S_ISREG(ret->st_mode) && ret->st_uid == geteuid() ? 0 : -ELOOP;
}

/* Open the lock file and wait for the lock. Returns 1 if it was removed meanwhile. */
static int lock_try(struct lock_file *lock)
{
    struct stat opened, named;
    int r;

    lock->fd = open(lock->path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (lock->fd < 0)
        return errno == EISDIR ? -ELOOP : -errno;
    r = lock_check(lock->fd, &opened);
    while (r == 0 && flock(lock->fd, LOCK_EX) < 0)
        r = errno == EINTR ? 0 : -errno;
    if (r == 0 && (lstat(lock->path, &named) < 0 || !is_same_file(&opened, &named)))
        r = 1;
    if (r != 0)
        close(lock->fd);
    return r;
}

static int lock_take(struct lock_file *lock, const char *path)
{
    int r;

    snprintf(lock->path, sizeof(lock->path), "%s" LOCK_SUFFIX, path);
    do {
        r = lock_try(lock);
    } while (r > 0);
    return r;
}

static void lock_drop(struct lock_file *lock)
{
    unlink(lock->path);
    close(lock->fd);
}

static bool nobody_listens(const struct address *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused;

    if (fd < 0)
        return false;
    refused = connect(fd, (const struct sockaddr *)&address->sockaddr, address->len) < 0 &&
              errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* Remove what a server that is gone has left. */
static int remove_stale(const struct address *address)
{
    const char *path = address_path(address);
    struct stat before, after;

    if (lstat(path, &before) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(before.st_mode))
        return -EEXIST;
    if (!nobody_listens(address) || socket_is_bound(path, &before))
        return -EADDRINUSE;
    if (lstat(path, &after) < 0 || !is_same_file(&before, &after))
        return -EADDRINUSE;
    if (before.st_uid != geteuid())
        return -EPERM;
    return unlink(path) < 0 ? -errno : 0;
}

static int bind_and_listen(int fd, const struct address *address, struct socket_file *ret)
{
    const char *path = address_path(address);
    struct stat st;

    socket_bind_private(fd);
    if (bind(fd, (const struct sockaddr *)&address->sockaddr, address->len) < 0)
        return -errno;
    if (lstat(path, &st) < 0)
        return -errno;
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) &&
        fchmodat(AT_FDCWD, path, S_IRUSR | S_IWUSR, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (listen(fd, SOCKET_BACKLOG) < 0)
        return -errno;
    *ret = (struct socket_file){.device = st.st_dev, .inode = st.st_ino};
    return 0;
}

int socket_file_listen(int fd, const struct address *address, struct socket_file *ret)
{
    struct lock_file lock;
    int r;

    r = lock_take(&lock, address_path(address));
    if (r < 0)
        return r;
    r = remove_stale(address);
    if (r == 0)
        r = bind_and_listen(fd, address, ret);
    lock_drop(&lock);
    return r;
}

void socket_file_remove(const struct address *address, const struct socket_file *file)
{
    const char *path = address_path(address);
    struct stat st;

    if (path && file->inode && lstat(path, &st) == 0 && st.st_dev == file->device &&
        st.st_ino == file->inode)
        unlink(path);
}
