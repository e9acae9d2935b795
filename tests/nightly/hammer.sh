#!/usr/bin/env bash
# An unpaced writer against five readers at once: C# map, lease and safe, C, Python. It goes on until READS (default 1,000,000,000) frames were taken by the one
# in map mode, a twentieth of them in safe mode: none torn, none backward, none under another's number, none stuck. Some 20 minutes on two cores.
# Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
configuration=${CONFIGURATION:-Release}
dotnet build "$root/tests/Omnisight.PeerProcess" -c "$configuration" -v q -nologo || exit 2
peer="dotnet exec $root/tests/Omnisight.PeerProcess/bin/$configuration/net10.0/Omnisight.PeerProcess.dll"
reads=${READS:-1000000000}
longest=14400000   # 4 hours: it is broken then
stuck=${STUCK_MS:-2000}
instance=hammer$$
region=/dev/shm/${instance}_stress
work=$(mktemp -d)
mkfifo "$work/open"
exec 9<>"$work/open"
# shellcheck disable=SC2154 # the pids are set below
trap 'kill $writer ${pids[*]} ${others[*]} 2>/dev/null; wait 2>/dev/null; rm -rf "$work"; rm -f /dev/shm/'"$instance"'_* /dev/shm/.'"$instance"'_*' EXIT
writer= pids=() others=()
gcc -O2 -std=c11 -o "$work/hammer" "$root/tests/interop/hammer/hammer.c" || exit 2
$peer publish --instance $instance --interval-us 0 --bytes 512 <&9 >/dev/null &
writer=$!
for mode in map lease safe; do
    count=$reads
    [ $mode = safe ] && count=$((reads / 20 + 1))
    $peer read --instance $instance --mode $mode --bytes 512 --count "$count" --ms $longest <&9 >"$work/C# $mode" &
    pids+=($!)
done
"$work/hammer" "$region" $longest map >"$work/C" &
others+=($!)
python3 "$root/tests/interop/hammer/hammer.py" "$region" $longest >"$work/Python" &
others+=($!)
wait "${pids[@]}"
# Those of the other languages read as long as these do.
kill -TERM "${others[@]}"
wait "${others[@]}"
passed=0 failed=0
for who in "C# map" "C# lease" "C# safe" C Python; do
    line=$(grep fresh "$work/$who" | tr -d " ")
    longest_gap=$(sed -n 's/.*"stuck_ms":\([0-9]*\).*/\1/p' <<<"$line")
    if grep -q '"fresh":[1-9][0-9]*,"bad":0,"backward":0,"mismatch":0' <<<"$line" && [ "${longest_gap:-$stuck}" -lt "$stuck" ]; then
        passed=$((passed + 1)); echo "ok    $who: $line"
    else
        failed=$((failed + 1)); echo "FAIL  $who (stuck is $stuck ms without a frame): $line"
    fi
done
kill -0 $writer 2>/dev/null || { failed=$((failed + 1)); echo "FAIL  the writer ended"; }
echo "$passed passed, $failed failed"
[ $failed = 0 ]
