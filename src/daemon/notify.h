/* SPDX-License-Identifier: MIT */
/* Telling systemd how the service stands. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

/* Send a state, such as "READY=1", to the service manager, if there is one that waits for it. */
void notify(const char *state);

#endif
