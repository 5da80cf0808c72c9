/* SPDX-License-Identifier: MIT */
/* Answers that clients keep, and versions by which they know that these are still right
 * (src/object/version.c, src/client/cache.c). The object's value only rises: whoever reads must not
 * get less than anybody was told before he began. What else happens than calls: -DFIRES, a deadline;
 * -DVISITS, the host has the object for a while; -DFREES, it is freed, and another gets its place;
 * -DENDS, the manager ends, and another one begins. */
#ifndef NC
#define NC 2
#endif
#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef BUG
#define BUG 0
#endif
#define ERROR 255
#define SECOND 100                /* where the values of the second object begin */
mtype = { READ, WRITE };
byte version;                     /* shared memory: of one place */
bool cell = true;                 /* the manager has not ended */
byte object, value;               /* the manager's own: which object has the place; its value */
bool away;                        /* the object is with the host */
byte told[2];                     /* ghost: the most that anybody was told of each object;
                                     ERROR: that it is no more */
chan req[NC] = [1] of { mtype, byte };
chan rep[NC] = [1] of { byte };
inline raise() { version = version + 2 }
inline leave() {
#if BUG != 5
    version = version + 1;
#endif
    away = true
}
inline come_back() {
    version = (version | 1) + 1; away = false
}
inline tell(which, what) {
    d_step { if :: what > told[which] -> told[which] = what :: else fi }
}
/* An answer goes out: nothing is known of it before the client takes it. */
inline serve(i) {
    if
    :: req[i]?READ, which ->
       if :: which == object -> rep[i]!value :: else -> rep[i]!ERROR fi
    :: req[i]?WRITE, which ->
       if
       :: which != object -> rep[i]!ERROR
       :: which == object && away -> value++; rep[i]!value       /* by the host, past the loop */
#if BUG == 1
       :: which == object && !away -> value++; rep[i]!value; raise()
#else
       :: which == object && !away -> raise(); value++; rep[i]!value
#endif
       fi
    fi
}
active proctype Manager() {
    byte which; bool freed, visited, fired;
end:
    do
    :: len(req[0]) > 0 -> serve(0)
    :: len(req[1]) > 0 -> serve(1)
#ifdef FIRES
    :: !fired && !away && cell -> fired = true;                   /* a deadline changes the object */
#if BUG != 6
       raise();
#endif
       value++
#endif
#ifdef VISITS
    :: !visited && cell -> visited = true; leave()
    :: away -> come_back()
#endif
#ifdef FREES
    :: !freed && !away && cell -> freed = true;                   /* the object is no more */
#if BUG != 4
       raise();
#endif
       object = 1; value = SECOND
#endif
#ifdef ENDS
    :: cell && !away ->                                           /* it ends: another manager's */
       cell = false;                                                /* values are in other memory */
end_other:
       do
       :: len(req[0]) > 0 -> atomic { if :: req[0]?READ, _ :: req[0]?WRITE, _ -> value++ fi; rep[0]!value }
       :: len(req[1]) > 0 -> atomic { if :: req[1]?READ, _ :: req[1]?WRITE, _ -> value++ fi; rep[1]!value }
       od
#endif
    od
}
proctype Client(byte i) {
    byte n, which, least, seen, answer, number, kept, kept_number, kept_which;
    bool has, knows;
    do
    :: n < ROUNDS - i -> n++;
       if :: knows -> which = 1 :: true -> which = 0 fi;
       least = told[which];
       if
       :: req[i]!WRITE, which; rep[i]?answer
       :: true ->
#if BUG == 7
          seen = version;
#else
          if :: cell -> seen = version :: else -> has = false fi;
#endif
          if
#if BUG == 8
          :: has && kept_number == seen -> answer = kept
#else
          :: has && kept_number == seen && kept_which == which -> answer = kept
#endif
          :: else ->
             number = seen;
             req[i]!READ, which; rep[i]?answer;
#if BUG == 2
             number = version;                                      /* looked at after the answer alone */
#endif
             if
#if BUG == 3
             :: answer != ERROR -> kept = answer; kept_number = version; kept_which = which; has = true
#else
             :: answer != ERROR && !(number & 1) && version == number ->
                kept = answer; kept_number = number; kept_which = which; has = true
#endif
             :: else
             fi
          fi
       fi;
       if
       :: answer == ERROR -> knows = true; tell(which, answer)      /* it finds the second object */
       :: else -> assert(answer >= least && (answer >= SECOND) == which); tell(which, answer)
       fi
    :: n >= ROUNDS - i -> break
    od
}
init {
    atomic { told[1] = SECOND; run Client(0); run Client(1) }
}
