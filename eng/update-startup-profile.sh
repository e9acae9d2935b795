#!/usr/bin/env bash
# Writes eng/startup.mibc: the generic methods that a start of the set `all` compiles although every assembly has native code. The next Release build puts
# them into omnisight.dll (eng/readytorun.sh). Run it after a new version of the framework, or when a start has become slower.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
instance=profile$$
node=
clean() {
  [ -z "$node" ] || kill "$node" 2>/dev/null || true
  rm -rf "$work" src/Omnisight.Cli/bin/Release src/Omnisight.Cli/obj/Release # built without the profile
  rm -f /dev/shm/."$instance"_*.lock
}
trap clean EXIT
mkdir -m 700 "$work/run"
rm -rf src/Omnisight.Cli/bin/Release src/Omnisight.Cli/obj/Release
dotnet build -c Release -p:StartupProfile=none -nologo -v q
dotnet build eng/StartupProfile -c Release -nologo -v q
DOTNET_STARTUP_HOOKS=$PWD/eng/StartupProfile/bin/Release/net10.0/StartupProfile.dll OMNISIGHT_STARTUP_PROFILE=$work/startup.mibc \
  src/Omnisight.Cli/bin/Release/net10.0/omnisight run --profile all --instance "$instance" --set RuntimeDirectory="$work/run" --set Api.Rest:Urls=http://127.0.0.1:0 >"$work/log" 2>&1 &
node=$!
for _ in $(seq 100); do
  url=$(sed -nE 's/.*listening on (http[^;, ]*).*/\1/p' "$work/log" | head -n 1)
  [ -n "$url" ] && curl -fsS -o "$work/health" "$url/api/health" 2>"$work/curl" && break
  sleep 0.1
done
[ -s "$work/health" ] || { cat "$work/log"; exit 1; }
kill "$node" 2>/dev/null || true
wait "$node" || { cat "$work/log"; exit 1; }
node=
grep ' methods in ' "$work/log"
mv "$work/startup.mibc" eng/startup.mibc
