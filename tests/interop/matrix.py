"""The cross-language matrix with real processes: prints "ok NAME" or "not ok NAME" for each case, then "N passed, N failed".

usage: matrix.py C_PEER CSHARP_PEER.dll
"""

import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "docs/protocol/golden"
C_PEER, CSHARP_PEER = sys.argv[1], sys.argv[2]
PEERS = {
    "C#": ["dotnet", "exec", CSHARP_PEER],
    "C": [C_PEER],
    "Python": [sys.executable, str(ROOT / "tests/interop/peer.py")],
}
WRITERS = ("C#", "C")
CHANNELS = ("detections", "tracks", "timelines")
FRAMES = 8
LIMIT = 90

sys.path.insert(0, str(ROOT / "sdk/python/src"))
from omnisight import names  # noqa: E402

passed = failed = 0


def case(name, problem):
    global passed, failed
    if problem:
        failed += 1
        print(f"not ok {name}: {problem}", flush=True)
    else:
        passed += 1
        print(f"ok {name}", flush=True)


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def pattern(channel, n):
    """What a frame of number n must hold, in doubles: compare with same()."""
    head = {"timestamp": n * 1000, "frame": {"width": 640, "height": 480}, "coordinate_space": "normalized_xywh"}
    if channel == "detections":
        return {"frame_id": n, **head, "detections": [{
            "id": n * 100 + i, "class_id": (n + i) % 7, "class": names.name_of(names.OBJECT_CLASS, (n + i) % 7),
            "confidence": (n + i) % 100 / 128, "bbox": [(n + i) % 64 / 64, i / 64, 0.25, 0.1], "timestamp_ms": n * 1000 + i,
        } for i in range(n % 7)]}
    if channel == "tracks":
        return {**head, "tracks": [{
            "track_id": n * 100 + i, "class_id": i % 7, "class": names.name_of(names.OBJECT_CLASS, i % 7), "confidence": 0.5,
            "bbox": [(n + i) % 64 / 64, 0.5, 0.1, 0.2], "predicted_bbox": [(n + i) % 64 / 64, 0.5, 0.1, 0.2],
            "velocity": [n % 8 / 8, -i / 8], "frame_count": n, "miss_count": i,
            "behaviors": names.names_of_flags(names.BEHAVIORS, i), "behavior_flags": i, "threat_score": i / 16,
            "first_seen_ms": n, "last_seen_ms": n * 1000, "world": None if i % 2 == 0 else [n % 100, i],
        } for i in range(n % 5)]}
    return {**head, "timelines": [{
        "timeline_id": n * 10 + i, "overall_probability": 1 / (i + 1), "prediction_start_ms": n, "prediction_end_ms": n * 1000,
        "worst_case_severity": names.SEVERITY[n % 5], "worst_case_severity_id": n % 5, "total_threat_score": i / 4,
        "events": [{
            "type": names.EVENT_TYPE[n % 11], "type_id": n % 11, "severity": names.SEVERITY[i], "severity_id": i,
            "timestamp_ms": n + e, "probability": 0.5, "location": [0.25, e / 8], "involved": [n], "description": f"event {n} {e}",
        } for e in range(i + 1)],
        "interventions": [{
            "timestamp_ms": n, "type": names.INTERVENTION_TYPE[n % 8], "type_id": n % 8, "effectiveness": 0.5, "cost": 0.25,
            "event_index": None if i % 2 == 0 else 0, "recommendation": f"do {n}",
        }],
    } for i in range(n % 3 + 1)]}


