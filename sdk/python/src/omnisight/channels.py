"""One channel with its last good value, and where it comes from: shared memory or a JSON file."""

import os
import threading
import time
from typing import Any, Callable, Dict, FrozenSet, Optional

from . import status
from .frames import Frame, FrameError, decode
from .jsonfile import JsonFileReader
from .shm import ShmReader

FRAMES = ("detections", "tracks", "timelines")
_IMAGES = ("video",)
_DOCUMENTS = ("stats", "status", "swarm", "plugins", "config")
_MESSAGES = frozenset("omnisight." + name for name in FRAMES + _IMAGES)
# seconds between values; 0 = events, which only the writer's end makes old
_PERIODS = {"detections": 0.1, "tracks": 0.1, "timelines": 1.0, "video": 1 / 30, "stats": 1.0, "status": 1.0, "swarm": 2.0}
_LEAST_STALE = 0.5
_FIND_AGAIN_NS = 500_000_000


def period_of(name: str) -> float:
    return 1.0 if name.startswith("proc-") else _PERIODS.get(name, 0.0)


class FrameSource:
    """A channel in shared memory: bytes decoded when a value is new."""

    def __init__(self, path: str, message: str, trusted: FrozenSet[int], period: float) -> None:
        self._reader = ShmReader(path, message, trusted)
        self._period = period
        self._frame: Optional[Frame] = None
        self.payload: Optional[bytes] = None

    def read(self) -> str:
        return self._reader.read(self._decode)

    def _decode(self, payload: bytes) -> None:
        if self._reader.message not in _MESSAGES:
            raise FrameError("message_mismatch", 0, 0)
        self._frame = decode(self._reader.message, payload)
        self.payload = payload

    @property
    def message(self) -> str:
        return self._reader.message

    @property
    def value(self) -> Optional[Dict[str, Any]]:
        return None if self._frame is None else self._frame.data

    @property
    def published_mono_ns(self) -> int:
        return self._reader.published_mono_ns

    @property
    def period(self) -> float:
        return self._period if self._reader.period is None else self._reader.period

    def wait(self, timeout: float) -> None:
        self._reader.wait(timeout)

    def close(self) -> None:
        self._reader.close()


class DocumentSource:
    """A JSON file channel. Its directory may be known only once the node runs, and be another in its next life."""

    payload: Optional[bytes] = None
    message = ""

    def __init__(self, path: Callable[[], str], trusted: FrozenSet[int], period: float) -> None:
        self._path = path
        self._trusted = trusted
        self.period = period
        self._reader = JsonFileReader(path(), trusted, events=period == 0)
        self._found_at = time.monotonic_ns()

    def read(self) -> str:
        result = self._reader.read()
        if result not in (status.NOT_READY, status.WRITER_STOPPED, status.WRITER_GONE) or time.monotonic_ns() - self._found_at < _FIND_AGAIN_NS:
            return result
        self._found_at = time.monotonic_ns()
        path = self._path()
        if path == self._reader.path or not os.path.lexists(path):
            return result
        self._reader = JsonFileReader(path, self._trusted, events=self.period == 0)
        return self._reader.read()

    @property
    def value(self) -> Optional[Dict[str, Any]]:
        return self._reader.document

    @property
    def published_mono_ns(self) -> int:
        return self._reader.published_mono_ns

    def wait(self, timeout: float) -> None:
        time.sleep(min(timeout, 0.05))

    def close(self) -> None:
        pass


class OtherSource:
    """A channel that the package does not know by name: a region that carries a known message, or a document."""

    def __init__(self, frames: FrameSource, documents: DocumentSource) -> None:
        self._frames = frames
        self._documents = documents
        self._active: Any = documents

    def read(self) -> str:
        result = self._frames.read()
        self._active = self._frames
        if result in (status.NOT_READY, status.REJECTED, status.WRITER_STOPPED, status.WRITER_GONE):
            told = self._documents.read()
            # a node in its next life may publish documents where it had a region; one that it left before that says nothing
            newer = self._documents.published_mono_ns > self._frames.published_mono_ns
            if (told in (status.FRESH, status.UNCHANGED) and newer) or (self._frames.value is None and (result == status.NOT_READY or self._documents.value is not None)):
                self._active = self._documents
                result = told
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._active, name)

    def close(self) -> None:
        self._frames.close()


