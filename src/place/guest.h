/* SPDX-License-Identifier: MIT */
/* Objects that the host has. */
#ifndef PLACE_GUEST_H
#define PLACE_GUEST_H

struct call;
struct host_request;
struct object;

/*
 * The object of the guest that a request brought, new or not; the request's reference to the guest
 * is the object's then. NULL: the call has been answered.
 */
struct object *guest_take(struct host_request *request, struct call *call);

/* The host's pointer to the guest that an object is, or NULL. */
void *guest_of(const struct object *object);

/* The typeid under which a guest was made; NULL: the object is none. */
const char *guest_typeid(const struct object *object);

#endif
