#!/usr/bin/env bash
# The standalone C and Python readers against a running node, frames of version 1 and 2. Needs a build, gcc, python3, hexdump.
# Ends with "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cli=${OMNISIGHT_CLI:-$(ls -t "$root"/src/Omnisight.Cli/bin/*/net10.0/omnisight.dll 2>/dev/null | head -n 1)}
[ -f "$cli" ] || { echo "no omnisight.dll: run dotnet build first"; echo "0 passed, 1 failed"; exit 1; }
work=$(mktemp -d)
passed=0 failed=0 node=0

check() {
  local name=$1
  shift
  if "$@" >"$work/out" 2>&1; then
    passed=$((passed + 1))
    echo "ok    $name"
  else
    failed=$((failed + 1))
    echo "FAIL  $name"
  fi
  sed 's/^/      /' "$work/out" | head -n 12
}

stop_node() {
  [ "$node" -eq 0 ] && return 0
  kill -TERM "$node" 2>/dev/null
  wait "$node"
}
trap 'stop_node; rm -rf "$work"' EXIT

# All lines that a reader should print, and nothing that says otherwise.
reads_all() {
  local version=$1 channel
  shift
  "$@" >"$work/read" 2>&1 || { cat "$work/read"; return 1; }
  cat "$work/read"
  for channel in detections tracks timelines; do
    grep -Eq "^$channel [0-9]+: version $version, [0-9]+ elements, 1280 x 720, CRC ok$" "$work/read" || return 1
  done
}

listed() {
  local channel
  ls -l "/dev/shm/$1_"* || return 1
  for channel in detections tracks timelines; do [ -s "/dev/shm/$1_$channel" ] || return 1; done
}

dumped() { hexdump -C -n 64 "/dev/shm/$1_detections" | tee "$work/hex"; grep -q '|RNMO' "$work/hex"; }

# refuses WHY COMMAND...: the command fails and says why.
refuses() {
  local why=$1
  shift
  if "$@" >"$work/refused" 2>&1; then return 1; fi
  tail -n 1 "$work/refused"
  grep -q "$why" "$work/refused"
}

check "the C reader compiles without warnings" gcc -std=c11 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -O2 "$here/read.c" -o "$work/read_c"
for version in 1 2; do
  instance="interop$$-$version"
  mkdir -m 700 "$work/$instance"
  OMNISIGHT__RUNTIMEDIRECTORY="$work/$instance" dotnet exec "$cli" run --profile core --instance "$instance" \
    --set "Transport.Shm:Protocol=$version" --set Perception.Simulator:Rate=100 >"$work/node.log" 2>&1 &
  node=$!
  for _ in $(seq 300); do
    [ -s "/dev/shm/${instance}_timelines" ] && break
    kill -0 "$node" 2>/dev/null || break
    sleep 0.1
  done
  sleep 1
  check "version $version: the regions are listed" listed "$instance"
  check "version $version: hexdump shows the region's magic" dumped "$instance"
  check "version $version: C reads detections, tracks and timelines" reads_all "$version" "$work/read_c" "$instance"
  check "version $version: Python reads detections, tracks and timelines" reads_all "$version" python3 "$here/read.py" "$instance"
  for _ in $(seq 50); do
    "$work/read_c" "$instance" >"$work/read" 2>&1 && python3 "$here/read.py" "$instance" >>"$work/read" 2>&1 || echo bad >>"$work/bad"
  done
  check "version $version: 50 more reads of each against a writer at 100 Hz" test ! -e "$work/bad"

  for channel in detections tracks timelines; do cp "/dev/shm/${instance}_$channel" "/dev/shm/${instance}x_$channel"; done
  stop_node
  status=$?
  node=0
  check "version $version: the node stops with exit code 0" test "$status" -eq 0
  check "version $version: its regions are gone" refuses "No such file" ls "/dev/shm/${instance}_detections"

  check "version $version: C reads the copies" reads_all "$version" "$work/read_c" "${instance}x"

  # One bit of the tracks changed in every slot: both must notice.
  python3 - "/dev/shm/${instance}x_tracks" <<'PY'
import struct, sys
with open(sys.argv[1], "r+b") as region:
    _, _, _, _, header, slots, stride, _ = struct.unpack("<IHHQIIII", region.read(32))
    for slot in range(slots):
        at = header + slot * stride + 64 + 40
        region.seek(at)
        byte = region.read(1)[0] ^ 1
        region.seek(at)
        region.write(bytes([byte]))
PY
  check "version $version: Python refuses a flipped bit" refuses "CRC does not match" python3 "$here/read.py" "${instance}x" tracks
  check "version $version: C refuses a flipped bit" refuses "tracks: the CRC does not match" "$work/read_c" "${instance}x"
  rm -f "/dev/shm/${instance}"* "/dev/shm/.${instance}"* "/dev/shm/sem.${instance}"*
done
[ "$failed" -eq 0 ] || { echo "the node said:"; cat "$work/node.log"; }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
