/* SPDX-License-Identifier: MIT */
/* Waking those who wait with poll(): an eventfd, or a pipe where there are none. */
#ifndef SYSTEM_WAKEUP_H
#define SYSTEM_WAKEUP_H

struct wakeup {
    int fd;     /* owned; readable from a wake-up until it is forgotten; -1: there is none */
    int writes; /* owned: the end of the pipe that is written to, or -1 */
};

/* Returns 0 or a negative errno; then there is none, and the others do nothing. */
int wakeup_open(struct wakeup *ret);

/* Harmless the second time. */
void wakeup_close(struct wakeup *wakeup);

/* Any thread, and signal handlers too; errno may change. */
void wakeup_send(const struct wakeup *wakeup);

/* Forget the wake-ups so far. */
void wakeup_forget(const struct wakeup *wakeup);

#endif
