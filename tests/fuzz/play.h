/* SPDX-License-Identifier: MIT */
/* What fuzz_connection does with an input, for those who want to choose how. */
#ifndef FUZZ_PLAY_H
#define FUZZ_PLAY_H

#include <stddef.h>
#include <stdint.h>

/* A threshold at which most of what can be done aside is. */
#define FEW_ARE_MANY 3

/* Play the steps with a server of their own, to which so many values are very many. */
void play(const uint8_t *data, size_t len, size_t many);

#endif
