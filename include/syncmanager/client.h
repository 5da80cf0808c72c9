/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Managers and proxies: start or reach a manager, make shared objects, call them.
 *
 * Everything here may be used from any number of threads. Each thread calls over a connection of
 * its own, opened when it first calls and closed when it ends; that connection is what owns an
 * RLock or a Condition. Handles work in forked children too, whatever other threads were doing at
 * the fork(): the child opens connections of its own, and takes references of its own.
 *
 * A call waits for its answer no longer than sm_manager_set_timeout() says (by default, for ever).
 * Functions with a `timeout_s` wait in the manager for that long: seconds, or SM_FOREVER.
 *
 * All functions return SM_OK or a negative `SM_E...`, if not said otherwise: SM_ERAISED,
 * SM_ETIMEDOUT, SM_ECLOSED, SM_EREFUSED, SM_EPROTOCOL, SM_ETLS, SM_EINTERRUPTED, SM_ESYSTEM,
 * SM_ENOMEM and SM_EARG can come from each that calls the manager.
 */
#ifndef SYNCMANAGER_CLIENT_H
#define SYNCMANAGER_CLIENT_H

#include "syncmanager/base.h"
#include "syncmanager/server.h"
#include "syncmanager/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Wait without a limit. */
#define SM_FOREVER (-1.0)

/** A manager that this process started or connected to. */
struct sm_manager;

/** A handle of a shared object. */
struct sm_proxy;

/** Calls that are made together. */
struct sm_batch;

/** How a manager is started or reached; zeroed fields mean the default. */
struct sm_manager_options {
    /** The key, any bytes. Default: the environment's SYNCMANAGER_AUTHKEY; sm_manager_start() makes
     * a random one where that is not set either. */
    const void *authkey;
    size_t authkey_len;    /**< its length in bytes */
    unsigned timeout_ms;   /**< see sm_manager_set_timeout(); 0: for ever */
    unsigned python_minor; /**< be answered as this Python 3.x would be, 8 or more; 0: as any */
    uint64_t max_message;  /**< the largest answer to take, in bytes; default 4 GiB */
    unsigned keepalive_ms; /**< how long a manager at the other end of a TCP connection may be out
                              of reach before calls fail with SM_ECLOSED; default 60,000 ms;
                              UINT_MAX: for ever */

    /** @name For addresses with TLS
     * Files in PEM; what is NULL is looked for in the environment, where SYNCMANAGER_TLS_CA,
     * SYNCMANAGER_TLS_CERTIFICATE and SYNCMANAGER_TLS_KEY say the same. */
    /**@{*/
    const char *tls_ca; /**< whom the manager's certificate must be signed by: certificates, in a
                             file or a folder. Default: those that the system trusts. It must name
                             the address' host, or IP address. */
    const char *tls_certificate; /**< this client's own, for a manager that wants one */
    const char *tls_key;         /**< its key, without a passphrase; NULL: in the same file */
    /**@}*/

    /** How often a call looks whether its answer is there before it sleeps; it stops by itself
     * where that does not pay. Default 20, some ten microseconds; UINT_MAX: never. */
    unsigned spins;

    /** Use no memory that a manager on this host shares with processes of its user. Else calls of
     * locks that are free, semaphores, events and counters take nanoseconds: whoever has the key
     * can write there. */
    bool sockets_only;

    /**
     * Called while a call waits, on the thread that waits: when a signal has come, when the wait
     * takes longer than a few milliseconds, and about once a second from then on. A negative
     * return ends the call as sm_manager_interrupt() would, unless its answer was there already:
     * then the call succeeds, and `look` will have to remember that it wanted an end. It may call
     * the manager: over another connection. NULL: nothing is called.
     */
    int (*look)(void *context);
    void *look_context; /**< handed to `look` */

    /**
     * sm_manager_start() alone: runs in the manager's process before it listens, to register
     * objects and types. A negative return stops the start, with sm_last_error()'s message.
     */
    int (*setup)(struct sm_server *server, void *context);
    void *context;                          /**< handed to `setup` */
    const struct sm_server_options *server; /**< of sm_manager_start(): limits, log; or NULL */
};

/**
 * Start a manager: a child process, forked without exec, that serves until the manager is freed or
 * shut down, or until this process ends in whatever way. Mirrors `SyncManager.start()`.
 *
 * @param address  where to listen, as sm_server_listen() takes it; NULL: a new Unix socket
 * @param options  or NULL
 * @param ret      the manager, to be freed with sm_manager_free()
 *
 * It forks, and may do so beside threads at work, but for what `setup` and the program's own
 * methods need in the child: a lock that another thread holds at that moment is locked there for
 * ever.
 */
SM_API int sm_manager_start(const char *address, const struct sm_manager_options *options,
                            struct sm_manager **ret);

