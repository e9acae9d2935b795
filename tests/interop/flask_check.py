"""The Flask example against a live node: for the same frame it must answer the same JSON as Api.Rest. Prints ok / not ok lines.

usage: flask_check.py OMNISIGHT.dll
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "sdk/python/src"), str(ROOT / "sdk/python/examples")]

from flask_app import create_app  # noqa: E402
from omnisight import OmnisightIPCClient  # noqa: E402

LIMIT = 60


def case(name, problem):
    print(f"not ok {name}: {problem}" if problem else f"ok {name}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url, method="GET"):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def compare(flask, rest, path):
    """Both answers of one frame; frames follow each other quickly, so several tries may be needed."""
    deadline = time.monotonic() + LIMIT
    found = wanted = None
    while time.monotonic() < deadline:
        found, (status, wanted) = flask.get(path), fetch(rest + path)
        if found.status_code == status == 200 and found.json == wanted:
            return None
        time.sleep(0.02)
    return f"Flask {found.status_code} {json.dumps(found.json)[:300]}, Api.Rest {json.dumps(wanted)[:300]}"


def main():
    instance, directory, port = f"flask-{uuid.uuid4().hex[:8]}", tempfile.mkdtemp(prefix="omnisight-flask-"), free_port()
    rest = f"http://127.0.0.1:{port}"
    node = subprocess.Popen(
        ["dotnet", "exec", sys.argv[1], "run", "--instance", instance, "--set", f"RuntimeDirectory={directory}", "--set", f"Api.Rest:Urls={rest}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=directory)
    client = OmnisightIPCClient(instance)
    try:
        flask = create_app(client).test_client()
        deadline = time.monotonic() + LIMIT
        while client.get_timelines() is None and node.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        while node.poll() is None and time.monotonic() < deadline:
            try:
                fetch(rest + "/api/perception/detections")
                break
            except OSError:
                time.sleep(0.1)
        for path in ("/api/perception/detections", "/api/perception/tracks", "/api/timeline/predictions", "/api/swarm/network"):
            case(f"Flask and Api.Rest answer the same on {path}", compare(flask, rest, path))
        health = flask.get("/api/health")
        case("Flask says healthy", None if health.status_code == 200 and all(health.json["checks"].values()) else health.json)
        refresh = flask.post("/api/timeline/refresh")
        case("Flask refreshes the timelines", None if refresh.status_code == 200 and refresh.json["status"] == "success" else refresh.json)
        sync = flask.post("/api/swarm/sync")
        case("Flask says that no swarm module runs", None if sync.status_code == 409 and sync.json["code"] == "not_enabled" else sync.json)
        for path in ("/api/stats", "/api/status"):
            answer = flask.get(path)
            case(f"Flask answers {path}", None if answer.status_code == 200 else answer.json)
        node.send_signal(signal.SIGTERM)
        node.wait(30)
        gone = flask.get("/api/perception/detections")
        case("Flask answers 503 when the core has stopped",
             None if gone.status_code == 503 and gone.json == {"status": "error", "message": "No data", "code": "writer_stopped"} else gone.json)
        refresh = flask.post("/api/timeline/refresh")
        case("Flask says that no core answers", None if refresh.status_code == 500 and refresh.json["code"] == "ack_timeout" else refresh.json)
    finally:
        if node.poll() is None:
            node.kill()
            node.wait()
        client.close()
        shutil.rmtree(directory, ignore_errors=True)
        for file in pathlib.Path("/dev/shm").iterdir():
            if instance in file.name:
                os.unlink(file)


main()
