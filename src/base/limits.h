/* SPDX-License-Identifier: MIT */
/* Every bound that a peer can meet, each with its reason. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/*
 * How deep a value may nest before walking it is refused. CPython's own pickler gives up between
 * 500 and 10,000, by version; walkers here recurse, a level takes under 1 KiB of stack even with
 * the sanitizers, and a thread has 8 MiB.
 */
#define LIMIT_DEPTH 4000

/*
 * How many steps one comparison, hash or repr may take, and all hashes of one request, all
 * comparisons of one search or sort, beyond one for each byte they are about. Sharing lets a short
 * pickle describe a value with 2^n paths; nothing honest needs this many.
 */
#define LIMIT_WALK_STEPS (16 * 1024 * 1024)

/*
 * How much text one repr() may make: so much, and as a multiple of the pickles that it is about.
 * Sharing, again: a repr() is made in one go, and must take no longer than the value took to come.
 */
#define LIMIT_REPR_BYTES ((size_t)16 * 1024 * 1024)
#define LIMIT_REPR_GROWTH 16

/* Of a value larger than this a view that shortens values shows nothing but the size. */
#define LIMIT_SHORTENED ((size_t)64 * 1024)

/* The longest range that is made a list of: it takes a few bytes to send, its items 512 MiB. */
#define LIMIT_RANGE (16 * 1024 * 1024)

/* How deep a literal may nest: CPython's own parser takes 200 parentheses. */
#define LIMIT_LITERAL_DEPTH 200

/*
 * How many bytes one message's values may take once stored apart, as a multiple of the message
 * (and never less than LIMIT_GROWTH_FLOOR): elements stored one by one lose the sharing between
 * them, which a hostile message could use to grow without bound.
 */
#define LIMIT_GROWTH 64
#define LIMIT_GROWTH_FLOOR (1024 * 1024)

/*
 * The longest text that a method of a registered str, bytes or int may make ('x'.zfill(10**12)):
 * more than anybody pads, and less than what hurts a small machine. MemoryError beyond.
 */
#define LIMIT_RESULT ((size_t)256 * 1024 * 1024)

/*
 * How much the calls in one pickle may copy that make plain values of others (sets of protocol 2,
 * bytearrays), in items and bytes, as a multiple of the pickle (and never less than
 * LIMIT_COPIES_FLOOR). Honest pickles write what such a call copies just for it, and stay below 1.
 */
#define LIMIT_COPIES 8
#define LIMIT_COPIES_FLOOR (64 * 1024)

/* The longest list that list * n makes: a row of 1 GiB. CPython's end is that of memory. */
#define LIMIT_REPEAT ((size_t)64 * 1024 * 1024)

/* The longest frame of a handshake: the standard library's own bound. */
#define LIMIT_AUTH_FRAME 256

/* The largest message, unless --max-message says otherwise: above what managers are used for. */
#define LIMIT_MESSAGE_DEFAULT (INT64_C(4) * 1024 * 1024 * 1024)

/*
 * What the values of a manager may take together, unless --max-memory says otherwise, as parts of
 * the machine's memory (or of the cgroup's): the rest is for what is not counted, and for others.
 */
#define LIMIT_MEMORY_QUARTERS 3

/*
 * The last of it, one part in so many, is for messages in small pieces: a full manager can still be
 * asked, and told to let go of something.
 */
#define LIMIT_MEMORY_SPARE 16
#define LIMIT_MEMORY_SPARE_PIECE ((size_t)64 * 1024)

/*
 * What a server must have left of its memory when it begins to listen, and the least that it takes
 * for the size of a message: with less, no client's first request could be served.
 */
#define LIMIT_MEMORY_LEAST ((size_t)64 * 1024)
#define LIMIT_MESSAGE_LEAST 1024

/*
 * Shared objects at a time, unless --max-objects says otherwise: far more than are of use, and with
 * nothing in them some 2 GiB.
 */
#define LIMIT_OBJECTS_DEFAULT 10000000

/*
 * Connections at a time, unless --max-connections says otherwise, or the descriptor limit is less.
 */
#define LIMIT_CONNECTIONS_DEFAULT 100000

/*
 * Keys of a server. Each handshake works out its answers for all of them, which takes 0.1 ms for so
 * many. And how long their names may be.
 */
#define LIMIT_KEYS 64
#define LIMIT_KEY_NAME 64

/*
 * Time to authenticate and send the first request. The stock client does both at once; a peer
 * that does not is broken or hostile, and holds a descriptor until it is cut.
 */
#define LIMIT_HANDSHAKE_TIME (10 * SEC)

/*
 * Connections that may be without authentication at a time: each costs a descriptor and some 2 KiB,
 * 40 KiB in the midst of a handshake of TLS.
 * One that is older than LIMIT_LOBBY_TIME goes when another comes. A burst of honest clients may be
 * larger, up to what --max-connections leaves; where that is less, others wait so long for a place.
 * They need milliseconds, but where thousands of them start on a machine at once, each waits for
 * seconds until it runs, and must not be cut for that.
 */
#define LIMIT_LOBBY 1024
#define LIMIT_LOBBY_TIME (5 * SEC)

/*
 * How long a client may say nothing on an address with TLS before it is taken for one that does not
 * know of that, and waits for the manager to begin. One that knows begins at once.
 */
