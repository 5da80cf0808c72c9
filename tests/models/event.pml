/* SPDX-License-Identifier: MIT */
/* Event and Semaphore: the same lease; words without owners
 * (src/object/lease.c, src/client/steps.c). -DSEM: the word is a count; else a flag. */
#ifndef NC
#define NC 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef UNITS
#define UNITS 1
#endif
#ifndef BUG
#define BUG 0
#endif
#define SLOW 255
mtype = { WAIT, SET, CLEAR, YES, DONE };
byte word = SLOW;
bool lent;
byte value;                       /* the server's own: flag, or free units */
chan queue = [NC] of { byte };
chan req[NC] = [1] of { mtype };
chan rep[NC] = [1] of { mtype };
bool killed[NC], dead[NC], buried[NC], unread[NC];
byte out;                         /* ghost: units that somebody has, the dead included */
bool flag, ever_set;              /* ghosts */
#ifdef SEM
#define START UNITS
#else
#define START 0
#endif
inline recall() {
    if :: atomic { lent -> value = word; word = SLOW; lent = false } :: else fi
}
inline lend() {
#if BUG == 2
    if :: atomic { !lent -> word = value; lent = true; value = 0 } :: else fi
#else
    if :: atomic { !lent && len(queue) == 0 -> word = value; lent = true; value = 0 } :: else fi
#endif
}
inline take() { assert(out < UNITS); out++ }
inline serve() {
    d_step {
        byte s_;
        do
        :: value > 0 && len(queue) > 0 ->
             queue?s_;
#ifdef SEM
             value--; take();
#endif
             rep[s_]!YES; unread[s_] = true
        :: else -> break
        od; s_ = 0
    }
}
inline unqueue(i) {
    d_step {
        byte u_; byte y_; byte m_; u_ = 0; m_ = len(queue);
        do :: u_ < m_ -> queue?y_; if :: y_ != i -> queue!y_ :: else fi; u_++ :: else -> break od;
        u_ = 0; y_ = 0; m_ = 0
    }
}
#define WORK(k) (len(req[k]) > 0 || (dead[k] && !buried[k]))
#if NC == 2
#define SOME_WORK (WORK(0) || WORK(1))
#else
#define SOME_WORK (WORK(0) || WORK(1) || WORK(2))
#endif
active proctype Server() {
    byte i;
    value = START;
end:
    do
    :: SOME_WORK ->
       i = 0; do :: i < NC - 1 -> i++ :: break od;
       if
       :: atomic { req[i]?WAIT -> skip };
          recall();
          if
#ifdef SEM
          :: d_step { value > 0 -> value--; take(); rep[i]!YES; unread[i] = true }
#else
          :: d_step { value > 0 -> rep[i]!YES }
#endif
          :: d_step { value == 0 -> queue!i }
          fi; lend()
       :: atomic { req[i]?SET -> skip };
          recall();
#ifdef SEM
          d_step { value++; out--; rep[i]!DONE };
#else
          d_step { value = 1; flag = true; rep[i]!DONE };
#endif
          serve(); lend()
#ifndef SEM
       :: atomic { req[i]?CLEAR -> skip };
          recall();
          d_step { value = 0; flag = false; rep[i]!DONE };
          lend()
#endif
       :: atomic { dead[i] && !buried[i] -> buried[i] = true };
          if :: atomic { len(req[i]) > 0 -> req[i]?_ } :: else fi;
          unqueue(i);
#ifdef SEM
          if :: unread[i] -> recall(); d_step { value++; out-- }; serve() :: else fi;   /* handed over, never read */
#endif
          lend()
       :: else -> skip
       fi
    od
}
proctype Client(byte i) {
    byte n; bool got;
    {
        do
        :: n < ROUNDS -> n++;
           if
#ifdef SEM
           :: true -> atomic { if :: word != SLOW && word > 0 -> word--; take(); assert(len(queue) == 0); got = true :: else -> got = false fi };
              if :: !got -> req[i]!WAIT; atomic { rep[i]?YES -> unread[i] = false } :: else fi;
              atomic { if :: word != SLOW -> word++; out--; got = true :: else -> got = false fi };
#if BUG == 5
              if :: !got -> out-- :: else fi       /* the release is not taken to the server */
#else
              if :: !got -> req[i]!SET; rep[i]?DONE :: else fi
#endif
#else
           :: true -> atomic { if :: word == 1 -> assert(flag); got = true :: else -> got = false fi };
              if :: !got && i != NC - 1 -> req[i]!WAIT; rep[i]?YES :: else fi
           :: true -> atomic { if :: word == 0 -> word = 1; flag = true; assert(len(queue) == 0); got = true
                          :: word == 1 -> got = true
                          :: else -> got = false fi };
#if BUG == 5
              skip;
#else
              if :: !got -> req[i]!SET; rep[i]?DONE :: else fi;
#endif
              ever_set = true
#ifndef NOCLEAR
           :: i == 0 -> atomic { if :: word == 1 -> word = 0; flag = false; got = true :: word == 0 -> got = true :: else -> got = false fi };
              if :: !got -> req[i]!CLEAR; rep[i]?DONE :: else fi
#endif
#endif
           fi
        :: n >= ROUNDS -> break
        od
    } unless { killed[i] };
    if :: killed[i] -> dead[i] = true :: else fi
}
init {
    byte k;
    atomic { do :: k < NC -> run Client(k); k++ :: else -> break od; k = 0 }
#ifdef DEATHS
    if :: k = 0; do :: k < NC - 1 -> k++ :: break od; killed[k] = true :: skip fi;
#endif
    /* When nothing moves any more: nobody waits for what is there. */
    timeout ->
    if :: lent -> value = word :: else fi;
    assert(!(len(queue) > 0 && value > 0));
#ifdef SEM
    assert(value + out == UNITS);
#else
    assert(value == flag);
#ifdef NOCLEAR
    assert(!ever_set || flag);
#endif
#endif
    skip
}
