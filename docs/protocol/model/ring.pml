/*
 * The ring of docs/protocol/shm.md: one writer that may die between any two stores, its successor, and one reader.
 *
 * Region generation g is a file: a successor never uses a dead writer's region again. In a region, frame n goes to slot (n-1) % SLOTS as
 *     seq = 2n-1 | payload word 0 | payload word 1 | seq = 2n | latest = n
 * A payload word holds the number of its frame (0 = never written). The stores of one writer become visible in this order (release stores and
 * a store barrier on the machine); the reader's loads happen in its order (acquire loads and a load barrier).
 *
 * The reader: latest -> seq -> words -> seq again; it accepts the frame when both looks at seq gave 2n and n is newer than what it had.
 * Checked: no torn or mixed frame is accepted, none under another's number, numbers grow within a generation, and a reader that keeps
 * looking after the writers came to rest has the newest frame (nothing is stuck).
 *
 * Deliberately broken variants, each of which spin must refute (run.sh): see the BROKEN_ macros.
 */

#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef FRAMES
#define FRAMES 3        /* frames a writer publishes */
#endif
#define GENERATIONS 2   /* a writer, and its successor */
#define READS 3         /* frames the reader tries to take while the writers run */
#define ATTEMPTS 2      /* bounded retries */

typedef Region {
    byte seq[SLOTS];
    byte word0[SLOTS];
    byte word1[SLOTS];
    byte latest;
    bool closed;
};

Region region[GENERATIONS];
byte path = 0;          /* generation the name leads to, 0 = none, else g + 1 */
byte last_complete = 0; /* ghost: newest frame whose latest was stored, of the generation at the path */
bool writers_rest = false;

/* At any store a SIGKILL may come instead. The last generation lives, so that there is something to end with. */
#define STORE(statement) \
    if :: g < GENERATIONS - 1 -> goto died :: true -> statement fi

proctype Writer(byte g) {
    byte n = 1;
    byte s;

#ifdef BROKEN_REUSE_REGION
    /* the successor goes on in the dead writer's region */
    byte r = 0;
    if :: g > 0 -> n = region[0].latest + 1 :: else fi;
#else
    byte r = g;
#endif

    /* Built under another name, renamed when whole: the path changes in one step. */
    atomic { path = r + 1; last_complete = region[r].latest };

    do
    :: n <= FRAMES ->
        s = (n - 1) % SLOTS;
#ifdef BROKEN_PARITY
        STORE(region[r].seq[s] = region[r].seq[s] + 1);        /* seq + 1 instead of 2n - 1 */
#else
#ifndef BROKEN_NO_ODD
        STORE(region[r].seq[s] = 2 * n - 1);
#endif
#endif
#ifdef BROKEN_LATEST_FIRST
        STORE(atomic { region[r].latest = n; last_complete = n });
#endif
#ifdef BROKEN_EVEN_FIRST
        STORE(region[r].seq[s] = 2 * n);
        STORE(region[r].word0[s] = n);
        STORE(region[r].word1[s] = n);
#else
        STORE(region[r].word0[s] = n);
        STORE(region[r].word1[s] = n);
#ifdef BROKEN_PARITY
        STORE(region[r].seq[s] = region[r].seq[s] + 1);
#else
        STORE(region[r].seq[s] = 2 * n);
#endif
#endif
#ifndef BROKEN_LATEST_FIRST
        STORE(atomic { region[r].latest = n; last_complete = n });
#endif
        n++
    :: else -> break
    od;
    writers_rest = true;
    goto done;

died:
    /* What latest names is whole, whenever the writer dies: the last good frame is there for readers that come now. */
    assert(region[r].latest == 0 || region[r].seq[(region[r].latest - 1) % SLOTS] == 2 * region[r].latest);
    /* The lock is free the moment the process is dead: the successor starts. */
    run Writer(g + 1);
done:
    skip
}

proctype Reader() {
    byte r = 0;         /* generation attached, + 1; 0 = none */
    byte had = 0;       /* newest number taken in this generation */
    byte n, before, after, w0, w1;
    byte reads = 0, attempts;
    bool resting;
    bool fresh;

    do
    :: reads < READS || resting ->
        /* Re-attach: the name leads to another file (the writer of the old one is gone). */
        atomic {
            if
            :: path != 0 && path != r -> r = path; had = 0
            :: else -> skip
            fi
        };
        if
        :: r == 0 -> goto next
        :: else -> skip
        fi;
        attempts = 0;
        fresh = false;
        do
        :: attempts < ATTEMPTS || resting ->
            attempts = (attempts < ATTEMPTS -> attempts + 1 : attempts);
            n = region[r - 1].latest;
            if
            :: n == 0 -> break
#ifndef BROKEN_ACCEPT_OLD
            :: n != 0 && n <= had -> break
#endif
            :: else -> skip
            fi;
            before = region[r - 1].seq[(n - 1) % SLOTS];
#ifndef BROKEN_NO_FIRST_LOOK
            if
            :: before != 2 * n ->
                /* With the writers at rest, a slot that is not readable never will be. */
                assert(!resting);
                goto again
            :: else -> skip
            fi;
#endif
#ifdef BROKEN_NO_LOAD_BARRIER
            /* the second look may happen before the payload is loaded */
            after = region[r - 1].seq[(n - 1) % SLOTS];
            w0 = region[r - 1].word0[(n - 1) % SLOTS];
            w1 = region[r - 1].word1[(n - 1) % SLOTS];
#else
            w0 = region[r - 1].word0[(n - 1) % SLOTS];
            w1 = region[r - 1].word1[(n - 1) % SLOTS];
            after = region[r - 1].seq[(n - 1) % SLOTS];
#endif
#ifdef BROKEN_NO_RECHECK
            after = 2 * n;
#endif
            if
            :: after == 2 * n ->
                assert(w0 == w1);               /* torn */
                assert(w0 == n);                /* another frame under this number */
                assert(n > had);                /* backward */
                had = n;
                fresh = true;
                break
            :: else -> assert(!resting)
            fi;
again:
            skip
        :: else -> break                        /* contended: the last good frame is served */
        od;
next:
        if
        :: resting ->
            /* Nothing moves any more: one pass must have brought the newest frame. */
            assert(r == path && had == last_complete && had == FRAMES);
            break
        :: else -> reads++
        fi
    :: reads >= READS && !resting ->
        /* Enough while they ran; now let them come to rest, and look once more. */
        writers_rest;
        resting = true
    od
}

init {
    atomic {
        run Writer(0);
        run Reader()
    }
}
