"""Runs omnisight bench in rounds, every setting once a round, and prints medians over the rounds beside the bars."""
import argparse, glob, json, os, signal, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("cli")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--only", default="latency,cost,capacity,fan-out,video,regions")
parser.add_argument("--json", metavar="FILE", help="keep what every run said, one object a line")
options = parser.parse_args()
groups = options.only.split(",")

LONG = "lease, blocking, long slices"
LATENCY = {
    f"{mode}, {wait}{', pinned' if pinned else ''}": f"detections --mode {mode} --wait {wait} -n 2000" + (" --pin" if pinned else "")
    for mode, wait, pinned in [("lease", "blocking", False), ("lease", "async", False), ("lease", "blocking", True), ("lease", "async", True),
                               ("map", "blocking", False), ("map", "async", False), ("safe", "blocking", False), ("safe", "async", False)]
}
LATENCY[LONG] = "detections --mode lease --long-slices -n 2000"
OBJECTS = [50, 200, 1000]
RUNS = {}
if "latency" in groups or "cost" in groups:
    RUNS.update(LATENCY if "latency" in groups else {k: v.replace("2000", "500") for k, v in LATENCY.items() if k in ("map, blocking", "safe, blocking")})
if "capacity" in groups:
    RUNS.update({f"{n} objects": f"detections --mode map --elements {n} -n 200" for n in OBJECTS})
if "fan-out" in groups:
    RUNS["fan-out"] = "fan-out --readers 32 --mode map"
if "video" in groups:
    RUNS["video"] = "video --mode lease -n 150"


