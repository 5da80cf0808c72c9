/* SPDX-License-Identifier: MIT */
/* What a TCP connection's own protocol tells and takes. */
#ifndef SYSTEM_TCP_H
#define SYSTEM_TCP_H

/* Acknowledge what has come in now, not with the next bytes that are sent. May do nothing. */
void tcp_acknowledge(int fd);

/* How many of the bytes that were sent the other host has not acknowledged; 0 if not known. */
int tcp_unacknowledged(int fd);

#endif
