#!/usr/bin/env bash
# Every bar of the shared-memory transport in one table: figure, floor of the same run, ratio, bar. About 10 minutes on a quiet machine; --only makes it less.
#   benchmarks/shm/run.sh [--rounds 5] [--only latency,cost,capacity,fan-out,video,regions] [--no-build] [--json FILE]
set -eu
cd "$(dirname "$0")/../.."
build=yes
arguments=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=no; else arguments+=("$argument"); fi
done
[ $build = no ] || dotnet build src/Omnisight.Cli -c Release -nologo -v q
exec python3 benchmarks/shm/bars.py src/Omnisight.Cli/bin/Release/net10.0/omnisight.dll ${arguments[@]+"${arguments[@]}"}
