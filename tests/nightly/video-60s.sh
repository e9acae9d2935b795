#!/usr/bin/env bash
# 1080p images at 30 Hz for 60 s (or SECONDS_TO_RUN), every pixel filled in a loan, read in a lease of another process: none lost, none torn, and the way adds
# at most 50 us to the filling (half of the images; on a machine that others use this can't hold: ADDED_US sets another bar). Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
images=$((${SECONDS_TO_RUN:-60} * 30))
result=$(dotnet run -c Release --project "$root/src/Omnisight.Cli" -- bench video --mode lease --rate 30 -n $images --format json | tail -n 1)
exec python3 - "$result" $images "${ADDED_US:-50}" <<'PY'
import json, sys

images, bar = int(sys.argv[2]), float(sys.argv[3])
try:
    result = json.loads(sys.argv[1])
    checks = [
        ("every image arrived, whole and in order", result["received"] == images and not any(result[flaw] for flaw in ("lost", "torn", "crc", "gaps", "backward"))),
        (f"added {result['added_us']['p50']} us to filling the pixels (bar {bar:g}; bare hand-over {result['handover_us']['p50']})", result["added_us"]["p50"] <= bar),
    ]
except (ValueError, KeyError, TypeError) as error:
    checks = [(f"a result was there ({error!r})", False)]
for what, ok in checks:
    print(f"{'ok   ' if ok else 'FAIL '} {what}")
print(sys.argv[1])
print(f"{sum(ok for _, ok in checks)} passed, {sum(not ok for _, ok in checks)} failed")
sys.exit(not all(ok for _, ok in checks))
PY
