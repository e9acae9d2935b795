"""The Python side of the interop matrix: see tests/Omnisight.InteropPeer/Program.cs for the commands."""

import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "sdk/python/src"))

import omnisight.frames  # noqa: E402
from omnisight import FrameError, OmnisightIPCClient, decode  # noqa: E402
from omnisight.shm import ShmReader  # noqa: E402
from omnisight import status  # noqa: E402


def read(instance: str, channel: str, count: int) -> None:
    if os.environ.get("PEER_NEWEST_VERSION"):  # a reader of the time before version 2
        omnisight.frames.NEWEST_VERSION = int(os.environ["PEER_NEWEST_VERSION"])
    reader = ShmReader(f"/dev/shm/{instance}_{channel}", "omnisight." + channel, frozenset())
    rejected = 0
    frames = []
    while count > 0:
        result = reader.read(lambda payload: frames.append(decode("omnisight." + channel, payload)))
        if result == status.FRESH:
            frame = frames.pop()
            print(json.dumps({"epoch": reader.epoch, "version": frame.version, "rejected": rejected, "data": frame.data}), flush=True)
            count -= 1
        else:
            rejected += result == status.REJECTED
            reader.wait(1.0)


def command(instance: str, directory: str, command_type: str, data: str) -> None:
    with OmnisightIPCClient(instance, directory) as client:
        answer = client.command(command_type, json.loads(data), 10.0)
        print(json.dumps({"request_id": answer.request_id, "status": "success" if answer.success else "error",
                          "message": answer.message, "code": answer.code, "data": answer.data}))


def golden(message: str, *files: str) -> None:
    for file in files:
        try:
            print(json.dumps(decode(message, pathlib.Path(file).read_bytes()).data))
        except FrameError as error:
            print(json.dumps({"rejected": error.reason}))


def bench(instance: str) -> None:
    """Cost of get_detections() against a live writer of 50 objects, and of an unchanged frame."""
    client = OmnisightIPCClient(instance)
    fresh, same, last = [], [], None
    deadline = time.monotonic() + 60
    while len(fresh) < 500 and time.monotonic() < deadline:
        start = time.perf_counter_ns()
        value = client.get_detections()
        cost = time.perf_counter_ns() - start
        if value is None:
            time.sleep(0.01)
        elif value["frame_id"] != last:
            last = value["frame_id"]
            fresh.append(cost)
        else:
            same.append(cost)
            time.sleep(0.0005)
    fresh.sort()
    same.sort()
    p99, unchanged = fresh[len(fresh) * 99 // 100] / 1000, same[len(same) // 2] / 1000
    print(json.dumps({"frames": len(fresh), "fresh_p50_us": fresh[len(fresh) // 2] / 1000, "fresh_p99_us": p99, "fresh_bar_us": 1000,
                      "unchanged_p50_us": unchanged, "unchanged_p99_us": same[len(same) * 99 // 100] / 1000, "unchanged_bar_us": 20}))
    sys.exit(p99 > 1000 or unchanged > 20)


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    if verb == "read":
        read(rest[0], rest[1], int(rest[2]))
    else:
        {"command": command, "golden": golden, "bench": bench}[verb](*rest)
