/* SPDX-License-Identifier: MIT */
/* Descriptors of processes: readable once the process has ended, whoever has its pid by then. */
#ifndef SYSTEM_PIDFD_H
#define SYSTEM_PIDFD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A descriptor of the process that has this pid now, to be closed; or a negative errno: -ENOTSUP
 * where there are none.
 */
int pidfd_of(int pid);

/* A number that the process shares with no other, ever; 0 where kernels have none. */
uint64_t pidfd_number(int pidfd);

bool pidfd_has_ended(int pidfd);

#endif
