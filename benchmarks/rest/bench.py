#!/usr/bin/env python3
"""Measures the API against the plainest Kestrel endpoint and against the seed's Flask design, interleaved, on the same frames.
usage: bench.py [--rounds 5] [--seconds 3] [--clients 1000] [--walkers 5] [--what rest,sse,dashboard]      (run.sh builds what it needs first)"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
OURS, PLAIN, FLASK = 18380, 18381, 18382
INSTANCE = "restbench"


def get(port, path, timeout=2):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
        return answer.read(), answer.headers


def wait(port, path):
    for _ in range(400):
        try:
            return get(port, path)
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing answers at port {port}{path}")


def start(command):
    # A node's code is compiled for good minutes after its start (Omnisight.Cli.csproj), which is longer than a warm-up here: it goes by the runtime's defaults, as plain Kestrel does.
    warm = dict(os.environ, DOTNET_TC_CallCountThreshold="1E", DOTNET_TC_CallCountingDelayMs="64")
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=warm)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kb(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


def wrk(port, path, seconds, header=None):
    command = ["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency"] + (["-H", header] if header else []) + [f"http://127.0.0.1:{port}{path}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


def rest(arguments, core):
    path = "/api/perception/detections"
    targets = {
        "plain Kestrel, same bytes": lambda s: wrk(PLAIN, "/bytes", s),
        "Omnisight": lambda s: wrk(OURS, path, s),
        "Omnisight ?min_confidence=0.1": lambda s: wrk(OURS, path + "?min_confidence=0.1", s),
        "Flask, the seed's design": lambda s: wrk(FLASK, path, s),
        "plain Kestrel, 304": lambda s: wrk(PLAIN, "/unchanged", s),
    }
    results = {name: [] for name in [*targets, "Omnisight 304"]}
    for round_ in range(arguments.rounds + 1):
        for name, measure in targets.items():
            rate = measure(arguments.seconds if round_ else 1)
            if round_:
                results[name].append(rate)
        # A stopped core leaves one frame, so that every request really is a 304.
        core.send_signal(signal.SIGSTOP)
        time.sleep(0.8)
        tag = get(OURS, path)[1]["ETag"]
        rate = wrk(OURS, path, arguments.seconds if round_ else 1, f"If-None-Match: {tag}")
        core.send_signal(signal.SIGCONT)
        time.sleep(0.3)
        if round_:
            results["Omnisight 304"].append(rate)
    medians = {name: statistics.median(rates) for name, rates in results.items()}
    bytes_, unchanged = medians["plain Kestrel, same bytes"], medians["plain Kestrel, 304"]
    for name, median in medians.items():
        reference = unchanged if "304" in name else bytes_
        print(f"{name:32} {median:10.0f} requests/s  {median / reference:5.2f}x   ({min(results[name]):.0f} to {max(results[name]):.0f})")


def sent_memory(port):
    """Bytes that the kernel holds for the connection of the server that it holds most for, as it counts them itself (skmem w)."""
    text = subprocess.run(["ss", "-Htnm", "state", "established", f"sport = :{port}"], capture_output=True, text=True, check=True).stdout
    return max((int(n) for n in re.findall(r"skmem:\(.*?,w(\d+)", text)), default=0)


def sse(arguments, server, plain):
    paths = {"plain Kestrel": (PLAIN, "/sse", plain.pid), "Omnisight": (OURS, "/api/stream?channels=detections", server.pid)}
    cases = [(name, stalled) for stalled in (0, arguments.clients // 5) for name in paths]
    results = {case: [] for case in cases}
    for name, (port, path, _) in paths.items():
        # Long enough for both to be compiled anew: 100,000 events.
        subprocess.run([arguments.sse_clients, str(port), path, str(arguments.clients), "10", "0"], capture_output=True, check=True)
    for _ in range(arguments.rounds):
        for case in cases:
            name, stalled = case
            port, path, pid = paths[name]
            before = memory_kb(pid)
            client = subprocess.Popen([arguments.sse_clients, str(port), path, str(arguments.clients), str(arguments.seconds + 2), str(stalled)], stdout=subprocess.PIPE, text=True)
            time.sleep(2)
            cpu, at = cpu_seconds(pid), time.monotonic()
            kernel = 0
            while time.monotonic() - at < arguments.seconds:
                time.sleep(arguments.seconds / 4)
                kernel = max(kernel, sent_memory(port)) if stalled else 0
            used = (cpu_seconds(pid) - cpu) / (time.monotonic() - at)
            memory = memory_kb(pid) - before
            told = json.loads(client.communicate()[0])
            results[case].append({"p50": told["p50_ms"], "p99": told["p99_ms"], "cpu": 100 * used, "kb": memory / arguments.clients, "kernel_kb": kernel / 1024, "events": told["events"]})
    middle = {case: {key: statistics.median(r[key] for r in rounds) for key in rounds[0]} for case, rounds in results.items()}
    for (name, stalled), m in middle.items():
        p99s = [r["p99"] for r in results[name, stalled]]
        print(f"{name:14} {arguments.clients} clients, {stalled:3} stalled: p50 {m['p50']:6.1f} ms  p99 {m['p99']:6.1f} ms ({min(p99s):.1f} to {max(p99s):.1f})  cpu {m['cpu']:5.1f}%  "
              f"+{m['kb']:5.1f} KB/client" + (f"  kernel {m['kernel_kb']:5.1f} KB for a stalled one" if stalled else "") + f"  {m['events']:.0f} events")
    ours, bare = middle["Omnisight", 0], middle["plain Kestrel", 0]
    with_stalled = middle["Omnisight", arguments.clients // 5]
    bare_stalled = middle["plain Kestrel", arguments.clients // 5]
    print(f"to the plain loop: p99 {ours['p99'] / bare['p99']:.2f}x, cpu {ours['cpu'] / bare['cpu']:.2f}x; with stalled ones: p99 {with_stalled['p99'] / bare_stalled['p99']:.2f}x, "
          f"cpu {with_stalled['cpu'] / bare_stalled['cpu']:.2f}x; with stalled ones to without: p99 {with_stalled['p99'] / ours['p99']:.2f}x, cpu {with_stalled['cpu'] / ours['cpu']:.2f}x")


def dashboard(arguments, server):
    from browser import Browser
    url = f"http://127.0.0.1:{OURS}/"
    browser = Browser(arguments.chromium)
    paints, shares = [], []
    try:
        for _ in range(arguments.rounds + 1):
            page = browser.open(url)
            paint = None
            while not paint:
                time.sleep(0.1)
                paint = page.run("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
            paints.append(paint)
            page.close()
        # Together: the cost of five people looking.
        pages = [browser.open(url) for _ in range(5)]
        while not all(page.run("window.omnisight?.state()") == "live" for page in pages):
            time.sleep(0.2)
        hidden = sum(page.run("document.hidden") for page in pages)
        for _ in range(arguments.rounds):
            cpu, at = cpu_seconds(server.pid), time.monotonic()
            time.sleep(arguments.seconds)
            shares.append((cpu_seconds(server.pid) - cpu) / (time.monotonic() - at))
        for page in pages:
            page.close()
        time.sleep(1)
        cpu, at = cpu_seconds(server.pid), time.monotonic()
        time.sleep(arguments.seconds)
        idle = (cpu_seconds(server.pid) - cpu) / (time.monotonic() - at)
    finally:
        browser.close()
    print(f"dashboard: first paint {statistics.median(paints[1:]):.0f} ms ({min(paints[1:]):.0f} to {max(paints[1:]):.0f}; in a browser just started {paints[0]:.0f})")
    print(f"dashboard: 5 pages ({hidden} hidden) {100 * statistics.median(shares):.1f}% of a core in the API's process ({100 * min(shares):.1f} to {100 * max(shares):.1f}), {100 * idle:.1f}% without pages")


def slow_clients_cut():
    return re.search(r"^omnisight_sse_slow_total (\d+)", get(OURS, "/metrics")[0].decode(), re.M)[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--walkers", type=int, default=5, help="objects in a frame: 5 are 0.9 KB, 24 are 3.1 KB")
    parser.add_argument("--what", default="rest,sse,dashboard")
    parser.add_argument("--chromium", default="chromium")
    parser.add_argument("--sse-clients", default=os.path.join(ROOT, "artifacts/sse_clients"))
    arguments = parser.parse_args()
    work = tempfile.mkdtemp(prefix="omnisight-restbench-")
    node = ["dotnet", os.path.join(ROOT, "src/Omnisight.Cli/bin/Release/net10.0/omnisight.dll"), "run", "--instance", INSTANCE, "--set", f"RuntimeDirectory={work}",
            "--set", "Channels:detections:StaleAfter=01:00:00"]
    core = start([*node, "--profile", "core", "--set", f"Perception.Simulator:Walkers={arguments.walkers}", "--set", "Perception.Simulator:MissRate=0", "--set", "Perception.Simulator:FalseAlarmsPerFrame=0"])
    processes = [core]
    try:
        server = start([*node, "--profile", "api", "--set", f"Api.Rest:Urls=http://127.0.0.1:{OURS}", "--set", "Api.Rest:MaxConnections=5000"])
        processes.append(server)
        body, _ = wait(OURS, "/api/perception/detections")
        with open(os.path.join(work, "body.json"), "wb") as file:
            file.write(body)
        print(f"{len(body)} bytes, {len(json.loads(body)['data']['detections'])} detections")
        plain = start(["dotnet", os.path.join(HERE, "Plain/bin/Release/net10.0/plain-kestrel.dll"), str(PLAIN), file.name])
        processes.append(plain)
        processes.append(start(["/usr/bin/python3", os.path.join(HERE, "flask_app.py"), str(FLASK), f"/dev/shm/{INSTANCE}_detections"]))
        wait(PLAIN, "/bytes")
        wait(FLASK, "/api/perception/detections")
        if "rest" in arguments.what:
            rest(arguments, core)
        if "sse" in arguments.what:
            sse(arguments, server, plain)
            print(f"stalled clients cut by Omnisight: {slow_clients_cut()}")
        if "dashboard" in arguments.what:
            dashboard(arguments, server)
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(work, ignore_errors=True)
        for name in os.listdir("/dev/shm"):
            if name.startswith((f"{INSTANCE}_", f".{INSTANCE}_", f"sem.{INSTANCE}_")):
                os.unlink(f"/dev/shm/{name}")


if __name__ == "__main__":
    main()
