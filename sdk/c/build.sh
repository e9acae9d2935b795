#!/usr/bin/env bash
# Builds libomnisight: the shared library (NativeAOT), its header, CMake and pkg-config files, into a prefix.
# usage: sdk/c/build.sh [PREFIX]     (default: artifacts/sdk/c)
# Needs: the .NET 10 SDK, gcc or clang, zlib1g-dev.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
prefix=${1:-$root/artifacts/sdk/c}
case "$prefix" in /*) ;; *) prefix=$PWD/$prefix ;; esac
case "$(uname -m)" in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) echo "no NativeAOT for $(uname -m): libomnisight needs x86_64 or aarch64"; exit 2 ;;
esac
linker=
for candidate in ${CC:-} clang gcc; do
  command -v "$candidate" >/dev/null && { linker=$candidate; break; }
done
[ -n "$linker" ] || { echo "neither clang nor gcc is there: apt-get install gcc zlib1g-dev"; exit 2; }

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
work=$root/artifacts/sdk-build
mkdir -p "$work"
"$linker" -std=c11 -O2 -fPIC -Wall -Wextra -Werror -c "$here/native/signals.c" -o "$work/signals.o"
dotnet publish "$here/Omnisight.Native.csproj" -c Release -r "$rid" -v quiet \
  -p:PublishAot=true -p:CppCompilerAndLinker="$linker" -p:SignalsObject="$work/signals.o" -p:ArtifactsPath="$work" -o "$work/publish"

version=$(sed -nE 's/.*<Version>(.*)<\/Version>.*/\1/p' "$root/Directory.Build.props")
mkdir -p "$prefix/lib/pkgconfig" "$prefix/lib/cmake/Omnisight" "$prefix/include/ipc"
install -m 0755 "$work/publish/libomnisight.so" "$prefix/lib/libomnisight.so.$version"
ln -sf "libomnisight.so.$version" "$prefix/lib/libomnisight.so.0"
ln -sf libomnisight.so.0 "$prefix/lib/libomnisight.so"
install -m 0644 "$here/include/omnisight.h" "$prefix/include/"
install -m 0644 "$here/include/ipc/ipc_server.h" "$prefix/include/ipc/"
sed -e "s|@PREFIX@|$prefix|g" -e "s|@VERSION@|$version|g" "$here/cmake/omnisight.pc.in" >"$prefix/lib/pkgconfig/omnisight.pc"
sed -e "s|@VERSION@|$version|g" "$here/cmake/OmnisightConfigVersion.cmake.in" >"$prefix/lib/cmake/Omnisight/OmnisightConfigVersion.cmake"
install -m 0644 "$here/cmake/OmnisightConfig.cmake" "$prefix/lib/cmake/Omnisight/"
echo "libomnisight $version in $prefix (pkg-config: PKG_CONFIG_PATH=$prefix/lib/pkgconfig; CMake: -DCMAKE_PREFIX_PATH=$prefix)"
