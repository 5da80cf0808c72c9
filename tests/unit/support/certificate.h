/* SPDX-License-Identifier: MIT */
/* Certificates for tests, that are made as they run. */
#ifndef SUPPORT_CERTIFICATE_H
#define SUPPORT_CERTIFICATE_H

/*
 * A new file with a certificate for 127.0.0.1, signed by itself, of this name, and its key. `days`:
 * until it runs out; negative: it has. The path is removed and freed by certificate_free().
 */
char *certificate_new(const char *name, int days);
void certificate_free(char *path);

#endif
