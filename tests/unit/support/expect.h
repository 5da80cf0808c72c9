/* SPDX-License-Identifier: MIT */
/* Tables of calls and what Python answers to them. */
#ifndef SUPPORT_EXPECT_H
#define SUPPORT_EXPECT_H

#include "support/check.h"

#include "support/probe.h"

#include <stdio.h>

struct expected {
    unsigned python;    /* whose answer it is */
    const char *method; /* NULL: the object is made from args and kwds, and that fails */
    const char *args;   /* a tuple */
    const char *reply;  /* as probe_reply() has it; NULL: the call parks */
    const char *kwds;   /* a dict; NULL: none */
};

/* Make each call on a new object, made by typeid(*init), and compare its answer. */
static inline void expect_each(const char *typeid, const char *init, const struct expected *cases,
                               size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct expected *e = &cases[i];
        const char *kwds = e->kwds ? e->kwds : "{}";
        const char *reply;

        probe_python = e->python;
        if (e->method)
            reply =
                probe_reply(probe_call_kwds(probe_object(typeid, init), e->method, e->args, kwds));
        else
            reply = probe_create_error(typeid, e->args, kwds);
        if (!reply != !e->reply || (reply && strcmp(reply, e->reply) != 0))
            fail_msg("3.%u %s.%s%s **%s: %s, expected %s", e->python, typeid,
                     e->method ? e->method : "__init__", e->args, kwds, reply ? reply : "parks",
                     e->reply ? e->reply : "parks");
    }
}

#define EXPECT_EACH(typeid, init, cases) expect_each(typeid, init, cases, ARRAY_SIZE(cases))

/* A test whose objects are in a registry of its own. */
#define probe_test(f) cmocka_unit_test_setup_teardown(f, probe_setup, probe_teardown)

#endif
