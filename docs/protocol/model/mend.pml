/*
 * Mending: somebody removes the region's name at any instant; the writer's timer sees it, makes a new region with the same epoch, puts the newest frame into it
 * under its number, and renames it to its place. A gate keeps the timer and the publishing loop apart: the timer tries it once
 * and, when a publish is under way, looks again with its next beat.
 * The reader goes over when the name leads to another region; the epoch is the same, so it keeps what it had.
 *
 * Checked: no frame is taken twice or after a later one, none under another's number, and with writer, timer and remover at rest the reader has the last frame.
 */

#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef FRAMES
#define FRAMES 3
#endif
#define REMOVALS 2
#define REGIONS 3       /* one, and one for each removal */
#define READS 3

typedef Region {
    byte seq[SLOTS];
    byte word[SLOTS];
    byte latest;
};

Region region[REGIONS];
byte path = 1;          /* region the name leads to, + 1; 0 = removed */
byte current = 0;       /* region of the writer */
byte newest = 0;        /* the writer's own note of the newest frame */
bool gate = false;
byte removals = 0;
bool published = false;
bool quiet = false;      /* nobody removes anything any more */
bool settled = false;

#ifdef BROKEN_MEND_NO_GATE
#define ENTER skip
#define LEAVE skip
#else
#define ENTER atomic { !gate -> gate = true }
#define LEAVE gate = false
#endif

proctype Remover() {
    do
    :: removals < REMOVALS && !published -> atomic { path = 0; removals++ }
    :: break
    od;
    quiet = true
}

proctype Writer() {
    byte n = 1;
    byte r, s;
    do
    :: n <= FRAMES ->
        ENTER;
        r = current;
        s = (n - 1) % SLOTS;
        region[r].seq[s] = 2 * n - 1;
        region[r].word[s] = n;
        region[r].seq[s] = 2 * n;
        region[r].latest = n;
        newest = n;
        LEAVE;
        n++
    :: else -> break
    od;
    published = true
}

/* Beats come at any time, and in the end: the last one finds all at rest. */
proctype Timer() {
    byte next, number;
    bool last;
    do
    :: true ->
        last = published && quiet;
        ENTER;
        if
        :: path != current + 1 ->
            next = current + 1;
            number = newest;
#ifdef BROKEN_MEND_EMPTY
            number = 0;
#endif
#ifdef BROKEN_MEND_FROM_ONE
            number = (number > 0 -> 1 : 0);
#endif
            /* Under another name: nobody sees these stores before the rename. */
            if
            :: number > 0 ->
                atomic {
                    region[next].word[(number - 1) % SLOTS] = number;
                    region[next].seq[(number - 1) % SLOTS] = 2 * number;
                    region[next].latest = number
                }
            :: else -> skip
            fi;
            path = next + 1;
            current = next
        :: else -> skip
        fi;
        LEAVE;
        if
        :: last -> settled = true; break
        :: else -> skip
        fi
    od
}

proctype Reader() {
    byte r = 1;
    byte had = 0, told = 0;     /* told: what its user was given last */
    byte n, before, after, w, reads = 0;
    bool resting = false;
    do
    :: reads < READS || resting ->
        atomic {
            if
            :: path != 0 && path != r ->
                r = path;
#ifdef BROKEN_READER_FORGETS
                had = 0;
#endif
            :: else -> skip
            fi
        };
        n = region[r - 1].latest;
        if
        :: n > had ->
            before = region[r - 1].seq[(n - 1) % SLOTS];
            w = region[r - 1].word[(n - 1) % SLOTS];
            after = region[r - 1].seq[(n - 1) % SLOTS];
            if
            :: before == 2 * n && after == 2 * n ->
                assert(w == n);
                assert(n > told);               /* twice, or backward */
                had = n;
                told = n
            :: else -> assert(!resting)
            fi
        :: else -> skip
        fi;
        if
        :: resting -> assert(r == path && told == FRAMES); break
        :: else -> reads++
        fi
    :: reads >= READS && !resting -> settled; resting = true
    od
}

init {
    atomic {
        run Reader();
        run Timer();
        run Writer();
        run Remover()
    }
}
