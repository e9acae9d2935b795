#!/usr/bin/env bash
# Writes docs/omnisight.schema.json from the manifests of the built first-party plugins. A test fails when it is old.
set -eu
cd "$(dirname "$0")/.."
dotnet run --project src/Omnisight.Cli -- config schema > docs/omnisight.schema.json.new
mv docs/omnisight.schema.json.new docs/omnisight.schema.json
