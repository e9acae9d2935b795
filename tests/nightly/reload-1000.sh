#!/usr/bin/env bash
# Reloads a plugin 1,000 times (or RELOADS) while it publishes and a reader follows: nothing torn, nothing backward, no gap above 500 ms, no thread, file or
# load context more. Some two minutes on two cores that have nothing else to do. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if OMNISIGHT_RELOADS=${RELOADS:-1000} dotnet run --project "$root/tests/Omnisight.Kernel.Tests" -- -method '*A_hundred_reloads*' -showLiveOutput >"$log" 2>&1 && grep -q 'reloads:.* values' "$log"; then
    echo "ok    $(grep -o '[0-9]* reloads:.*' "$log" | head -n 1)"
    echo "1 passed, 0 failed"
else
    cat "$log"
    echo "0 passed, 1 failed"
    exit 1
fi
