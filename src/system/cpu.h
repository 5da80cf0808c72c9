/* SPDX-License-Identifier: MIT */
/* Which core a thread runs on, and waiting there for another one's. */
#ifndef SYSTEM_CPU_H
#define SYSTEM_CPU_H

/* Where this thread runs just now; -1 where the system does not tell. */
int cpu_here(void);

/* Between two looks at memory that another core is about to write: takes some ten nanoseconds. */
static inline void cpu_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

#endif
