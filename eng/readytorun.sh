#!/usr/bin/env bash
# Gives every assembly of a build's output native code, once for each content.
# usage: eng/readytorun.sh CROSSGEN INTERMEDIATE_FOLDER OUTPUT_FOLDER [PROFILE]   (references: INTERMEDIATE_FOLDER/readytorun.rsp)
set -eu
crossgen=$1 cache=${2%/}/r2r references=${2%/}/readytorun.rsp output=${3%/}
mkdir -p "$cache"
chmod +x "$crossgen"
for assembly in "$output"/*.dll; do
  name=$(basename "$assembly")
  case $name in ScottPlot*|*SkiaSharp*|HarfBuzz*|*OpenCv*) continue ;; esac # only tools and native wrappers load them
  # The frameworks' generics over the frameworks' types have native code in no assembly of theirs; those that a start runs get it in the program itself.
  profile=()
  if [ "$name" = omnisight.dll ] && [ -f "${4:-}" ]; then profile=(--mibc "$4"); fi
  before=$(sha256sum "$assembly" | cut -c1-24)
  compiled=$cache/$name.$before$(cat "${profile[@]:1}" < /dev/null | sha256sum | cut -c1-8)
  if [ -e "$cache/$name.is.$before" ]; then continue; fi # it is one of ours already
  if [ ! -e "$compiled" ]; then
    # Of other assemblies' generics (a Dictionary over our types) and of what async methods are built on too: a third less to compile at run time.
    rm -f "$cache/$name".*
    # What is no IL, or has native code already, stays as it is.
    "$crossgen" "$assembly" -o "$compiled" --targetos linux --targetarch "$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" -O --opt-cross-module:'*' --non-local-generics-module:'*' --opt-async-methods "${profile[@]}" "@$references" -r "$output/*.dll" > "$cache/$name.log" 2>&1 || {
      rm -f "$compiled"
      if [ ${#profile[@]} -gt 0 ]; then cat "$cache/$name.log" >&2; exit 1; fi
      continue
    }
    touch "$cache/$name.is.$(sha256sum "$compiled" | cut -c1-24)"
  fi
  cp --remove-destination "$compiled" "$assembly"
done
