/* SPDX-License-Identifier: MIT */
/* File descriptors that clients store, and the host keeps. */
#ifndef PLACE_DESCRIPTOR_H
#define PLACE_DESCRIPTOR_H

#include "object/call.h"

struct host_request;
struct host;

/* One that an answer brings, written by the thread that gives that. */
struct brought {
    void *guest;           /* a reference of the host's; NULL once `object` has it */
    char *key;             /* owned, the same */
    struct object *object; /* one reference; NULL: not made yet */
};

/* Have the host take over the descriptors among a call's arguments. */
void descriptors_bring(struct host *host, struct call *call);

/* Make the objects of what an answer brings. Returns 0 or -ENOMEM. */
int descriptors_receive(struct host_request *request);

/* Let go of them. */
void descriptors_drop(struct host_request *request);

/* The object that stands for a descriptor of this key, or NULL. */
struct object *descriptor_find(const struct host *host, struct sm_value key);

#endif
