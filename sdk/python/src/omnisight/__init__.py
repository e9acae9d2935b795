"""Read what an Omnisight node perceives, and command it. See :class:`OmnisightIPCClient`."""

import logging

from .client import Acknowledgement, OmnisightIPCClient
from .frames import FrameError, decode

__all__ = ["Acknowledgement", "FrameError", "OmnisightIPCClient", "decode"]
__version__ = "0.1.0"

# logging.basicConfig(level=logging.DEBUG) shows what is attached, rejected and sent
logging.getLogger("omnisight").addHandler(logging.NullHandler())
