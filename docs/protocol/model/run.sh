#!/usr/bin/env bash
# Checks the models with spin: the protocol must hold in every interleaving, and every broken variant must be refuted - a checker that finds
# nothing in a broken protocol has shown nothing about the right one. Prints one line a check and "N passed, N failed"; exit 1 on a failure.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for tool in spin gcc; do
    command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install -y spin gcc"; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# check EXPECTED NAME MODEL [MACRO...]
check() {
    local expected=$1 name=$2 model=$3 flags=() errors states found
    shift 3
    for macro in "$@"; do flags+=("-D$macro"); done
    rm -rf "$work/run" && mkdir "$work/run" && cd "$work/run" || exit 2
    if ! spin "${flags[@]}" -a "$here/$model" >log 2>&1 || ! gcc -O2 -w -DSAFETY -DCOLLAPSE -DVECTORSZ=2048 -o pan pan.c >>log 2>&1; then
        cat log
        found=unreadable
    else
        ./pan -m2000000 -w24 >log 2>&1
        errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' log)
        states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' log)
        if grep -q 'max search depth too small\|out of memory' log; then found=incomplete; elif [ "$errors" = 0 ]; then found=holds; else found=refuted; fi
    fi
    if [ "$found" = "$expected" ]; then passed=$((passed + 1)); echo "ok    $name: $found (${states:-0} states)"; else
        failed=$((failed + 1)); echo "FAIL  $name: $found, expected $expected"; tail -n 5 log; fi
}

check holds   "ring, 2 slots"                                   ring.pml SLOTS=2 FRAMES=3
check holds   "ring, 3 slots"                                   ring.pml SLOTS=3 FRAMES=4
check holds   "ring, 2 slots, more frames"                      ring.pml SLOTS=2 FRAMES=5
check holds   "safe mode: slot and payload in one call"         pread.pml SLOTS=2 FRAMES=4
check holds   "safe mode: the next frame before latest, 2 slots" pread.pml SLOTS=2 FRAMES=4 AHEAD
check holds   "safe mode: the next frame before latest, 3 slots" pread.pml SLOTS=3 FRAMES=5 AHEAD
check holds   "safe mode: the next frame and the next slot's seq, 2 slots" pread.pml SLOTS=2 FRAMES=4 AHEAD NEXT_SLOT
check holds   "safe mode: the next frame and the next slot's seq, 3 slots" pread.pml SLOTS=3 FRAMES=5 AHEAD NEXT_SLOT
check holds   "waiting: nobody sleeps through a frame"          wait.pml
check holds   "mending by the timer"                            mend.pml SLOTS=2
check refuted "broken: no second look at seq"                   ring.pml BROKEN_NO_RECHECK
check refuted "broken: second look before the payload"          ring.pml BROKEN_NO_LOAD_BARRIER
check refuted "broken: slot not marked while it is written"     ring.pml BROKEN_NO_ODD
check refuted "broken: number and latest before the payload"    ring.pml BROKEN_EVEN_FIRST BROKEN_LATEST_FIRST
check refuted "broken: latest before the frame is whole"        ring.pml BROKEN_LATEST_FIRST
check refuted "broken: seq + 1 over a dead writer's slot"       ring.pml BROKEN_PARITY BROKEN_REUSE_REGION
check refuted "broken: old numbers are taken again"             ring.pml BROKEN_ACCEPT_OLD
check refuted "broken: safe mode trusts the seq of its one call" pread.pml BROKEN_TRUST_THE_CALL
check refuted "broken: safe mode looks again before the call"   pread.pml BROKEN_LOOKS_BEFORE
check refuted "broken: the next frame, payload before its seq"  pread.pml SLOTS=2 FRAMES=4 AHEAD BROKEN_AHEAD_PAYLOAD_FIRST
check refuted "broken: the next frame after latest"             pread.pml SLOTS=2 FRAMES=5 AHEAD BROKEN_AHEAD_LATEST_FIRST
check refuted "broken: the next frame, the next slot is closed too" pread.pml SLOTS=2 FRAMES=4 AHEAD NEXT_SLOT BROKEN_NEXT_CLOSED
check refuted "broken: the next frame, the next slot's seq first" pread.pml SLOTS=2 FRAMES=3 AHEAD NEXT_SLOT BROKEN_NEXT_FIRST
check refuted "broken: waiting, latest before the word"         wait.pml BROKEN_LOOKS_FIRST
check refuted "broken: waiting, the word before latest"         wait.pml BROKEN_WORD_FIRST
check refuted "broken: waiting, the word stays"                 wait.pml BROKEN_WORD_STAYS
check refuted "broken: mending while a frame is published"      mend.pml BROKEN_MEND_NO_GATE
check refuted "broken: mending without the newest frame"        mend.pml BROKEN_MEND_EMPTY
check refuted "broken: mending that counts from one again"      mend.pml BROKEN_MEND_FROM_ONE
check refuted "broken: a mended region is a new epoch"          mend.pml BROKEN_READER_FORGETS
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
