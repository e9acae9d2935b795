#!/usr/bin/env python3
"""Reads the newest frame of each channel from shared memory, with the standard library only: read.py INSTANCE [CHANNEL...]"""
import os, struct, sys, time, zlib

REGION, FRAME = 0x4F4D4E52, 0x4F4D4E49
#         count at, header bytes of version 1 and 2, element bytes, elements of version 1, box at (0: none)
LAYOUT = {"detections": (24, (32, 40), 104, 50, 12), "tracks": (16, (24, 32), 160, 50, 8), "timelines": (16, (24, 32), 3960, 5, 0)}

def newest(fd):
    """The newest payload; a slot is whole when its sequence is 2n before and after the copy (PROTOCOL 2.3)."""
    magic, major, _, size, header, slots, stride, capacity = struct.unpack("<IHHQIIII", os.pread(fd, 32, 0))
    assert magic == REGION, f"region magic {magic:#x}"
    assert major == 1, f"layout {major}"
    assert size == os.fstat(fd).st_size, f"{size} bytes announced, the file has {os.fstat(fd).st_size}"
    assert slots > 0, "no slots"
    for _ in range(1000):
        n, = struct.unpack("<Q", os.pread(fd, 8, 128))
        if n:
            slot = header + (n - 1) % slots * stride
            before, length = struct.unpack("<QI", os.pread(fd, 12, slot))
            payload = os.pread(fd, min(length, capacity), slot + 64)
            after, = struct.unpack("<Q", os.pread(fd, 8, slot))
            if before == after == 2 * n:
                return n, payload
        time.sleep(0.01)
    sys.exit("no complete frame in 10 s")

def check(channel, payload):
    count_at, headers, element, fixed, box_at = LAYOUT[channel]
    magic, version = struct.unpack_from("<II", payload)
    count, image = struct.unpack_from("<II", payload, count_at)
    assert magic == FRAME and version in (1, 2), f"magic {magic:#x}, version {version}"
    end = headers[version - 1] + (fixed if version == 1 else count) * element
    assert struct.unpack_from("<I", payload, end)[0] == zlib.crc32(payload[:end]), "the CRC does not match"
    box = struct.unpack_from("<4f", payload, headers[version - 1] + box_at) if count and box_at else ()
    return f"version {version}, {count} elements, {image & 0xFFFF} x {image >> 16}, CRC ok" + (", first box " + " ".join(f"{v:g}" for v in box) if box else "")

for channel in sys.argv[2:] or LAYOUT:
    fd = os.open(f"/dev/shm/{sys.argv[1]}_{channel}", os.O_RDONLY | os.O_NOFOLLOW)
    number, payload = newest(fd)
    print(f"{channel} {number}: {check(channel, payload)}")