#define LIMIT_TLS_SILENCE (700 * MSEC)

/*
 * How many records of TLS may come in a row that carry nothing for us: tickets and new keys. Each
 * takes some ten microseconds, and 30 bytes to send; one is honest, after gigabytes.
 */
#define LIMIT_TLS_VAIN 32

/*
 * How long the answer to a wrong key waits: doubled for each failure of the same source, forgotten
 * when that has been quiet. Long enough that guessing is hopeless, short enough for a mistake.
 */
#define LIMIT_REFUSAL_FIRST (50 * MSEC)
#define LIMIT_REFUSAL_MOST (1 * SEC)
#define LIMIT_REFUSAL_MEMORY (60 * SEC)

/* How many sources of failures are remembered: 8 KiB. */
#define LIMIT_OFFENDERS 256

/* How many lines about strangers are logged in how long; the others are counted. */
#define LIMIT_LOG_LINES 20
#define LIMIT_LOG_TIME (10 * SEC)

/* Connections that are accepted in a row before those that exist have their turn. */
#define LIMIT_ACCEPTS 64

/* Stored values from here on are sent from where they are: a copy takes a millisecond and more. */
#define LIMIT_COPY ((size_t)1024 * 1024)

/* Memory from here on is freed in bits of this size, or larger ones if much of it waits. */
#define LIMIT_FREE ((size_t)4 * 1024 * 1024)

/*
 * What has more values than this, and much to do with each, is done on another thread: on the loop
 * it would take about LIMIT_TURN_TIME or longer. To hand it over, and wait for both threads to run,
 * takes a tenth of that. Where values are but looked at, copied or decoded, it is twice as many.
 */
#define LIMIT_ASIDE 20000
#define LIMIT_ASIDE_LIGHT 2

/*
 * How long one connection's requests, sent without waiting for answers, are run in a row before
 * others have their turn. One request is not cut short.
 */
#define LIMIT_TURN_TIME (1 * MSEC)

/*
 * How long the other end, a client or for our client its manager, may be out of reach, or a client
 * take nothing of an answer, unless --keepalive or keepalive_ms say otherwise: long enough to pull
 * a cable and plug it in again, short enough for those who wait for what the client holds. TCP
 * alone would take two hours, and a quarter of one with unread answers.
 */
#define LIMIT_KEEPALIVE_TIME (60 * SEC)

/*
 * Time to finish when the manager ends, unless --drain-timeout says otherwise: for a program to end
 * its calls, for peers to read their last answers. Service managers kill after 10 s and more.
 */
#define LIMIT_DRAIN_TIME (5 * SEC)

/*
 * How long a server that its own process asks to resign waits for the others' last words. Programs
 * that terminate their children wait for each to end: not for long.
 */
#define LIMIT_RESIGN_TIME (2 * SEC)

/*
 * How long an object is kept that nobody refers to, while a proxy of it may be under way between
 * processes: for a receiver that is started just now, on a busy machine. How many there may be, and
 * how many bytes they may hold: what pipes have room for. The oldest go first; the newest may be of
 * any size.
 */
#define LIMIT_TRANSIT_TIME (10 * SEC)
#define LIMIT_TRANSIT_OBJECTS 10000
#define LIMIT_TRANSIT_BYTES ((size_t)64 * 1024 * 1024)

/*
 * Objects whose state clients of the same host have as words, and their connections that have a
 * cell (base/word.h): 4 MiB and 1 MiB, taken when the first client asks; and objects that they
 * watch, in 512 KiB. Others are served as ever.
 */
#define LIMIT_WORDS 65536
#define LIMIT_CELLS 16384
#define LIMIT_VERSIONS 65536

/*
 * Words of a process, times its connections that have a cell: as each of them ends, all words are
 * looked at, and it may be that all end at once. That takes 20 ms then.
 */
#define LIMIT_OWNED_LOOKS ((size_t)2 * 1024 * 1024)

/*
 * Connections that are carried by memory (base/byte_ring.h): 288 KiB each, most of which is only
 * used for long messages. Others are served by their sockets.
 */
#define LIMIT_RINGS 1024

/*
 * Answers that a client keeps (client/cache.c): how many of a connection, in 64 KiB without them;
 * how many bytes of all that a process has to one manager; and the most that one may have, as a
 * larger one costs more to look into than to ask for.
 */
#define LIMIT_CACHE_ENTRIES 1024
#define LIMIT_CACHE_BYTES ((size_t)16 * 1024 * 1024)
#define LIMIT_CACHED_BYTES ((size_t)16 * 1024)

/*
 * Histograms of calls, and as many of waits, where the server counts them: 250 bytes each. A
 * program with more methods, or more registered names that are waited for, has the others in one.
 */
#define LIMIT_METERS 4096

/*
 * As many clients are gone through to see whether they wait for each other in a circle, whenever
 * one begins to wait for a lock and calls are counted: some 50 us. sm_locks() finds larger ones,
 * too.
 */
#define LIMIT_CIRCLE 1000

/* How many deaths of owners a manager remembers, of those that came last: 25 KiB. */
#define LIMIT_DEATHS 64

/* Digits of an integer that str() and repr() print: CPython's own bound since 3.11. */
#define LIMIT_INT_DIGITS 4300

#endif
