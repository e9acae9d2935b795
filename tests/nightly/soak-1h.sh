#!/usr/bin/env bash
# One hour (or SECONDS_TO_RUN) at 10 Hz, one core, one reader in another process: no frame lost, memory flat.
# Bars: 0 frames dropped by the core, 0 missed by the reader, resident memory grows by less than 1 MB an hour after the warm-up.
# Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cli=${OMNISIGHT_CLI:-$(ls -t "$root"/src/Omnisight.Cli/bin/*/net10.0/omnisight.dll 2>/dev/null | head -n 1)}
[ -f "$cli" ] || { echo "no omnisight.dll: run dotnet build first"; echo "0 passed, 1 failed"; exit 1; }
exec python3 - "$cli" "${SECONDS_TO_RUN:-3600}" <<'PY'
import json, os, shutil, signal, subprocess, sys, tempfile, threading, time

cli, duration = sys.argv[1], float(sys.argv[2])
warm_up = min(600, duration / 4)
work = tempfile.mkdtemp()
instance = f"soak{os.getpid()}"
env = dict(os.environ, OMNISIGHT__INSTANCE=instance, OMNISIGHT__RUNTIMEDIRECTORY=work)
results = []

def check(name, ok, detail):
    results.append(ok)
    print(f"{'ok   ' if ok else 'FAIL '} {name}: {detail}", flush=True)

def rss_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

def slope_mb_per_hour(samples):
    """Least squares through the samples."""
    n = len(samples)
    mean_t, mean_m = sum(t for t, _ in samples) / n, sum(m for _, m in samples) / n
    spread = sum((t - mean_t) ** 2 for t, _ in samples)
    return 3600 * sum((t - mean_t) * (m - mean_m) for t, m in samples) / spread if spread else 0

log = open(os.path.join(work, "core.log"), "w")
core = subprocess.Popen(["dotnet", "exec", cli, "run", "--profile", "core"], env=env, stdout=log, stderr=subprocess.STDOUT)
while not os.path.exists(f"/dev/shm/{instance}_detections"):
    if core.poll() is not None:
        sys.exit(open(log.name).read())
    time.sleep(0.1)
reader = subprocess.Popen(["dotnet", "exec", cli, "echo", "detections", "--format", "json", "--timeout", "30"], env=env, stdout=subprocess.PIPE, text=True)
STARTING = 50  # frames during which the reader still compiles itself
seen = {"first": None, "last": None, "frames": 0, "missed": 0}

def follow():
    for line in reader.stdout:
        value = json.loads(line)
        seen["frames"] += 1
        seen["last"] = value["sequence"]
        if seen["frames"] == STARTING:
            seen["first"] = value["sequence"]
        elif seen["frames"] > STARTING:
            seen["missed"] += value["missed"]

threading.Thread(target=follow, daemon=True).start()
samples = {core.pid: [], reader.pid: []}
began = time.monotonic()
while (elapsed := time.monotonic() - began) < duration and core.poll() is None and reader.poll() is None:
    if elapsed > warm_up:
        for pid, points in samples.items():
            points.append((elapsed, rss_mb(pid)))
    time.sleep(min(10, duration / 60))
stats = json.load(open(os.path.join(work, f"{instance}_stats.json")))
alive = core.poll() is None and reader.poll() is None
reader.send_signal(signal.SIGTERM)
reader.wait()
core.send_signal(signal.SIGTERM)
code = core.wait()

check("both ran to the end", alive and code == 0, f"exit code {code}")
expected = 10 * elapsed
check("10 frames a second arrived", seen["frames"] >= expected * 0.99 - 30, f"{seen['frames']} of {expected:.0f}")
check("the reader missed none", seen["first"] is not None and seen["missed"] == 0 and seen["last"] - seen["first"] == seen["frames"] - STARTING, f"{seen['missed']} missed")
check("the core dropped none", stats["perception"]["dropped_frames"] == 0, f"{stats['perception']['dropped_frames']} dropped")
for name, pid in (("core", core.pid), ("reader", reader.pid)):
    points = samples[pid]
    slope = slope_mb_per_hour(points) if len(points) > 1 else 0
    check(f"memory of the {name} is flat", slope < 1 or duration < 3600, f"{slope:+.2f} MB/h, {points[-1][1] if points else 0:.0f} MB at the end")
left = [f for f in os.listdir("/dev/shm") if instance in f and not f.endswith(".lock")]
check("nothing but locks is left in shared memory", not left, " ".join(left) or "nothing")
for f in os.listdir("/dev/shm"):
    if instance in f:
        os.unlink(f"/dev/shm/{f}")
shutil.rmtree(work)
print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
sys.exit(not all(results))
PY
