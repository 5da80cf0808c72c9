/* SPDX-License-Identifier: MIT */
/* Where the system, or this C library, has no memfds or seals, every function here fails. */
#include "system/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(MFD_ALLOW_SEALING) && defined(MADV_DONTFORK)

/* Of Linux 6.3 and 5.1; the C library's headers may be older. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

#define SIZE_SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

/* Older systems refuse what they do not know. */
static int make(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd < 0 ? -errno : fd;
}

int memfd_new(const char *name, size_t size)
{
    int fd = make(name), r;

    if (fd < 0)
        return fd;
    if (ftruncate(fd, (off_t)size) == 0 && fcntl(fd, F_ADD_SEALS, SIZE_SEALS) == 0)
        return fd;
    r = -errno;
    close(fd);
    return r;
}

int memfd_seal_writes(int fd)
{
    return fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) < 0 ? -errno : 0;
}

int memfd_map(int fd, bool writable, void **ret, size_t *ret_size)
{
    int seals = fcntl(fd, F_GET_SEALS), r;
    struct stat st;
    size_t size;
    void *memory;

    if (seals < 0 || (seals & SIZE_SEALS) != SIZE_SEALS)
        return -EPERM;
    if (fstat(fd, &st) < 0)
        return -errno;
    size = (size_t)st.st_size;
    memory = mmap(NULL, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return -errno;
    if (madvise(memory, size, MADV_DONTFORK) < 0) {
        r = -errno;
        munmap(memory, size);
        return r;
    }
    *ret = memory;
    *ret_size = size;
    return 0;
}

void memfd_unmap(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}

#else

int memfd_new(const char *name, size_t size)
{
    (void)name, (void)size;
    return -ENOSYS;
}

int memfd_seal_writes(int fd)
{
    (void)fd;
    return -EINVAL;
}

int memfd_map(int fd, bool writable, void **ret, size_t *ret_size)
{
    (void)fd, (void)writable, (void)ret, (void)ret_size;
    return -EPERM;
}

void memfd_unmap(void *memory, size_t size)
{
    (void)memory, (void)size;
}

#endif
