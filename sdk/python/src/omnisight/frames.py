"""The frames of the protocol (section 1): bytes to dictionaries, which are the ``data`` of the REST API without ``stale``.

Nothing in a payload makes :func:`decode` do anything but return a frame or raise :class:`FrameError`.
"""

import base64
import math
import struct
import zlib
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from .names import (BEHAVIORS, EVENT_TYPE, INTERVENTION_TYPE, OBJECT_CLASS, PIXEL_FORMAT, SEVERITY, name_of,
                    names_of_flags)
from .shortest import shortest

MAGIC = 0x4F4D4E49
NEWEST_VERSION = 2
_NO_EVENT = 0xFFFFFFFF
_NO_APPEARANCE = bytes(64)
_MAX_EVENTS, _MAX_INTERVENTIONS, _MAX_INVOLVED = 20, 10, 4
_MAX_SHOWN_IMAGE = 64 * 1024

_DETECTION = struct.Struct("<IIf4fIQ64s")
_TRACK = struct.Struct("<II4f4f2ffIIIfIQQ2f64s")
_TIMELINE = struct.Struct("<IfQQIIIf")
_EVENT = struct.Struct("<IIQf2fI4I48s")
_INTERVENTION = struct.Struct("<QIffI176s")
_TIMELINE_BYTES = 3960
_EVENTS_AT, _INTERVENTIONS_AT = 40, 1960
_VIDEO = struct.Struct("<IIQQIIIIIIII")
_VIDEO_BYTES = 64


class FrameError(ValueError):
    """A payload that is not acceptable. ``reason`` is bad_magic, version_mismatch, truncated, count, crc, value, bad_layout, message_mismatch, unsafe_owner or unreadable."""

    def __init__(self, reason: str, found: int, expected: int) -> None:
        super().__init__(f"{reason}: found {found}, expected {expected}")
        self.reason = reason
        self.found = found
        self.expected = expected


class Frame(NamedTuple):
    """A decoded frame: its JSON members, its version, and how many elements were dropped because of their values."""

    data: Dict[str, Any]
    version: int
    dropped: int


class _Layout(NamedTuple):
    count_at: int
    element_bytes: int
    capacity: int  # of version 1

    def header_bytes(self, version: int) -> int:
        return self.count_at + (8 if version == 1 else 16)


class Parts(NamedTuple):
    """What stands before a frame's elements, and where these are."""

    version: int
    num_elements: int
    elements_at: int
    frame_id: Optional[int]
    timestamp_ms: int
    width: int
    height: int
    truncated: Optional[int]


_LAYOUTS = {
    "omnisight.detections": _Layout(24, 104, 50),
    "omnisight.tracks": _Layout(16, 160, 50),
    "omnisight.timelines": _Layout(16, _TIMELINE_BYTES, 5),
}


def parts(message: str, payload: bytes) -> Parts:
    """Checks a frame in the order of section 1.6 (length, magic, version, count, checksum) and returns its header."""
    layout = _LAYOUTS[message]
    size = len(payload)
    if size < layout.header_bytes(2) + 4:
        raise FrameError("truncated", size, layout.header_bytes(2) + 4)
    magic, version = struct.unpack_from("<II", payload)
    if magic != MAGIC:
        raise FrameError("bad_magic", magic, MAGIC)
    if not 1 <= version <= NEWEST_VERSION:
        raise FrameError("version_mismatch", version, NEWEST_VERSION)
    header = layout.header_bytes(version)
    count, image = struct.unpack_from("<II", payload, layout.count_at)
    if version == 1:
        checksum_at = header + layout.capacity * layout.element_bytes
        if size < checksum_at + 8:
            raise FrameError("truncated", size, checksum_at + 8)
        if count > layout.capacity:
            raise FrameError("count", count, layout.capacity)
    else:
        fits = (size - header - 4) // layout.element_bytes
        if count > fits:
            raise FrameError("count", count, fits)
        checksum_at = header + count * layout.element_bytes
    stored = struct.unpack_from("<I", payload, checksum_at)[0]
    computed = zlib.crc32(memoryview(payload)[:checksum_at])
    if stored != computed:
        raise FrameError("crc", stored, computed)
    return Parts(
        version, count, header,
        struct.unpack_from("<Q", payload, 8)[0] if layout.count_at > 16 else None,
        struct.unpack_from("<Q", payload, layout.count_at - 8)[0],
        image & 0xFFFF, image >> 16,
        None if version == 1 else struct.unpack_from("<I", payload, layout.count_at + 8)[0])


