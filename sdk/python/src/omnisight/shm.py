"""Shared memory regions (protocol section 2), read with pread: a region that is damaged or cut costs a rejected read, never the process."""

import errno
import os
import stat
import struct
import time
from typing import Callable, FrozenSet, NamedTuple, Optional, Tuple

from . import status
from .frames import FrameError
from .futex import NotifyWord

REGION_MAGIC = 0x4F4D4E52
_HEADER_BYTES = 4096
_LAYOUT_MAJOR = 1
_CONTROL_AT, _CONTROL = 128, struct.Struct("<Q56xII56xQ")  # latest at 128, notify and state at 192, heartbeat at 256
_NOTIFY_AT = 192
_MESSAGE_AT, _RUNTIME_DIRECTORY_AT = 288, 512
_SLOT = struct.Struct("<QIIq")
_SLOT_HEADER_BYTES = 64
_STATE_CLOSED = 2
_MAX_ATTEMPTS = 32
_HEARTBEAT_LIMIT_NS = 2_000_000_000
_CHECK_NS = 500_000_000
_RETRY_NS = 100_000_000
_POLL_MIN, _POLL_MAX = 0.0005, 0.02


class _Region(NamedTuple):
    fd: int
    identity: Tuple[int, int]
    header_bytes: int
    slots: int
    stride: int
    capacity: int
    epoch: int
    notify: NotifyWord


