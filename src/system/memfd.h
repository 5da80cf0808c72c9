/* SPDX-License-Identifier: MIT */
/* Memory that processes share by a descriptor. */
#ifndef SYSTEM_MEMFD_H
#define SYSTEM_MEMFD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Zeroed memory of this size, which nobody can make shorter or longer: so no access to it fails.
 * Returns its descriptor, -ENOSYS where there is no such memory, or another negative errno.
 */
int memfd_new(const char *name, size_t size);

/*
 * From now on nobody can map it to write; who has it so keeps that. Returns 0, -EINVAL where the
 * system knows no such seal, or another negative errno.
 */
int memfd_seal_writes(int fd);

/*
 * The memory of a descriptor that came from somebody else. A forked child does not have it. Returns
 * 0, -EPERM (it could be made shorter while it is mapped), or another negative errno; the memory is
 * given back by memfd_unmap().
 */
int memfd_map(int fd, bool writable, void **ret, size_t *ret_size);

/* NULL is allowed. */
void memfd_unmap(void *memory, size_t size);

#endif
