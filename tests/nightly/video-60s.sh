#!/usr/bin/env bash
# 1080p images at 30 Hz for 60 s (or SECONDS_TO_RUN), loaned and leased between two processes: none lost, none torn. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${SECONDS_TO_RUN:-60}
result=$(dotnet run -c Release --project "$root/src/Omnisight.Cli" -- bench video --mode lease --rate 30 -n $((seconds * 30)) --format json)
if echo "$result" | grep -q '"received":'$((seconds * 30))',"torn":0,"crc":0,"gaps":0,"backward":0'; then
    echo "ok    $result"
    echo "1 passed, 0 failed"
else
    echo "FAIL  $result"
    echo "0 passed, 1 failed"
    exit 1
fi
