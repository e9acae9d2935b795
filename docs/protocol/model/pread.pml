/*
 * The reader in safe mode: it takes slot header and payload with ONE system call, whose bytes come in no promised order, between the call that
 * read latest and the call that reads seq again. The one look at seq that counts is the last. Same writer as ring.pml, without crashes.
 * Here the loads of the one call are made in every order.
 */

#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef FRAMES
#define FRAMES 4
#endif
#define READS 3

byte seq[SLOTS];
byte word0[SLOTS];
byte word1[SLOTS];
byte latest;

proctype Writer() {
    byte n = 1;
    byte s;
    do
    :: n <= FRAMES ->
        s = (n - 1) % SLOTS;
        seq[s] = 2 * n - 1;
        word0[s] = n;
        word1[s] = n;
        seq[s] = 2 * n;
        latest = n;
        n++
    :: else -> break
    od
}

proctype Reader() {
    byte n, got, w0, w1, again;
    byte reads = 0, had = 0;
    bool a, b, c;
    do
    :: reads < READS ->
        reads++;
#ifdef AHEAD
        /*
         * The frame after the last one is fetched first, its slot header before its payload (whose bytes come in any order), latest afterwards: it counts
         * when latest names it; or, without latest, when the next slot's seq, fetched after the payload, says that the frame after it is not closed yet.
         */
#ifdef BROKEN_AHEAD_LATEST_FIRST
        n = latest;
#endif
#ifdef BROKEN_NEXT_FIRST
        again = seq[(had + 1) % SLOTS];
#endif
#ifndef BROKEN_AHEAD_PAYLOAD_FIRST
        got = seq[had % SLOTS];
#endif
        if
        :: w0 = word0[had % SLOTS]; w1 = word1[had % SLOTS]
        :: w1 = word1[had % SLOTS]; w0 = word0[had % SLOTS]
        fi;
#ifdef BROKEN_AHEAD_PAYLOAD_FIRST
        got = seq[had % SLOTS];
#endif
#ifdef NEXT_SLOT
#ifndef BROKEN_NEXT_FIRST
        again = seq[(had + 1) % SLOTS];
#endif
        if
#ifdef BROKEN_NEXT_CLOSED
        :: got == 2 * (had + 1) && again <= 2 * (had + 2) ->
#else
        :: got == 2 * (had + 1) && again < 2 * (had + 2) ->
#endif
            assert(w0 == had + 1 && w1 == had + 1);
            had++;
            goto next
        :: else -> skip
        fi;
#endif
#ifndef BROKEN_AHEAD_LATEST_FIRST
        n = latest;
#endif
        if
        :: n == had + 1 && got == 2 * n ->
            assert(w0 == n && w1 == n);
            had = n;
            goto next
        :: else -> skip
        fi;
#else
        n = latest;
#endif
        if
        :: n <= had -> goto next
        :: else -> skip
        fi;
#ifdef BROKEN_LOOKS_BEFORE
        /* the second look comes before the call that fetches the slot */
        again = seq[(n - 1) % SLOTS];
#endif
        a = false; b = false; c = false;
        do
        :: !a -> got = seq[(n - 1) % SLOTS]; a = true
        :: !b -> w0 = word0[(n - 1) % SLOTS]; b = true
        :: !c -> w1 = word1[(n - 1) % SLOTS]; c = true
        :: a && b && c -> break
        od;
#ifndef BROKEN_LOOKS_BEFORE
#ifdef BROKEN_TRUST_THE_CALL
        again = got;        /* seq of the same call instead of a later one */
#else
        again = seq[(n - 1) % SLOTS];
#endif
#endif
        if
        :: got == 2 * n && again == 2 * n ->
            assert(w0 == n && w1 == n);
            had = n
        :: else -> skip
        fi;
next:
        skip
    :: else -> break
    od
}

init {
    atomic { run Writer(); run Reader() }
}
