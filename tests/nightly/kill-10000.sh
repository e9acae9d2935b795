#!/usr/bin/env bash
# Kills 10,000 writers (or KILLS) at random instants, with readers in both modes: nothing torn, nothing backward, no descriptor and no file more.
# Takes about an hour and a half on two cores. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
log=$(mktemp)
if OMNISIGHT_KILLS=${KILLS:-10000} dotnet run --project "$root/tests/Transport.Shm.Tests" -- -class '*RandomKillTests' >"$log" 2>&1; then
    echo "ok    ${KILLS:-10000} kills: nothing torn, nothing backward, nothing left open"
    echo "1 passed, 0 failed"
    rm -f "$log"
else
    cat "$log"
    echo "0 passed, 1 failed"
    exit 1
fi
