#!/usr/bin/env bash
# The bars of the C library and the Python package, as JSON lines: C against C# map mode in the same run, and get_detections() with 50 objects.
# Ends with 1 when a bar is missed: judge the Python ones on a machine at rest.
# usage: bench.sh [PREFIX]   (needs sdk/c/build.sh and a Release build of tests/Omnisight.InteropPeer)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
prefix=${1:-$root/artifacts/sdk/c}
work=$(mktemp -d)
missed=0
instance=bench-$$
trap 'rm -rf "$work"; rm -f /dev/shm/"$instance"* /dev/shm/."$instance"* /dev/shm/sem."$instance"*' EXIT
dotnet build "$root/tests/Omnisight.InteropPeer" -c Release -v quiet -nologo -p:ArtifactsPath="$root/artifacts/interop" >&2
peer=$(find "$root/artifacts/interop/bin" -name Omnisight.InteropPeer.dll | head -n 1)
gcc -O2 -std=c11 "$here/peer.c" -I"$prefix/include" -L"$prefix/lib" -Wl,-rpath,"$prefix/lib" -lomnisight -lm -o "$work/peer"
for _ in 1 2 3 4 5; do
  printf '{"csharp":%s,"c":%s}\n' "$(dotnet exec "$peer" bench "$instance")" "$("$work/peer" bench "$instance")"
done | tee "$work/costs"
python3 - "$work/costs" <<'EOF' || missed=1
import json, statistics, sys
runs = [json.loads(line) for line in open(sys.argv[1])]
missed = False
for what in ("publish", "read"):
    c, sharp = (statistics.median(run[side][f"{what}_p50_ns"] for run in runs) for side in ("c", "csharp"))
    ratio = statistics.median(run["c"][f"{what}_p50_ns"] / run["csharp"][f"{what}_p50_ns"] for run in runs)
    missed |= ratio > 1.3
    print(json.dumps({"what": what, "c_ns": c, "csharp_ns": sharp, "ratio": round(ratio, 2), "bar": 1.3}))
sys.exit(missed)
EOF
"$work/peer" load "$instance" 12 &
for _ in $(seq 200); do
  [ ! -e "/dev/shm/${instance}_detections" ] || break # peer.py's reader finds it there
  sleep 0.05
done
python3 "$here/peer.py" bench "$instance" || missed=1
wait
exit "$missed"
