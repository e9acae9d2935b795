#!/usr/bin/env bash
# Start and size of a node that runs everything (the set `all`), in Release: from exec to the first 200 of /api/health, and resident memory after a while.
# usage: benchmarks/start/run.sh [RUNS] [SECONDS]   (default: 10 starts; memory after 60 s). Builds first unless OMNISIGHT_BUILD=no; OMNISIGHT_PROGRAM names another program. Needs python3.
# Bars: median <= 0.7 s, memory <= 120 MB. Exit 1 when one is missed; times mean something on an idle machine only, so the load is printed beside them.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${OMNISIGHT_PROGRAM:-$root/src/Omnisight.Cli/bin/Release/net10.0/omnisight}
if [ "${OMNISIGHT_BUILD:-yes}" != no ]; then
  dotnet build "$root/src/Omnisight.Cli" -c Release -v quiet -nologo
fi

exec python3 - "$program" "${1:-10}" "${2:-60}" <<'PY'
import os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

BAR_MS, BAR_MB = 700, 120
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
program, runs, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
work = tempfile.mkdtemp()
instance = f"start-{os.getpid()}"
nodes = []
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]

def healthy():
    """One question over a plain socket: a curl for each would take the second processor from what is measured."""
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as s:
            s.sendall(f"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            return b" 200 " in s.makefile("rb").readline()
    except OSError:
        return False

def start():
    with open(f"{work}/log", "w") as log:
        began = time.monotonic()
        node = subprocess.Popen([program, "run", "--profile", "all", "--instance", instance, "--set", f"RuntimeDirectory={work}/run",
                                 "--set", f"Api.Rest:Urls=http://127.0.0.1:{port}"], stdout=log, stderr=log)
    nodes.append(node)
    while not healthy():
        if node.poll() is not None or time.monotonic() - began > 60:
            sys.exit(open(f"{work}/log").read() + "no healthy node within 60 s")
        time.sleep(0.004)
    return node, 1000 * (time.monotonic() - began)

def stop(node):
    node.terminate()
    node.wait()

try:
    os.mkdir(f"{work}/run", 0o700)
    times = []
    for _ in range(runs):
        node, took = start()
        times.append(took)
        stop(node)
    median = statistics.median(times)
    print(f"start of all, exec to the first 200 of /api/health: median {median:.0f} ms of {runs} (bar {BAR_MS}), best {min(times):.0f}, "
          f"worst {max(times):.0f}; load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores", flush=True)

    node, _ = start()
    time.sleep(seconds)
    with open(f"/proc/{node.pid}/status") as status:
        memory = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
    stop(node)
    print(f"resident memory of all after {seconds:.0f} s: {memory:.0f} MB (bar {BAR_MB})")
finally:
    for node in nodes:
        node.kill()
        node.wait()
    shutil.rmtree(work)
    for name in os.listdir("/dev/shm"):
        if instance in name:
            os.unlink(f"/dev/shm/{name}")
sys.exit(not (median <= BAR_MS and memory <= BAR_MB))
PY
