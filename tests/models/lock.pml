/* SPDX-License-Identifier: MIT */
/*
 * The leased word of a lock. The server LENDS the lock's whole state, as one word in shared memory, while nobody
 * waits; it RECALLS it by one exchange before it looks at the lock, and lends again when it is done and nobody waits.
 *
 *   word:  FREE | OWNED(i, levels) | SLOW          SLOW: the state is in the server, ask it
 *   clients:  CAS FREE -> OWNED(me,1), OWNED(me,l) -> OWNED(me,l+1), OWNED(me,l) -> OWNED(me,l-1) or FREE; nothing else.
 *   A CAS that fails becomes an ordinary request. Only the server writes SLOW, and only the server leaves it.
 *
 * FAST clients 0..NF-1 do both; STOCK clients NF..N-1 only send requests. Any fast client may die (SIGKILL) at any step;
 * any client that waits may close its connection, with the answer unread or not; any wait may time out.
 *
 * -DGONE: the server ends the connection of client 0 (sm_kill) whenever, while its thread goes on: what it held goes to
 * the next waiter, as an RLock does, and nothing that its thread does by the word from then on may succeed.
 *   -DKEEPS: it is a Lock. What the connection held stays its process's, until that dies; it is not lent meanwhile.
 *   -DNF= -DNS= -DROUNDS= -DDEATHS= (how many may die)  -DRLOCK (2 levels)  -DCLOSE -DTIMEOUTS -DSTRANGER (somebody
 *   else calls release() on the Lock, as the standard library allows)   -DLIVE (endless rounds, for the ltl)
 *   -DBUG=n: a mistake put in, to see that it is found
 *
 * The server is src/object/lease.c with src/types/lockable.c, a client src/client/steps.c. That releases by the word what
 * it owns itself, and asks the server for the rest: less than the clients here do.
 */
#ifndef NF
#define NF 2
#endif
#ifndef NS
#define NS 1
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef BUG
#define BUG 0
#endif
#define N (NF + NS)
#define FREE 0
#define SLOW 255
#define OWNED(i, l) (1 + (i) + (l) * 16)            /* l: levels - 1 */
#define IS_OWNED(w) ((w) != FREE && (w) != SLOW)
#define WHO(w) (((w) & 15) - 1)
#define LEVELS(w) (((w) >> 4) + 1)

mtype = { ACQ, REL, GRANT, DONE, ERR, EXPIRED };

byte word = SLOW;                      /* the one shared word */
chan req[N] = [1] of { mtype };     /* a connection: one request at a time, one answer */
chan rep[N] = [1] of { mtype };
bool killed[N], dead[N], closed[N]; /* the environment; closed: by its client, while it waited */

/* The server's own. */
bool lent, scans;
byte holder, levels;                /* holder: id + 1; 0: nobody */
chan queue = [N] of { byte };       /* who waits, oldest first */
bool buried[N], ended[N];
bool cell[N], expel[N];             /* shared, written by the server alone: the connection has ended; the environment: it is to */
bool unread[N];                     /* a grant that its client has not read: the socket knows */

/* Ghosts: who really has it. */
byte owner, owned_levels;
byte arrivals[N];                   /* how many were queued or holding when i was queued: bounds what passes it by */
bool waits[N];

inline took(i) { assert(owner == 0); owner = i + 1; owned_levels = 1 }
inline gave() { owned_levels--; if :: owned_levels == 0 -> owner = 0 :: else fi }

inline queued(i, ret) {
    d_step {
        byte q_; byte x_; q_ = 0; ret = false;
        do :: q_ < len(queue) -> queue?x_; queue!x_; if :: x_ == i -> ret = true :: else fi; q_++ :: else -> break od;
        q_ = 0; x_ = 0
    }
}
inline unqueue(i) {
    d_step {
        byte u_; byte y_; byte m_; u_ = 0; m_ = len(queue);
        do :: u_ < m_ -> queue?y_; if :: y_ != i -> queue!y_ :: else fi; u_++ :: else -> break od;
        u_ = 0; y_ = 0; m_ = 0
    }
}

