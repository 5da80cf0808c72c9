/* SPDX-License-Identifier: MIT */
/*
 * A proxy on its way from one process to another, past the manager (src/object/transit.c). A sender
 * pickles proxies and lets go of its own; receivers unpickle them and let go in turn. Each process may
 * be killed between any two steps, and the manager's time for what is under way may be over.
 *
 *     spin -run -noclaim -safety transit.pml
 *     spin -run -DNFAIR=3 -f transit.pml
 *
 * What is asserted: nothing is freed while a process has a reference; who unpickles finds the object,
 * unless the time was over or its sender was killed; in the end (the second command) everything is freed.
 */
#define RECEIVERS 2

byte refs = 1;          /* of processes that live; the sender has one from the beginning */
short under_way = 0;    /* object.transit */
bool waits = false;     /* nobody refers to the object, and it is kept for what is under way */
bool freed = false;
bool over = false;      /* the time was over once */
bool sender_killed = false;
byte pickles = 0;       /* on their way between processes, where the manager sees nothing */

inline lost_last_reference() {
    if
    :: refs == 0 && under_way > 0 -> waits = true
    :: refs == 0 && under_way <= 0 -> freed = true
    :: else
    fi
}

/* decref, with word of how often the proxy was sent; the death of a process sends no word. */
inline let_go(sent) {
    under_way = under_way + sent;
    refs--;
    lost_last_reference()
}

/* incref by one that came by a pickle. */
inline take(found) {
    found = !freed;
    if
    :: found ->
        under_way--;
        waits = false;
        refs++
    :: else
    fi
}

proctype Sender() {
    byte sent = 0;

    do
    :: sent < RECEIVERS -> atomic { sent++; pickles++ }
    :: atomic { true -> let_go(sent); break }
    :: atomic { true -> sender_killed = true; let_go(0); break }
    od
}

proctype Receiver() {
    bool found;

    if
    :: atomic { pickles > 0 -> pickles-- }
        if
        :: atomic { true ->
            take(found);
            assert(found || over || sender_killed) }
            if
            :: found -> atomic { let_go(0) } /* by itself, or by its death */
            :: else
            fi
        :: true /* killed: the pickle is lost */
        fi
    :: true /* killed before, or never sent anything */
    fi
}

/* LIMIT_TRANSIT_TIME is over: what has not arrived by now does not count any more. */
active proctype Timer() {
end:
    do
    :: atomic { waits -> over = true; under_way = 0; waits = false; freed = true }
    od
}

active proctype Watch() {
end:
    do
    :: atomic { freed && refs > 0 -> assert(false) }
    od
}

init {
    atomic {
        byte i;

        run Sender();
        for (i : 1 .. RECEIVERS) {
            run Receiver()
        }
    }
}

ltl all_goes { <> freed }