def bench(arguments):
    done = subprocess.run(["dotnet", "exec", options.cli, "bench", *arguments.split(), "--format", "json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench {arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def busy():
    with open("/proc/stat") as stat:
        ticks = list(map(int, stat.readline().split()[1:9]))
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def others(seconds=2):
    """The share of all cores that is in use while nothing of ours runs."""
    used, total = busy()
    time.sleep(seconds)
    used_now, total_now = busy()
    return (used_now - used) / max(1, total_now - total)


found = {name: [] for name in RUNS}
foreign = []
for round in range(options.rounds):
    foreign.append(others())
    for name, arguments in RUNS.items():
        result = bench(arguments)
        found[name].append(result)
        if options.json:
            with open(options.json, "a") as file:
                file.write(json.dumps({"round": round, "run": name, "others": foreign[-1], **result}) + "\n")
    print(f"round {round + 1} of {options.rounds} done", file=sys.stderr, flush=True)


def median(name, get):
    return statistics.median(get(result) for result in found[name])


rows = []


def row(what, value, unit, floor=None, bar=None, ratio=None, below=None):
    """A ratio is the median of the rounds' ratios, each of one run; bar limits it, below limits the figure itself."""
    judged = None if bar is None and below is None else (ratio <= bar if bar is not None else value < below)
    rows.append([
        what, f"{value:,.4g} {unit}" if value < 1000 else f"{value:,.0f} {unit}", "" if floor is None else f"{floor:,.4g}" if floor < 1000 else f"{floor:,.0f}",
        "" if ratio is None else f"{ratio:.2f}", f"<= {bar:g}x" if bar is not None else f"< {below:g} {unit}" if below is not None else "",
        "" if judged is None else "met" if judged else "MISSED"])


def ratio_row(what, name, key, floor_key, percentile, unit, bar):
    row(what, median(name, lambda r: r[key][percentile]), unit, median(name, lambda r: r[floor_key][percentile]), bar,
        median(name, lambda r: r[key][percentile] / r[floor_key][percentile]))


if "map, blocking" in RUNS:
    row("publish 50 objects, p50", median("map, blocking", lambda r: r["publish_ns"]["p50"]), "ns", median("map, blocking", lambda r: r["publish_floor_ns"]["p50"]), 1.6,
        median("map, blocking", lambda r: r["publish_ratio"]))
    ratio_row("publish, paced, waking a reader, p50", "map, blocking", "paced_publish_ns", "paced_publish_floor_ns", "p50", "ns", 1.6)
    for mode, bar in (("map", 1.6), ("safe", 5)):
        name = f"{mode}, blocking"
        row(f"read, {mode}, p50", median(name, lambda r: r["read_ns"]["p50"]), "ns", median(name, lambda r: r["read_floor_ns"]["p50"]), bar, median(name, lambda r: r["read_ratio"]))
        row(f"read, {mode}, p99", median(name, lambda r: r["read_ns"]["p99"]) / 1000, "us", below=10)
        row(f"read, {mode}, paced, p99", median(name, lambda r: r["take_ns"]["p99"]) / 1000, "us", median(name, lambda r: r["take_floor_ns"]["p99"]) / 1000, below=10)
    row("lease + validate, p50", median("map, blocking", lambda r: r["lease_ns"]["p50"]), "ns", below=100)
    row("lease + validate, p99", median("map, blocking", lambda r: r["lease_ns"]["p99"]) / 1000, "us", below=10)
if "latency" in groups:
    for name in LATENCY:
        # What the bar is about: the transport, from the publish call until the reader holds the frame. map and safe also encode, check and decode.
        # With the scheduler's own slices the ratio says which receiver it let run first.
        is_bar = name.startswith("lease") and name != LONG
        for percentile, bar in (("p50", 1.25 if "blocking" in name else 2), ("p99", 1.5 if "blocking" in name else 2)):
            ratio_row(f"publish to receive, {name}, {percentile}", name, "latency_us", "handover_us", percentile, "us", bar if is_bar else None)
            if not is_bar and name != LONG:
                ratio_row(f"  beside memcpy + CRC-32 at both ends, {percentile}", name, "latency_us", "carrying_us", percentile, "us", None)
    row("lost frames, most of any run", max(r["lost"] for name in LATENCY for r in found[name]), "")
    row("resident memory, publisher", median("map, blocking", lambda r: r["rss_bytes"]["publisher"]) / 2**20, "MB")
    row("resident memory, reader", median("map, blocking", lambda r: r["rss_bytes"]["reader"]) / 2**20, "MB")
if "fan-out" in groups:
    for what, bar in (("publish", 1.1), ("read", 1.1)):
        row(f"{what}, 32 polling readers beside 1, p50", median("fan-out", lambda r: r[f"{what}_all_ns"]["p50"]), "ns", median("fan-out", lambda r: r[f"{what}_one_ns"]["p50"]), bar,
            median("fan-out", lambda r: r[f"{what}_ratio"]))
if "capacity" in groups:
    for what, key, floor in (("publish", "publish_ns", "publish_floor_ns"), ("read, map", "read_ns", "read_floor_ns")):
        ns = {n: median(f"{n} objects", lambda r: r[key]["p50"]) for n in OBJECTS}
        for n in OBJECTS:
            row(f"{what}, {n} objects, p50", ns[n], "ns", median(f"{n} objects", lambda r: r[floor]["p50"]), None, median(f"{n} objects", lambda r: r[key]["p50"] / r[floor]["p50"]))
        low, high = (ns[200] - ns[50]) / 150, (ns[1000] - ns[200]) / 800
        row(f"{what}: ns per object from 200 on beside those up to 200", high, "ns", low, 1.25, high / low)
if "video" in groups:
    row("1080p, publish to lease without the filling, p50", median("video", lambda r: r["added_us"]["p50"]), "us", median("video", lambda r: r["handover_us"]["p50"]), below=50)
    row("1080p, the filling alone (private memory), p50", median("video", lambda r: r["paced_publish_floor_ns"]["p50"]) / 1000, "us")
    row("1080p, publish to lease beside the filling alone, p50",
        median("video", lambda r: r["latency_us"]["p50"] - r["paced_publish_floor_ns"]["p50"] / 1000), "us", below=50)
    row("1080p, lost of 150, most of any run", max(r["lost"] for r in found["video"]), "", below=1)
    row("1080p, resident memory of the reader", median("video", lambda r: r["rss_bytes"]["reader"]) / 2**20, "MB")
if "regions" in groups:
    # What a node with the default configuration keeps in shared memory.
    with tempfile.TemporaryDirectory() as directory:
        instance = f"bars{os.getpid()}"
        core = subprocess.Popen(["dotnet", "exec", options.cli, "run", "--profile", "core", "--instance", instance],
                                env=dict(os.environ, OMNISIGHT__RUNTIMEDIRECTORY=directory), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not (files := glob.glob(f"/dev/shm/{instance}_*")) and core.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(2)  # the other channels' regions follow within a frame's time
        kilobytes = sum(os.path.getsize(f) for f in glob.glob(f"/dev/shm/{instance}_*")) / 1000
        core.send_signal(signal.SIGTERM)
        core.wait(30)
        for left in (name for name in os.listdir("/dev/shm") if instance in name):
            os.unlink(f"/dev/shm/{left}")
    row("all regions of a core by default", kilobytes, "KB", below=268.0001)

header = ["what", "figure", "floor", "ratio", "bar", ""]
widths = [max(len(line[i]) for line in [header, *rows]) for i in range(len(header))]
print()
for line in [header, ["-" * w for w in widths], *rows]:
    print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
print(f"\nmedians of {options.rounds}; {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}, other processes used {max(foreign, default=0):.0%} of them at worst before a round")
sys.exit(any(line[-1] == "MISSED" for line in rows))
