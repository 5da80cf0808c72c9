/* SPDX-License-Identifier: MIT */
/* The daemon's keys: one, or the lines of a file. */
#ifndef DAEMON_KEYS_H
#define DAEMON_KEYS_H

#include "options.h"
#include "web/web.h"

/* As many as a server takes, and one more, for it to complain of. */
#define KEYS_MAX 65

/* What a text says: it points into that. */
struct keys {
    struct sm_key key[KEYS_MAX];
    size_t len;
};

/* What is wrong with a text. */
struct keys_error {
    size_t line;
    char text[160];
};

/*
 * Take a text apart, in place. If one of its lines is NAME RIGHT KEY, all are, but for empty ones
 * and those that begin with #; if none is, the text is one key, byte for byte. Returns 0, or -1:
 * *error tells what is wrong.
 */
int keys_parse(char *from, size_t len, struct keys *ret, struct keys_error *error);

/*
 * keys_load(): the keys of the options' file; or the one that is elsewhere, or made. keys_reload()
 * reads the file again. Both return 0, or -1 after saying what is wrong.
 */
int keys_load(const struct options *options, struct keys *ret);
int keys_reload(const struct options *options, struct keys *ret);

/* Wipe what the last of both has read: its keys are not there any more. */
void keys_forget(void);

/* Those that let in to the page, as they have all rights. Returns their number. */
size_t keys_of_page(const struct keys *keys, struct web_key ret[KEYS_MAX]);

#endif
