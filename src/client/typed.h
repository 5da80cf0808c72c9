/* SPDX-License-Identifier: MIT */
/* What the typed functions are made of: calls whose result is of a known kind. */
#ifndef CLIENT_TYPED_H
#define CLIENT_TYPED_H

#include "syncmanager/types.h"

/* Make an object from one argument; missing: from none. */
int typed_create(struct sm_manager *manager, const char *typeid_, struct sm_value arg,
                 struct sm_proxy **ret);

/* A call whose result, None, nobody wants; one whose result is of the kind. `ret` may be NULL. */
int typed_call(struct sm_proxy *proxy, const char *method, struct sm_value args);
int typed_bool(struct sm_proxy *proxy, const char *method, struct sm_value args, bool *ret);
int typed_int(struct sm_proxy *proxy, const char *method, struct sm_value args, int64_t *ret);
int typed_size(struct sm_proxy *proxy, const char *method, struct sm_value args, size_t *ret);

/* A call that says whether something has happened: SM_OK or SM_NOT_YET. */
int typed_wait(struct sm_proxy *proxy, const char *method, struct sm_value args);

/* acquire(blocking, timeout). */
int typed_acquire(struct sm_proxy *proxy, double timeout_s);

/* release() of what is acquired so. */
int typed_release(struct sm_proxy *proxy);

/* Whether a wait of this length is without a limit; it as the methods take it that know None. */
bool typed_forever(double timeout_s);
struct sm_value typed_timeout(double timeout_s);

/* Whether the thread's last error is this exception. */
bool typed_raised(const char *type);

/* slice(start, stop, None), in memory that the caller lends. */
struct typed_slice {
    struct sm_value item[3];
    struct sm_items items;
    struct sm_object object;
};
struct sm_value typed_slice(struct typed_slice *slice, int64_t start, int64_t stop);

#endif
