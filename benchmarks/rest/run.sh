#!/usr/bin/env bash
# Builds what the benchmark needs and runs it. Needs wrk, python3-flask and a C compiler: apt-get install -y wrk python3-flask gcc
set -eu
cd "$(dirname "$0")/../.."
for tool in wrk gcc; do
  command -v "$tool" > /dev/null || { echo "$tool is missing: apt-get install -y wrk python3-flask gcc" >&2; exit 2; }
done
dotnet build src/Omnisight.Cli -c Release -nologo -v q
dotnet build benchmarks/rest/Plain -c Release -nologo -v q
mkdir -p artifacts
gcc -O2 -o artifacts/sse_clients benchmarks/rest/sse_clients.c
if [ $# -gt 0 ]; then exec /usr/bin/python3 benchmarks/rest/bench.py "$@"; fi
/usr/bin/python3 benchmarks/rest/bench.py --what rest
/usr/bin/python3 benchmarks/rest/bench.py --what sse --walkers 20 --seconds 8
