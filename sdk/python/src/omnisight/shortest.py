"""Single-precision numbers as the shortest decimals that read back to the same bits, as the other languages print them."""

import math
import struct
from bisect import bisect_right
from typing import List, Sequence

# Above it, six digits always come back; below it (denormal numbers) fewer may do.
_SMALLEST_NORMAL = 1.1754943508222875e-38
_MAX_DIGITS = 9


def _coarse() -> List[float]:
    """Bounds of the ranges [2^e, 10^m) in which single-precision numbers lie further apart than 10^(m-7), their seventh digit."""
    bounds: List[float] = []
    for m in range(-37, 39):
        e = math.floor(m * math.log2(10))
        if 2.0 ** (e - 23) > 10.0 ** (m - 7):
            bounds += (2.0 ** e, 10.0 ** m)
    return bounds


_COARSE = _coarse()


def shortest(values: Sequence[float]) -> List[float]:
    """For each value (a float that is exactly a single-precision number) the float of its shortest decimal.

    Works on the whole list at once: formatting number by number would take a frame's whole time budget. Seven digits come first: they
    also give back what has fewer, except where neighbouring numbers lie further apart than the seventh digit counts.
    """
    result = list(values)
    places: Sequence[int] = range(len(result))
    for digits in range(7, _MAX_DIGITS + 1):
        places = _settle(result, values, places, digits)
    # None of the ranges lies where coordinates do.
    unusual = [i for i, value in enumerate(values) if not 0.001 <= value < 10000.0]
    _settle(result, values, [i for i in unusual if bisect_right(_COARSE, abs(values[i])) & 1], 6)
    for i in unusual:
        if values[i] != 0 and abs(values[i]) < _SMALLEST_NORMAL:
            result[i] = _shortest_denormal(values[i])
    return result


def _settle(result: List[float], values: Sequence[float], places: Sequence[int], digits: int) -> Sequence[int]:
    """Puts the decimals of so many digits where they come back to the same bits; returns the places where they do not."""
    count = len(places)
    if count == 0:
        return places
    pending = [values[i] for i in places]
    candidates = list(map(float, ((f"%.{digits}g " * count) % tuple(pending)).split()))
    try:
        back = struct.unpack(f"<{count}f", struct.pack(f"<{count}f", *candidates))
    except OverflowError:  # one was rounded up beyond the largest number: it needs more digits
        return [p for place in places for p in _settle(result, values, [place], digits)] if count > 1 else places
    if back == tuple(pending):
        for place, candidate in zip(places, candidates):
            result[place] = candidate
        return []
    failed = []
    for place, candidate, read, wanted in zip(places, candidates, back, pending):
        if read == wanted:
            result[place] = candidate
        else:
            failed.append(place)
    return failed


def _shortest_denormal(value: float) -> float:
    for digits in range(1, _MAX_DIGITS + 1):
        candidate = float(f"{value:.{digits}g}")
        if struct.unpack("<f", struct.pack("<f", candidate))[0] == value:
            return candidate
    return value