/**
 * Reach a manager that runs: ours, or one of Python's. Mirrors `SyncManager.connect()`.
 *
 * @param address  `HOST:PORT`, `tls://HOST:PORT`, `unix:PATH` or `unix:@NAME`
 * @param options  or NULL
 * @param ret      the manager, to be freed with sm_manager_free()
 */
SM_API int sm_manager_connect(const char *address, const struct sm_manager_options *options,
                              struct sm_manager **ret);

/**
 * The same without a word to the manager: the first call connects. Parameters and errors are those
 * of sm_manager_connect(), but for what only the manager could tell.
 */
SM_API int sm_manager_at(const char *address, const struct sm_manager_options *options,
                         struct sm_manager **ret);

/**
 * Free the handle. A manager that this process started ends, once its proxies here are freed too.
 * NULL is allowed.
 */
SM_API void sm_manager_free(struct sm_manager *manager);

/** End the manager's process, whoever started it. Mirrors `SyncManager.shutdown()`. */
SM_API int sm_manager_shutdown(struct sm_manager *manager);

/**
 * Wait for the end of a manager that this process started. Mirrors `BaseManager.join()`.
 *
 * @return SM_OK, SM_NOT_YET when it still runs after `timeout_s`, or SM_EARG for one that was not
 *         started here
 */
SM_API int sm_manager_wait(struct sm_manager *manager, double timeout_s);

/** Where the manager listens, with its real port; lives as long as the manager. */
SM_API const char *sm_manager_address(const struct sm_manager *manager);

/**
 * Bound the time of every call, beginning with the next one. A call that is not answered in time
 * ends with SM_ETIMEDOUT, and is withdrawn in the manager, so that it takes no lock or item later;
 * a manager of Python's cannot withdraw it.
 *
 * @param manager     whose calls
 * @param timeout_ms  milliseconds; 0: no bound
 */
SM_API void sm_manager_set_timeout(struct sm_manager *manager, unsigned timeout_ms);

/**
 * End every call that waits now, in any thread of this process, with SM_EINTERRUPTED. Signal
 * handlers may call it.
 */
SM_API void sm_manager_interrupt(struct sm_manager *manager);

/**
 * Call a function of the manager itself, as Python's `dispatch(connection, None, name, args, kwds)`
 * does: `dummy`, `create`, `incref`, `decref`, `number_of_objects`, `debug_info`, `get_methods`. A
 * manager of ours also has `sm_version`, which returns its version as text, and `sm_keep`, which
 * lets one reference of this process to the object of an ident outlive the process; one of Python's
 * raises RemoteError for what it does not know.
 *
 * @param manager  whose function
 * @param name     of the function
 * @param args     a tuple, or sm_missing() for none
 * @param kwargs   a dict with str keys, or sm_missing() for none
 * @param reply    what it returned, freed with sm_reply_free(); may be NULL
 */
SM_API int sm_manager_call(struct sm_manager *manager, const char *name, struct sm_value args,
                           struct sm_value kwargs, struct sm_reply **reply);

/** The number of objects that clients hold references to. Mirrors `_number_of_objects()`. */
SM_API int sm_manager_number_of_objects(struct sm_manager *manager, size_t *ret);

/** A text about each object. Mirrors `_debug_info()`. */
SM_API int sm_manager_debug_info(struct sm_manager *manager, struct sm_reply **ret);

/**
 * Make a shared object. Mirrors `manager.TYPEID(*args, **kwargs)`.
 *
 * @param manager  where
 * @param typeid_  a type's name ("list", "Queue", ...) or a registered one
 * @param args     a tuple of positional arguments: SM_TUPLE(...), or sm_missing() for none
 * @param kwargs   a dict with str keys, or sm_missing() for none
 * @param ret      the proxy, to be freed with sm_proxy_free()
 */
SM_API int sm_create(struct sm_manager *manager, const char *typeid_, struct sm_value args,
                     struct sm_value kwargs, struct sm_proxy **ret);

/**
 * Call a method of a shared object and wait for its answer. Mirrors `BaseProxy._callmethod()`.
 *
 * @param proxy   the object
 * @param method  name of an exposed method, UTF-8, such as "acquire"
 * @param args    tuple of the positional arguments, in Python's units; sm_missing() for none
 * @param reply   the value returned, freed with sm_reply_free(); untouched on failure; may be NULL
 */
SM_API int sm_call(struct sm_proxy *proxy, const char *method, struct sm_value args,
                   struct sm_reply **reply);

/** The same with keyword arguments: a dict with str keys, or sm_missing(). */
SM_API int sm_call_kwargs(struct sm_proxy *proxy, const char *method, struct sm_value args,
                          struct sm_value kwargs, struct sm_reply **reply);