def decode(message: str, payload: bytes) -> Frame:
    """Decodes a frame of a message such as ``omnisight.detections``.

    :raises FrameError: the payload is not acceptable.
    :raises KeyError: the message is not one of the frames.
    """
    if message == "omnisight.video":
        return _decode_video(payload)
    head = parts(message, payload)
    elements, dropped = _ELEMENTS[message](payload, head)
    data: Dict[str, Any] = {} if head.frame_id is None else {"frame_id": head.frame_id}
    data["timestamp"] = head.timestamp_ms
    data["frame"] = {"width": head.width, "height": head.height}
    data["coordinate_space"] = "normalized_xywh"
    data["truncated"] = head.truncated
    data[message[len("omnisight."):]] = elements
    return Frame(data, head.version, dropped)


def _valid_box(x: float, y: float, w: float, h: float) -> bool:
    return -1.0 <= x <= 2.0 and -1.0 <= y <= 2.0 and -1.0 <= w <= 2.0 and -1.0 <= h <= 2.0


def _detections(payload: bytes, head: Parts) -> Tuple[List[Dict[str, Any]], int]:
    rows = []
    numbers: List[float] = []
    isfinite = math.isfinite
    for row in _DETECTION.iter_unpack(memoryview(payload)[head.elements_at:head.elements_at + head.num_elements * 104]):
        confidence, x, y, w, h = row[2:7]
        if isfinite(confidence) and -1.0 <= x <= 2.0 and -1.0 <= y <= 2.0 and -1.0 <= w <= 2.0 and -1.0 <= h <= 2.0:
            rows.append(row)
            numbers += row[2:7]
    numbers = shortest(numbers)
    result = []
    classes = len(OBJECT_CLASS)
    at = 0
    for row in rows:
        class_id = row[1]
        element = {
            "id": row[0],
            "class_id": class_id,
            "class": OBJECT_CLASS[class_id] if class_id < classes else f"unknown({class_id})",
            "confidence": numbers[at],
            "bbox": numbers[at + 1:at + 5],
            "timestamp_ms": row[8],
        }
        if row[9] != _NO_APPEARANCE:
            element["appearance"] = base64.b64encode(row[9]).decode("ascii")
        result.append(element)
        at += 5
    return result, head.num_elements - len(rows)


def _tracks(payload: bytes, head: Parts) -> Tuple[List[Dict[str, Any]], int]:
    rows = []
    numbers: List[float] = []
    for row in _TRACK.iter_unpack(memoryview(payload)[head.elements_at:head.elements_at + head.num_elements * 160]):
        world = row[20:22]
        if (_valid_box(*row[2:6]) and _valid_box(*row[6:10]) and all(map(math.isfinite, row[10:13]))
                and math.isfinite(row[16]) and not math.isinf(world[0]) and not math.isinf(world[1])):
            rows.append(row)
            numbers += row[2:13]
            numbers.append(row[16])
            numbers += (0.0, 0.0) if math.isnan(world[0]) or math.isnan(world[1]) else world
    numbers = shortest(numbers)
    result = []
    at = 0
    for row in rows:
        n = numbers[at:at + 14]
        element = {
            "track_id": row[0],
            "class_id": row[1],
            "class": name_of(OBJECT_CLASS, row[1]),
            "confidence": n[10],
            "bbox": n[0:4],
            "predicted_bbox": n[4:8],
            "velocity": n[8:10],
            "frame_count": row[13],
            "miss_count": row[14],
            "behaviors": names_of_flags(BEHAVIORS, row[15]),
            "behavior_flags": row[15],
            "threat_score": n[11],
            "first_seen_ms": row[18],
            "last_seen_ms": row[19],
            "world": None if math.isnan(row[20]) or math.isnan(row[21]) else n[12:14],
        }
        if row[22] != _NO_APPEARANCE:
            element["appearance"] = base64.b64encode(row[22]).decode("ascii")
        result.append(element)
        at += 14
    return result, head.num_elements - len(rows)


def _text(field: bytes) -> str:
    """Text ends at the first NUL; what is not UTF-8 becomes U+FFFD."""
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")


def _timelines(payload: bytes, head: Parts) -> Tuple[List[Dict[str, Any]], int]:
    result = []
    for i in range(head.num_elements):
        element = _timeline(payload, head.elements_at + i * _TIMELINE_BYTES)
        if element is not None:
            result.append(element)
    return result, head.num_elements - len(result)


