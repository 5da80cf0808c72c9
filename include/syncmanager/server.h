/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A manager in your own process: listen, register objects, run until stopped.
 *
 *     struct sm_server_options options = {.authkey = "secret", .authkey_len = 6};
 *     struct sm_server *server;
 *
 *     if (sm_server_new(&options, &server) < 0 || sm_server_listen(server, "127.0.0.1:0") < 0)
 *         return sm_complain("server");
 *     printf("listening on %s\n", sm_server_address(server, 0));
 *     sm_server_run(server);
 *     sm_server_free(server);
 */
#ifndef SYNCMANAGER_SERVER_H
#define SYNCMANAGER_SERVER_H

#include "syncmanager/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A manager's server. */
struct sm_server;

/** How much a log line matters. */
enum sm_log_level {
    SM_LOG_ERROR,   /**< something is lost or refused that should not be */
    SM_LOG_WARNING, /**< a peer misbehaves */
    SM_LOG_INFO,    /**< start, stop, a failed authentication */
    SM_LOG_DEBUG,   /**< every connection */
};

/**
 * Takes a log line.
 *
 * @param context  as given in the options
 * @param level    how much it matters
 * @param message  one line without a newline; borrowed for the call
 */
typedef void (*sm_log_fn)(void *context, enum sm_log_level level, const char *message);

/** What whoever has a key may do. */
enum sm_rights {
    SM_RIGHTS_RO,    /**< call what changes nothing */
    SM_RIGHTS_RW,    /**< make objects, and call all their methods */
    SM_RIGHTS_ADMIN, /**< that, and end the server and the connections of others, and see all */
};

/** One of several keys. */
struct sm_key {
    const char *name; /**< letters, digits, dots, hyphens and underscores; NULL: of an only key,
                           which has all rights */
    enum sm_rights rights; /**< of a key that has a name */
    const void *key;       /**< any bytes */
    size_t key_len;        /**< their number; 0 is a key too, and no protection */
};

/**
 * Reads anew what may have changed, such as a file of keys, and sets it, by sm_server_set_keys().
 *
 * @param context  as given in the options
 * @param server   the server, on whose thread it is called
 */
typedef void (*sm_reload_fn)(void *context, struct sm_server *server);

/** What a server is made with; zeroed fields mean the default. */
struct sm_server_options {
    const void *authkey;       /**< the key, any bytes; copied */
    size_t authkey_len;        /**< its length in bytes; 0 is a key too, and no protection */
    const struct sm_key *keys; /**< several keys in its place: see sm_server_set_keys(); copied */
    size_t keys_len;           /**< how many they are; 0: `authkey` is the only one */
    uint64_t max_message;      /**< largest request in bytes; default 4 GiB */
    uint64_t max_memory; /**< bytes that the library may hold in this process: values, objects,
                               messages. A request that goes over it gets a MemoryError. Default:
                               three quarters of the machine's memory. */
    size_t max_objects;  /**< shared objects at a time; default 10 million; MemoryError beyond */
    size_t
        max_connections;   /**< connections at a time; default 100,000, or what descriptors allow */
    unsigned handshake_ms; /**< time to authenticate and send a request; default 10,000 ms */
    unsigned keepalive_ms; /**< how long a client may be out of reach (TCP), or take nothing of an
                              answer that is sent to it, before its connection is cut; default
                              60,000 ms; UINT_MAX: for ever */
    unsigned spins;    /**< how often the server looks whether more has come in before it sleeps;
                          it stops by itself where that does not pay. Default 20, some ten
                          microseconds; UINT_MAX: never */
    unsigned drain_ms; /**< time to finish when it stops; default 5,000 ms */
    unsigned
        python_minor;   /**< answer as this Python 3.x where the client cannot be told; 8 to 15 */
    bool allow_remote;  /**< listen on TCP addresses beyond loopback without TLS too: messages are
                           not encrypted there, and a warning says so */
    bool sockets_only;  /**< share no memory with clients of this user on this host: their calls of
                           locks that are free go by the socket, too */
    bool bare;          /**< know no typeids but those that are registered */
    bool metrics;       /**< count calls, and how long they take and wait, by type and method: for
                           the server function `sm_metrics`. Each call takes a little longer. */
    bool keep_owned;    /**< what the dead held stays locked, and counted */
    int follow_pid;     /**< stop when this process ends; 0: none */
    unsigned linger_ms; /**< serve on when that process has ended while anybody is connected, and
                           for so long afterwards, and keep what it referred to; default 0: stop */
    /** @name For addresses with TLS
     * Files in PEM. They are read by sm_server_new() and sm_server_set_tls(). */
    /**@{*/
    const char *tls_certificate; /**< the server's, with those that sign it behind it; NULL: none,
                                      and no such addresses */
    const char *tls_key;         /**< its key, without a passphrase; NULL: in the same file */
    const char *tls_client_ca;   /**< clients need a certificate that is signed by one of these, a
                                      file or a folder; NULL: they need none */
    /**@}*/
    sm_log_fn log;        /**< gets log lines, on the server's thread; default: none */
    void *log_context;    /**< handed to `log` */
    sm_reload_fn reload;  /**< what sm_server_reload() has done; default: nothing */
    void *reload_context; /**< handed to `reload` */
};

