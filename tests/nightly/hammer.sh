#!/usr/bin/env bash
# An unpaced writer against readers in map, lease and safe mode until READS (default 1,000,000,000) frames were taken by each of the first two:
# none torn, none backward, none under another's number. Some 20 minutes on two cores. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
dotnet build "$root/tests/Omnisight.PeerProcess" -c Release -v q -nologo || exit 2
peer="dotnet exec $root/tests/Omnisight.PeerProcess/bin/Release/net10.0/Omnisight.PeerProcess.dll"
reads=${READS:-1000000000}
instance=hammer$$
work=$(mktemp -d)
mkfifo "$work/open"
exec 9<>"$work/open"
trap 'kill $writer 2>/dev/null; wait 2>/dev/null; rm -rf "$work"; rm -f /dev/shm/'"$instance"'_* /dev/shm/.'"$instance"'_*' EXIT
$peer publish --instance $instance --interval-us 0 --bytes 512 <&9 >/dev/null &
writer=$!
pids=()
for mode in map lease safe; do
    count=$reads
    [ $mode = safe ] && count=$((reads / 20 + 1))
    $peer read --instance $instance --mode $mode --bytes 512 --count "$count" --ms 14400000 <&9 >"$work/$mode" &
    pids+=($!)
done
wait "${pids[@]}"
passed=0 failed=0
for mode in map lease safe; do
    line=$(grep fresh "$work/$mode")
    if echo "$line" | grep -q '"fresh":[1-9][0-9]*,"bad":0,"backward":0,"mismatch":0'; then passed=$((passed + 1)); echo "ok    $mode: $line"; else failed=$((failed + 1)); echo "FAIL  $mode: $line"; fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
