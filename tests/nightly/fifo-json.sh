#!/usr/bin/env bash
# FIFOs and JSON files at length, between real processes: kills at random moments, many clients, long reading, rest.
# KILLS (10000), COMMANDS (10000 for each of 4 clients), READS (100000), REST (60 s) set the lengths. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
peer=$(ls -t "$root"/tests/Omnisight.PeerProcess/bin/*/net10.0/Omnisight.PeerProcess.dll 2>/dev/null | head -n 1)
[ -f "$peer" ] || { echo "no Omnisight.PeerProcess.dll: run dotnet build first"; echo "0 passed, 1 failed"; exit 1; }
exec python3 - "$peer" "${KILLS:-10000}" "${COMMANDS:-10000}" "${READS:-100000}" "${REST:-60}" <<'PY'
import glob, json, os, random, shutil, subprocess, sys, tempfile, time

peer, kills, commands, reads, rest = sys.argv[1], *map(int, sys.argv[2:])
work = tempfile.mkdtemp(prefix="omnisight-nightly-")
results = []

def start(transport, *arguments):
    return subprocess.Popen(
        ["dotnet", "exec", peer, *map(str, arguments), "--transport", transport, "--instance", "nightly", "--directory", work],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

def wait_line(process, text):
    while text not in (line := process.stdout.readline()):
        if not line:
            raise SystemExit(f"a peer ended without '{text}'")

def finish(process):
    """Ends a peer and returns the JSON line it closes with."""
    out, _ = process.communicate()
    return json.loads(out.splitlines()[-1])

def check(name, ok, detail):
    results.append(ok)
    print(f"{'ok   ' if ok else 'FAIL '} {name}: {detail}", flush=True)

def many_clients():
    core = start("fifo", "answer")
    wait_line(core, "answering")
    begun = time.monotonic()
    clients = [start("fifo", "ask", "--sender", n, "--count", commands) for n in range(1, 5)]
    answers = [finish(c) for c in clients]
    seconds = time.monotonic() - begun
    met = finish(core)
    wrong = sum(a["lost"] + a["foreign"] + a["bad"] + a["disorder"] for a in answers)
    check("4 clients, every answer to its sender", wrong == 0 and met["bad"] == 0 and met["lines"] == 4 * commands,
          f"{met['lines']} commands in {seconds:.1f} s, lost/foreign/bad/disorder {wrong}, dropped {met['dropped']}")

def long_reading():
    writer = start("jsonfile", "publish", "--interval-us", 0)
    reader = start("jsonfile", "read", "--count", reads)
    wait_line(reader, "reading")
    # Its input stays open until it has had them all.
    met = json.loads(reader.stdout.read().splitlines()[-1])
    writer.communicate()
    check("JSON documents against a writer in a tight loop", met["fresh"] >= reads and met["bad"] + met["rejected"] + met["backward"] == 0, met)

def killed_writers(transport, name):
    reader = start(transport, "read", "--wait", "async")
    wait_line(reader, "reading")
    for n in range(kills):
        # A line of a FIFO is cut only where it is longer than the pipe has room.
        writer = start(transport, "publish", "--interval-us", 0 if transport == "jsonfile" else 200, "--bytes", 4096 if transport == "jsonfile" else 200000)
        wait_line(writer, "published first")
        time.sleep(random.uniform(0, 0.02))
        writer.kill()
        writer.communicate()
    left = len(glob.glob(os.path.join(work, ".*.tmp")))
    met = finish(reader)
    accepted = met["bad"] + met["backward"] + met["mismatch"]
    # The half line that a killed writer leaves in a pipe is rejected with what follows it; a document is never half.
    check(f"{kills} writers of a {name} killed", accepted == 0 and left <= 1 and met["fresh"] > 0 and (transport == "fifo" or met["rejected"] == 0),
          f"{met}, temporaries left {left}")

def at_rest():
    peers = [start("fifo", "answer"), start("jsonfile", "read", "--wait", "async")]
    time.sleep(5)
    ticks = lambda p: sum(map(int, open(f"/proc/{p.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
    before = [ticks(p) for p in peers]
    time.sleep(rest)
    share = [100 * (ticks(p) - b) / os.sysconf("SC_CLK_TCK") / rest for p, b in zip(peers, before)]
    for p in peers:
        p.communicate()
    check("processor time at rest", max(share) < 0.5, f"FIFO reader {share[0]:.2f}%, JSON reader {share[1]:.2f}% over {rest} s")

try:
    many_clients()
    long_reading()
    killed_writers("jsonfile", "JSON file")
    killed_writers("fifo", "FIFO")
    at_rest()
finally:
    shutil.rmtree(work)
print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
sys.exit(0 if all(results) else 1)
PY
