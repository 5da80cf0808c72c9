/* SPDX-License-Identifier: MIT */
/* What a TCP connection's own protocol tells and takes. */
#ifndef SYSTEM_TCP_H
#define SYSTEM_TCP_H

/* Acknowledge what has come in now, not with the next bytes that are sent. May do nothing. */
void tcp_acknowledge(int fd);

/* How many of the bytes that were sent the other host has not acknowledged; 0 if not known. */
int tcp_unacknowledged(int fd);

/*
 * Find out about an end that is out of reach: the connection breaks when nothing has come back from
 * it for this long, whether or not there was something to send. Where a connection cannot be told
 * the time, the system's own holds.
 */
void tcp_keep_alive(int fd, int seconds);

#endif
