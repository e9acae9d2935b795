/*
 * Waiting: the futex word, and a waiter that must not sleep through a frame. The kernel compares the word and puts the waiter to sleep in one step, and a
 * wake reaches whoever sleeps. The waiter: e = notify; look at latest; nothing new: sleep if notify is still e. The writer: latest, notify + 1, wake.
 * Checked without the waiter's time limit: once the writer is done, nobody sleeps who has not seen the last frame.
 */

#ifndef FRAMES
#define FRAMES 3
#endif

byte latest;
byte notify;
bool asleep;

proctype Writer() {
    byte n = 1;
    do
    :: n <= FRAMES ->
#ifdef BROKEN_WORD_FIRST
        notify++;
        latest = n;
#else
        latest = n;
#ifndef BROKEN_WORD_STAYS
        notify++;
#endif
#endif
        asleep = false;
        n++
    :: else -> break
    od
}

proctype Waiter() {
    byte e, seen;
    do
    :: seen == FRAMES -> break
    :: else ->
#ifdef BROKEN_LOOKS_FIRST
        byte l = latest;
        e = notify;
#else
        e = notify;
        byte l = latest;
#endif
        if
        :: l > seen -> seen = l
        :: else ->
            atomic {
                if
                :: notify == e -> asleep = true
                :: else -> skip
                fi
            };
            /* With the writer done, nobody wakes it any more. */
            !asleep
        fi
    od
}

init {
    atomic { run Writer(); run Waiter() }
}
