/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Shared objects of your own, with methods in C, in a server of your own or in a plug-in of
 * `syncmanagerd --load`.
 *
 *     static void add(struct sm_call *call, void *self)
 *     {
 *         int64_t *total = self, n;
 *
 *         if (sm_as_int(sm_call_arg(call, 0), &n) < 0)
 *             sm_call_raise(call, "TypeError", "an int is needed");
 *         else
 *             sm_call_return(call, sm_int(*total += n));
 *     }
 *
 *     static void *create(struct sm_call *call, void *context)
 *     {
 *         int64_t *total = calloc(1, sizeof(*total));
 *
 *         (void)context;
 *         if (!total)
 *             sm_call_raise(call, "MemoryError", "out of memory");
 *         return total;
 *     }
 *
 *     static const struct sm_method methods[] = {
 *         {.name = "add", .fn = add, .params = {"n"}, .required = 1},
 *         {0},
 *     };
 *     static const struct sm_type total_type = {
 *         .name = "Total", .create = create, .destroy = free, .methods = methods};
 *
 *     sm_server_register_type(server, "Total", &total_type, NULL);
 *
 * A Python client registers the name and gets a proxy with these methods, as with any class that is
 * registered without a proxy class. Methods run on the server's thread, one at a time, and must not
 * block: one that has to wait parks its call and answers it later, from any thread.
 */
#ifndef SYNCMANAGER_OWN_TYPE_H
#define SYNCMANAGER_OWN_TYPE_H

#include "syncmanager/base.h"
#include "syncmanager/server.h"
#include "syncmanager/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A call that a client has made and that is to be answered, once. */
struct sm_call;

/** A call that waits for its answer. */
struct sm_parked;

/** How many parameters a method can have. */
#define SM_PARAMS_MAX 6

/** A method of a type. */
struct sm_method {
    /** What clients call; a leading underscore hides it from generated proxies. */
    const char *name;
    void (*fn)(struct sm_call *call, void *self); /**< must answer or park the call */
    const char *params[SM_PARAMS_MAX]; /**< names of its parameters; also taken by keyword */
    unsigned required; /**< how many of them must be given; Python's TypeError says so if not */
    bool
        reads; /**< it changes nothing: those may call it, too, whose key gives no right to write */
};

/** A type of shared objects. It must live as long as the server. */
struct sm_type {
    const char *name; /**< of the class, in messages */

    /**
     * Make an object's state. Returns it, or NULL after sm_call_raise(). The call has the arguments
     * of the client's create; do not return a value from it.
     */
    void *(*create)(struct sm_call *call, void *context);
    const char *params[SM_PARAMS_MAX]; /**< parameters of `create` */
    unsigned required;                 /**< how many of them must be given */
    void (*destroy)(void *self);       /**< free an object's state; NULL: nothing to do */
    const struct sm_method *methods;   /**< ended by a zeroed one */
};

/**
 * Let clients make objects of a type. Mirrors `register(name, Class)`.
 *
 * @param server   a server that does not run yet
 * @param name     the typeid
 * @param type     must live as long as the server
 * @param context  handed to `create`
 *
 * @return SM_OK, SM_EARG (no name, a name that is registered already, no `create`), or SM_ENOMEM
 */
SM_API int sm_server_register_type(struct sm_server *server, const char *name,
                                   const struct sm_type *type, void *context);

/**
 * Give every client the same object. Mirrors `register(name, callable=lambda: object)`.
 *
 * @param server  a server that does not run yet
 * @param name    the typeid; or with the keys that it is for, as of sm_server_register()
 * @param type    must live as long as the server
 * @param self    the object's state; destroyed with the server
 */
SM_API int sm_server_register_object(struct sm_server *server, const char *name,
                                     const struct sm_type *type, void *self);

/** The same for a plain value: str, bytes, numbers, tuple, list, dict, set; it is copied. */
SM_API int sm_server_register_value(struct sm_server *server, const char *name,
                                    struct sm_value value);

/** The argument for a parameter, counted from 0; of kind SM_KIND_MISSING if it was not given. It
 * is borrowed until the method returns. */
SM_API struct sm_value sm_call_arg(const struct sm_call *call, unsigned index);

/** Answer with a value, which is copied. */
SM_API void sm_call_return(struct sm_call *call, struct sm_value value);

/**
 * Answer with an exception.
 *
 * @param call    the call; it is answered then
 * @param type    a builtin's name, "ValueError", or one with its module: "queue.Empty"
 * @param format  of the message, as for printf()
 */
SM_API void sm_call_raise(struct sm_call *call, const char *type, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Answer with a new shared object. Mirrors a method that `method_to_typeid` maps.
 *
 * @param call  the call
 * @param name  a typeid of sm_server_register_type()
 * @param self  the new object's state
 *
 * @return SM_OK, or SM_EARG for an unknown name: then nothing is answered and `self` is yours
 */
SM_API int sm_call_return_object(struct sm_call *call, const char *name, void *self);

/**
 * Let the call wait. Return from the method then without answering.
 *
 * @param call       the call
 * @param timeout_s  seconds after which the caller gets a TimeoutError; negative: never
 * @param withdrawn  called on the server's thread if the call ends unanswered (its client vanished
 *                   or gave up, the time is over, the server stops); may be NULL
 * @param data       handed to `withdrawn`
 *
 * @return what sm_parked_return() or sm_parked_raise() must be called with, once, even after
 *         `withdrawn`; NULL when memory ran out: then the caller has been told so
 */
SM_API struct sm_parked *sm_call_park(struct sm_call *call, double timeout_s,
                                      void (*withdrawn)(void *data), void *data);

/** Answer a parked call with a value, which is copied. Any thread. */
SM_API void sm_parked_return(struct sm_parked *parked, struct sm_value value);

/** Answer a parked call with an exception. Any thread. */
SM_API void sm_parked_raise(struct sm_parked *parked, const char *type, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Version of the plug-in interface. */
#define SM_PLUGIN_VERSION 2

/** What a plug-in exports under the name `syncmanager_plugin`: see SM_PLUGIN(). */
struct sm_plugin {
    unsigned version;                      /**< SM_PLUGIN_VERSION */
    int (*init)(struct sm_server *server); /**< registers; negative stops the daemon */
};

/** Defines the one entry point of a plug-in: `SM_PLUGIN(init)`. */
#define SM_PLUGIN(init_fn)                                                                         \
    SM_API const struct sm_plugin syncmanager_plugin = {SM_PLUGIN_VERSION, init_fn}

#ifdef __cplusplus
}
#endif

#endif
