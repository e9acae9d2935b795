"""The client: newest values with a cache, streams, commands, health."""

import os
import re
import threading
import time
import weakref
from typing import Any, Dict, Iterable, Iterator, NamedTuple, Optional, Tuple, Type
from types import TracebackType

from . import status
from .channels import FRAMES, Channel, open_source
from .fifo import CommandFifo
from .shm import runtime_directory

_INSTANCE = re.compile(r"[a-z0-9-]{1,31}\Z")
_CHANNEL = re.compile(r"[a-z0-9_-]{1,31}\Z")


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
    one, else the one read before. All methods may be called from any thread. A value's members are shared by all who get it: change
    a ``copy.deepcopy``. After a fork the client may be used on in both processes.

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
        self._channels: Dict[str, Channel] = {}
        self._gate = threading.Lock()
        self._command_gate = threading.Lock()
        self._commands: Optional[CommandFifo] = None
        self._found_dir: Optional[str] = None
        self._closed = False
        _clients.add(self)

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
        found = self._channel(channel)
        return None if found is None else found.age()

    def stale(self, channel: str) -> bool:
        """True when the newest value is older than the larger of 0.5 s and three periods, or there is none.

        The period is what the writer says. Channels of events (``config``, ``plugins``) have none: their last value holds as long as their
        writer lives.
        """
        found = self._channel(channel)
        return found is None or found.stale()

    def channel_status(self, channel: str) -> str:
        """What the last look at the channel met: fresh, unchanged, not_ready, writer_stopped, writer_gone, rejected, contended, closed."""
        found = self._channel(channel)
        return status.CLOSED if found is None else found.look()

    def stream(self, channel: str, timeout: Optional[float] = None) -> Iterator[Dict[str, Any]]:
        """Yields each new value; skips what was published faster than it is taken, and what a writer left behind longer than ``stale_after`` ago.

        Sleeps in the kernel (futex) where it can, else polls with growing pauses. Ends after ``timeout`` seconds without a new value
        (None: never), or when the client is closed.
        """
        found = self._channel(channel)
        return iter(()) if found is None else self._stream(found.twin(), timeout)

    def _stream(self, found: Channel, timeout: Optional[float]) -> Iterator[Dict[str, Any]]:
        try:
            deadline = None if timeout is None else time.monotonic() + timeout
            while not self._closed:
                value = found.next(self.stale_after)
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
        start = time.monotonic()
        gate = self._command_gate
        if not gate.acquire(timeout=max(0.0, timeout)):
            return Acknowledgement(False, f"other commands of this client took the whole {timeout:g} s; this one was not sent", "ack_timeout", {}, "")
        try:
            if self._closed:
                return Acknowledgement(False, "the client is closed", "closed", {}, "")
            directory, trusts_owner = self._directory()
            if self._commands is None or self._commands.directory != directory:
                if self._commands is not None:
                    self._commands.close()
                self._commands = CommandFifo(directory, self.instance, self._trusted, trusts_owner)
            answer = self._commands.send(command_type, data, timeout - (time.monotonic() - start), token)
        finally:
            gate.release()
        detail = answer.get("data")
        return Acknowledgement(answer.get("status") == "success", str(answer.get("message", "")), answer.get("code"),
                               detail if isinstance(detail, dict) else {}, str(answer.get("request_id", "")))

    def health_check(self) -> Dict[str, bool]:
        """``shm_accessible`` (a frame channel can be read), ``data_fresh`` (one of them is not stale), ``core_responsive`` (a PING is answered)."""
        states = {name: self.channel_status(name) for name in FRAMES}
        return {
            "shm_accessible": any(s in (status.FRESH, status.UNCHANGED, status.IDLE) for s in states.values()),
            "data_fresh": any(not self.stale(name) for name in FRAMES),
            "core_responsive": self.send_command("PING", {}),
        }

    def arrays(self, channel: str) -> Optional[Any]:
        """The newest detections, tracks or timelines as a numpy structured array (a read-only copy of the frame's bytes). Needs numpy."""
        from .arrays import elements  # numpy is optional

        found = self._channel(channel)
        if found is None:
            return None
        message, payload = found.frame(self.stale_after)
        return None if payload is None else elements(message, payload)

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
        return None if found is None else found.newest(self.stale_after)

    def _channel(self, name: str) -> Optional[Channel]:
        """None when the client is closed."""
        if not _CHANNEL.match(name):
            raise ValueError(f"channel {name!r} is not [a-z0-9_-]{{1,31}}")
        with self._gate:
            if self._closed:
                return None
            found = self._channels.get(name)
            if found is None:
                # what a channel keeps must not keep its client: one that nobody closes is given back
                client = weakref.ref(self)
                found = Channel(lambda: _open(client, name))
                self._channels[name] = found
            return found

    def _region(self, channel: str) -> str:
        return os.path.join(self._shm_dir, f"{self.instance}_{channel}")

    def _directory(self) -> Tuple[str, bool]:
        """Given, else what the instance's regions say, else by the environment; and whether its owner is the node's."""
        if self._runtime_dir is not None:
            return self._runtime_dir, True
        trusted = self._trusted | {0, os.geteuid()}
        for channel in FRAMES:
            found = runtime_directory(self._region(channel), trusted)
            if found is not None:
                self._found_dir = found
                return found, True
        if self._found_dir is not None:  # between two lives of the core there is no region to ask
            return self._found_dir, True
        systemd = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
        if systemd:
            return systemd, False
        session = os.environ.get("XDG_RUNTIME_DIR")
        return os.path.join(session, "omnisight") if session else f"/tmp/omnisight-{os.geteuid()}", False

    def _forked(self) -> None:
        self._gate = threading.Lock()
        self._command_gate = threading.Lock()
        self._commands = None  # its inbox is the parent's
        for channel in self._channels.values():
            channel.forked()


def _open(reference: "weakref.ref[OmnisightIPCClient]", name: str) -> Any:
    client = reference()
    if client is None:
        raise ValueError("the client is gone")

    def document() -> str:
        owner = reference()
        return "" if owner is None else os.path.join(owner._directory()[0], f"{owner.instance}_{name}.json")

    return open_source(name, client._region(name), document, client._trusted)


_clients: "weakref.WeakSet[OmnisightIPCClient]" = weakref.WeakSet()


def _after_fork() -> None:
    for client in list(_clients):
        client._forked()


os.register_at_fork(after_in_child=_after_fork)
