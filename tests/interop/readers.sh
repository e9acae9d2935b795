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

# One that stands still, so that what every frame holds is known: 64, 96, 32, 192 pixels of 640 x 480.
mkdir "$work/sequence"
printf '[Sequence]\nname=still\nframeRate=100\nseqLength=100\nimWidth=640\nimHeight=480\n' >"$work/sequence/seqinfo.ini"
for frame in $(seq 100); do echo "$frame,7,64,96,32,192,1,-1,-1,-1"; done >"$work/sequence/tracks.txt"
box="0.1 0.2 0.05 0.4"

# All lines that a reader should print, and nothing that says otherwise.
reads_all() {
  local version=$1 channel
  shift
  "$@" >"$work/read" 2>&1 || { cat "$work/read"; return 1; }
  cat "$work/read"
  for channel in detections tracks; do
    grep -Eq "^$channel [0-9]+: version $version, 1 elements, 640 x 480, CRC ok, first box $box$" "$work/read" || return 1
  done
  grep -Eq "^timelines [0-9]+: version $version, [0-9]+ elements, 640 x 480, CRC ok$" "$work/read"
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

# refused VERSION region|payload OFFSET WHY-IN-C WHY-IN-PYTHON: with one bit changed there, in a payload in every slot, and back again.
refused() {
  local version=$1 where=$2 offset=$3 in_c=$4 in_python=$5
  flip "$where" "$offset"
  check "version $version: C refuses a flipped bit at $where $offset" refuses "$in_c" "$work/read_c" "${instance}x"
  check "version $version: Python refuses a flipped bit at $where $offset" refuses "$in_python" python3 "$here/read.py" "${instance}x" tracks
  flip "$where" "$offset"
}

flip() {
  python3 - "/dev/shm/${instance}x_tracks" "$1" "$2" <<'PY'
import struct, sys
with open(sys.argv[1], "r+b") as region:
    _, _, _, _, header, slots, stride, _ = struct.unpack("<IHHQIIII", region.read(32))
    offset = int(sys.argv[3])
    for at in [offset] if sys.argv[2] == "region" else [header + slot * stride + 64 + offset for slot in range(slots)]:
        region.seek(at)
        byte = region.read(1)[0] ^ 1
        region.seek(at)
        region.write(bytes([byte]))
PY
}

check "the C reader compiles without warnings" gcc -std=c11 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -O2 "$here/read.c" -o "$work/read_c"
for version in 1 2; do
  instance="interop$$-$version"
  mkdir -m 700 "$work/$instance"
  OMNISIGHT__RUNTIMEDIRECTORY="$work/$instance" dotnet exec "$cli" run --profile replay --instance "$instance" \
    --set "Transport.Shm:Protocol=$version" --set "Perception.Replay:Path=$work/sequence" --set Perception.Replay:File=tracks.txt \
    --set Perception.Replay:Loop=true >"$work/node.log" 2>&1 &
  node=$!
  for _ in $(seq 300); do
    [ -s "/dev/shm/${instance}_timelines" ] && break
    kill -0 "$node" 2>/dev/null || break
    sleep 0.1
  done
  for _ in $(seq 100); do
    reads_all "$version" "$work/read_c" "$instance" >"$work/first" 2>&1 && break
    sleep 0.1
  done
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

  # One bit of the tracks changed where a reader must look: C and Python must both notice.
  refused "$version" region 0 "no region of layout 1" "region magic"
  refused "$version" region 4 "no region of layout 1" "layout"
  refused "$version" payload 0 "no frame of version 1 or 2" "magic"
  refused "$version" payload 4 "no frame of version 1 or 2" "version"
  refused "$version" payload 40 "the CRC does not match" "the CRC does not match"
  rm -f "/dev/shm/${instance}"* "/dev/shm/.${instance}"* "/dev/shm/sem.${instance}"*
done
[ "$failed" -eq 0 ] || { echo "the node said:"; cat "$work/node.log"; }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
