"""The client: newest values with a cache, streams, commands, health."""

import os
import re
import threading
import time
from typing import Any, Callable, Dict, Iterable, Iterator, NamedTuple, Optional, Type
from types import TracebackType

from . import status
from .fifo import CommandFifo
from .frames import Frame, decode
from .jsonfile import JsonFileReader
from .shm import ShmReader, runtime_directory

_INSTANCE = re.compile(r"[a-z0-9-]{1,31}\Z")
_CHANNEL = re.compile(r"[a-z0-9_-]{1,31}\Z")
_PERIODS = {"detections": 0.1, "tracks": 0.1, "timelines": 1.0, "stats": 1.0, "status": 1.0, "swarm": 2.0, "video": 1 / 30}
_FRAMES = ("detections", "tracks", "timelines")
_DOCUMENTS = ("stats", "status", "swarm", "plugins", "config")
_LEAST_STALE = 0.5


class Acknowledgement(NamedTuple):
    """The answer to a command."""

    success: bool
    message: str
    code: Optional[str]
    """With an error its name: ack_timeout, no_core, unauthorized, invalid_config, ..."""
    data: Dict[str, Any]
    request_id: str


class OmnisightIPCClient:
    """Reads what a node of this machine publishes, and sends it commands.

    Values are dictionaries shaped as the ``data`` of the REST API. Reading never blocks: it takes the newest value if there is a new
    one, else the one read before. All methods may be called from any thread.

    :param instance: which node, ``[a-z0-9-]{1,31}``.
    :param runtime_dir: where its FIFOs and JSON files are; found by itself unless given.
    :param stale_after: seconds after which a value that was not renewed is no longer returned.
    :param shm_dir: where shared memory lies.
    :param trusted_uids: users, besides this one and root, whose channels are read.

    >>> with OmnisightIPCClient() as client:          # doctest: +SKIP
    ...     detections = client.get_detections()
    ...     client.send_command("REFRESH_TIMELINES", {})
    """

    def __init__(self, instance: str = "omnisight", runtime_dir: Optional[str] = None, stale_after: float = 5.0,
                 shm_dir: str = "/dev/shm", trusted_uids: Iterable[int] = ()) -> None:
        if not _INSTANCE.match(instance):
            raise ValueError(f"instance {instance!r} is not [a-z0-9-]{{1,31}}")
        self.instance = instance
        self.stale_after = stale_after
        self._runtime_dir = runtime_dir
        self._shm_dir = shm_dir
        self._trusted = frozenset(trusted_uids)
        self._channels: Dict[str, _Channel] = {}
        self._gate = threading.Lock()
        self._command_gate = threading.Lock()
        self._commands: Optional[CommandFifo] = None
        self._commands_dir: Optional[str] = None
        self._found_dir: Optional[str] = None
        self._closed = False

    def get_detections(self) -> Optional[Dict[str, Any]]:
        """The newest detections, or None when there are none or they are older than ``stale_after``.

        ``{"frame_id", "timestamp" (Unix ms), "stale", "frame": {"width", "height"} (pixels), "coordinate_space", "truncated",
        "detections": [{"id", "class_id", "class", "confidence", "bbox": [x, y, w, h] (0..1 of the image), "timestamp_ms"}]}``
        """
        return self._get("detections")

    def get_tracks(self) -> Optional[Dict[str, Any]]:
        """The newest tracks: as detections, with ``tracks``; velocity in image widths and heights per second, world in metres or None."""
        return self._get("tracks")

    def get_timelines(self) -> Optional[Dict[str, Any]]:
        """The newest predicted timelines, with their events and interventions."""
        return self._get("timelines")

    def get_stats(self) -> Optional[Dict[str, Any]]:
        """The core's statistics (1 Hz)."""
        return self._get("stats")

    def get_status(self) -> Optional[Dict[str, Any]]:
        """The core's status; ``status`` is ``stopped`` in what a core of an earlier boot left behind."""
        return self._get("status")

    def get(self, channel: str) -> Optional[Dict[str, Any]]:
        """The newest value of any channel: frames from shared memory, documents from JSON files."""
        return self._get(channel)

    def age(self, channel: str) -> Optional[float]:
        """Seconds since the channel's newest value was published; None before the first."""
        return self._channel(channel).age()

    def stale(self, channel: str) -> bool:
        """True when the newest value is older than the larger of 0.5 s and three periods, or there is none."""
        age = self.age(channel)
        return age is None or age > max(_LEAST_STALE, 3 * _PERIODS.get(channel, 1.0))

    def channel_status(self, channel: str) -> str:
        """What the last look at the channel met: fresh, unchanged, not_ready, writer_stopped, writer_gone, rejected, contended."""
        found = self._channel(channel)
        found.look()
        return found.status

    def stream(self, channel: str, timeout: Optional[float] = None) -> Iterator[Dict[str, Any]]:
        """Yields each new value; skips what was published faster than it is taken.

        Sleeps in the kernel (futex) where it can, else polls with growing pauses. Ends after ``timeout`` seconds without a new value
        (None: never), or when the client is closed.
        """
        found = self._channel(channel).twin()
        try:
            deadline = None if timeout is None else time.monotonic() + timeout
            while not self._closed:
                value = found.next()
                if value is not None:
                    yield value
                    deadline = None if timeout is None else time.monotonic() + timeout
                    continue
                left = 0.5 if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    return
                found.wait(min(left, 0.5))
        finally:
            found.close()

    def send_command(self, command_type: str, data: Optional[Dict[str, Any]] = None, timeout: float = 1.0,
                     token: Optional[str] = None) -> bool:
        """Sends a command and waits at most ``timeout`` seconds; True when it was acknowledged as success."""
        return self.command(command_type, data, timeout, token).success

    def command(self, command_type: str, data: Optional[Dict[str, Any]] = None, timeout: float = 1.0,
                token: Optional[str] = None) -> Acknowledgement:
        """As :meth:`send_command`, with all that the acknowledgement says. ``token`` is a key, where the command needs one."""
        with self._command_gate:
            directory = self._directory()
            if self._commands is None or self._commands_dir != directory:
                if self._commands is not None:
                    self._commands.close()
                self._commands = CommandFifo(directory, self.instance, self._trusted)
                self._commands_dir = directory
            answer = self._commands.send(command_type, data, timeout, token)
        detail = answer.get("data")
        return Acknowledgement(answer.get("status") == "success", str(answer.get("message", "")), answer.get("code"),
                               detail if isinstance(detail, dict) else {}, str(answer.get("request_id", "")))

    def health_check(self) -> Dict[str, bool]:
        """``shm_accessible`` (a frame channel can be read), ``data_fresh`` (one of them is not stale), ``core_responsive`` (a PING is answered)."""
        states = {name: self.channel_status(name) for name in _FRAMES}
        return {
            "shm_accessible": any(s in (status.FRESH, status.UNCHANGED, status.IDLE) for s in states.values()),
            "data_fresh": any(not self.stale(name) for name in _FRAMES),
            "core_responsive": self.send_command("PING", {}),
        }

    def arrays(self, channel: str) -> Optional[Any]:
        """The newest detections or tracks as a numpy structured array (a read-only copy of the frame's bytes). Needs numpy."""
        from .arrays import elements  # numpy is optional

        found = self._channel(channel)
        found.look()
        return None if found.payload is None else elements("omnisight." + channel, found.payload)

    def close(self) -> None:
        """Lets go of everything. Streams end. Twice is fine."""
        self._closed = True
        with self._gate:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()
        with self._command_gate:
            if self._commands is not None:
                self._commands.close()
                self._commands = None

    def __enter__(self) -> "OmnisightIPCClient":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def _get(self, channel: str) -> Optional[Dict[str, Any]]:
        found = self._channels.get(channel) or self._channel(channel)
        return found.newest(self.stale_after)

    def _channel(self, name: str) -> "_Channel":
        if not _CHANNEL.match(name):
            raise ValueError(f"channel {name!r} is not [a-z0-9_-]{{1,31}}")
        with self._gate:
            if self._closed:
                raise ValueError("the client is closed")
            found = self._channels.get(name)
            if found is None:
                found = _Channel(lambda: self._open(name), max(_LEAST_STALE, 3 * _PERIODS.get(name, 1.0)))
                self._channels[name] = found
            return found

    def _open(self, name: str) -> Any:
        if name in _DOCUMENTS or name.startswith("proc-"):
            return _DocumentSource(lambda: os.path.join(self._directory(), f"{self.instance}_{name}.json"), self._trusted, name)
        message = "omnisight." + name
        if name not in _FRAMES and name != "video":
            raise ValueError(f"channel {name!r}: its message is not known here; the known ones are {', '.join(_FRAMES + _DOCUMENTS)}, video")
        return _FrameSource(os.path.join(self._shm_dir, f"{self.instance}_{name}"), message, self._trusted)

    def _directory(self) -> str:
        """Given, else what the instance's regions say, else by the environment."""
        if self._runtime_dir is not None:
            return self._runtime_dir
        for channel in _FRAMES:
            found = runtime_directory(os.path.join(self._shm_dir, f"{self.instance}_{channel}"))
            if found is not None:
                self._found_dir = found
                return found
        if self._found_dir is not None:  # between two lives of the core there is no region to ask
            return self._found_dir
        systemd = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
        if systemd:
            return systemd
        session = os.environ.get("XDG_RUNTIME_DIR")
        return os.path.join(session, "omnisight") if session else f"/tmp/omnisight-{os.geteuid()}"


