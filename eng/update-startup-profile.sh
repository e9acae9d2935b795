#!/usr/bin/env bash
# Writes eng/startup.mibc: the generic methods that a start of the set `all` compiles although every assembly has native code. The next Release build puts
# them into omnisight.dll (eng/readytorun.sh). Run it after a new version of the framework, or when a start has become slower.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -m 700 "$work/run"
rm -rf src/Omnisight.Cli/bin/Release src/Omnisight.Cli/obj/Release
dotnet build -c Release -p:StartupProfile=none -nologo -v q
dotnet build eng/StartupProfile -c Release -nologo -v q
DOTNET_STARTUP_HOOKS=$PWD/eng/StartupProfile/bin/Release/net10.0/StartupProfile.dll OMNISIGHT_STARTUP_PROFILE=$work/startup.mibc \
  src/Omnisight.Cli/bin/Release/net10.0/omnisight run --profile all --instance "profile$$" --set RuntimeDirectory="$work/run" --set Api.Rest:Urls=http://127.0.0.1:8093 >"$work/log" 2>&1 &
node=$!
for _ in $(seq 100); do
  curl -fsS -o "$work/health" http://127.0.0.1:8093/api/health 2>"$work/curl" && break
  sleep 0.1
done
[ -s "$work/health" ] || { cat "$work/log"; kill "$node"; exit 1; }
kill "$node"
wait "$node" || { cat "$work/log"; exit 1; }
grep ' methods in ' "$work/log"
rm -f /dev/shm/.profile$$_*.lock
mv "$work/startup.mibc" eng/startup.mibc
rm -rf src/Omnisight.Cli/bin/Release src/Omnisight.Cli/obj/Release # built without it
