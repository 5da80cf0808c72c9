/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Guests: objects that live outside the server, and calls whose work is done there.
 *
 * A server's *host* is handed whole requests, as the client pickled them: to make an object of a
 * typeid that the server does not know, and to call a method of such an object, a *guest*. It does
 * the work where and when it likes, and answers from any thread with a whole reply, or with a
 * guest. All that is not work stays with the server: connections, idents, references, waiting. A
 * guest is an object like any other there: it can be counted, and its proxies stored in others.
 *
 * This is how the Python package serves classes that are registered in Python: the server's thread
 * unpickles nothing of them, and never waits for an interpreter. Types in C are easier made with
 * syncmanager/own_type.h.
 */
#ifndef SYNCMANAGER_GUEST_H
#define SYNCMANAGER_GUEST_H

#include "syncmanager/base.h"
#include "syncmanager/server.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a request asks for. */
enum sm_request_kind {
    /** An object: the message is of None, "create", a tuple of typeid and arguments, and a dict. */
    SM_REQUEST_CREATE,
    /** A method of `guest`: the message is of ident, name, a tuple and a dict. */
    SM_REQUEST_CALL,
    /**
     * The text of debug_info(): the message is of None, "debug_info", a tuple whose one item is a
     * tuple of lines, and a dict; each line is of ident, number of references, and text. A text
     * that is None is that of a guest: of the first of `guests`, then of the next.
     */
    SM_REQUEST_DEBUG_INFO,
    /**
     * A method of an object of the server's own that would run Python code there, as a list's
     * sort(key=...): the object *visits* the host, and all its calls follow, until none is left.
     */
    SM_REQUEST_VISIT,
    /**
     * What an argument comes to: `value`, pickled, is of a class that the server does not know, and
     * `ask` is what the method does with it. Answered by sm_request_answer_plain(), or by
     * sm_request_answer() with the exception that this raises.
     */
    SM_REQUEST_ASK,
    /**
     * The file descriptors among the arguments of a request that the server serves: `value` is a
     * pickled list of objects of `multiprocessing.resource_sharer.DupFd`, each to be detached once.
     * Answered by sm_request_bring() for each and sm_request_answer_brought(), or by
     * sm_request_answer() with what went wrong.
     */
    SM_REQUEST_BRING,
};

/**
 * A request that is to be answered, once, by one of the functions below; until then it is the
 * host's, and what it points to lives. An answer to a client that has gone meanwhile is dropped.
 */
struct sm_request {
    enum sm_request_kind kind; /**< what is asked */
    void *guest;               /**< of SM_REQUEST_CALL: what is called */
    void *const *guests;       /**< of SM_REQUEST_DEBUG_INFO: the guests it is about, in order */
    uint64_t visit; /**< of SM_REQUEST_VISIT: which; the host has one copy of the object for it */
    const void *value; /**< of a visit's first request, the object, pickled, or NULL; what is asked
                          about */
    size_t value_len;  /**< its length in bytes */
    enum sm_ask ask;   /**< of SM_REQUEST_ASK: what about it */
    char typecode;     /**< of SM_ASK_ITEM: of the array */
    bool making; /**< of SM_REQUEST_ASK and SM_REQUEST_BRING: of an argument of create(), not of a
                    method */
    const void *message; /**< the request, pickled */
    size_t message_len;  /**< its length in bytes */
    unsigned python;     /**< the client's Python is 3.x, as far as that can be told */
    /**
     * The client is of the Python package: an exception may bring its traceback along, as
     * `multiprocessing.pool.ExceptionWithTraceback` pickles both.
     */
    bool tracebacks;
};

/** Who does the work. The functions run on the server's thread, and must not wait. */
struct sm_host {
    /**
     * A request is there. Those of one session, which is a connection's, come one at a time, the
     * next when the last was answered. `*session` is the host's own to set: NULL at first.
     */
    void (*serve)(void *context, struct sm_request *request, void **session);
    /** A session has ended: no request of it comes any more; one may be unanswered. */
    void (*ended)(void *context, void *session);
    /** A reference that sm_request_answer_guest() gave is given back. */
    void (*dropped)(void *context, void *guest);
    /** A visit is over: what stands for the object is of no use any more. */
    void (*returned)(void *context, uint64_t visit);
    /**
     * How long unanswered requests are waited for when the server ends and there is nothing else to
     * wait for; within the options' drain_ms, and if 0, as long as that.
     */
    unsigned drain_ms;
};

/**
 * Give a server its host: it makes the objects of all typeids that the server does not know.
 *
 * @param server   a server that does not run yet; it must not be freed while requests are
 *                 unanswered
 * @param host     must live as long as the server
 * @param context  handed to its functions
 */
SM_API void sm_server_set_host(struct sm_server *server, const struct sm_host *host, void *context);

/** A shared object that is kept, although no client may hold it. */
struct sm_hold;