class ShmReader:
    """Reads the newest frame of a region; attaches, and attaches again after a restart of the writer. Not thread-safe."""

    def __init__(self, path: str, message: str, trusted_uids: FrozenSet[int]) -> None:
        self._path = path
        self._message = message
        self._trusted = trusted_uids | {0, os.geteuid()}
        self._region: Optional[_Region] = None
        self._next_check = 0
        self._seen = (0, 0)
        self.epoch = 0
        self.sequence = 0
        self.published_mono_ns = 0
        self.missed = 0
        self.rejection: Optional[FrameError] = None

    def read(self, decode: Callable[[bytes], None]) -> str:
        """Hands the newest payload to ``decode`` if this reader has not had it. Returns one of :mod:`omnisight.status`."""
        now = time.monotonic_ns()
        if now >= self._next_check:
            self._maintain(now)
        if self._region is None:
            return status.REJECTED if self.rejection else (status.WRITER_GONE if self.sequence else status.NOT_READY)
        result = self._read(self._region, decode, now)
        if result in (status.WRITER_STOPPED, status.WRITER_GONE) and self._replaced():
            self._maintain(now)
            if self._region is not None:
                result = self._read(self._region, decode, now)
        return result

    def wait(self, timeout: float) -> None:
        """Sleeps until there may be something new, at most ``timeout`` seconds."""
        region = self._region
        if region is None:
            time.sleep(min(timeout, 0.1))
            return
        if not region.notify.available:
            self._poll(region, timeout)
            return
        control = self._control(region)
        if control is None or (region.epoch, control[0]) != self._seen and control[0] != 0:
            return
        if not region.notify.wait(control[1], min(timeout, 0.5)):
            self._detach()
            time.sleep(min(timeout, 0.1))

    def close(self) -> None:
        self._detach()

    def _poll(self, region: _Region, timeout: float) -> None:
        deadline = time.monotonic() + min(timeout, 0.5)
        pause = _POLL_MIN
        while time.monotonic() < deadline:
            control = self._control(region)
            if control is None or (region.epoch, control[0]) != self._seen or control[2] == _STATE_CLOSED:
                return
            time.sleep(pause)
            pause = min(pause * 2, _POLL_MAX)

    def _read(self, region: _Region, decode: Callable[[bytes], None], now: int) -> str:
        fd = region.fd
        for _ in range(_MAX_ATTEMPTS):
            control = self._control(region)
            if control is None:
                return self._truncated()
            latest, _, state, heartbeat = control
            if latest == 0 or (self._seen[0] == region.epoch and latest <= self._seen[1]):
                return self._judge(latest, state, heartbeat, now)
            at = region.header_bytes + (latest - 1) % region.slots * region.stride
            head = os.pread(fd, _SLOT.size, at)
            if len(head) < _SLOT.size:
                return self._truncated()
            sequence, size, _, published = _SLOT.unpack(head)
            if sequence != (2 * latest) & 0xFFFFFFFFFFFFFFFF:
                continue
            if size > region.capacity:
                return self._reject(region.epoch, latest, FrameError("bad_layout", size, region.capacity))
            payload = os.pread(fd, size, at + _SLOT_HEADER_BYTES)
            again = os.pread(fd, 8, at)
            if len(payload) < size or len(again) < 8:
                return self._truncated()
            if again != head[:8]:
                continue
            try:
                decode(payload)
            except FrameError as error:
                return self._reject(region.epoch, latest, error)
            self.missed = latest - self.sequence - 1 if self.epoch == region.epoch else (latest - 1 if self.sequence else 0)
            self.epoch, self.sequence, self.published_mono_ns = region.epoch, latest, min(published, now)
            self._seen = (region.epoch, latest)
            self.rejection = None
            return status.FRESH
        return status.CONTENDED

    def _judge(self, latest: int, state: int, heartbeat: int, now: int) -> str:
        if state == _STATE_CLOSED:
            return status.WRITER_STOPPED
        if now - heartbeat > _HEARTBEAT_LIMIT_NS:
            return status.WRITER_GONE
        if self.rejection is not None:
            return status.REJECTED
        return status.UNCHANGED if latest else status.NOT_READY

    def _reject(self, epoch: int, latest: int, error: FrameError) -> str:
        self._seen = (epoch, latest)
        self.rejection = error
        return status.REJECTED

    def _truncated(self) -> str:
        self._detach()
        self.rejection = FrameError("truncated", 0, _HEADER_BYTES)
        return status.REJECTED

    @staticmethod
    def _control(region: _Region) -> Optional[Tuple[int, int, int, int]]:
        control = os.pread(region.fd, _CONTROL.size, _CONTROL_AT)
        return _CONTROL.unpack(control) if len(control) == _CONTROL.size else None  # type: ignore[return-value]

    def _replaced(self) -> bool:
        try:
            there = os.stat(self._path, follow_symlinks=False)
        except OSError:
            return False
        return self._region is None or (there.st_dev, there.st_ino) != self._region.identity

    def _maintain(self, now: int) -> None:
        if self._region is None or self._replaced():
            self._attach()
        self._next_check = now + (_CHECK_NS if self._region is not None else _RETRY_NS)

    def _attach(self) -> None:
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EACCES, errno.EPERM):
                self.rejection = FrameError("unsafe_owner", 0, os.geteuid())
            elif self._region is None:
                self.rejection = None
            return
        try:
            region = self._inspect(fd)
        except FrameError as error:
            os.close(fd)
            if self._region is None:
                self.rejection = error
            return
        self._detach()
        self._region = region
        self.rejection = None

    def _inspect(self, fd: int) -> _Region:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid not in self._trusted or facts.st_mode & 0o022:
            raise FrameError("unsafe_owner", facts.st_uid, os.geteuid())
        header = os.pread(fd, _HEADER_BYTES, 0)
        if len(header) < _HEADER_BYTES:
            raise FrameError("truncated", len(header), _HEADER_BYTES)
        magic, major, _, region_bytes, header_bytes, slots, stride, capacity = struct.unpack_from("<IHHQIIII", header)
        if magic != REGION_MAGIC:
            raise FrameError("bad_magic", magic, REGION_MAGIC)
        if major != _LAYOUT_MAJOR:
            raise FrameError("version_mismatch", major, _LAYOUT_MAJOR)
        if (region_bytes != facts.st_size or header_bytes < _HEADER_BYTES or header_bytes % 64 or not 2 <= slots <= 64
                or stride % 64 or stride < capacity + _SLOT_HEADER_BYTES or header_bytes + slots * stride > region_bytes):
            raise FrameError("bad_layout", region_bytes, facts.st_size)
        message = _text(header, _MESSAGE_AT, 64).rsplit("/", 1)[0]
        if self._message and message != self._message:
            raise FrameError("message_mismatch", 0, 0)
        epoch = struct.unpack_from("<Q", header, 64)[0]
        return _Region(fd, (facts.st_dev, facts.st_ino), header_bytes, slots, stride, capacity, epoch, NotifyWord(fd, _NOTIFY_AT))

    def _detach(self) -> None:
        if self._region is not None:
            self._region.notify.close()
            os.close(self._region.fd)
            self._region = None
            self._next_check = 0


def runtime_directory(path: str) -> Optional[str]:
    """The runtime directory that a region's header names, if the file is a region that this user or root made."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if os.fstat(fd).st_uid not in (0, os.geteuid()):
            return None
        header = os.pread(fd, _HEADER_BYTES, 0)
    finally:
        os.close(fd)
    if len(header) < _HEADER_BYTES or struct.unpack_from("<I", header)[0] != REGION_MAGIC:
        return None
    return _text(header, _RUNTIME_DIRECTORY_AT, 256) or None


def _text(header: bytes, at: int, size: int) -> str:
    return header[at:at + size].split(b"\0", 1)[0].decode("utf-8", "replace")
