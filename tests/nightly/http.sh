#!/usr/bin/env bash
# The API at length, as a process of its own beside a core: many streams with stalled ones among them, a flood of connections, streams that come and go, a stop with all streams open.
# STREAMS (1000, a fifth stalled), IDLE (10000 connections), CYCLES (1000), SECONDS_LONG (60) set the lengths. Ends with "N passed, N failed".
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cli=$(ls -t "$root"/src/Omnisight.Cli/bin/*/net10.0/omnisight.dll 2>/dev/null | head -n 1)
[ -f "$cli" ] || { echo "no omnisight.dll: run dotnet build first"; echo "0 passed, 1 failed"; exit 1; }
exec python3 - "$cli" "${STREAMS:-1000}" "${IDLE:-10000}" "${CYCLES:-1000}" "${SECONDS_LONG:-60}" <<'PY'
import os, re, resource, select, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request

cli, streams, idle, cycles, seconds = sys.argv[1], *map(int, sys.argv[2:])
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
work = tempfile.mkdtemp(prefix="omnisight-nightly-")
instance = f"nightly-http-{os.getpid()}"
results = []

def check(name, ok, detail):
    results.append(ok)
    print(f"{'ok   ' if ok else 'FAIL '} {name}: {detail}", flush=True)

def start(*arguments):
    return subprocess.Popen(["dotnet", "exec", cli, "run", "--instance", instance, "--set", f"RuntimeDirectory={work}", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=work)

def get(port, path, timeout=10):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
        return answer.read().decode()

def metric(name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", get(management, "/metrics"), re.M)[1])

def until(reason, condition, patience=60):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"never happened: {reason}")
        time.sleep(0.05)

def connect(request=None, buffer=None):
    made = socket.socket()
    if buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    made.connect(("127.0.0.1", port))
    if request:
        made.sendall(f"GET {request} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return made

def descriptors():
    return len(os.listdir(f"/proc/{api.pid}/fd"))

def resident():
    with open(f"/proc/{api.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

def stalled_among_many():
    cut_before = metric("omnisight_sse_slow_total")
    reading = [connect("/api/stream?channels=detections") for _ in range(streams - streams // 5)]
    stalled = [connect("/api/stream?channels=detections") for _ in range(streams // 5)]
    begun, delays, cut_at, poll = time.monotonic(), [], None, select.epoll()
    by_number = {s.fileno(): s for s in reading}
    for s in reading:
        poll.register(s, select.EPOLLIN)
    told = {}
    while time.monotonic() - begun < seconds:
        for number, _ in poll.poll(0.2):
            text = told.get(number, b"") + by_number[number].recv(1 << 16)
            at = time.time() * 1000
            *whole, told[number] = text.split(b"\n\n")
            if time.monotonic() - begun > 3:
                delays += [at - int(stamp[1]) for stamp in (re.search(rb'"timestamp":(\d+)', event) for event in whole) if stamp]
        if cut_at is None and metric("omnisight_sse_slow_total") - cut_before >= len(stalled):
            cut_at = time.monotonic() - begun
    check("stalled streams are cut within 15 s", cut_at is not None and cut_at <= 15, f"{len(stalled)} cut {cut_at} s after they connected")
    check("no stream is cut that reads", metric('omnisight_streams{kind="sse"}') == len(reading), f"{len(reading)} read")
    delays.sort()
    check("the others get their values", len(delays) > 0, f"{len(delays)} values, p50 {delays[len(delays) // 2]:.0f} ms, p99 {delays[int(len(delays) * 0.99)]:.0f} ms (this script reads them all)")
    for s in reading + stalled:
        s.close()
    until("the streams are gone", lambda: metric('omnisight_streams{kind="sse"}') == 0)

def come_and_go():
    def cycle(times):
        for _ in range(times):
            connect("/api/stream?channels=detections").close()
        until("the streams are gone", lambda: metric('omnisight_streams{kind="sse"}') == 0)
    cycle(50)
    before = descriptors()
    cycle(cycles)
    until("descriptors are given back", lambda: descriptors() <= before + 5)
    check("streams that come and go leave nothing", True, f"{cycles} cycles, {descriptors() - before:+d} descriptors")

def flood():
    before, held = resident(), []
    for _ in range(idle):
        try:
            held.append(connect())
        except OSError:
            pass
    until("the rest is closed", lambda: metric("omnisight_http_connections") <= 1000)
    begun = time.monotonic()
    get(management, "/healthz")
    took = 1000 * (time.monotonic() - begun)
    check("a flood of idle connections leaves the management address", took < 1000, f"{idle} connects, {metric('omnisight_http_connections'):.0f} held, /healthz in {took:.0f} ms, {resident() - before:+.0f} MB")
    for s in held:
        s.close()
    until("they are let go", lambda: metric("omnisight_http_connections") < 10)

def names_that_are_paths():
    if not shutil.which("strace"):
        print("skip  names that are paths open nothing: no strace (apt-get install strace)", flush=True)
        return
    log = os.path.join(work, "strace")
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=%file", "-o", log, "-p", str(api.pid)], stderr=subprocess.DEVNULL)
    def seen(text):
        with open(log) as traced:
            return text in traced.read()
    def known_to_strace():
        # A key that nobody has is looked for in the key file: what shows that the trace sees what the API opens.
        ask("/api/stats", "Authorization: Bearer omni_none\r\n")
        return os.path.exists(log) and seen("_keys.json")
    def ask(path, header=""):
        with socket.create_connection(("127.0.0.1", port)) as made:
            made.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n".encode())
            return made.recv(1 << 16)[9:12]
    try:
        until("the trace sees the API", known_to_strace)
        paths = ["/api/channels/..%2fnightlymark", "/api/channels/%2e%2e%2fnightlymark", "/api/channels/../nightlymark", "/api/channels/a%00nightlymark", "/api/channels/nightlymark.x"]
        answers = [ask(path) for path in paths]
        check("names that are paths open nothing", answers == [b"400"] * len(paths) and not seen("nightlymark"), f"{len(paths)} names, answers {b' '.join(sorted(set(answers))).decode()}")
    finally:
        tracer.terminate()
        tracer.wait()

def stop_with_all():
    all_streams = [connect("/api/stream?channels=stats") for _ in range(min(streams, 990))]
    until("the streams are open", lambda: metric('omnisight_streams{kind="sse"}') == len(all_streams))
    unread = connect("/docs/scalar.js", buffer=4096)
    begun = time.monotonic()
    api.send_signal(signal.SIGTERM)
    code = api.wait(60)
    took = time.monotonic() - begun
    told = 0
    for s in all_streams:
        text = b""
        s.settimeout(10)
        while got := s.recv(1 << 16):
            text += got
        told += b"event: end\n" in text
        s.close()
    unread.close()
    check("a stop with every stream open and a page unread", code == 0 and took <= 5 and told == len(all_streams), f"exit {code} after {took:.1f} s, {told} of {len(all_streams)} told")

core = start("--profile", "core")
api = start("--profile", "api", "--set", "Api.Rest:Urls=http://127.0.0.1:0", "--set", "Api.Rest:ManagementUrls=http://127.0.0.1:0")
try:
    for line in api.stdout:
        if "listening on http://" in line:
            port, management = (int(n) for n in re.findall(r"http://127\.0\.0\.1:(\d+)", line)[:2])
            break
    until("values flow", lambda: 'omnisight_channel_up{channel="detections"} 1' in get(management, "/metrics"))
    names_that_are_paths()
    flood()
    come_and_go()
    stalled_among_many()
    stop_with_all()
finally:
    for process in (api, core):
        if process.poll() is None:
            process.kill()
            process.wait()
    shutil.rmtree(work, ignore_errors=True)
    for name in os.listdir("/dev/shm"):
        if instance in name:
            os.unlink(f"/dev/shm/{name}")
print(f"{sum(results)} passed, {results.count(False)} failed")
sys.exit(0 if all(results) else 1)
PY
