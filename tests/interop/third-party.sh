#!/usr/bin/env bash
# What third parties do: pack the packages into a local feed, then, in a folder outside the repository and with nothing but those packages, build and
# test the samples, run both in a node, and go from each template to a running plugin. Needs a build, curl. Ends with "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cli=${OMNISIGHT_CLI:-$(ls -t "$root"/src/Omnisight.Cli/bin/*/net10.0/omnisight.dll 2>/dev/null | head -n 1)}
[ -f "$cli" ] || { echo "no omnisight.dll: run dotnet build first"; echo "0 passed, 1 failed"; exit 1; }
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
work=$(mktemp -d)
# As a third party stands: nothing of the repository, its global.json for one, is above the folder.
cd "$work" || exit 1
# A version of its own, so that no package of an earlier run is taken from the cache.
export OmnisightVersion="0.1.$(date +%s)"
instance=third-$$
passed=0 failed=0 node=0
declare -A names=([module]=Acme.Counter [transport]=Acme.Depot [message]=Acme.Gauge) typed spent

check() {
  local name=$1 begin=$SECONDS
  shift
  if "$@" >"$work/out" 2>&1; then
    passed=$((passed + 1))
    echo "ok    $name ($((SECONDS - begin)) s)"
  else
    failed=$((failed + 1))
    echo "FAIL  $name"
    sed 's/^/      /' "$work/out" | tail -n 40
  fi
}

stop_node() {
  local stopping=$node
  [ "$stopping" -eq 0 ] && return 0
  node=0
  kill -TERM "$stopping" 2>/dev/null
  wait "$stopping"
}

leaves_nothing() { stop_node && ! ls /dev/shm/"$instance"_*; }

clean() {
  stop_node
  rm -rf "$work"
  rm -f /dev/shm/"$instance"_* /dev/shm/."$instance"_* /dev/shm/sem."$instance"_*
  local package
  for package in abstractions messages transportconformance; do
    rm -rf "${NUGET_PACKAGES:-$HOME/.nuget/packages}/omnisight.$package/$OmnisightVersion"
  done
}
trap clean EXIT

omnisight() { dotnet exec "$cli" "$@" --config "$work/node.json"; }

pack() {
  local project
  for project in src/Omnisight.Abstractions src/Omnisight.Messages tests/Omnisight.TransportConformance; do
    dotnet pack "$root/$project" -c "${CONFIGURATION:-Release}" -o "$work/feed" -p:ReadyToRunOutput=false -p:PackageVersion="$OmnisightVersion" || return 1
  done
  dotnet pack "$root/templates" -c "${CONFIGURATION:-Release}" -o "$work/templates" -p:PackageVersion="$OmnisightVersion"
}

# The contracts without one member, whose author also took it out of the list of public members.
refuses_a_lost_member() {
  local broken=$work/broken/src/Omnisight.Abstractions
  mkdir -p "$work/broken/src"
  cp -r "$root/eng" "$root"/Directory.*.props "$root/BannedSymbols.txt" "$root/.editorconfig" "$root/global.json" "$work/broken/"
  cp -r "$root/src/Omnisight.Abstractions" "$broken"
  rm -rf "$broken/bin" "$broken/obj"
  sed -i '/public bool HasValue/d' "$broken/Channels/Reader.cs"
  sed -i '/Reader<T>.HasValue/d' "$broken"/PublicAPI.*.txt
  ! dotnet pack "$broken" -c Debug -o "$work/broken/feed" -p:RunAnalyzers=false >"$work/broken/log" 2>&1
  local packed=$?
  cat "$work/broken/log"
  [ "$packed" -eq 0 ] && grep -q "CP0002: Member 'bool Omnisight.Reader<T>.HasValue.get' exists on \[Baseline\]" "$work/broken/log"
}

holds_docs() {
  local package
  for package in Abstractions Messages TransportConformance; do
    unzip -l "$work/feed/Omnisight.$package.$OmnisightVersion.nupkg" | grep -q "lib/net10.0/Omnisight.$package.xml" || { echo "Omnisight.$package has no API docs"; return 1; }
  done
}

# Only one file, the manifest with hashes, and no copy of the contracts.
only_its_own() {
  ls "$work/plugins/$1"
  [ -f "$work/plugins/$1/plugin.json" ] && ! ls "$work/plugins/$1" | grep -qiE 'Omnisight|System.Composition|Microsoft.Extensions'
}

start_node() {
  mkdir -p -m 700 "$work/run"
  # Not by the function above: the signal must reach the program, not a shell around it.
  dotnet exec "$cli" run --config "$work/node.json" >"$work/node.log" 2>&1 &
  node=$!
  for _ in $(seq 300); do
    url=$(sed -nE 's/.*listening on (http[^;, ]*).*/\1/p' "$work/node.log" | head -n 1)
    [ -n "$url" ] && grep -q 'stop *Ctrl-C' "$work/node.log" && return 0
    kill -0 "$node" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/node.log"
  return 1
}

verified() { for plugin; do omnisight plugins verify "$work/plugins/$plugin" || return 1; done; }
now() { date +%s%3N; }
count() { typed[$kind]=$((typed[$kind] + 1)); "$@"; }