/**
 * Make calls together: many go out at once, and many answers come back at once, so that a call
 * costs a fraction of what it does alone. They are carried out one after the other in the order in
 * which they were added, as separate calls; what one raises does not stop those behind it.
 *
 *     struct sm_batch *batch;
 *     int status;
 *
 *     if (sm_batch_new(manager, &batch) < 0)
 *         return sm_complain("batch");
 *     for (int i = 0; i < 1000; i++)
 *         sm_batch_call(batch, numbers, "append", SM_TUPLE(sm_int(i)));
 *     if (sm_batch_run(batch) < 0)
 *         sm_complain("batch");
 *     while ((status = sm_batch_next(batch, NULL)) != SM_NOT_YET) {
 *         if (status < 0)
 *             sm_complain("append");
 *     }
 *     sm_batch_free(batch);
 *
 * A batch is for calls that do not wait: one that does holds up all behind it. It is used by one
 * thread at a time.
 *
 * @param manager  where the objects are
 * @param ret      an empty batch, to be freed with sm_batch_free()
 */
SM_API int sm_batch_new(struct sm_manager *manager, struct sm_batch **ret);

/** Free the batch with all that was not taken out of it. NULL is allowed. */
SM_API void sm_batch_free(struct sm_batch *batch);

/**
 * Add a call. Nothing is sent yet, but the arguments are taken as they are now. After
 * sm_batch_run() this begins anew: answers that were not taken are dropped.
 *
 * @param batch   to add to
 * @param proxy   the object, of the batch's manager
 * @param method  name of an exposed method, UTF-8
 * @param args    tuple of the positional arguments; sm_missing() for none
 */
SM_API int sm_batch_call(struct sm_batch *batch, struct sm_proxy *proxy, const char *method,
                         struct sm_value args);

/**
 * Make the calls that were added, and wait for their answers. The time of sm_manager_set_timeout()
 * is for all of them. On a failure the thread's connection is closed, and what it owned released;
 * the answers that had come can be taken, other calls may have had effect.
 */
SM_API int sm_batch_run(struct sm_batch *batch);

/**
 * The answer of the next call, in their order.
 *
 * @param batch  that has run
 * @param ret    the value returned, freed with sm_reply_free(); may be NULL
 *
 * @return as sm_call(), or SM_NOT_YET when there are no more
 */
SM_API int sm_batch_next(struct sm_batch *batch, struct sm_reply **ret);

/** Call a method that returns another shared object, such as a dict's `__iter__`. */
SM_API int sm_call_proxy(struct sm_proxy *proxy, const char *method, struct sm_value args,
                         struct sm_proxy **ret);

/**
 * The ident of the shared object that a method returned in place of a value; with it comes a
 * reference, which the caller owns and gives back with the manager's `decref`, or leaves behind
 * with `sm_keep`. sm_call_proxy() and a proxy are the way to call such methods where it is known
 * that they are such.
 *
 * @return a str that lives as long as the reply; missing where a value was returned
 */
SM_API struct sm_value sm_reply_ident(const struct sm_reply *reply);

/**
 * @name Raw calls
 * For bindings of languages that can pickle. The answer is not looked into: SM_OK means that one
 * came, even if it says that the manager raised an exception.
 * @{
 */

/** sm_manager_call() with the answer as it came. */
SM_API int sm_manager_call_raw(struct sm_manager *manager, const char *name, struct sm_value args,
                               struct sm_value kwargs, struct sm_reply **reply);

/** The same for a request that is a pickle already: of `(None, name, args, kwargs)`. */
SM_API int sm_manager_call_pickled(struct sm_manager *manager, const void *request, size_t len,
                                   struct sm_reply **reply);

/** sm_call_kwargs() with the answer as it came. */
SM_API int sm_call_raw(struct sm_proxy *proxy, const char *method, struct sm_value args,
                       struct sm_value kwargs, struct sm_reply **reply);

/**
 * The same for a request that is a pickle already: of `(ident, method, args, kwargs)`, where the
 * ident is the proxy's.
 */
SM_API int sm_call_pickled(struct sm_proxy *proxy, const void *request, size_t len,
                           struct sm_reply **reply);

/**
 * The pickle that a raw call's answer is: of `(kind, payload)`.
 *
 * @return `*ret_len` bytes that live as long as the reply
 */
SM_API const void *sm_reply_message(const struct sm_reply *reply, size_t *ret_len);

/**
 * What that pickle says, as a value that lives as long as the reply. A value that occurs in it
 * twice has the same `id` both times.
 *
 * @return SM_OK, SM_EPROTOCOL where it is no pickle, SM_ENOMEM
 */
SM_API int sm_reply_decode(struct sm_reply *reply, struct sm_value *ret);

/**
 * A proxy of an object of which the manager has given this process a reference: by an answer to
 * `create`, or by one of the kind `#PROXY`. The proxy takes that reference over, also on failure.
 *
 * @param manager  where the object is
 * @param typeid_  what the object was made as
 * @param ident    the object's ident
 * @param ret      the proxy
 */