class _FrameSource:
    """A frame channel: bytes decoded when a value is new."""

    def __init__(self, path: str, message: str, trusted: "frozenset[int]") -> None:
        self._reader = ShmReader(path, message, trusted)
        self._message = message
        self._frame: Optional[Frame] = None
        self.payload: Optional[bytes] = None

    def read(self) -> str:
        return self._reader.read(self._decode)

    def _decode(self, payload: bytes) -> None:
        self._frame = decode(self._message, payload)
        self.payload = payload

    @property
    def value(self) -> Optional[Dict[str, Any]]:
        return None if self._frame is None else self._frame.data

    @property
    def published_mono_ns(self) -> int:
        return self._reader.published_mono_ns

    def wait(self, timeout: float) -> None:
        self._reader.wait(timeout)

    def close(self) -> None:
        self._reader.close()


class _DocumentSource:
    """A JSON file channel. Its directory may be known only once the node runs."""

    payload: Optional[bytes] = None

    def __init__(self, path: Callable[[], str], trusted: "frozenset[int]", name: str) -> None:
        self._path = path
        self._trusted = trusted
        self._name = name
        self._reader: Optional[JsonFileReader] = None

    def read(self) -> str:
        if self._reader is None:
            self._reader = JsonFileReader(self._path(), self._trusted)
        result = self._reader.read()
        if result == status.NOT_READY:
            self._reader = None
        return result

    @property
    def value(self) -> Optional[Dict[str, Any]]:
        return None if self._reader is None else self._reader.document

    @property
    def published_mono_ns(self) -> int:
        return 0 if self._reader is None else self._reader.published_mono_ns

    def wait(self, timeout: float) -> None:
        time.sleep(min(timeout, 0.05))

    def close(self) -> None:
        self._reader = None


