"""The enumerations of the protocol (section 1.1): names by number."""

from typing import List, Sequence

OBJECT_CLASS = ("unknown", "person", "vehicle", "face", "package", "animal")
BEHAVIORS = ("loitering", "running", "concealing", "suspicious_movement", "repeated_passes", "extended_observation")
EVENT_TYPE = ("none", "loitering", "theft", "assault", "vandalism", "trespassing", "suspicious_behavior",
              "collision", "fall", "abandoned_object", "crowd_formation")
INTERVENTION_TYPE = ("none", "alert_security", "activate_speaker", "increase_lighting", "position_guard",
                     "lock_door", "notify_police", "display_warning")
SEVERITY = ("none", "low", "medium", "high", "critical")
PIXEL_FORMAT = ("none", "bgr24", "rgb24", "gray8", "nv12", "jpeg")


def name_of(names: Sequence[str], number: int) -> str:
    """The name of a number; ``unknown(N)`` for one without a name, which is never an error."""
    return names[number] if number < len(names) else f"unknown({number})"


def names_of_flags(names: Sequence[str], flags: int) -> List[str]:
    """The names of the bits that are set, lowest first; ``unknown(BIT)`` for one without a name."""
    found = []
    bit = 0
    while flags >> bit:
        if flags >> bit & 1:
            found.append(names[bit] if bit < len(names) else f"unknown({1 << bit})")
        bit += 1
    return found
