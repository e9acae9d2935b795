#!/usr/bin/env bash
# Makes what the packages offer now the baseline: from then on a pack fails when a public member of it is gone or changed.
# For a release, after its version was raised. usage: eng/update-baseline.sh
set -eu
cd "$(dirname "$0")/.."
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
for project in src/Omnisight.Abstractions src/Omnisight.Messages tests/Omnisight.TransportConformance; do
  # Without symbols and commit: the baseline is of no machine, and older than its commit. Without the old baseline: a new major version may break it.
  dotnet pack "$project" -c "${CONFIGURATION:-Release}" -o "$made" -nologo -v quiet -p:DebugType=none -p:EnableSourceControlManagerQueries=false -p:ReadyToRunOutput=false -p:PackageValidationBaselinePath=
done
mkdir -p eng/baseline
for package in "$made"/*.nupkg; do
  name=$(basename "$package")
  mv "$package" "eng/baseline/$(printf '%s' "$name" | sed -E 's/\.[0-9]+\.[0-9]+\.[0-9]+[^/]*\.nupkg$/.nupkg/')"
done
# What was unshipped is shipped; lines *REMOVED* take their line out.
shipped=src/Omnisight.Abstractions/PublicAPI.Shipped.txt unshipped=src/Omnisight.Abstractions/PublicAPI.Unshipped.txt
sed -n 's/^\*REMOVED\*//p' "$unshipped" > "$made/removed"
{
  printf '#nullable enable\n'
  cat "$shipped" "$unshipped" | grep -v -e '^#nullable' -e '^\*REMOVED\*' -e '^$' | { grep -vxFf "$made/removed" || true; } | LC_ALL=C sort -u
} > "$made/all"
mv "$made/all" "$shipped"
printf '#nullable enable\n' > "$unshipped"