def same(found, wanted):
    """Equal, with numbers compared as the single-precision numbers they stand for."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and found.keys() == wanted.keys() and all(same(found[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, float):
        return isinstance(found, (int, float)) and single(found) == single(wanted)
    return found == wanted


def check_lines(lines, channel, version, count, rejected=0):
    if len(lines) < count:
        return f"{len(lines)} of {count} frames"
    for line in lines:
        frame = json.loads(line)
        if frame["version"] != version:
            return f"version {frame['version']}, wanted {version}"
        if frame["rejected"] > rejected:
            return f"{frame['rejected']} frames rejected"
        wanted = pattern(channel, frame["data"]["timestamp"] // 1000)
        wanted["truncated"] = None if version == 1 else 0
        if not same(frame["data"], wanted):
            return f"not the pattern: {line}"
    return None


class Instance:
    """A name and a directory of its own; all that was started under it is ended, all that was made is removed."""

    def __init__(self):
        self.name = f"interop-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.directory = tempfile.mkdtemp(prefix="omnisight-interop-")
        self.processes = []

    def start(self, language, *arguments, env=None):
        process = subprocess.Popen([*PEERS[language], *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, **(env or {})})
        self.processes.append(process)
        return process

    def write(self, language, protocol, env=None):
        process = self.start(language, "write", self.name, self.directory, protocol, env=env)
        line = process.stdout.readline()
        if line.strip() != "ready":
            raise RuntimeError(f"writer in {language}: {line}{process.stderr.read()}")
        return process

    def read(self, language, channel, count, env=None):
        return self.start(language, "read", self.name, channel, count, env=env)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()
        for directory in ("/dev/shm", self.directory):
            for file in pathlib.Path(directory).iterdir():
                if self.name in file.name:
                    file.unlink()
        shutil.rmtree(self.directory, ignore_errors=True)


def result(process):
    try:
        out, err = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return out.splitlines(), "did not end: " + err.strip()
    return out.splitlines(), err.strip() if process.returncode else None


def data_matrix():
    for writer in WRITERS:
        for protocol in (1, 2):
            with Instance() as instance:
                instance.write(writer, protocol)
                for reader in PEERS:
                    readers = {channel: instance.read(reader, channel, FRAMES) for channel in CHANNELS}
                    for channel, process in readers.items():
                        lines, problem = result(process)
                        case(f"{writer} writes {channel} version {protocol}, {reader} reads",
                             problem or check_lines(lines, channel, protocol, FRAMES))


def mapped():
    """The readers that decode where the frame lies."""
    for writer in WRITERS:
        with Instance() as instance:
            instance.write(writer, 2)
            for reader in ("C#", "C"):
                lines, problem = result(instance.read(reader, "tracks", FRAMES, env={"PEER_MODE": "map"}))
                case(f"{writer} writes tracks, {reader} reads them in map mode", problem or check_lines(lines, "tracks", 2, FRAMES))


def epoch_after(process, known):
    """The first line of an epoch that is not among the known ones; None when the lines end before."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            return None
        if json.loads(line)["epoch"] not in known:
            return line
    return None


def restarts():
    for first, second, protocol in (("C#", "C", 2), ("C", "C#", 2), ("C", "C#", 1)):
        with Instance() as instance:
            writer = instance.write(first, protocol)
            readers = {(reader, channel): instance.read(reader, channel, 100000) for reader in PEERS for channel in CHANNELS}
            seen = {key: {json.loads(process.stdout.readline())["epoch"]} for key, process in readers.items()}
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            instance.write(second, protocol)
            for (reader, channel), process in readers.items():
                line = epoch_after(process, seen[reader, channel])
                process.kill()
                case(f"{first} is killed, {second} takes over, {reader} reads {channel} version {protocol} on",
                     check_lines([line], channel, protocol, 1, 1) if line else f"one epoch only: {process.stderr.read()}")


def commands():
    wanted = {"PING": ("success", None), "HELLO": ("success", None), "REFRESH_TIMELINES": ("success", None),
              "CONFIG_UPDATE": ("success", None), "SYNC_SWARM": ("error", None), "NO_SUCH_THING": ("error", "unknown_command")}
    for server in WRITERS:
        with Instance() as instance:
            instance.write(server, 2)
            for client in PEERS:
                for command_type, (status, code) in wanted.items():
                    lines, problem = result(instance.start(client, "command", instance.name, instance.directory, command_type, '{"module":"perception"}'))
                    answer = json.loads(lines[0]) if lines and not problem else {}
                    case(f"{client} sends {command_type} to {server}",
                         problem or (None if answer.get("status") == status and (code is None or answer.get("code") == code) else f"answered {answer}"))


def greetings():
    """HELLO says the same of a core in whatever language it was written."""
    shapes = {}
    for server in WRITERS:
        with Instance() as instance:
            instance.write(server, 2)
            lines, problem = result(instance.start("Python", "command", instance.name, instance.directory, "HELLO", "{}"))
            data = json.loads(lines[0])["data"] if lines and not problem else {}
            shapes[server] = {key: type(value).__name__ for key, value in data.items()}
            wanted = [{"name": name, "message": f"omnisight.{name}/2", "capacity": 5 if name == "timelines" else 50, "period_ms": 1000 if name == "timelines" else 100}
                      for name in CHANNELS]
            case(f"HELLO of a core in {server} names channels, versions and capacities",
                 problem or (None if data.get("channels") == wanted and data.get("reads") == [1, 2] and isinstance(data.get("epoch"), int) else data))
    case("HELLO has one shape", None if shapes["C"] == shapes["C#"] else shapes)


