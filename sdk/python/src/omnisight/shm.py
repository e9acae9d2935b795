"""Shared memory regions (protocol section 2), read with pread: a region that is damaged or cut costs a rejected read, never the process."""

import contextlib
import errno
import logging
import os
import stat
import struct
import time
import weakref
from typing import Callable, Dict, FrozenSet, Optional, Tuple

from . import status
from .frames import FrameError
from .futex import NotifyWord

REGION_MAGIC = 0x4F4D4E52
_HEADER_BYTES = 4096
_LAYOUT_MAJOR = 1
_PERIOD_MS_AT = 96
_CONTROL_AT, _CONTROL = 128, struct.Struct("<Q56xII56xq")  # latest at 128, notify and state at 192, heartbeat at 256
_NOTIFY_AT = 192
_MESSAGE_AT, _RUNTIME_DIRECTORY_AT = 288, 512
_SLOT = struct.Struct("<QIIq")
_SLOT_HEADER_BYTES = 64
_MAX_HEADER_BYTES, _MAX_CAPACITY = 1 << 20, 1 << 28
_STATE_CLOSED = 2
_MAX_ATTEMPTS = 32
_CONTENDED_LIMIT_NS = 200_000_000  # a slot that does not become readable in this time never will
_CONTENDED_PAUSE = 0.001
_REJECTS_BEFORE_REOPEN = 10
_LOW_LIMIT_NS, _LOW_STEPS = 1_000_000_000, 3  # an index below the last number that is so old and has grown so often is the writer's
_GONE_NS = 2_000_000_000
_AHEAD_NS = 1_000_000_000  # a time further ahead than this proves nothing
_ENDLESS_NS = 1 << 63
_SLEEP = 0.1  # a wake that got lost costs at most this
_CHECK_NS = 500_000_000
_RETRY_NS = 100_000_000
_LOG_NS = 60_000_000_000
_POLL_MIN, _POLL_MAX = 0.0005, 0.02

_log = logging.getLogger("omnisight")


class _Region:
    """An open region with its checked layout. Its descriptor and mapping are given back with it, also when nobody closes it."""

    def __init__(self, fd: int, facts: os.stat_result, header: bytes) -> None:
        self.fd = fd
        self.identity = (facts.st_dev, facts.st_ino)
        self.header_bytes, self.slots, self.stride, self.capacity = struct.unpack_from("<IIII", header, 16)
        self.epoch: int = struct.unpack_from("<Q", header, 64)[0]
        self.message = _text(header, _MESSAGE_AT, 64).rsplit("/", 1)[0]
        self.period: float = struct.unpack_from("<I", header, _PERIOD_MS_AT)[0] / 1000
        self.fixed = _fixed_part(header)
        self.notify = NotifyWord(fd, _NOTIFY_AT)
        self.close = weakref.finalize(self, _release, fd, self.notify)

    def slot_at(self, number: int) -> int:
        return self.header_bytes + (number - 1) % self.slots * self.stride


def _release(fd: int, notify: NotifyWord) -> None:
    notify.close()
    with contextlib.suppress(OSError):  # closed by somebody else
        os.close(fd)


