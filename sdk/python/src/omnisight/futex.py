"""Sleeping on a word of shared memory (futex), where ctypes and the processor are known; else the caller polls."""

import ctypes
import errno
import platform
from typing import Optional

# a 32-bit process on these has other numbers
_SYSCALL = {"x86_64": 202, "aarch64": 98}.get(platform.machine()) if ctypes.sizeof(ctypes.c_void_p) == 8 else None
_FUTEX_WAIT = 0  # shared between processes: not the private form
_PROT_READ, _MAP_SHARED = 1, 1
_MAP_FAILED = ctypes.c_void_p(-1).value


class _TimeSpec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


def _load() -> Optional[ctypes.CDLL]:
    if _SYSCALL is None:
        return None
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        libc.syscall.restype = ctypes.c_long
        libc.syscall.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p,
                                 ctypes.c_void_p, ctypes.c_uint32]
        return libc
    except (OSError, AttributeError):
        return None


_libc = _load()


class NotifyWord:
    """The futex word of a region. Its memory is never read by this process, only named to the kernel: a truncated file is an errno."""

    def __init__(self, fd: int, offset: int) -> None:
        self._offset = offset
        self._address: Optional[int] = None
        if _libc is not None:
            address = _libc.mmap(None, 4096, _PROT_READ, _MAP_SHARED, fd, 0)
            self._address = None if address == _MAP_FAILED else address

    @property
    def available(self) -> bool:
        return self._address is not None

    def wait(self, expected: int, timeout: float) -> bool:
        """Sleeps while the word is ``expected``, at most ``timeout`` seconds. False when the file shrank.

        Where the kernel or a sandbox refuses the call, the word is no longer :attr:`available`.
        """
        if self._address is None:
            return False
        assert _libc is not None and _SYSCALL is not None
        limit = _TimeSpec(int(timeout), int(timeout % 1 * 1e9))
        result = _libc.syscall(_SYSCALL, self._address + self._offset, _FUTEX_WAIT, expected, ctypes.addressof(limit), None, 0)
        error = 0 if result == 0 else ctypes.get_errno()
        if error in (0, errno.EAGAIN, errno.EINTR, errno.ETIMEDOUT):
            return True
        self.close()
        return error != errno.EFAULT

    def close(self) -> None:
        if self._address is not None:
            assert _libc is not None
            _libc.munmap(self._address, 4096)
            self._address = None