def group_of_users():
    """A core that serves a group answers inboxes in that group's directory: all clients find it there."""
    with Instance() as instance:
        instance.write("C#", 2, env={"PEER_GROUP": "daemon"})
        for client in PEERS:
            if client != "C#":  # its transport is told the group
                lines, problem = result(instance.start(client, "command", instance.name, instance.directory, "REFRESH_TIMELINES", "{}"))
                case(f"{client} commands a core that serves a group", problem or (None if lines and json.loads(lines[0]).get("status") == "success" else lines))
        inboxes = pathlib.Path(instance.directory) / f"{instance.name}_cmd_ack.d"
        case("the group's directory is left empty", None if not list(inboxes.iterdir()) else list(inboxes.iterdir()))
        shutil.rmtree(inboxes)


def golden():
    files = {}
    for file in sorted(GOLDEN.glob("*.v?.bin")):
        files.setdefault("omnisight." + file.name.split(".")[0].split("-")[0], []).append(file)
    rejects = json.loads((GOLDEN / "rejects.json").read_text())
    with Instance() as instance:
        for language in PEERS:
            for message, paths in files.items():
                lines, problem = result(instance.start(language, "golden", message, *paths))
                for path, line in zip(paths, lines):
                    case(f"{language} decodes {path.name}", None if json.loads(line) == json.loads(path.with_suffix(".json").read_text()) else "another JSON")
                if problem or len(lines) != len(paths):
                    case(f"{language} decodes {message}", problem or "too few lines")
            for reject in rejects:
                lines, problem = result(instance.start(language, "golden", reject["message"], GOLDEN / reject["file"]))
                case(f"{language} rejects {reject['file']}", problem or (None if json.loads(lines[0]) == {"rejected": reject["reason"]} else lines))


def rolling_upgrade():
    """Readers first, then writers: no frame is rejected. Writers first: the old reader says why it reads no more."""
    old = {"PEER_NEWEST_VERSION": "1"}
    with Instance() as instance:
        writer = instance.write("C#", 1)
        for language in ("Python", "C#"):
            for channel in CHANNELS:
                lines, problem = result(instance.read(language, channel, FRAMES, env=old))
                case(f"upgrade: old reader of {channel} in {language}, old writer", problem or check_lines(lines, channel, 1, FRAMES))
        mixed = {("old", "Python"): old, ("new", "C#"): None, ("old", "C#"): old, ("new", "C"): None}
        mixed = {key: instance.read(key[1], "detections", FRAMES, env=env) for key, env in mixed.items()}
        for (age, language), process in mixed.items():
            lines, problem = result(process)
            case(f"upgrade: {age} reader in {language} beside the others, old writer", problem or check_lines(lines, "detections", 1, FRAMES))
        # all readers are new now, and stay attached while the writer is exchanged
        new = {language: instance.read(language, "detections", 100000) for language in PEERS}
        for process in new.values():
            process.stdout.readline()
        writer.terminate()
        writer.wait()
        epochs = {language: set() for language in new}
        for upgraded in ("C", "C#"):
            writer = instance.write(upgraded, 2)
            for language, process in new.items():
                line = process.stdout.readline()
                while line and (json.loads(line)["version"] != 2 or json.loads(line)["epoch"] in epochs[language]):
                    line = process.stdout.readline()
                if line:
                    epochs[language].add(json.loads(line)["epoch"])
                case(f"upgrade: new reader in {language}, writer in {upgraded} now writes version 2",
                     check_lines([line], "detections", 2, 1) if line else "no more frames")
            writer.terminate()
            writer.wait()
        for process in new.values():
            process.kill()
    with Instance() as instance:
        instance.write("C", 2)
        probe = subprocess.run(
            [sys.executable, "-c",
             "import sys; sys.path.insert(0, sys.argv[1])\nimport omnisight.frames as f, omnisight.shm as s, time\nf.NEWEST_VERSION = 1\n"
             "r = s.ShmReader(sys.argv[2], 'omnisight.detections', frozenset())\n"
             "[(r.read(lambda p: f.decode('omnisight.detections', p)), time.sleep(0.05)) for _ in range(10)]\nprint(r.rejection)",
             str(ROOT / "sdk/python/src"), f"/dev/shm/{instance.name}_detections"], capture_output=True, text=True, timeout=LIMIT)
        case("upgrade: an old reader names both versions when the writer was first",
             None if probe.stdout.strip() == "version_mismatch: found 2, expected 1" else probe.stdout + probe.stderr)
        lines, problem = result(instance.read("C#", "detections", 1, env=old))
        case("upgrade: so does an old reader in C#", problem or (None if lines == ["version_mismatch: found 2, expected 1"] else lines))


for part in (golden, data_matrix, mapped, restarts, commands, greetings, group_of_users, rolling_upgrade):
    try:
        part()
    except Exception as error:  # a part that can't run is one failure, not the end of the others
        case(part.__name__, f"{type(error).__name__}: {error}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
