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
EVENT = np.dtype([
    ("type", "<u4"), ("severity", "<u4"), ("timestamp_ms", "<u8"), ("probability", "<f4"), ("location", "<f4", 2),
    ("involved_count", "<u4"), ("involved", "<u4", 4), ("description", "S48")])
INTERVENTION = np.dtype([
    ("timestamp_ms", "<u8"), ("type", "<u4"), ("effectiveness", "<f4"), ("cost", "<f4"), ("event_index", "<u4"), ("recommendation", "S176")])
TIMELINE = np.dtype([
    ("timeline_id", "<u4"), ("overall_probability", "<f4"), ("prediction_start_ms", "<u8"), ("prediction_end_ms", "<u8"),
    ("num_events", "<u4"), ("num_interventions", "<u4"), ("worst_case_severity", "<u4"), ("total_threat_score", "<f4"),
    ("events", EVENT, 20), ("interventions", INTERVENTION, 10)])
_TYPES = {"omnisight.detections": DETECTION, "omnisight.tracks": TRACK, "omnisight.timelines": TIMELINE}


def elements(message: str, payload: bytes) -> Any:
    """The elements of a checked frame as a read-only array over the payload's bytes.

    Values are as they were published: unlike the dictionaries, objects with values out of range are not dropped.
    """
    if message not in _TYPES:
        raise ValueError(f"{message}: arrays exist for {', '.join(_TYPES)}")
    head = parts(message, payload)
    return np.frombuffer(payload, dtype=_TYPES[message], count=head.num_elements, offset=head.elements_at)