class ShmReader:
    """Reads the newest frame of a region; attaches, and attaches again after a restart of the writer. Not thread-safe.

    :param message: the message that the region must carry; "" = any.
    """

    def __init__(self, path: str, message: str, trusted_uids: FrozenSet[int]) -> None:
        self._path = path
        self._message = message
        self._trusted = trusted_uids | {0, os.geteuid()}
        self._region: Optional[_Region] = None
        self._next_check = 0
        self._seen = (0, 0)
        self._unreadable = (0, 0)
        self._contended = (0, 0, 0)
        self._low = (0, 0, 0)
        self._rejects_in_row = 0
        self._logged: Dict[str, int] = {}
        self._message_found = ""
        self.epoch = 0
        self.sequence = 0
        self.published_mono_ns = 0
        self.missed = 0
        self.rejection: Optional[FrameError] = None
        self._frame_rejection: Optional[FrameError] = None
        self.period: Optional[float] = None
        """Seconds between frames as the writer says, 0 = events; None before the first region."""

    @property
    def message(self) -> str:
        """The message of the region, without its version."""
        return self._message_found

    def read(self, decode: Callable[[bytes], None]) -> str:
        """Hands the newest payload to ``decode`` if this reader has not had it. Returns one of :mod:`omnisight.status`."""
        try:
            return self._look(decode)
        except OSError:  # the file system gives up on it, or somebody closed its descriptor
            return self._truncated()

    def _look(self, decode: Callable[[bytes], None]) -> str:
        now = time.monotonic_ns()
        if now >= self._next_check:
            self._maintain(now)
        if self._region is None:
            return status.REJECTED if self.rejection else (status.WRITER_GONE if self.sequence else status.NOT_READY)
        result = self._read(self._region, decode)
        if result in (status.WRITER_STOPPED, status.WRITER_GONE) and self._replaced():
            self._maintain(now)
            if self._region is not None:
                result = self._read(self._region, decode)
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
        # the word to sleep on is of the look before: a call reads its bytes in no promised order, and notify must be read before latest
        before, control = self._control(region), self._control(region)
        if before is None or control is None:
            time.sleep(min(timeout, _CONTENDED_PAUSE))
            return
        if self._is_new(region, control[0]):
            if self._contended[:2] == (region.epoch, control[0]):  # not to be had: a writer in the act, or one that died in it
                time.sleep(min(timeout, _CONTENDED_PAUSE))
            return
        if not region.notify.wait(before[1], min(timeout, _SLEEP)):
            self._detach()
            time.sleep(min(timeout, 0.1))

    def close(self) -> None:
        self._detach()

    def _is_new(self, region: _Region, latest: int) -> bool:
        """Within an epoch numbers only grow: an older one is a damaged index, not news. Nor is one that the index named although no slot held it."""
        return latest != 0 and (self._seen[0] != region.epoch or latest > self._seen[1]) and self._unreadable != (region.epoch, latest)

    def _goes_on_below(self, region: _Region, latest: int, now: int) -> bool:
        """Was the last number not the writer's? Then an index below it grows, for longer than a damaged one stays, and names frames of this time."""
        if latest == 0 or self._seen[0] != region.epoch or latest >= self._seen[1]:
            self._low = (0, 0, 0)
            return False
        newest, since, steps = self._low
        if not steps or latest < newest:
            self._low = (latest, now, 1)
        elif latest > newest:
            self._low = (latest, since, steps + 1)
        if self._low[2] < _LOW_STEPS or now - self._low[1] <= _LOW_LIMIT_NS:
            return False
        head = os.pread(region.fd, _SLOT.size, region.slot_at(latest))
        if len(head) < _SLOT.size or _SLOT.unpack(head)[0] != 2 * latest or _age_ns(_SLOT.unpack(head)[3], now) > now - self._low[1]:
            return False
        self._refuse(FrameError("latest", self._seen[1], latest))
        self._seen = (region.epoch, latest - 1)
        self._low = (0, 0, 0)
        return True

    def _poll(self, region: _Region, timeout: float) -> None:
        deadline = time.monotonic() + min(timeout, _SLEEP)
        pause = _POLL_MIN
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(pause, left))
            pause = min(pause * 2, _POLL_MAX)
            control = self._control(region)
            if control is None or self._is_new(region, control[0]) or control[2] == _STATE_CLOSED:
                return

    def _read(self, region: _Region, decode: Callable[[bytes], None]) -> str:
        # the clock is asked after what is compared with it was read: a read may be held up in between, and what is of now would lie ahead
        fd = region.fd
        latest, now = 0, 0
        for _ in range(_MAX_ATTEMPTS):
            control = self._control(region)
            if control is None:
                return self._truncated()
            latest, _, state, heartbeat = control
            now = time.monotonic_ns()
            if not (self._is_new(region, latest) or self._is_unreadable(region, latest) or self._goes_on_below(region, latest, now)):
                if self._unreadable[1]:  # the writer has put its index right
                    self._unreadable, self.rejection = (0, 0), self._frame_rejection
                return self._judge(region, latest, state, heartbeat, now)
            at = region.slot_at(latest)
            head = os.pread(fd, _SLOT.size, at)
            if len(head) < _SLOT.size:
                return self._truncated()
            sequence, size, _, published = _SLOT.unpack(head)
            if sequence != (2 * latest) & 0xFFFFFFFFFFFFFFFF or sequence == published == 0:  # all zeros are no frame, for a frame has a time
                continue
            if size > region.capacity:
                return self._reject(region, latest, FrameError("bad_layout", size, region.capacity))
            payload = os.pread(fd, size, at + _SLOT_HEADER_BYTES)
            again = os.pread(fd, 8, at)
            if len(payload) < size or len(again) < 8:
                return self._truncated()
            if again != head[:8]:
                continue
            try:
                decode(payload)
            except FrameError as error:
                return self._reject(region, latest, error)
            self.missed = max(0, latest - self.sequence - 1) if self.epoch == region.epoch else (latest - 1 if self.sequence else 0)
            self.epoch, self.sequence = region.epoch, latest
            now = time.monotonic_ns()
            self.published_mono_ns = min(published, now) if _age_ns(published, now) < _ENDLESS_NS else 0
            self._seen, self._unreadable, self._contended, self._low = (region.epoch, latest), (0, 0), (0, 0, 0), (0, 0, 0)
            self._rejects_in_row = 0
            self.rejection = self._frame_rejection = None
            return status.FRESH
        return self._contend(region, latest, now)

    def _is_unreadable(self, region: _Region, latest: int) -> bool:
        return latest != 0 and self._unreadable == (region.epoch, latest)

    def _contend(self, region: _Region, latest: int, now: int) -> str:
        """After too many attempts: contended, or, when it stays that way, an index that names a slot which never becomes readable."""
        if self._is_unreadable(region, latest):  # counted when it was found out
            control = self._control(region)
            return self._truncated() if control is None else self._judge(region, latest, control[2], control[3], time.monotonic_ns())
        if self._contended[:2] != (region.epoch, latest):
            self._contended = (region.epoch, latest, now)
        elif now - self._contended[2] > _CONTENDED_LIMIT_NS:
            self._unreadable = (region.epoch, latest)
            self._frame_rejection = self._frame_rejection if region.epoch == self._seen[0] else None
            return self._rejected(FrameError("latest", latest, self._seen[1]))
        return status.CONTENDED

    def _judge(self, region: _Region, latest: int, state: int, heartbeat: int, now: int) -> str:
        if state == _STATE_CLOSED:
            return status.WRITER_STOPPED
        frame_age = _age_ns(self.published_mono_ns, now) if self.epoch == region.epoch else _ENDLESS_NS  # as good a sign of life as a beat
        if min(_age_ns(heartbeat, now), frame_age) > _GONE_NS:
            return status.WRITER_GONE
        if self.rejection is not None:
            return status.REJECTED
        return status.UNCHANGED if latest or self.sequence else status.NOT_READY

    def _reject(self, region: _Region, latest: int, error: FrameError) -> str:
        self._seen, self._unreadable, self._frame_rejection = (region.epoch, latest), (0, 0), error
        return self._rejected(error)

    def _rejected(self, error: FrameError) -> str:
        self._refuse(error)
        self._rejects_in_row += 1
        if self._rejects_in_row >= _REJECTS_BEFORE_REOPEN:
            if self._is_due("reopening"):
                _log.error("%s: %d frames in a row were rejected (%s); opening it again", self._path, self._rejects_in_row, error)
            self._rejects_in_row = 0
            self._detach()
        return status.REJECTED

    def _refuse(self, error: FrameError) -> None:
        """Keeps why, and logs it once per reason per minute."""
        self.rejection = error
        self._tell(error)

    def _tell(self, error: FrameError) -> None:
        if self._is_due(error.reason):
            _log.warning("%s: not taking a frame (%s); the last good value stays", self._path, error)

    def _is_due(self, what: str) -> bool:
        now = time.monotonic_ns()
        if now - self._logged.get(what, -_LOG_NS) < _LOG_NS:
            return False
        self._logged[what] = now
        return True

    def _truncated(self) -> str:
        self._detach()
        self._refuse(FrameError("truncated", 0, _HEADER_BYTES))
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
        if self._region is not None:
            try:
                _, header = _inspect(self._region.fd, self._trusted)
                if _fixed_part(header) != self._region.fixed:  # another region in the same file: attached like any other
                    raise FrameError("bad_layout", 0, 0)
            except FrameError as error:
                self._detach()
                self._refuse(error)
        if self._region is None or self._replaced():
            self._attach()
        self._next_check = now + (_CHECK_NS if self._region is not None else _RETRY_NS)

    def _attach(self) -> None:
        try:
            region = open_region(self._path, self._trusted)
            if self._message and region.message != self._message:
                region.close()
                raise FrameError("message_mismatch", 0, 0)
        except FrameError as error:
            if self._region is None:
                self._refuse(error)
            else:  # what lies in the place of the region that is attached
                self._tell(error)
            return
        except OSError:
            if self._region is None:
                self.rejection = None
            return
        self._detach()
        self._region = region
        self._message_found = region.message
        self.period = region.period
        self.rejection = self._frame_rejection if region.epoch == self._seen[0] else None  # the newest frame of the same writer is the one it was
        _log.info("%s: attached (%s, epoch %d)", self._path, region.message, region.epoch)

    def _detach(self) -> None:
        if self._region is not None:
            self._region.close()
            self._region = None
            self._next_check = 0


