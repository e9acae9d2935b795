#!/usr/bin/env bash
# libomnisight and the Python package: built, abused, and matched against C# with real processes.
# Needs: a build of the solution, gcc, g++, zlib1g-dev, python3; cmake, pkg-config, valgrind, python3-flask, python3-pip, python3-setuptools and python3-wheel for their parts.
# Prints "ok NAME" or "not ok NAME" lines and ends with "N passed, N failed". INTEROP_CYCLES (default 100) open/close cycles.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
work=$(mktemp -d)
prefix=$work/prefix
instance=interop-$$
passed=0 failed=0

cleanup() {
  rm -rf "$work"
  rm -f /dev/shm/"$instance"* /dev/shm/."$instance"* /dev/shm/sem."$instance"*
}
trap cleanup EXIT

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

# check NAME COMMAND...: one case; what it printed is shown when it fails.
check() {
  local name=$1
  shift
  if "$@" >"$work/out" 2>&1; then
    passed=$((passed + 1))
    echo "ok $name"
  else
    failed=$((failed + 1))
    echo "not ok $name"
    sed 's/^/    /' "$work/out" | tail -n 20
  fi
}

# cases COMMAND...: its own ok and not ok lines are counted.
cases() {
  local before=$((passed + failed))
  "$@" >"$work/cases" 2>"$work/errors" </dev/null
  local status=$?
  grep -E '^(ok|not ok|#) ' "$work/cases"
  passed=$((passed + $(grep -c '^ok ' "$work/cases")))
  failed=$((failed + $(grep -c '^not ok ' "$work/cases")))
  if [ "$before" -eq $((passed + failed)) ] || [ "$status" -gt 1 ]; then
    failed=$((failed + 1))
    echo "not ok $1 ended with $status"
    tail -n 20 "$work/errors"
  fi
}

# needs NAME PROGRAM: false, with a failed case, when a program is missing.
needs() {
  command -v "$2" >/dev/null && return 0
  failed=$((failed + 1))
  echo "not ok $1: $2 is missing: apt-get install $3"
  return 1
}

check "libomnisight builds" "$root/sdk/c/build.sh" "$prefix"
[ -f "$prefix/lib/libomnisight.so" ] || finish
check "the C# peer builds" dotnet build "$root/tests/Omnisight.InteropPeer" -c Release -v quiet -p:ArtifactsPath="$root/artifacts/interop"
peer=$(find "$root/artifacts/interop/bin" -name Omnisight.InteropPeer.dll | head -n 1)

flags=(-Wall -Wextra -Werror -I"$prefix/include" -L"$prefix/lib" -Wl,-rpath,"$prefix/lib")
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
check "the header compiles as C11" bash -c 'echo "#include \"omnisight.h\"" | gcc -std=c11 -pedantic "$@" -x c -c -o /dev/null -' _ -Wall -Wextra -Werror -I"$prefix/include"
check "the header compiles as C++17" bash -c 'echo "#include \"omnisight.h\"" | g++ -std=c++17 -pedantic "$@" -x c++ -c -o /dev/null -' _ -Wall -Wextra -Werror -I"$prefix/include"
for program in "$root"/sdk/c/examples/core.c "$root"/sdk/c/examples/watch.c "$here"/seed.c; do
  name=$(basename "$program" .c)
  check "$name builds as C11" gcc -g -std=c11 -pedantic "$program" "${flags[@]}" -lomnisight -lm -o "$work/$name"
  check "$name builds as C++17" g++ -g -std=c++17 -pedantic -x c++ "$program" "${flags[@]}" -lomnisight -lm -o "$work/$name-cpp"
done
for program in peer abuse lifetime; do
  check "$program builds" gcc -O2 -std=c11 "$here/$program.c" "${flags[@]}" -lomnisight -lm -o "$work/$program"
done
needs "CMake package" cmake cmake &&
  check "the CMake package builds the examples" bash -c 'cmake -S "$1" -B "$2" -DCMAKE_PREFIX_PATH="$3" && cmake --build "$2"' _ "$root/sdk/c/examples" "$work/cmake" "$prefix"
needs "pkg-config" pkg-config pkg-config &&
  check "pkg-config builds an example" bash -c 'gcc "$1" $(pkg-config --cflags --libs omnisight) -o "$2"' _ "$root/sdk/c/examples/watch.c" "$work/watch-pc"

mkdir -m 0700 "$work/run"
cases "$work/seed" "$instance-s" "$work/run"
cases "$work/seed-cpp" "$instance-c" "$work/run"
check "the core example runs as C++17" "$work/core-cpp" "$instance-c" "$work/run" 2 1
cases "$work/abuse" "$instance-a" "$work/run" "${INTEROP_CYCLES:-100}"
cases env -u RUNTIME_DIRECTORY XDG_RUNTIME_DIR="$work/nowhere" "$work/lifetime" "$instance-l" "$work/run"
if needs "valgrind" valgrind valgrind; then
  check "valgrind finds nothing in the core example" env DOTNET_GCHeapHardLimit=0x8000000 valgrind --error-exitcode=9 --leak-check=full \
    --errors-for-leak-kinds=definite,possible --suppressions="$here/valgrind.supp" "$work/core" "$instance-v" "$work/run" 2 2
  "$work/core" "$instance-w" "$work/run" 2 20 >/dev/null 2>&1 &
  core=$!
  check "valgrind finds nothing in the watch example" env DOTNET_GCHeapHardLimit=0x8000000 valgrind --error-exitcode=9 --leak-check=full \
    --errors-for-leak-kinds=definite,possible --suppressions="$here/valgrind.supp" "$work/watch" "$instance-w" 5
  kill "$core" 2>/dev/null
  wait "$core"
fi

check "Python: frames, numbers, untrusted bytes" python3 -m unittest discover -s "$root/sdk/python/tests"
# Debian's python3, whose setuptools is a package; nothing is fetched.
check "Python: pip builds a wheel that imports, with its types" bash -c '
  cp -r "$1/sdk/python" "$2/python" && cd "$2" &&
  /usr/bin/python3 -m pip wheel --no-index --no-build-isolation --no-deps -w wheels ./python && /usr/bin/python3 -m zipfile -l wheels/omnisight-*.whl | grep -q omnisight/py.typed &&
  /usr/bin/python3 -m pip install --no-index --no-deps --target site wheels/omnisight-*.whl && cd site && /usr/bin/python3 -c "import omnisight; print(omnisight.__version__)"' _ "$root" "$work"
cases python3 "$here/python_client.py" "$work/core"
cases python3 "$here/matrix.py" "$work/peer" "$peer"

cli=${OMNISIGHT_CLI:-$(ls -t "$root"/src/Omnisight.Cli/bin/*/net10.0/omnisight.dll 2>/dev/null | head -n 1)}
flask=
for python in python3 /usr/bin/python3; do
  "$python" -c 'import flask' 2>/dev/null && { flask=$python; break; }
done
if [ -z "$flask" ] || [ ! -f "$cli" ]; then
  failed=$((failed + 1))
  echo "not ok Flask: ${flask:+run dotnet build first}${flask:-python3-flask is missing: apt-get install python3-flask}"
else
  cases "$flask" "$here/flask_check.py" "$cli"
fi
finish
