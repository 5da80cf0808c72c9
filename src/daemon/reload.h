/* SPDX-License-Identifier: MIT */
/* What SIGHUP has the daemon read anew: keys and certificates. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "options.h"
#include "web/web.h"

struct reload {
    const struct options *options;
    struct web *web; /* NULL: there is no page */
};

/* Read all files anew; a sm_reload_fn with a struct reload. What is wrong with one is logged. */
void reload_all(void *context, struct sm_server *server);

#endif
