#!/usr/bin/env bash
# Writes the public API of a project into its PublicAPI.Unshipped.txt, from what the analyzer reports.
# usage: eng/update-public-api.sh src/Omnisight.Abstractions
set -eu
project=${1:?usage: eng/update-public-api.sh PROJECT_FOLDER}
file=$project/PublicAPI.Unshipped.txt
printf '#nullable enable\n' > "$file"
found=$(dotnet build "$project" --no-incremental -nologo 2>&1 | sed -n "s/.*error RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" | LC_ALL=C sort -u)
printf '#nullable enable\n%s\n' "$found" > "$file"
