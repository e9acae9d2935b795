"""Golden vectors, damaged frames, numbers. Run: python3 -m unittest discover -s sdk/python/tests"""

import json
import os
import pathlib
import random
import struct
import sys
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "sdk/python/src"))

from omnisight import FrameError, decode  # noqa: E402
from omnisight.shortest import shortest  # noqa: E402

GOLDEN = ROOT / "docs/protocol/golden"


class Golden(unittest.TestCase):
    def test_every_vector_decodes_to_its_json(self) -> None:
        files = sorted(GOLDEN.glob("*.v?.json"))
        self.assertGreater(len(files), 10)
        for file in files:
            with self.subTest(file.name):
                message = "omnisight." + file.name.split(".")[0].split("-")[0]
                frame = decode(message, file.with_suffix(".bin").read_bytes())
                self.assertEqual(frame.data, json.loads(file.read_text(encoding="utf-8")))

    def test_what_must_be_rejected_is(self) -> None:
        for case in json.loads((GOLDEN / "rejects.json").read_text(encoding="utf-8")):
            with self.subTest(case["file"]), self.assertRaises(FrameError) as caught:
                decode(case["message"], (GOLDEN / case["file"]).read_bytes())
            self.assertEqual(caught.exception.reason, case["reason"])


class Untrusted(unittest.TestCase):
    def test_any_bytes_decode_or_are_rejected(self) -> None:
        randomness = random.Random(os.environ.get("OMNISIGHT_TEST_SEED", "7"))
        seeds = [file.read_bytes() for file in sorted(GOLDEN.glob("*.bin"))]
        decoded = {1: 0, 2: 0}
        for _ in range(3000):
            payload = bytearray(randomness.choice(seeds))
            for _ in range(randomness.randint(1, 6)):
                if payload:
                    payload[randomness.randrange(len(payload))] = randomness.randrange(256)
            payload = payload[:randomness.randint(0, len(payload))] if randomness.random() < 0.3 else payload
            for message in ("omnisight.detections", "omnisight.tracks", "omnisight.timelines", "omnisight.video"):
                try:
                    frame = decode(message, _sealed(bytes(payload), message))
                    decoded[frame.version] += message != "omnisight.video"
                except FrameError:
                    pass
        self.assertGreater(min(decoded.values()), 100, "damaged frames of both versions must get past the checksum")


class Numbers(unittest.TestCase):
    def test_every_number_reads_back_to_the_same_bits(self) -> None:
        randomness = random.Random(3)
        values = [v for v in struct.unpack("<5000f", randomness.randbytes(20000)) if v == v and abs(v) != float("inf")]
        values += [0.0, -0.0, 1e-42, 3.4028234663852886e38, 1.401298464324817e-45]
        found = shortest(values)
        self.assertEqual(struct.pack(f"<{len(values)}f", *found), struct.pack(f"<{len(values)}f", *values))

    def test_numbers_that_people_write_come_back_as_written(self) -> None:
        written = [0.1, 0.87, 0.05, 1.5, 123.456, 0.333333, 1e-05, 2e-42]
        self.assertEqual(shortest(struct.unpack("<8f", struct.pack("<8f", *written))), written)


def _sealed(payload: bytes, message: str) -> bytes:
    """The frame with its checksum mended, where its version and count say that it lies: what comes behind the check must be met too."""
    count_at, size, capacity = {"omnisight.detections": (24, 104, 50), "omnisight.tracks": (16, 160, 50)}.get(message, (16, 3960, 5))
    if message == "omnisight.video" or len(payload) < count_at + 24:
        return payload
    fixed = struct.unpack_from("<I", payload, 4)[0] == 1
    at = count_at + (8 + capacity * size if fixed else 16 + struct.unpack_from("<I", payload, count_at)[0] * size)
    if at + 4 > len(payload):
        return payload
    return payload[:at] + struct.pack("<I", zlib.crc32(payload[:at])) + payload[at + 4:]


if __name__ == "__main__":
    unittest.main()
