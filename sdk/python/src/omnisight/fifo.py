"""Commands over FIFOs (protocol section 3), with an inbox of one's own for the acknowledgements."""

import errno
import fcntl
import json
import logging
import os
import secrets
import select
import stat
import time
import weakref
from typing import Any, Dict, FrozenSet, NamedTuple, Optional, Tuple

_MAX_COMMAND_BYTES = 4096  # PIPE_BUF: longer lines of two writers could mix
_RESEND_AFTER = 1.0
_RETRY_PAUSE = 0.02
_WITHOUT_EPOCH = ("PING", "HELLO")

_log = logging.getLogger("omnisight")


class _Answer(NamedTuple):
    acknowledgement: Dict[str, Any]
    times_sent: int


class CommandFifo:
    """Sends commands and waits for their acknowledgements. Not thread-safe.

    Commands with effects name the core's epoch (asked for with HELLO, once per core), so that a repetition never reaches the successor of
    the core that was meant.

    :param trusts_owner: the directory is the node's own, so who owns it may own the FIFO as well (unless everybody may write there).
    """

    def __init__(self, directory: str, instance: str, trusted_uids: FrozenSet[int], trusts_owner: bool) -> None:
        self.directory = directory
        self._commands = os.path.join(directory, f"{instance}_cmd")
        # where the core serves a group, it answers the inboxes in a directory of that group and no others
        self._group_directory = os.path.join(directory, f"{instance}_cmd_ack.d")
        self._instance = instance
        self._trusted = trusted_uids | {0, os.geteuid()}
        self._trusts_owner = trusts_owner
        self._address = f"{os.getpid()}-{_own_ticks()}-{secrets.token_hex(4)}"
        self._inbox = ""
        self._fd = -1
        self._give_back: Optional[weakref.finalize] = None  # type: ignore[type-arg]
        self._rest = b""
        self._epoch: Optional[int] = None

    def send(self, command_type: str, data: Optional[Dict[str, Any]], timeout: float, token: Optional[str]) -> Dict[str, Any]:
        """The acknowledgement; without one, an error with code ``no_core``, ``ack_timeout``, ``too_large`` or ``unsafe``."""
        deadline = time.monotonic() + timeout
        while True:
            names_epoch = command_type not in _WITHOUT_EPOCH
            if names_epoch and self._epoch is None:
                hello = self._exchange("HELLO", {}, None, None, deadline, timeout).acknowledgement
                detail = hello.get("data")
                epoch = detail.get("epoch") if isinstance(detail, dict) else None
                if hello.get("status") != "success" or not isinstance(epoch, int):
                    return hello
                self._epoch = epoch
            answer = self._exchange(command_type, data or {}, token, self._epoch if names_epoch else None, deadline, timeout)
            if answer.acknowledgement.get("code") != "wrong_epoch":
                return answer.acknowledgement
            self._epoch = None
            # after a repetition the earlier core may have done it: only the caller knows whether once more is right
            if answer.times_sent != 1 or time.monotonic() >= deadline:
                return answer.acknowledgement

    def close(self) -> None:
        if self._give_back is not None:
            self._give_back()
            self._give_back = None
        self._fd = -1

    def _exchange(self, command_type: str, data: Dict[str, Any], token: Optional[str], epoch: Optional[int], deadline: float,
                  timeout: float) -> _Answer:
        request_id = secrets.token_hex(16)
        command: Dict[str, Any] = {
            "type": command_type, "timestamp": time.time_ns() // 1_000_000, "request_id": request_id,
            "data": data, "reply_to": self._address,
        }
        if token is not None:
            command["token"] = token
        if epoch is not None:
            command["epoch"] = epoch
        line = _line(command)
        if len(line) > _MAX_COMMAND_BYTES:
            return _error(request_id, 0, "too_large", f"a command has at most {_MAX_COMMAND_BYTES} bytes with its line break, this one {len(line)}")
        sent = 0
        written_at = 0.0
        reason = ""
        while True:
            now = time.monotonic()
            if sent == 0 or now - written_at >= _RESEND_AFTER:
                code, reason = self._write(line)
                if code is None:
                    _log.debug("%s: sent %s %s", self._commands, command_type, request_id)
                    sent += 1
                    written_at = now
                elif code:
                    return _error(request_id, sent, code, reason)
            left = deadline - time.monotonic()
            if left <= 0:
                if sent:
                    return _error(request_id, sent, "ack_timeout", f"no acknowledgement of {command_type} within {timeout:g} s; it may have been carried out")
                return _error(request_id, 0, "no_core", reason)
            acknowledgement = self._take(request_id, min(left, _RESEND_AFTER if sent else _RETRY_PAUSE))
            if acknowledgement is not None:
                return _Answer(acknowledgement, sent)

    def _open_inbox(self) -> None:
        grouped = os.path.isdir(self._group_directory) and not os.path.islink(self._group_directory)
        inbox = os.path.join(self._group_directory if grouped else self.directory, f"{self._instance}_cmd_ack.{self._address}")
        if self._fd >= 0:
            try:
                if inbox == self._inbox and os.stat(inbox, follow_symlinks=False).st_ino == os.fstat(self._fd).st_ino:
                    return
            except OSError:
                pass
            self.close()
        os.mkfifo(inbox, 0o600)
        if grouped:  # the directory is set-gid on most systems; where it is not, the group is given by hand
            os.chown(inbox, -1, os.stat(self._group_directory).st_gid)
        os.chmod(inbox, 0o620 if grouped else 0o600)
        # Read and write: without a writer of its own, it would see the end of file after each acknowledgement.
        self._fd = os.open(inbox, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._give_back = weakref.finalize(self, _remove_inbox, self._fd, inbox, os.getpid())
        self._inbox = inbox
        self._rest = b""
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _write(self, line: bytes) -> Tuple[Optional[str], str]:
        """None when the line was written; "" when it may be tried again; else a code."""
        try:
            self._open_inbox()
        except OSError as error:
            return "" if error.errno == errno.ENOENT else "no_core", f"{self.directory}: {error.strerror}; is the node running, and is this its runtime directory?"
        try:
            fd = os.open(self._commands, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ENOENT):
                return "", f"nobody reads {self._commands}: is the node running?"
            return "unsafe" if error.errno == errno.ELOOP else "no_core", f"{self._commands}: {error.strerror}"
        try:
            facts = os.fstat(fd)
            if not stat.S_ISFIFO(facts.st_mode) or not self._trusts(facts.st_uid) or facts.st_mode & 0o002:
                return "unsafe", f"{self._commands}: refusing: not a FIFO of a trusted user (uid {facts.st_uid}, mode {facts.st_mode & 0o777:o})"
            os.write(fd, line)  # at most PIPE_BUF: whole or not at all
        except BlockingIOError:
            return "", f"{self._commands} is full: the core does not read"
        except BrokenPipeError:
            return "", f"nobody reads {self._commands} any more: is the node running?"
        finally:
            os.close(fd)
        return None, ""

    def _trusts(self, uid: int) -> bool:
        if uid in self._trusted:
            return True
        directory = os.stat(self.directory)
        return self._trusts_owner and uid == directory.st_uid and not directory.st_mode & 0o002

    def _take(self, request_id: str, timeout: float) -> Optional[Dict[str, Any]]:
        if self._fd < 0:
            time.sleep(timeout)
            return None
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
            except (ValueError, RecursionError):
                continue
            if isinstance(acknowledgement, dict) and acknowledgement.get("request_id") == request_id:
                found = acknowledgement
        return found


def _line(command: Dict[str, Any]) -> bytes:
    try:
        return json.dumps(command, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode("utf-8") + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair: the core says what is wrong with it
        return json.dumps(command, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _remove_inbox(fd: int, path: str, pid: int) -> None:
    os.close(fd)
    if os.getpid() == pid:  # else this is a fork, and the inbox its parent's
        try:
            os.unlink(path)
        except OSError:
            pass


def _error(request_id: str, sent: int, code: str, message: str) -> _Answer:
    return _Answer({"request_id": request_id, "status": "error", "timestamp": time.time_ns() // 1_000_000, "message": message, "code": code}, sent)


def _own_ticks() -> int:
    with open("/proc/self/stat", "rb") as file:
        return int(file.read().rsplit(b")", 1)[1].split()[19])