# The three commands of one template, counted and timed.
from_template() {
  local kind=$1 name=${names[$1]} begin
  typed[$kind]=0
  begin=$(now)
  check "dotnet new omnisight-$kind" count dotnet new "omnisight-$kind" -n "$name" -o "$work/$name" --debug:custom-hive "$work/hive"
  check "the tests of the new $kind pass" count dotnet run --project "$work/$name/tests/$name.Tests"
  check "the new $kind is built into the plugins directory" count dotnet build "$work/$name/src/$name" -p:OmnisightPlugins="$work/plugins"
  spent[$kind]=$(($(now) - begin))
}

same_as_new() {
  local name=${names[$1]}
  omnisight plugins new "$name" --kind "$1" --output "$work/same/$name" && diff -r -x bin -x obj -x dist "$work/same/$name" "$work/$name"
}

listed() { tee /dev/stderr <"$work/channels" | grep -E "^$1 .*$2.*$3"; }
echoed() { omnisight echo "$1" --once --timeout 10 --field "$2" | tee /dev/stderr | grep -E "$3"; }
served() { curl -fsS --retry 8 --retry-all-errors --retry-delay 1 "$url$1" | tee /dev/stderr | grep -qE "$2"; }
streamed() { curl -sS -N --max-time 5 "$url/api/stream?channels=$1" | head -n 20 | tee /dev/stderr | grep -qE "$2"; }
active() { tee /dev/stderr <"$work/list" | grep "\"id\":\"$1\"" | grep -q '"state":"active"'; }
answered() { omnisight send "$1" --format json | tee /dev/stderr | grep -q "$2"; }

check "the packages are packed" pack
check "the API docs are inside" holds_docs
check "a pack without a public member of the baseline is refused" refuses_a_lost_member
check "dotnet new takes the templates" dotnet new install "$work/templates/Omnisight.Templates.$OmnisightVersion.nupkg" --debug:custom-hive "$work/hive"
cat >"$work/NuGet.config" <<CONFIG
<configuration>
  <packageSources>
    <add key="local" value="$work/feed" />
  </packageSources>
</configuration>
CONFIG
cat >"$work/node.json" <<CONFIG
{ "Omnisight": {
    "Instance": "$instance",
    "RuntimeDirectory": "$work/run",
    "Plugins": { "Directory": "plugins", "Use": "third", "Sets": { "third": ["@all", "Acme.UnixSocket", "Acme.Lidar", "Acme.Counter", "Acme.Depot", "Acme.Gauge"] } },
    "Channels": { "tracks": { "Transport": "unix" }, "lidar": { "Transport": "shm" }, "timelines": { "Transport": "depot" }, "gauge": { "Transport": "shm" } },
    "Api.Rest": { "Urls": "http://127.0.0.1:0" } } }
CONFIG
cp -r "$root/samples" "$work/samples"
cp -r "$root/artifacts/plugins" "$work/plugins"

check "the Unix socket transport, built into the plugins directory, passes the conformance suite" dotnet run --project "$work/samples/Transport.UnixSocket/tests/Acme.UnixSocket.Tests" -p:OmnisightPlugins="$work/plugins"
check "it carries no copy of the contracts" only_its_own Acme.UnixSocket
check "the lidar is built into the plugins directory" dotnet build "$work/samples/Acme.Lidar/src" -p:OmnisightPlugins="$work/plugins"

# From each template to a plugin that has passed its tests in three commands; the fourth runs the node, once for all.
for kind in module transport message; do from_template "$kind"; done
check "all five pass plugins verify" verified Acme.UnixSocket Acme.Lidar "${names[@]}"
begin=$(now)
check "the node runs with all five" start_node
starting=$(($(now) - begin))
check "plugins list and channels list" eval 'omnisight plugins list --format json >"$work/list" && omnisight channels list --quick >"$work/channels"'
for kind in module transport message; do
  took=$(((spent[$kind] + starting + 999) / 1000))
  check "from template to a running $kind: $((typed[$kind] + 1)) commands (bar 4), $took s (bar 60)" [ $((typed[$kind] + 1)) -le 4 -a "$took" -lt 60 ]
done

for plugin in Acme.Counter Acme.Depot Acme.Gauge; do check "$plugin, made from its template, is active" active "$plugin"; done
check "the module answers its command" answered COUNTER_COUNT '"status":"success"'
check "channels list shows timelines on the transport" listed timelines omnisight.timelines/2 depot
check "echo shows timelines through the transport" echoed timelines coordinate_space normalized_xywh
check "channels list shows the message" listed gauge acme.gauge/1 shm
check "echo shows the message" echoed gauge temperature '^[0-9.]+$'
check "REST shows the message" served /api/channels/gauge '"temperature"'
check "channels list shows the lidar with its message" listed lidar acme.lidar/1 shm
check "channels list shows tracks on the Unix socket" listed tracks omnisight.tracks/2 unix
check "echo shows the lidar" echoed lidar beams '^360$'
check "echo shows tracks through the Unix socket" echoed tracks coordinate_space normalized_xywh
check "REST shows the lidar" served /api/channels/lidar '"beams": ?360'
check "streaming shows the lidar" streamed lidar '^event: lidar'
check "REST shows tracks through the Unix socket" served /api/perception/tracks '"tracks"'
check "the node stops cleanly and leaves no region" leaves_nothing

for kind in module transport message; do
  check "plugins new makes the same $kind as dotnet new" same_as_new "$kind"
done

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
