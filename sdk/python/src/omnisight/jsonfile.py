"""JSON files (protocol section 4): each is replaced whole, so a read meets the old document or the new one."""

import json
import logging
import os
import stat
import time
from typing import Any, Dict, FrozenSet, Optional, Tuple

from . import status

_MAX_BYTES = 4 * 1024 * 1024

_log = logging.getLogger("omnisight")


class JsonFileReader:
    """Reads a document when its file changed; keeps the last good one when a new one does not parse. Not thread-safe.

    :param events: the document changes when something happens and not regularly: only the writer's end makes it old.
    """

    def __init__(self, path: str, trusted_uids: FrozenSet[int], events: bool = False) -> None:
        self.path = path
        self._trusted = trusted_uids | {0, os.geteuid()}
        self._events = events
        self._seen: Optional[Tuple[int, int, int]] = None
        self._refused = False
        self._starved = False
        self.document: Optional[Dict[str, Any]] = None
        self.epoch = 0
        self.sequence = 0
        self.published_mono_ns = 0

    def read(self) -> str:
        try:
            there = os.stat(self.path, follow_symlinks=False)
        except OSError:
            return status.WRITER_STOPPED if self.document is not None else status.NOT_READY
        identity = (there.st_ino, there.st_mtime_ns, there.st_size)
        if identity == self._seen:
            return status.REJECTED if self._refused else self._judge(status.UNCHANGED)
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in status.SHORTAGES:  # nothing is known of the document: the next read looks again
                if not self._starved:
                    _log.warning("%s: can't be opened: %s; it is looked at again", self.path, error.strerror)
                self._starved = True
                return status.REJECTED
            return self._refuse(identity, error.strerror or "can't be opened")
        self._starved = False
        try:
            facts = os.fstat(fd)
            identity = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
            if not stat.S_ISREG(facts.st_mode) or facts.st_uid not in self._trusted or facts.st_mode & 0o022:
                return self._refuse(identity, f"not a file of a trusted user (uid {facts.st_uid}, mode {facts.st_mode & 0o777:o})")
            with open(fd, "rb", closefd=False) as file:
                text = file.read(_MAX_BYTES + 1)
        finally:
            os.close(fd)
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return self._refuse(identity, "not JSON")
        if not isinstance(document, dict) or len(text) > _MAX_BYTES:
            return self._refuse(identity, "not an object of at most 4 MiB")
        self._seen = identity
        self._refused = False
        self.document = document
        now = time.monotonic_ns()
        mono_ns = document.get("mono_ns")
        age_ns = max(0, time.time_ns() - facts.st_mtime_ns)
        self.published_mono_ns = min(now, mono_ns) if isinstance(mono_ns, int) and 0 <= mono_ns < 2**63 else now - age_ns
        self.epoch = document["epoch"] if isinstance(document.get("epoch"), int) else facts.st_ino
        self.sequence = document["sequence"] if isinstance(document.get("sequence"), int) else self.sequence + 1
        return self._judge(status.FRESH)

    def _refuse(self, identity: Tuple[int, int, int], reason: str) -> str:
        self._seen = identity
        self._refused = True
        _log.warning("%s: not taking it: %s; the last good value stays", self.path, reason)
        return status.REJECTED

    def _judge(self, otherwise: str) -> str:
        """A document of another boot, or of a process that is gone, is a leftover."""
        document = self.document or {}
        boot = document.get("boot_id")
        if isinstance(boot, str) and boot != _boot_id():
            return status.WRITER_STOPPED
        namespace = document.get("pid_ns")
        if isinstance(namespace, int) and namespace != _pid_namespace():
            return otherwise  # a container's: its numbers mean nothing here
        pid, ticks = document.get("pid"), document.get("start_ticks")
        if isinstance(pid, int) and isinstance(ticks, int):
            found = _start_ticks(pid)
            # a process that can't be seen may be in another namespace, or hidden: the document's age judges it, unless it has none
            if found != ticks and (found is not None or self._events or (isinstance(namespace, int) and _is_free(pid))):
                return status.WRITER_GONE
        return otherwise


_boot: Optional[str] = None


def _boot_id() -> str:
    global _boot
    if _boot is None:
        try:
            with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
                _boot = file.read().strip()
        except OSError:
            _boot = ""
    return _boot


def _pid_namespace() -> int:
    try:
        return int(os.readlink("/proc/self/ns/pid").split("[")[1].rstrip("]"))
    except (OSError, IndexError, ValueError):
        return 0


def _is_free(pid: int) -> bool:
    """Certainly: nobody has the number, not even a process that can't be seen."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        pass
    return False


def _start_ticks(pid: int) -> Optional[int]:
    """Field 22 of /proc/PID/stat; None when the process can't be seen."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rsplit(b")", 1)[1].split()[19])
    except (OSError, IndexError, ValueError):
        return None