def open_source(name: str, region: str, document: Callable[[], str], trusted: FrozenSet[int]) -> Any:
    """What a channel's values are read from."""
    period = period_of(name)
    if name in FRAMES or name in _IMAGES:
        return FrameSource(region, "omnisight." + name, trusted, period)
    if name in _DOCUMENTS or name.startswith("proc-"):
        return DocumentSource(document, trusted, period)
    return OtherSource(FrameSource(region, "", trusted, period), DocumentSource(document, trusted, period))


class Channel:
    """One channel with its last good value. Thread-safe."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._gate = threading.Lock()
        self._source: Any = make()
        self.status = status.NOT_READY

    def twin(self) -> "Channel":
        return Channel(self._make)

    def look(self) -> str:
        with self._gate:
            self._look()
            return self.status

    def newest(self, stale_after: float) -> Optional[Dict[str, Any]]:
        with self._gate:
            self._look()
            return self._value(stale_after)

    def next(self, stale_after: float) -> Optional[Dict[str, Any]]:
        """The newest value if it is new, and of now: what a writer left behind long ago is no news."""
        with self._gate:
            if not self._look():
                return None
            value = self._value(stale_after)
            if value is None and self.status == status.WRITER_STOPPED and self._age_ns() <= stale_after * 1e9:
                value = {**self._source.value, "stale": True}  # published right before the end: new, and of now
            return value

    def age(self) -> Optional[float]:
        with self._gate:
            self._look()
            return None if self._source.value is None else self._age_ns() / 1e9

    def stale(self) -> bool:
        with self._gate:
            self._look()
            return self._source.value is None or self.status == status.WRITER_STOPPED or self._is_stale()

    def frame(self, stale_after: float) -> "tuple[str, Optional[bytes]]":
        """The newest frame's message and bytes; no bytes where there is no value."""
        with self._gate:
            self._look()
            return self._source.message, None if self._value(stale_after) is None else self._source.payload

    def wait(self, timeout: float) -> None:
        self._source.wait(timeout)

    def close(self) -> None:
        with self._gate:
            self.status = status.CLOSED
            self._source.close()

    def forked(self) -> None:
        """In the child: a lock that another thread of the parent held would stay held."""
        self._gate = threading.Lock()

    def _look(self) -> bool:
        """Reads; True when the value is new."""
        if self.status == status.CLOSED:
            return False
        self.status = self._source.read()
        if self.status != status.FRESH:
            return False
        # the last frame of a writer that has stopped or died is new to this reader, and past all the same
        again = self._source.read()
        self.status = again if again in (status.WRITER_STOPPED, status.WRITER_GONE) else status.FRESH
        return True

    def _value(self, stale_after: float) -> Optional[Dict[str, Any]]:
        value: Optional[Dict[str, Any]] = self._source.value
        if value is None or self.status == status.CLOSED:
            return None
        if self.status == status.WRITER_STOPPED:
            return {**value, "status": "stopped", "stale": True} if isinstance(value.get("status"), str) else None
        if not self._lives_by_events() and self._age_ns() > stale_after * 1e9:
            return None
        return {**value, "stale": self._is_stale()}

    def _is_stale(self) -> bool:
        return not self._lives_by_events() and self._age_ns() > max(_LEAST_STALE, 3 * self._source.period) * 1e9

    def _lives_by_events(self) -> bool:
        return self._source.period == 0 and self.status != status.WRITER_GONE

    def _age_ns(self) -> int:
        published: int = self._source.published_mono_ns
        return max(0, time.monotonic_ns() - published)