class _Channel:
    """One channel with its last good value. Thread-safe."""

    def __init__(self, open_source: Callable[[], Any], stale_seconds: float) -> None:
        self._open = open_source
        self._stale_ns = int(stale_seconds * 1e9)
        self._gate = threading.Lock()
        self._source: Any = open_source()
        self.status = status.NOT_READY

    @property
    def payload(self) -> Optional[bytes]:
        payload: Optional[bytes] = self._source.payload
        return payload

    def twin(self) -> "_Channel":
        return _Channel(self._open, self._stale_ns / 1e9)

    def look(self) -> None:
        with self._gate:
            self.status = self._source.read()

    def newest(self, stale_after: float) -> Optional[Dict[str, Any]]:
        with self._gate:
            self.status = self._source.read()
            if self.status == status.FRESH:
                # the last frame of a writer that has stopped is new to this reader, and past all the same
                again = self._source.read()
                self.status = again if again == status.WRITER_STOPPED else status.FRESH
            value = self._source.value
            if value is None:
                return None
            age_ns = time.monotonic_ns() - self._source.published_mono_ns
            if self.status == status.WRITER_STOPPED:
                return {**value, "status": "stopped", "stale": True} if isinstance(value.get("status"), str) else None
            if age_ns > stale_after * 1e9:
                return None
            return {**value, "stale": age_ns > self._stale_ns}

    def next(self) -> Optional[Dict[str, Any]]:
        with self._gate:
            self.status = self._source.read()
            return {**self._source.value, "stale": False} if self.status == status.FRESH else None

    def age(self) -> Optional[float]:
        with self._gate:
            self.status = self._source.read()
            if self._source.value is None:
                return None
            published: int = self._source.published_mono_ns
            return max(0, time.monotonic_ns() - published) / 1e9

    def wait(self, timeout: float) -> None:
        self._source.wait(timeout)

    def close(self) -> None:
        with self._gate:
            self._source.close()
