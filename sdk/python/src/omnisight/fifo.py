"""Commands over FIFOs (protocol section 3), with an inbox of one's own for the acknowledgements."""

import errno
import fcntl
import json
import os
import secrets
import select
import stat
import time
from typing import Any, Dict, FrozenSet, Optional, Tuple

_MAX_COMMAND_BYTES = 4096  # PIPE_BUF: longer lines of two writers could mix
_RESEND_AFTER = 1.0
_RETRY_PAUSE = 0.02


class CommandFifo:
    """Sends commands and waits for their acknowledgements. Not thread-safe."""

    def __init__(self, directory: str, instance: str, trusted_uids: FrozenSet[int]) -> None:
        self._commands = os.path.join(directory, f"{instance}_cmd")
        self._trusted = trusted_uids | {0, os.geteuid()}
        self._address = f"{os.getpid()}-{_own_ticks()}-{secrets.token_hex(4)}"
        self._inbox = os.path.join(directory, f"{instance}_cmd_ack.{self._address}")
        self._fd = -1
        self._rest = b""

    def send(self, command_type: str, data: Optional[Dict[str, Any]], timeout: float, token: Optional[str]) -> Dict[str, Any]:
        """The acknowledgement; without one, an error with code ``no_core``, ``ack_timeout``, ``too_large`` or ``unsafe``."""
        request_id = secrets.token_hex(16)
        command: Dict[str, Any] = {
            "type": command_type, "timestamp": time.time_ns() // 1_000_000, "request_id": request_id,
            "data": data or {}, "reply_to": self._address,
        }
        if token is not None:
            command["token"] = token
        line = json.dumps(command, separators=(",", ":"), allow_nan=False).encode("utf-8") + b"\n"
        if len(line) > _MAX_COMMAND_BYTES:
            return _error(request_id, "too_large", f"a command has at most {_MAX_COMMAND_BYTES} bytes with its line break, this one {len(line)}")
        deadline = time.monotonic() + timeout
        try:
            self._open_inbox()
        except OSError as error:
            return _error(request_id, "no_core", f"{self._inbox}: {error.strerror}; is the node running, and is this its runtime directory?")
        written_at: Optional[float] = None
        while True:
            now = time.monotonic()
            if written_at is None or now - written_at >= _RESEND_AFTER:
                failure = self._write(line)
                if failure is None:
                    written_at = now
                elif failure[0] != "retry":
                    return _error(request_id, *failure)
            left = deadline - time.monotonic()
            if left <= 0:
                return _error(request_id, *(
                    ("no_core", f"nobody reads {self._commands}: is the node running?") if written_at is None
                    else ("ack_timeout", f"no acknowledgement of {command_type} within {timeout:g} s")))
            acknowledgement = self._take(request_id, min(left, _RETRY_PAUSE if written_at is None else _RESEND_AFTER))
            if acknowledgement is not None:
                return acknowledgement

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            try:
                os.unlink(self._inbox)
            except OSError:
                pass

    def _open_inbox(self) -> None:
        if self._fd >= 0:
            try:
                if os.stat(self._inbox, follow_symlinks=False).st_ino == os.fstat(self._fd).st_ino:
                    return
            except OSError:
                pass
            os.close(self._fd)
            self._fd = -1
        os.mkfifo(self._inbox, 0o600)
        os.chmod(self._inbox, 0o600)
        # Read and write: without a writer of its own, it would see the end of file after each acknowledgement.
        self._fd = os.open(self._inbox, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._rest = b""

    def _write(self, line: bytes) -> Optional[Tuple[str, str]]:
        try:
            fd = os.open(self._commands, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ENOENT):
                return "retry", ""
            return "unsafe" if error.errno == errno.ELOOP else "no_core", f"{self._commands}: {error.strerror}"
        try:
            facts = os.fstat(fd)
            if not stat.S_ISFIFO(facts.st_mode) or facts.st_uid not in self._trusted or facts.st_mode & 0o002:
                return "unsafe", f"{self._commands}: refusing: not a FIFO of a trusted user (uid {facts.st_uid}, mode {facts.st_mode & 0o777:o})"
            os.write(fd, line)  # at most PIPE_BUF: whole or not at all
        except (BlockingIOError, BrokenPipeError):
            return "retry", ""
        finally:
            os.close(fd)
        return None

    def _take(self, request_id: str, timeout: float) -> Optional[Dict[str, Any]]:
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        if not poller.poll(max(1, timeout * 1000)):
            return None
        try:
            self._rest += os.read(self._fd, 65536)
        except BlockingIOError:
            return None
        *lines, self._rest = self._rest.split(b"\n")
        found = None
        for line in lines:
            try:
                acknowledgement = json.loads(line)
            except ValueError:
                continue
            if isinstance(acknowledgement, dict) and acknowledgement.get("request_id") == request_id:
                found = acknowledgement
        return found


def _error(request_id: str, code: str, message: str) -> Dict[str, Any]:
    return {"request_id": request_id, "status": "error", "timestamp": time.time_ns() // 1_000_000, "message": message, "code": code}


def _own_ticks() -> int:
    with open("/proc/self/stat", "rb") as file:
        return int(file.read().rsplit(b")", 1)[1].split()[19])
