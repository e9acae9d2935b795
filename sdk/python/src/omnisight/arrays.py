"""Frames as numpy structured arrays, for those who compute with them. Needs numpy."""

from typing import Any

import numpy as np

from .frames import parts

DETECTION = np.dtype([
    ("id", "<u4"), ("class_id", "<u4"), ("confidence", "<f4"), ("bbox", "<f4", 4), ("reserved", "<u4"),
    ("timestamp_ms", "<u8"), ("appearance", "i1", 64)])
TRACK = np.dtype([
    ("track_id", "<u4"), ("class_id", "<u4"), ("bbox", "<f4", 4), ("predicted_bbox", "<f4", 4), ("velocity", "<f4", 2),
    ("confidence", "<f4"), ("frame_count", "<u4"), ("miss_count", "<u4"), ("behaviors", "<u4"), ("threat_score", "<f4"),
    ("reserved", "<u4"), ("first_seen_ms", "<u8"), ("last_seen_ms", "<u8"), ("world", "<f4", 2), ("appearance", "i1", 64)])
_TYPES = {"omnisight.detections": DETECTION, "omnisight.tracks": TRACK}


def elements(message: str, payload: bytes) -> Any:
    """The elements of a checked frame as a read-only array over the payload's bytes.

    Values are as they were published: unlike the dictionaries, objects with values out of range are not dropped.
    """
    if message not in _TYPES:
        raise ValueError(f"{message}: arrays exist for {', '.join(_TYPES)}")
    head = parts(message, payload)
    return np.frombuffer(payload, dtype=_TYPES[message], count=head.num_elements, offset=head.elements_at)
