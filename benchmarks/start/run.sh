#!/usr/bin/env bash
# Start and size of a node that runs everything (the set `all`), in Release: from exec to the first 200 of /api/health, and resident memory after a while.
# usage: benchmarks/start/run.sh [RUNS] [SECONDS]   (default: 10 starts; memory after 60 s). Builds first unless OMNISIGHT_BUILD=no. Needs curl, python3.
# Bars: median <= 0.7 s, memory <= 120 MB. Exit 1 when one is missed; times mean something on an idle machine only, so the load is printed beside them.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
runs=${1:-10} seconds=${2:-60}
bar_ms=700 bar_mb=120
program=$root/src/Omnisight.Cli/bin/Release/net10.0/omnisight
if [ "${OMNISIGHT_BUILD:-yes}" != no ]; then
  dotnet build "$root/src/Omnisight.Cli" -c Release -v quiet -nologo
fi

work=$(mktemp -d)
instance=start-$$
node=0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port/api/health

stop() {
  [ "$node" -eq 0 ] && return 0
  kill -TERM "$node" 2>/dev/null || true
  wait "$node" 2>/dev/null || true
  node=0
}
trap 'stop; rm -rf "$work"; rm -f /dev/shm/"$instance"_* /dev/shm/."$instance"_* /dev/shm/sem."$instance"_*' EXIT

now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo $((t / 1000)); }


start() {
  local begin
  mkdir -p -m 700 "$work/run"
  begin=$(now_ms)
  "$program" run --profile all --instance "$instance" --set RuntimeDirectory="$work/run" --set Api.Rest:Urls="http://127.0.0.1:$port" >"$work/log" 2>&1 &
  node=$!
  until curl -fsS -o "$work/health" --max-time 2 "$url" 2>/dev/null; do
    kill -0 "$node" 2>/dev/null || { cat "$work/log"; exit 1; }
    [ $(($(now_ms) - begin)) -lt 60000 ] || { cat "$work/log"; echo "no answer within 60 s"; exit 1; }
    sleep 0.005
  done
  took=$(($(now_ms) - begin))
}

times=()
for _ in $(seq "$runs"); do
  start
  times+=("$took")
  stop
done
sorted=$(printf '%s\n' "${times[@]}" | sort -n)
median=$(echo "$sorted" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }')
echo "start of all, exec to the first 200 of /api/health: median $median ms of $runs (bar $bar_ms), best $(echo "$sorted" | head -n 1), worst $(echo "$sorted" | tail -n 1); load $(cut -d' ' -f1 /proc/loadavg) on $(nproc) cores"

start
sleep "$seconds"
memory=$(awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$node/status")
stop
echo "resident memory of all after $seconds s: $memory MB (bar $bar_mb)"

awk -v m="$median" -v b="$bar_ms" -v r="$memory" -v c="$bar_mb" 'BEGIN { exit !(m <= b && r <= c) }'