/**
 * Make a server. Mirrors `SyncManager.get_server()`.
 *
 * @param options  borrowed for the call
 * @param ret      the server, to be freed with sm_server_free()
 *
 * @return SM_OK, SM_EARG, SM_ENOMEM, or SM_ESYSTEM (no random numbers, no event loop)
 *
 * Threads: a server is used by one thread at a time, but for sm_server_stop(), sm_server_resign()
 * and sm_server_reload().
 */
SM_API int sm_server_new(const struct sm_server_options *options, struct sm_server **ret);

/**
 * Give the server other keys in the place of those that it has. A client has one of them, and the
 * rights that it gives; methods that these do not cover raise a `PermissionError`. Connections stay
 * open whose key is there before and after with the same name, rights and bytes; others end.
 *
 * @param server  not from one of its methods; else at any time, as from the options' `reload`
 * @param keys    one without a name, or up to 64 with names, all different; copied
 * @param len     how many they are
 *
 * @return SM_OK, SM_EARG (a name or a key twice, what is no name, or a key without one where
 *   objects are registered for names), SM_ENOMEM, or SM_ESYSTEM; but for SM_OK nothing has changed
 */
SM_API int sm_server_set_keys(struct sm_server *server, const struct sm_key *keys, size_t len);

/**
 * Have the server call the options' `reload`, soon and on its own thread: what a handler of SIGHUP
 * asks for. Any thread may call it, and a signal handler.
 */
SM_API void sm_server_reload(struct sm_server *server);

/** Free a server that does not run; its sockets are closed and removed. NULL is allowed. */
SM_API void sm_server_free(struct sm_server *server);

/**
 * Listen on one more address.
 *
 * @param server   the server
 * @param address  `HOST:PORT` (port 0 picks one, `[::1]:PORT` for IPv6), the same behind `tls://`,
 *                 `unix:PATH`, or `unix:@NAME` for Linux' abstract sockets. A socket file that
 *                 nobody listens on is replaced.
 *
 * @return SM_OK, SM_EARG (not an address, one that other hosts reach, without `allow_remote`, or
 *   limits so small that no client could be served), SM_ENOMEM, or SM_ESYSTEM (in use, no such
 *   host, ...)
 */
SM_API int sm_server_listen(struct sm_server *server, const char *address);

/**
 * Read certificates and keys anew, for connections that come from now on; those that are open stay
 * as they are. What cannot be used is refused, and changes nothing.
 *
 * @param server       a server that has a certificate, on its thread
 * @param certificate  these three as the options' tls_certificate, tls_key and tls_client_ca
 * @param key          see there
 * @param client_ca    see there
 *
 * @return SM_OK, SM_ESYSTEM (a file cannot be read), SM_EARG (it is of no use), or SM_ENOMEM; the
 *         message says what is wrong with which file
 */
SM_API int sm_server_set_tls(struct sm_server *server, const char *certificate, const char *key,
                             const char *client_ca);

/**
 * An address that the server listens on, with its real port.
 *
 * @param server  the server
 * @param index   0 for the first sm_server_listen(), and so on
 *
 * @return text that lives as long as the server; NULL past the last address
 */
SM_API const char *sm_server_address(const struct sm_server *server, size_t index);

