/* SPDX-License-Identifier: MIT */
/* The files of the page, which are built into the program: made by embed.py of page/. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include <stddef.h>

struct page_file {
    const char *path; /* as it is asked for: "/page.css"; "/" is index.html */
    const char *type;
    const unsigned char *bytes;
    size_t len;
};

/* The last one has no path. */
extern const struct page_file page_files[];

#endif
