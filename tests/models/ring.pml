/* SPDX-License-Identifier: MIT */
/* The two ends of a ring, and how they sleep (src/net/transport_ring.c), on a machine with store
 * buffers: a store becomes visible some time later. One that waits is enough for what matters here.
 * All wait for good, both ends asleep with a request or an answer unseen, is what must not be.
 *
 * -DBUG: 1, the client does not wait for its store before it looks; 2, the manager does not; 3, an
 * end goes to sleep without a last look; 4, who wakes takes back nothing, so a wake-up that comes
 * before the sleep is lost. */
#ifndef CALLS
#define CALLS 2
#endif
#ifndef BUG
#define BUG 0
#endif
byte tail[2];   /* [0]: requests put in by the client, [1]: answers, by the manager */
bool sleeps[2]; /* what an end says: [0] the client, [1] the manager */
bool asleep;    /* the client is in the futex */
bool bell;      /* on the manager's socket */

/* A store buffer for each end. 0: nothing is in it, 1: its tail, 2: what it says */
byte pend[2], what[2];
inline store_tail(me, v) { atomic { pend[me] == 0 -> pend[me] = 1; what[me] = v } }
inline store_sleeps(me, v) { atomic { pend[me] == 0 -> pend[me] = 2; what[me] = v } }
inline fence(me) { if :: BUG == me + 1 :: else -> pend[me] == 0 fi }

active [2] proctype Buffer() {
end:
    do
    :: atomic { pend[_pid] == 1 -> tail[_pid] = what[_pid]; pend[_pid] = 0 }
    :: atomic { pend[_pid] == 2 -> sleeps[_pid] = what[_pid]; pend[_pid] = 0 }
    od
}

active proctype Client() {
    byte n;
    bool was;
    do
    :: n < CALLS ->
       n++;
       store_tail(0, n);
       fence(0);
       if
       :: sleeps[1] ->
          atomic { was = sleeps[1]; if :: BUG != 4 -> sleeps[1] = 0 :: else fi };
          if :: was -> bell = 1 :: else fi
       :: else
       fi;
again: if
       :: tail[1] == n          /* it looked some times, and there it was */
       :: true ->
          store_sleeps(0, 1);
          fence(0);
          if
          :: BUG != 3 && tail[1] == n -> store_sleeps(0, 0)
          :: else ->
             /* The futex looks at what is said there as it goes to sleep: it sees its own store. */
             pend[0] == 0;
             if
             :: atomic { sleeps[0] -> asleep = 1 }; asleep == 0
             :: atomic { !sleeps[0] -> skip }
             fi;
             store_sleeps(0, 0);
             goto again
          fi
       fi
    :: n == CALLS -> break
    od
}

active proctype Manager() {
    byte n;
    bool was;
loop:
    if
    :: tail[0] != n ->
       n++;
       store_tail(1, n);
       fence(1);
       if
       :: sleeps[0] ->
          atomic { was = sleeps[0]; if :: BUG != 4 -> sleeps[0] = 0 :: else fi };
          if :: was -> asleep = 0 :: else fi
       :: else
       fi;
       goto loop
    :: true ->
       store_sleeps(1, 1);
       fence(1);
       if
       :: BUG != 3 && tail[0] != n -> store_sleeps(1, 0); goto loop
       :: else
       fi;
endsleep: atomic { bell -> bell = 0 };
       store_sleeps(1, 0);
       goto loop
    fi
}
