"""Reads a stress channel as fast as it can with the standard library only, and checks every byte: hammer.py PATH MILLISECONDS [careless]

SIGTERM ends it early, with its report. careless is broken on purpose, without the second look at seq: who runs this must notice."""
import json, os, signal, struct, sys, time

GOLDEN, MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
path, until, ended = sys.argv[1], time.monotonic() + int(sys.argv[2]) / 1000, []
signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
while True:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        break
    except FileNotFoundError:
        if time.monotonic() > until or ended:
            sys.exit(f"no region at {path}")
        time.sleep(0.001)
magic, _, _, _, header, slots, stride, capacity = struct.unpack("<IHHQIIII", os.pread(fd, 32, 0))
assert magic == 0x4F4D4E52
pattern = [i * GOLDEN & MASK for i in range(capacity // 8)]
u64 = lambda at: struct.unpack("<Q", os.pread(fd, 8, at))[0]
careless = sys.argv[3:] == ["careless"]
fresh = bad = backward = torn = last = 0
stuck, last_at = 0.0, None
print("reading", flush=True)
while time.monotonic() < until and not ended:
    n = u64(128)
    if n == 0 or n == last:
        continue
    if n < last:
        backward += 1
        continue
    at = header + (n - 1) % slots * stride
    seq, size = struct.unpack("<QI", os.pread(fd, 12, at))
    data = os.pread(fd, size, at + 64) if size <= capacity else b""
    if seq != 2 * n or (not careless and u64(at) != 2 * n):
        torn += 1
        continue
    words = struct.unpack(f"<{len(data) // 8}Q", data)
    bad += not (len(words) >= 8 and words[0] == n and words[1] == len(words) and all(w == n ^ p for w, p in zip(words[2:], pattern[2:])))
    last, fresh, now = n, fresh + 1, time.monotonic()
    stuck = max(stuck, now - last_at if last_at else 0)
    last_at = now
stuck = max(stuck, time.monotonic() - last_at if last_at else 0)
print(json.dumps({"fresh": fresh, "bad": bad, "backward": backward, "mismatch": 0, "torn": torn, "stuck_ms": int(stuck * 1000)}))
