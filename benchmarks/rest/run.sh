#!/usr/bin/env bash
# Builds what the benchmark needs and runs it. Needs wrk, python3-flask, a C compiler, ss and Chromium: apt-get install -y wrk python3-flask gcc iproute2 chromium
set -eu
cd "$(dirname "$0")/../.."
for tool in wrk gcc ss chromium; do
  command -v "$tool" > /dev/null || { echo "$tool is missing: apt-get install -y wrk python3-flask gcc iproute2 chromium" >&2; exit 2; }
done
dotnet build src/Omnisight.Cli -c Release -nologo -v q
dotnet build benchmarks/rest/Plain -c Release -nologo -v q
mkdir -p artifacts
gcc -O2 -o artifacts/sse_clients benchmarks/rest/sse_clients.c
if [ $# -gt 0 ]; then exec /usr/bin/python3 benchmarks/rest/bench.py "$@"; fi
/usr/bin/python3 benchmarks/rest/bench.py --what rest
/usr/bin/python3 benchmarks/rest/bench.py --what sse --walkers 24 --seconds 8
/usr/bin/python3 benchmarks/rest/bench.py --what dashboard --seconds 5
