/* SPDX-License-Identifier: MIT */
/* Tables of calls on registered literals. */
#ifndef SUPPORT_PLAIN_H
#define SUPPORT_PLAIN_H

#include "support/check.h"

#include "support/probe.h"

struct plain_case {
    unsigned python;    /* the minor version that was asked */
    const char *object; /* a literal */
    const char *method;
    const char *args;
    const char *kwds;
    const char *reply; /* as probe_reply() has it */
};

static inline void check_cases(const struct plain_case *cases, size_t len)
{
    for (const struct plain_case *c = cases; c < cases + len; c++) {
        struct object *object = probe_registered(c->object);
        const char *reply;

        probe_python = c->python;
        reply = probe_reply(probe_call_kwds(object, c->method, c->args, c->kwds));
        if (strcmp(reply, c->reply) != 0)
            fail_msg("3.%u: %s.%s%s %s: %s, not %s", c->python, c->object, c->method, c->args,
                     c->kwds, reply, c->reply);
        probe_python = 13;
        object_unref(object);
    }
}

#endif
