"""OmnisightIPCClient against a live C core: values, streams, restarts, ends. Prints ok / not ok lines.

usage: python_client.py CORE_EXAMPLE
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sdk/python/src"))

from omnisight import OmnisightIPCClient  # noqa: E402
from omnisight.futex import NotifyWord  # noqa: E402

LIMIT = 30
instance, directory = f"pyclient-{uuid.uuid4().hex[:8]}", tempfile.mkdtemp(prefix="omnisight-pyclient-")


def case(name, good, detail=""):
    print(f"ok {name}" if good else f"not ok {name}: {detail}", flush=True)


def start():
    process = subprocess.Popen([sys.argv[1], instance, directory], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process


def until(condition):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def refuses(make):
    try:
        make()
    except ValueError:
        return True
    return False


def check():
    client = OmnisightIPCClient(instance)
    case("Python: no core, no values", client.get_detections() is None and client.get_stats() is None and client.channel_status("detections") == "not_ready")
    case("Python: no core, no acknowledgement", client.command("PING", timeout=0.2).code in ("no_core", "ack_timeout"))
    case("Python: names that are paths are refused", refuses(lambda: OmnisightIPCClient("../x")) and refuses(lambda: client.get("../x")))
    core = start()
    try:
        case("Python: a core that comes later is found", until(lambda: client.get_detections() is not None))
        case("Python: tracks, timelines, stats and status come too", until(lambda: all((client.get_tracks(), client.get_timelines(), client.get_stats(), client.get_status()))))
        case("Python: a live value is not stale", until(lambda: not client.stale("detections")) and client.age("detections") < 5)
        first = client.get_detections()
        case("Python: a caller's change does not reach the next caller", first.pop("frame_id") and "frame_id" in client.get_detections())
        frames = []
        for frame in client.stream("detections", timeout=LIMIT):
            frames.append(frame["frame_id"])
            if len(frames) == 10:
                break
        case("Python: a stream gives each frame once and in order", frames == sorted(set(frames)) and len(frames) == 10, frames)
        polled, original = [], NotifyWord.available
        NotifyWord.available = property(lambda self: False)
        for frame in client.stream("detections", timeout=LIMIT):
            polled.append(frame["frame_id"])
            if len(polled) == 5:
                break
        NotifyWord.available = original
        case("Python: a stream works without futex as well", polled == sorted(set(polled)) and len(polled) == 5, polled)
        threads = [threading.Thread(target=lambda: [client.get_detections() for _ in range(200)]) for _ in range(8)]
        answers = []
        senders = [threading.Thread(target=lambda: answers.append(client.send_command("PING", {}, 10.0))) for _ in range(4)]
        for thread in threads + senders:
            thread.start()
        for thread in threads + senders:
            thread.join()
        case("Python: one client serves many threads", answers == [True] * 4, answers)
        case("Python: health is good", all(client.health_check().values()))
        try:
            import numpy

            array = client.arrays("detections")
            case("Python: arrays are the frame's", len(array) == 5 and array["bbox"].shape == (5, 4) and isinstance(array["confidence"], numpy.ndarray))
        except ImportError:
            print("# numpy is missing: apt-get install python3-numpy", flush=True)

        core.send_signal(signal.SIGKILL)
        core.wait()
        last = client.get_detections()
        case("Python: a killed core's last value stays, and turns stale", last is not None and until(lambda: (client.get_detections() or {}).get("stale")), last)
        core = start()
        case("Python: a restarted core is found", until(lambda: (client.get_detections() or {"stale": True})["stale"] is False))
        case("Python: its commands too", client.send_command("PING", {}, 10.0))
        before = descriptors()
        for _ in range(100):
            with OmnisightIPCClient(instance) as other:
                other.get_detections()
                other.get_stats()
                next(other.stream("tracks", timeout=LIMIT))
        case("Python: 100 clients leave no descriptors", descriptors() <= before, f"{before} -> {descriptors()}")
        core.terminate()
        core.wait()
        case("Python: a stopped core has no values", until(lambda: client.get_detections() is None) and client.channel_status("detections") == "writer_stopped")
        case("Python: a stopped core's status says so", (client.get_status() or {}).get("status") == "stopped")
        inboxes = [name for name in os.listdir(directory) if "_cmd_ack." in name]
        client.close()
        client.close()
        case("Python: closing removes the inbox, and twice is fine", not [n for n in os.listdir(directory) if "_cmd_ack." in n], inboxes)
    finally:
        core.kill()
        core.wait()


try:
    check()
finally:
    shutil.rmtree(directory, ignore_errors=True)
    for file in pathlib.Path("/dev/shm").iterdir():
        if instance in file.name:
            file.unlink()