/**
 * Keep a shared object, such as one whose proxy was among a request's arguments: hold it before the
 * request is answered. Clients do not see it counted. Any thread.
 *
 * @param server  where it is; it must outlive the hold
 * @param ident   NUL-terminated; one that is not there is held in vain
 *
 * @return to be released once, by any thread, even after the server has ended; NULL when memory
 *         ran out
 */
SM_API struct sm_hold *sm_server_hold(struct sm_server *server, const char *ident);

/**
 * The object's proxy was sent to another process, other than in an answer of the server's: see
 * sm_proxy_sent().
 *
 * @param hold  NULL is allowed
 */
SM_API void sm_hold_sent(struct sm_hold *hold);

/** Keep it no longer. NULL is allowed. */
SM_API void sm_hold_release(struct sm_hold *hold);

/**
 * Answer with a whole reply.
 *
 * @param request  is gone then
 * @param message  a pickled pair of kind and payload, as the standard library's server sends it; it
 *                 is copied
 * @param len      its length in bytes
 */
SM_API void sm_request_answer(struct sm_request *request, const void *message, size_t len);

/**
 * The same, and wait a short time for the client's next request, of the same guest or visit: a
 * client that makes one call after the other is served over its connection from this thread, past
 * the server's. What visits stays with the host, as if sm_request_answer_visit() had no value.
 *
 * @param request  is gone then, unless it is returned
 * @param message  as of sm_request_answer()
 * @param len      its length in bytes
 *
 * @return `request`, that asks for something else now, to be answered like any other; or NULL: the
 *         next one, if any comes, is given to the host's `serve`
 */
SM_API struct sm_request *sm_request_answer_next(struct sm_request *request, const void *message,
                                                 size_t len);

/**
 * Answer with a guest: to SM_REQUEST_CREATE with its ident, to SM_REQUEST_CALL with a proxy, as a
 * method that `method_to_typeid` names does. A guest that has an object already keeps it, and its
 * ident; else it gets one, that clients and stored proxies keep alive.
 *
 * @param request  is gone then
 * @param typeid_  of the proxy
 * @param guest    the server gets a reference, and gives it back by the host's `dropped`
 * @param exposed  names of the methods that its proxies have, NULL at their end; copied
 */
SM_API void sm_request_answer_guest(struct sm_request *request, const char *typeid_, void *guest,
                                    const char *const *exposed);

/**
 * Answer with an object of the server's own, made by a typeid that it knows, as
 * sm_request_answer_guest() does with a guest. What is wrong with the arguments is told to the
 * client, as create() tells it.
 *
 * @param request  is gone then
 * @param typeid_  what to make
 * @param args     the pickled tuple of the arguments; copied
 * @param len      its length in bytes
 */
SM_API void sm_request_answer_new(struct sm_request *request, const char *typeid_, const void *args,
                                  size_t len);

/**
 * Answer SM_REQUEST_VISIT, and tell what the object is after the call.
 *
 * @param request    is gone then
 * @param message    a whole reply, as of sm_request_answer(); copied
 * @param len        its length in bytes
 * @param value      the object, pickled, copied; NULL when it stays with the host, until a later
 *                   answer brings it, as it must when it cannot be pickled. Only that of the last
 *                   call that is out counts.
 * @param value_len  its length in bytes; 0, where `value` is not NULL: no call has changed it
 */
SM_API void sm_request_answer_visit(struct sm_request *request, const void *message, size_t len,
                                    const void *value, size_t value_len);

/**
 * Answer SM_REQUEST_ASK. The request that has the argument is then served by the server.
 *
 * @param request  is gone then
 * @param value    what the argument comes to, pickled, copied: a bool, int, float or str; NULL when
 *                 it comes to nothing of the kind: the method says what it says of such an argument
 * @param len      its length in bytes
 */
SM_API void sm_request_answer_plain(struct sm_request *request, const void *value, size_t len);

/**
 * Say that the answer to come brings a descriptor: that a DupFd in it, or in the value that it
 * brings of an object of the server's own, whose state's `_id` ends in this key, is one that the
 * host keeps for whoever connects to the address in it. To the server the DupFd stands for the
 * guest, as a proxy does for an object.
 *
 * @param request  not answered yet
 * @param guest    the server gets a reference, and gives it back by the host's `dropped` when no
 *                 stored value holds the DupFd any more
 * @param key      NUL-terminated, of no other descriptor there ever was; copied
 *
 * @return SM_OK, or SM_ENOMEM: the server has no reference
 */
SM_API int sm_request_bring(struct sm_request *request, void *guest, const char *key);

/**
 * Answer SM_REQUEST_BRING. The request is then served by the server, with the new states.
 *
 * @param request  is gone then
 * @param states   a pickled list of the DupFds' new states, in order; copied
 * @param len      its length in bytes
 */
SM_API void sm_request_answer_brought(struct sm_request *request, const void *states, size_t len);

/** Close the request's connection in place of an answer. The request is gone then. */
SM_API void sm_request_close(struct sm_request *request);

#ifdef __cplusplus
}
#endif

#endif
