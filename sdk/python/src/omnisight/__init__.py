"""Read what an Omnisight node perceives, and command it. See :class:`OmnisightIPCClient`."""

from .client import Acknowledgement, OmnisightIPCClient
from .frames import FrameError, decode

__all__ = ["Acknowledgement", "FrameError", "OmnisightIPCClient", "decode"]
__version__ = "0.1.0"