def _timeline(payload: bytes, at: int) -> Optional[Dict[str, Any]]:
    (timeline_id, probability, start, end, num_events, num_interventions, severity, threat) = _TIMELINE.unpack_from(payload, at)
    if num_events > _MAX_EVENTS or num_interventions > _MAX_INTERVENTIONS:
        return None
    events = [_EVENT.unpack_from(payload, at + _EVENTS_AT + i * _EVENT.size) for i in range(num_events)]
    points = [_INTERVENTION.unpack_from(payload, at + _INTERVENTIONS_AT + i * _INTERVENTION.size) for i in range(num_interventions)]
    if any(e[6] > _MAX_INVOLVED for e in events) or any(p[4] >= num_events and p[4] != _NO_EVENT for p in points):
        return None
    numbers: List[float] = [probability, threat]
    for e in events:
        numbers += e[3:6]
    for p in points:
        numbers += p[2:4]
    if not all(map(math.isfinite, numbers)):
        return None
    numbers = shortest(numbers)
    at_points = 2 + 3 * num_events
    return {
        "timeline_id": timeline_id,
        "overall_probability": numbers[0],
        "prediction_start_ms": start,
        "prediction_end_ms": end,
        "worst_case_severity": name_of(SEVERITY, severity),
        "worst_case_severity_id": severity,
        "total_threat_score": numbers[1],
        "events": [{
            "type": name_of(EVENT_TYPE, e[0]),
            "type_id": e[0],
            "severity": name_of(SEVERITY, e[1]),
            "severity_id": e[1],
            "timestamp_ms": e[2],
            "probability": numbers[2 + 3 * i],
            "location": numbers[3 + 3 * i:5 + 3 * i],
            "involved": list(e[7:7 + e[6]]),
            "description": _text(e[11]),
        } for i, e in enumerate(events)],
        "interventions": [{
            "timestamp_ms": p[0],
            "type": name_of(INTERVENTION_TYPE, p[1]),
            "type_id": p[1],
            "effectiveness": numbers[at_points + 2 * i],
            "cost": numbers[at_points + 2 * i + 1],
            "event_index": None if p[4] == _NO_EVENT else p[4],
            "recommendation": _text(p[5]),
        } for i, p in enumerate(points)],
    }


def _decode_video(payload: bytes) -> Frame:
    size = len(payload)
    if size < _VIDEO_BYTES:
        raise FrameError("truncated", size, _VIDEO_BYTES)
    (magic, version, frame_id, timestamp, width, height, stride, pixel_format, data_bytes, flags, checksum, _) = _VIDEO.unpack_from(payload)
    if magic != MAGIC:
        raise FrameError("bad_magic", magic, MAGIC)
    if version != 1:
        raise FrameError("version_mismatch", version, 1)
    if data_bytes > size - _VIDEO_BYTES:
        raise FrameError("truncated", size, _VIDEO_BYTES + data_bytes)
    view = memoryview(payload)
    pixels = view[_VIDEO_BYTES:_VIDEO_BYTES + data_bytes]
    if not flags & 1:
        computed = zlib.crc32(pixels, zlib.crc32(view[:48]))
        if computed != checksum:
            raise FrameError("crc", checksum, computed)
    if not 1 <= pixel_format <= 5:
        raise FrameError("value", pixel_format, 5)
    if pixel_format != 5:
        expected = stride * height + (stride * ((height + 1) // 2) if pixel_format == 4 else 0)
        if stride < width * (3 if pixel_format <= 2 else 1) or expected != data_bytes:
            raise FrameError("bad_layout", data_bytes, expected)
    return Frame({
        "frame_id": frame_id,
        "timestamp": timestamp,
        "frame": {"width": width, "height": height},
        "stride": stride,
        "format": name_of(PIXEL_FORMAT, pixel_format),
        "format_id": pixel_format,
        "checksummed": not flags & 1,
        "data_bytes": data_bytes,
        "data": base64.b64encode(pixels).decode("ascii") if data_bytes <= _MAX_SHOWN_IMAGE else None,
    }, version, 0)


_ELEMENTS: Dict[str, Callable[[bytes, Parts], Tuple[List[Dict[str, Any]], int]]] = {
    "omnisight.detections": _detections,
    "omnisight.tracks": _tracks,
    "omnisight.timelines": _timelines,
}