/**
 * Say where people and programs can see the manager, for whoever asks it by `sm_info`: a URL. What
 * is there is the program's.
 *
 * @param server  a server that does not run yet
 * @param url     copied
 *
 * @return SM_OK or SM_ENOMEM
 */
SM_API int sm_server_add_page(struct sm_server *server, const char *url);

/**
 * Register an object that every client gets under a name. Mirrors
 * `register(name, callable=lambda: object)`.
 *
 * @param server  the server
 * @param name    the typeid that clients register and call; or `NAME\@KEY,KEY`: an object that is
 *                for those alone who have one of the keys with these names, or an admin's
 * @param spec    a Python literal, or a constructor call with literal arguments: `"text"`,
 *                `Queue(100)`, `dict({"a": 1})`; UTF-8
 *
 * @return SM_OK, SM_EARG (the message shows what is wrong, and where; a name that was registered
 *         before is, and that of a key that the server does not have), or SM_ENOMEM
 */
SM_API int sm_server_register(struct sm_server *server, const char *name, const char *spec);

/**
 * Let clients make objects of one of SyncManager's types under another name, or in a server that is
 * `bare`. Mirrors `register(typeid, callable, proxytype)` with the standard ones.
 *
 * @param server    a server that does not run yet
 * @param typeid_   what clients create
 * @param standard  the type: "list", "Queue", ...
 *
 * @return SM_OK, SM_EARG for an unknown type, or SM_ENOMEM
 */
SM_API int sm_server_register_standard(struct sm_server *server, const char *typeid_,
                                       const char *standard);

/**
 * Stop when a process ends, as the options' follow_pid does.
 *
 * @param server  a server that does not run yet
 * @param pid     the process
 *
 * @return SM_OK, or SM_ESYSTEM
 */
SM_API int sm_server_follow(struct sm_server *server, int pid);

/**
 * Serve until sm_server_stop(), or a client's `shutdown` request. Then the server takes no more
 * connections, serves the requests that are on their way, answers calls that wait with an
 * `EOFError`, waits for those that a type of the program's own has parked, and returns when all
 * answers have been read, or the options' drain_ms are over. Mirrors `Server.serve_forever()`.
 *
 * @return SM_OK, or SM_ESYSTEM
 */
SM_API int sm_server_run(struct sm_server *server);

/**
 * Serve from an event loop of your own, in place of sm_server_run(): do what is to be done now,
 * without waiting. Call it at the start, whenever sm_server_fd() is readable, and whenever
 * sm_server_timeout_ms() is over.
 *
 * @return SM_NOT_YET while the server goes on, SM_OK when it has ended
 */
SM_API int sm_server_step(struct sm_server *server);

/** A descriptor that is readable when sm_server_step() has something to do; the server's own. */
SM_API int sm_server_fd(const struct sm_server *server);

/** Milliseconds until sm_server_step() has something to do all the same; -1: no limit. */
SM_API int sm_server_timeout_ms(const struct sm_server *server);

/**
 * fork() in another thread than sm_server_run()'s: before it, the server is made to stand still;
 * after it, in the parent, it goes on. Every call of the one needs one of the other.
 */
SM_API void sm_server_before_fork(struct sm_server *server);

/** See sm_server_before_fork(). */
SM_API void sm_server_after_fork(struct sm_server *server);

/**
 * After fork(), in the child, in place of sm_server_after_fork(): close the descriptors of all
 * connections, which are the parent's. Nothing else may be done with the server in the child.
 */
SM_API void sm_server_in_forked_child(struct sm_server *server);

/**
 * Stop as soon as nobody needs the server: what a handler of SIGTERM may ask for, as the signal may
 * have gone to all who use the server as well. It is needed while the process that it follows
 * lives, and while anybody is connected. If that process asks itself, others who are connected are
 * waited for, for two seconds at most. A server that follows none stops.
 *
 * @param server  any thread may call it, and a signal handler
 * @param pid     the process that asks; 0: not known
 */
SM_API void sm_server_resign(struct sm_server *server, int pid);

/**
 * Make sm_server_run() come to its end and return, or sm_server_step(). The second time it ends at
 * once: what has not been sent by then is lost. Any thread may call it, and a signal handler.
 */
SM_API void sm_server_stop(struct sm_server *server);

#ifdef __cplusplus
}
#endif

#endif