def open_region(path: str, trusted: FrozenSet[int]) -> _Region:
    """Opens what lies at the path and checks whose it is and how it is laid out.

    :raises FrameError: it must not, or can't, be read.
    :raises OSError: there is nothing, or it can't be opened.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EACCES, errno.EPERM):
            raise FrameError("unsafe_owner", 0, os.geteuid()) from None
        if error.errno in status.SHORTAGES:
            raise FrameError("unreadable", error.errno, 0) from None
        raise
    try:
        return _Region(fd, *_inspect(fd, trusted))
    except BaseException:
        os.close(fd)
        raise


def _inspect(fd: int, trusted: FrozenSet[int]) -> Tuple[os.stat_result, bytes]:
    """Whose the open file is, and its header, checked."""
    facts = os.fstat(fd)
    if not stat.S_ISREG(facts.st_mode) or facts.st_uid not in trusted or facts.st_mode & 0o022:
        raise FrameError("unsafe_owner", facts.st_uid, os.geteuid())
    header = os.pread(fd, _HEADER_BYTES, 0)
    _check(header, facts.st_size)
    return facts, header


def _check(header: bytes, file_bytes: int) -> None:
    if len(header) < _HEADER_BYTES:
        raise FrameError("truncated", len(header), _HEADER_BYTES)
    magic, major, _, region_bytes, header_bytes, slots, stride, capacity = struct.unpack_from("<IHHQIIII", header)
    if magic != REGION_MAGIC:
        raise FrameError("bad_magic", magic, REGION_MAGIC)
    if major != _LAYOUT_MAJOR:
        raise FrameError("version_mismatch", major, _LAYOUT_MAJOR)
    if (region_bytes != file_bytes or not _HEADER_BYTES <= header_bytes <= _MAX_HEADER_BYTES or header_bytes % 64 or not 2 <= slots <= 64
            or capacity > _MAX_CAPACITY or stride % 64 or stride < capacity + _SLOT_HEADER_BYTES or header_bytes + slots * stride > region_bytes):
        raise FrameError("bad_layout", region_bytes, file_bytes)


def _fixed_part(header: bytes) -> bytes:
    """What never changes while a region lives."""
    return header[:_CONTROL_AT] + header[_MESSAGE_AT:]


def _age_ns(mono_ns: int, now: int) -> int:
    """How long ago something was; endless when it lies in the future."""
    return now - mono_ns if 0 <= mono_ns <= now + _AHEAD_NS else _ENDLESS_NS


def runtime_directory(path: str, trusted: FrozenSet[int]) -> Optional[str]:
    """The runtime directory that a region's header names, if the file is a region of a user that is trusted."""
    try:
        region = open_region(path, trusted)
    except (OSError, FrameError):
        return None
    try:
        told = _text(os.pread(region.fd, _HEADER_BYTES, 0), _RUNTIME_DIRECTORY_AT, 256)
    finally:
        region.close()
    return told if told.startswith("/") else None


def _text(header: bytes, at: int, size: int) -> str:
    return header[at:at + size].split(b"\0", 1)[0].decode("utf-8", "replace")
