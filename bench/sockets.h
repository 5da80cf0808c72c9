/* SPDX-License-Identifier: MIT */
/* Plain sockets and frames: four bytes of length, most significant first, then that many bytes. */
#ifndef BENCH_SOCKETS_H
#define BENCH_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD 4

/* `HOST:PORT` with a numeric host, or `unix:PATH`. A descriptor, or -1 after saying why. */
int sockets_connect(const char *address);

/* Likewise, and prints `listening on ADDRESS`. */
int sockets_listen(const char *address);

void frame_head(uint8_t *frame, size_t len);

/* The size of the frame that starts here, head and all, if it is complete; else 0. */
size_t frame_size(const uint8_t *data, size_t len);

bool send_all(int fd, const void *data, size_t len);
bool receive_all(int fd, void *data, size_t len);

#endif
