#!/usr/bin/env bash
# What a core costs that nobody uses: processor time over SECONDS from the moment it says that it runs, in Release, with every transport open
# (commands and answers on FIFOs, documents as JSON files, the plugins' document in shared memory) and no source, no client, no API.
# usage: benchmarks/idle/run.sh [SECONDS]   (default 60). Builds first unless OMNISIGHT_BUILD=no; OMNISIGHT_PROGRAM names another program.
# Bar: below 0.5% of one processor. Exit 1 when it is missed; on a busy machine everything costs more, so the load is printed beside it.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-60}
bar=0.5
program=${OMNISIGHT_PROGRAM:-$root/src/Omnisight.Cli/bin/Release/net10.0/omnisight}
if [ "${OMNISIGHT_BUILD:-yes}" != no ]; then
  dotnet build "$root/src/Omnisight.Cli" -c Release -v quiet -nologo
fi

work=$(mktemp -d)
instance=idle-$$
node=0
stop() {
  [ "$node" -eq 0 ] && return 0
  kill -TERM "$node" 2>/dev/null || true
  wait "$node" 2>/dev/null || true
  node=0
}
trap 'stop; rm -rf "$work"; rm -f /dev/shm/"$instance"_* /dev/shm/."$instance"_* /dev/shm/sem."$instance"_*' EXIT

cat >"$work/node.json" <<'JSON'
{ "Omnisight": {
  "Plugins": { "Use": "idle", "Sets": { "idle": ["Transport.Shm", "Transport.Fifo", "Transport.JsonFile"] } },
  "Commands": { "Serve": "true" },
  "Channels": { "plugins": { "Transport": "shm" } } } }
JSON
mkdir -m 700 "$work/run"
"$program" run --config "$work/node.json" --instance "$instance" --set RuntimeDirectory="$work/run" >"$work/log" 2>&1 &
node=$!
open() { grep -q Ctrl-C "$work/log" && [ -p "$work/run/${instance}_cmd" ] && [ -f "$work/run/${instance}_stats.json" ] && [ -f "/dev/shm/${instance}_plugins" ]; }
for _ in $(seq 600); do
  open && break
  kill -0 "$node" 2>/dev/null || { cat "$work/log"; exit 1; }
  sleep 0.05
done
open || { cat "$work/log"; echo "not every transport is open after 30 s"; exit 1; }

ticks() { sed 's/.*) //' "/proc/$node/stat" | awk '{ print $12 + $13 }'; }
begin=$(ticks)
last=$begin
parts=
for part in 1 2 3 4 5 6; do
  sleep "$(awk -v s="$seconds" 'BEGIN { print s / 6 }')"
  now=$(ticks)
  parts="$parts $(awk -v t=$((now - last)) -v s="$seconds" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.2f", 100 * t / hz / (s / 6) }')"
  last=$now
done

share=$(awk -v t=$((last - begin)) -v s="$seconds" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.2f", 100 * t / hz / s }')
echo "idle core with every transport open: $share% of a processor in its first $seconds s (bar $bar); by sixths:$parts; load $(cut -d' ' -f1 /proc/loadavg) on $(nproc) cores"
awk -v x="$share" -v b="$bar" 'BEGIN { exit !(x < b) }'
