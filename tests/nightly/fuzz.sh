#!/usr/bin/env bash
# Fuzzes every target for MINUTES (default 10) each: coverage-guided where AFL++ and SharpFuzz are installed, else by blind mutation.
# Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=$(( ${MINUTES:-10} * 60 ))
passed=0 failed=0
dotnet build "$root/tests/Omnisight.Fuzz" -c Release -v quiet --nologo || { echo "0 passed, 1 failed"; exit 1; }
for target in decoders commands; do
  if command -v afl-fuzz >/dev/null && command -v sharpfuzz >/dev/null; then
    "$root/tests/Omnisight.Fuzz/fuzz.sh" "$target" "$seconds"
  else
    dotnet "$root/tests/Omnisight.Fuzz/bin/Release/net10.0/Omnisight.Fuzz.dll" "$target" mutate "$seconds"
  fi
  if [ $? -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