SM_API int sm_proxy_adopt(struct sm_manager *manager, const char *typeid_, const char *ident,
                          struct sm_proxy **ret);

/**
 * A proxy of the object that a token names, with a reference of its own.
 *
 * @param manager   where the object is
 * @param typeid_   what the object was made as
 * @param ident     the object's ident
 * @param received  the token came here in a proxy that another process has counted as sent, by
 *                  sm_proxy_sent(): then that one has arrived
 * @param ret       the proxy
 */
SM_API int sm_proxy_take(struct sm_manager *manager, const char *typeid_, const char *ident,
                         bool received, struct sm_proxy **ret);

/**
 * The proxy was sent so many times more to other processes, other than as an argument to its own
 * manager. Once all references are given back the manager keeps the object, for some 10 seconds at
 * most, until as many receivers have taken theirs. A stock manager does not.
 *
 * @param proxy  NULL is allowed
 * @param times  how often it was sent, since it was told last
 */
SM_API void sm_proxy_sent(struct sm_proxy *proxy, unsigned times);

/** @} */

/**
 * To be called in a forked child that will not use the manager, or not soon: closes what is the
 * parent's. Other functions of the manager see to that by themselves.
 */
SM_API void sm_manager_forked(struct sm_manager *manager);

/** The object's whole value. Mirrors `BaseProxy._getvalue()`. */
SM_API int sm_getvalue(struct sm_proxy *proxy, struct sm_reply **reply);

/**
 * str() of the object in the manager: what `print(proxy)` shows.
 *
 * @return text in memory of this thread, which keeps the last four texts of sm_text() and
 *         sm_value_repr(); on failure what Python prints then, which says so: never NULL
 */
SM_API const char *sm_text(struct sm_proxy *proxy);

/** What Python's `repr(proxy)` shows: its class, its typeid, and where the handle is; likewise. */
SM_API const char *sm_proxy_repr(struct sm_proxy *proxy);

/** Give the handle back, and with it the reference to the object. NULL is allowed. */
SM_API void sm_proxy_free(struct sm_proxy *proxy);

/**
 * Give the reference back, and keep the handle: should it be used again, it takes another, as long
 * as others keep the object.
 *
 * @param proxy  NULL is allowed
 * @param wait   return when the manager has dropped the reference; else it does so before it serves
 *               this thread's next call, and perhaps later than one of another thread
 */
SM_API void sm_proxy_release(struct sm_proxy *proxy, bool wait);

/** The same without a word to the manager: for when that has ended, or is about to. */
SM_API void sm_proxy_forget(struct sm_proxy *proxy);

/** Another handle of the same object, with a reference of its own. */
SM_API int sm_proxy_copy(struct sm_proxy *proxy, struct sm_proxy **ret);

/** The typeid that the object was made with; lives as long as the proxy. */
SM_API const char *sm_proxy_typeid(const struct sm_proxy *proxy);

/** The ident of the object in the manager; lives as long as the proxy. */
SM_API const char *sm_proxy_ident(const struct sm_proxy *proxy);

/**
 * The proxy as one line of text, which any process with the key turns back into a proxy. It holds
 * no reference: each call counts as the proxy being sent once, so that a receiver finds the object
 * for some 10 seconds after this proxy was given back. A stock manager frees it at once: keep the
 * proxy until the other side has its own.
 *
 * @return text that lives as long as the proxy
 */
SM_API const char *sm_proxy_to_text(struct sm_proxy *proxy);

/** A proxy from its text, reached through `manager`, whose key it uses. */
SM_API int sm_proxy_from_text(struct sm_manager *manager, const char *text, struct sm_proxy **ret);

/**
 * A proxy of an object of which the ident alone is known, such as from sm_manager_debug_info(). Its
 * class in the manager is not known: it serves to call the object, not to store it in others.
 *
 * @param manager  where the object is
 * @param ident    NUL-terminated
 * @param ret      the proxy, with a reference of its own
 *
 * @return also SM_ERAISED, with "RemoteError", when there is no such object
 */
SM_API int sm_proxy_from_ident(struct sm_manager *manager, const char *ident,
                               struct sm_proxy **ret);

/** The proxy as a value, to be stored in other objects; lives as long as the proxy. */
SM_API struct sm_value sm_proxy_value(struct sm_proxy *proxy);

/** Whether a value that came back is a proxy. */
SM_API bool sm_value_is_proxy(struct sm_value v);

/**
 * A proxy from a value that came back: an object that was stored in another. Take it before the
 * thread calls a method again: until then the manager keeps the object alive for it.
 */
SM_API int sm_proxy_from_value(struct sm_manager *manager, struct sm_value v,
                               struct sm_proxy **ret);

#ifdef __cplusplus
}
#endif

#endif
