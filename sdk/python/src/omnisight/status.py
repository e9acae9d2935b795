"""What a read met. Only ``FRESH`` brought a new value; with all others the last good one stays."""

import errno

FRESH = "fresh"
UNCHANGED = "unchanged"
IDLE = "idle"
STALE = "stale"
NOT_READY = "not_ready"
WRITER_STOPPED = "writer_stopped"
WRITER_GONE = "writer_gone"
REJECTED = "rejected"
CONTENDED = "contended"
CLOSED = "closed"

# What a process has too little of says nothing about the file that it could not open.
SHORTAGES = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM))
