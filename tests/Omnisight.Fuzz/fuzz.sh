#!/usr/bin/env bash
# Coverage-guided fuzzing of a target with AFL++ over assemblies that SharpFuzz instrumented.
# usage: fuzz.sh TARGET [SECONDS]
# Needs: apt-get install afl++; dotnet tool install --global SharpFuzz.CommandLine
set -eu
target=${1:?usage: fuzz.sh TARGET [SECONDS]} seconds=${2:-60}
for tool in afl-fuzz sharpfuzz; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install afl++; dotnet tool install --global SharpFuzz.CommandLine"; exit 2; }
done
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work/bin" "$work/seeds"' EXIT
dotnet publish "$here" -c Release -o "$work/bin" -v quiet
"$work/bin/Omnisight.Fuzz" "$target" seeds "$work/seeds"
for assembly in Omnisight.Messages Omnisight.Commands; do sharpfuzz "$work/bin/$assembly.dll"; done
AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 \
  afl-fuzz -V "$seconds" -t 5000 -m none -i "$work/seeds" -o "$work/out" "$work/bin/Omnisight.Fuzz" "$target" afl -
finds=$(find "$work/out" -path '*/crashes/*' -type f ! -name README.txt | wc -l)
echo "$target: $finds finds in $work/out"
[ "$finds" -eq 0 ]