/* old = xchg(word, SLOW), and what it says becomes the server's own. */
inline recall() {
#if BUG == 1                        /* a load and a store in place of an exchange */
    if :: lent -> old = word; atomic { word = SLOW; lent = false }
#else
    if :: atomic { lent -> old = word; word = SLOW; lent = false }
#endif
          d_step {
              if
#if defined(GONE) && BUG != 10      /* whoever wrote this had lost its connection, and will see it: it does not hold it */
                 :: IS_OWNED(old) && cell[WHO(old)] && !scans -> holder = 0; levels = 0
                 :: IS_OWNED(old) && (!cell[WHO(old)] || scans) -> holder = WHO(old) + 1; levels = LEVELS(old)
                 :: !IS_OWNED(old) -> holder = 0; levels = 0
#else
                 :: IS_OWNED(old) -> holder = WHO(old) + 1; levels = LEVELS(old)
                 :: else -> holder = 0; levels = 0
#endif
              fi; old = 0
          }
       :: else
    fi
}
#if defined(KEEPS) && BUG != 12     /* a word that names a connection that has ended would be nobody's */
#define NAMES(k) (!cell[k])
#else
#define NAMES(k) true
#endif
inline lend() {
#if BUG == 2                        /* lends although somebody waits */
    if :: atomic { !lent && (holder == 0 || holder <= NF) ->
#else
    if :: atomic { !lent && len(queue) == 0 && (holder == 0 || (holder <= NF && NAMES(holder - 1))) ->
#endif
              if :: holder == 0 -> word = FREE :: else -> word = OWNED(holder - 1, levels - 1) fi;
              lent = true; holder = 0; levels = 0 }
       :: else
    fi
}
inline serve() {                    /* hand it to the oldest, if it is free */
    d_step {
        byte s_;
        if :: holder == 0 && len(queue) > 0 ->
                queue?s_; holder = s_ + 1; levels = 1; took(s_); waits[s_] = false; rep[s_]!GRANT; unread[s_] = true
           :: else
        fi; s_ = 0
    }
}
#ifdef GONE
#define TO_EXPEL(k) || (expel[k] && !cell[k])
#else
#define TO_EXPEL(k)
#endif
#if BUG == 3                        /* nobody looks at pidfds */
#define WORK(k) (len(req[k]) > 0 || (closed[k] && !ended[k]))
#else
#define WORK(k) (len(req[k]) > 0 || (closed[k] && !ended[k]) || (dead[k] && !buried[k]) TO_EXPEL(k))
#endif
#ifdef TIMEOUTS
#define SOME_WORK_(x) (x || (waits[0] && len(req[0]) == 0 && !unread[0]))
#else
#define SOME_WORK_(x) (x)
#endif
#if N == 2
#define SOME_WORK SOME_WORK_((WORK(0) || WORK(1)))
#elif N == 3
#define SOME_WORK SOME_WORK_((WORK(0) || WORK(1) || WORK(2)))
#else
#define SOME_WORK SOME_WORK_((WORK(0) || WORK(1) || WORK(2) || WORK(3)))
#endif
inline let_go() { d_step { holder = 0; levels = 0; owner = 0; owned_levels = 0 } }

#ifdef GONE
#define IGNORE_LOST(i) if :: cell[i] -> goto end :: else fi;
#else
#define IGNORE_LOST(i)
#endif
active proctype Server() {
    byte i, old; bool is;
end:
    do
    :: SOME_WORK ->                                        /* blocks when there is nothing to do */
#ifdef LIVE
       i = (i + 1) % N;                                    /* in turn: a poll does not overlook anybody for ever */
#else
       i = 0; do :: i < N - 1 -> i++ :: break od;          /* whichever */
#endif
       if
       :: atomic { req[i]?ACQ -> skip };
          IGNORE_LOST(i)
          recall();
          if :: d_step { holder == 0 -> holder = i + 1; levels = 1; took(i); waits[i] = false; rep[i]!GRANT; unread[i] = true }
#ifdef RLOCK
             :: d_step { holder == i + 1 -> levels++; owned_levels++; waits[i] = false; rep[i]!GRANT; unread[i] = true }
             :: d_step { holder != 0 && holder != i + 1 -> queue!i }
#else
             :: d_step { holder != 0 -> queue!i }
#endif
          fi;
          lend()
       :: atomic { req[i]?REL -> skip };
          IGNORE_LOST(i)
          recall();
          if :: d_step { holder == 0 -> rep[i]!ERR }
#ifdef RLOCK
             :: d_step { holder != 0 && holder != i + 1 -> rep[i]!ERR }
             :: d_step { holder == i + 1 -> levels--; gave(); if :: levels == 0 -> holder = 0 :: else fi; rep[i]!DONE }; serve()
#else
             :: d_step { holder != 0 -> holder = 0; levels = 0; gave(); rep[i]!DONE }; serve()
#endif
          fi;
          lend()
#ifdef TIMEOUTS
       :: atomic { i == 0 && len(queue) > 0 -> queued(i, is); if :: is -> unqueue(i); waits[i] = false; rep[i]!EXPIRED :: else fi };
          lend()
#endif
       :: atomic { closed[i] && !ended[i] -> ended[i] = true };  /* the socket says so */
          if :: atomic { len(req[i]) > 0 -> req[i]?_ } :: else fi;
          queued(i, is);
          if :: is -> unqueue(i); waits[i] = false
             :: else ->
#if BUG == 6                        /* what was handed over and not read is forgotten */
                if :: false -> skip
#else
                if :: unread[i] ->                               /* it was handed over and never read */
#if BUG != 7                        /* given back without asking the word first */
                      recall();
#endif
                      if :: holder == i + 1 -> let_go(); serve() :: else fi
#endif
                   :: else
                fi
          fi;
          lend()
#ifdef GONE
       :: atomic { expel[i] && !cell[i] -> skip };
#if BUG != 8                        /* the cell is written after the look at the words, not before */
          cell[i] = true;
#endif
          if :: atomic { len(req[i]) > 0 -> req[i]?_ } :: else fi;
          unqueue(i); waits[i] = false;
          scans = true; recall(); scans = false;
#ifndef KEEPS
          if :: holder == i + 1 -> let_go(); serve() :: else fi;
#elif BUG == 11                     /* let go as an RLock is, though the process lives and may mean to release it */
          if :: holder == i + 1 -> holder = 0; levels = 0; serve() :: else fi;
#else
          d_step { if :: holder == i + 1 && owner == 0 -> owner = i + 1; owned_levels = 1 :: else fi };
#endif
          lend();
#if BUG == 8
          cell[i] = true
#else
          skip
#endif
#endif
#if BUG != 3
       :: atomic { dead[i] && !buried[i] -> buried[i] = true };  /* the pidfd says so */
          if :: atomic { len(req[i]) > 0 -> req[i]?_ } :: else fi;
          unqueue(i); waits[i] = false;
#if BUG != 4
          recall();
#endif
          if :: holder == i + 1 -> let_go(); serve() :: else fi;
          lend()
#endif
       :: else -> skip
       fi; is = false
    od
}

inline acquire(i) {                 /* got: whether it was acquired */
#ifdef GONE
    /* The cell is read before and after the exchange; what was taken in between is given back. */
    if
    :: i < NF && !cell[i] ->
       atomic { if :: word == FREE -> word = OWNED(i, 0); got = true :: else -> got = false fi };
       if
#if BUG == 9                        /* only before */
       :: got -> took(i)
#else
       :: atomic { got && !cell[i] -> took(i) }
       :: atomic { got && cell[i] -> if :: word == OWNED(i, 0) -> word = FREE :: else fi; got = false }
#endif
       :: !got
       fi
    :: i >= NF || cell[i] -> got = false
    fi;
    if
    :: !got && cell[i] -> goto gone       /* the request fails: the connection is lost */
    :: else
    fi;
#else
    if
    :: i < NF ->
       atomic {
           if :: word == FREE -> word = OWNED(i, 0); took(i); assert(len(queue) == 0); got = true
#ifdef RLOCK
              :: word == OWNED(i, 0) -> word = OWNED(i, 1); owned_levels++; got = true
#endif
              :: else -> got = false
           fi
       }
    :: else -> got = false
    fi;
#endif
    if
    :: !got ->
       atomic { waits[i] = true; req[i]!ACQ }
       if
#ifdef GONE
       :: atomic { cell[i] && len(rep[i]) == 0 -> goto gone }
#endif
       :: atomic { rep[i]?GRANT -> got = true; unread[i] = false }
       :: atomic { rep[i]?EXPIRED -> skip }
#ifdef CLOSE
       :: atomic { i == 0 -> closed[i] = true; goto gone }    /* one of them: or nobody would ever wait in vain */
#endif
       fi
    :: else
    fi
}
inline release(i) {
    if
#ifdef GONE
    :: i < NF && cell[i] -> goto gone
    :: i < NF && !cell[i] -> atomic { if :: word == OWNED(i, 0) -> word = FREE; if :: owner == i + 1 -> gave() :: else fi; got = true :: else -> got = false fi }
#else
    :: i < NF ->
       atomic {
#ifdef RLOCK
           if :: word == OWNED(i, 1) -> word = OWNED(i, 0); gave(); got = true
              :: word == OWNED(i, 0) -> word = FREE; gave(); got = true
#else
           if :: IS_OWNED(word) -> word = FREE; gave(); got = true      /* whoever holds it */
#endif
              :: else -> got = false
           fi
       }
#endif
    :: i >= NF -> got = false
    fi;
    if
#if BUG == 5                        /* a release that failed is not taken to the server */
    :: !got && i < NF -> word = FREE
    :: !got && i >= NF ->
#else
    :: !got ->
#endif
       req[i]!REL;
       if :: atomic { rep[i]?DONE -> skip }
#ifdef GONE
          :: atomic { cell[i] && len(rep[i]) == 0 -> goto gone }
#endif
          :: atomic { rep[i]?ERR -> 
#ifndef STRANGER
             assert(false)
#endif
             }
       fi
    :: else
    fi
}

proctype Client(byte i) {
    byte n; bool got;
    {
        do
#ifdef LIVE
        :: true ->
#else
        :: n < ROUNDS -> n++;
#endif
           acquire(i);
           if
           :: got ->
#ifdef GONE
              assert(owner == i + 1 || cell[i] || expel[i]);
#elif !defined(STRANGER)
              assert(owner == i + 1);
#endif
#ifdef RLOCK
              acquire(i);
              if :: got -> assert(owner == i + 1 && owned_levels == 2); release(i) :: else fi;
              assert(owner == i + 1);
#endif
              release(i)
           :: else
           fi
#ifndef LIVE
        :: n >= ROUNDS -> break
#endif
        od
    } unless { killed[i] };
    if :: killed[i] -> dead[i] = true :: else fi;
gone:
    skip;
#ifdef KEEPS
end:                                /* the thread has lost its connection; its process lives on for a while */
    killed[i] -> dead[i] = true
#endif
}

#ifdef STRANGER
active proctype Stranger() {        /* by the word when it can; else as a stock client would, which Server's REL covers */
    byte n;
    do :: n < 2 -> n++; atomic { if :: IS_OWNED(word) -> word = FREE; gave() :: else fi } :: break od
}
#endif

init {
    byte k, d;
    atomic { do :: k < N -> run Client(k); k++ :: else -> break od; k = 0 }
#ifdef GONE
    expel[0] = true;
#endif
#ifdef KEEPS
    killed[0] = true;
#endif
    do                              /* any fast clients, whenever */
    :: d < DEATHS -> k = 0; do :: k < NF - 1 -> k++ :: break od; killed[k] = true; d++
    :: break
    od
}

/* Whatever runs, whenever. */
#define WORD (lent == (word != SLOW))
#define QUEUE (!(lent && len(queue) > 0))
#ifdef LIVE
ltl served { always (waits[N - 1] implies eventually !waits[N - 1]) }
ltl served0 { always (waits[0] implies eventually !waits[0]) }
#else
#if BUG == 0
ltl sane { always (WORD && QUEUE) }
#endif
#endif
