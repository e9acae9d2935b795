"""The client against regions, documents and FIFOs of every kind of damage. Run: python3 -m unittest discover -s sdk/python/tests"""

import contextlib
import gc
import json
import logging
import os
import pathlib
import resource
import struct
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock
import zlib
from typing import Any, Dict, List, Optional

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "sdk/python/src"))

from omnisight import OmnisightIPCClient, futex, shm  # noqa: E402
from omnisight import jsonfile  # noqa: E402
from omnisight.jsonfile import JsonFileReader  # noqa: E402
from omnisight.shm import ShmReader  # noqa: E402

LIMIT = 20
SLOTS, STRIDE, CAPACITY, HEADER = 4, 8192, 8000, 4096


def frame(number: int, version: int = 2) -> bytes:
    head = struct.pack("<IIQQII", 0x4F4D4E49, version, number, 1000 * number, 1, 640 | 480 << 16) + struct.pack("<II", 0, 0)
    body = head + struct.pack("<IIf4fIQ64s", number, 1, 0.5, 0.1, 0.2, 0.3, 0.4, 0, 1000 * number, bytes(64))
    return body + struct.pack("<I", zlib.crc32(body)) + bytes(4)


class Region:
    """A region as a writer makes it, and everything a writer would never do to it."""

    def __init__(self, directory: str, channel: str = "detections", message: str = "omnisight.detections/2", period_ms: int = 100,
                 runtime: str = "", instance: str = "unit") -> None:
        self.path = os.path.join(directory, f"{instance}_{channel}")
        self.latest = 0
        header = bytearray(HEADER)
        struct.pack_into("<IHHQIIII", header, 0, 0x4F4D4E52, 1, 0, HEADER + SLOTS * STRIDE, HEADER, SLOTS, STRIDE, CAPACITY)
        struct.pack_into("<Q", header, 64, int.from_bytes(os.urandom(6), "little"))
        struct.pack_into("<I", header, 96, period_ms)
        struct.pack_into("<I", header, 196, 1)
        header[288:288 + len(message)] = message.encode()
        header[512:512 + len(runtime)] = runtime.encode()
        temporary = self.path + ".new"
        with open(temporary, "wb") as file:
            file.write(bytes(header) + bytes(SLOTS * STRIDE))
        os.chmod(temporary, 0o640)
        os.rename(temporary, self.path)
        self.beat()

    def write(self, offset: int, data: bytes) -> None:
        with open(self.path, "r+b") as file:
            file.seek(offset)
            file.write(data)

    def beat(self, age: float = -60) -> None:
        """By default in the future, which :class:`Case` lets pass, so that a test that is held up does not meet a writer that died."""
        self.write(256, struct.pack("<q", time.monotonic_ns() - int(age * 1e9)))

    def publish(self, payload: bytes, age: float = 0, sequence: Optional[int] = None) -> None:
        self.latest += 1
        at = HEADER + (self.latest - 1) % SLOTS * STRIDE
        self.write(at, struct.pack("<QIIq", 2 * self.latest if sequence is None else sequence, len(payload), 0, time.monotonic_ns() - int(age * 1e9)))
        self.write(at + 64, payload)
        self.write(128, struct.pack("<Q", self.latest))
        self.beat(age or -60)

    def close(self) -> None:
        self.write(196, struct.pack("<I", 2))


class Case(unittest.TestCase):
    def setUp(self) -> None:
        logging.getLogger("omnisight").setLevel(logging.CRITICAL + 1)
        ahead = unittest.mock.patch.object(shm, "_AHEAD_NS", 10 ** 12)
        ahead.start()
        self.addCleanup(ahead.stop)
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = scratch.name

    def client(self, **options: Any) -> OmnisightIPCClient:
        client = OmnisightIPCClient("unit", options.pop("runtime_dir", self.directory), shm_dir=self.directory, **options)
        self.addCleanup(client.close)
        return client

    def until(self, condition: Any) -> bool:
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.01)
        return False


class HostileRegions(Case):
    def test_headers_that_lie_are_refused_by_name(self) -> None:
        for offset, data, reason in ((0, b"\0\0\0\0", "bad_magic"), (0, struct.pack(">I", 0x4F4D4E52), "bad_magic"), (4, struct.pack("<H", 2), "version_mismatch"),
                                     (8, struct.pack("<Q", 2 ** 63), "bad_layout"), (16, struct.pack("<I", 64), "bad_layout"), (16, struct.pack("<I", 2 ** 31), "bad_layout"),
                                     (20, struct.pack("<I", 0), "bad_layout"), (20, struct.pack("<I", 2 ** 32 - 1), "bad_layout"), (24, struct.pack("<I", 0), "bad_layout"),
                                     (24, struct.pack("<I", 2 ** 32 - 64), "bad_layout"), (28, struct.pack("<I", 2 ** 32 - 1), "bad_layout"), (288, b"other.thing/1", "message_mismatch")):
            with self.subTest(offset=offset, data=data):
                region = Region(self.directory)
                region.publish(frame(1))
                region.write(offset, data)
                client = self.client()
                self.assertIsNone(client.get_detections())
                self.assertEqual(client.channel_status("detections"), "rejected")
                self.assertEqual(client._channels["detections"]._source._reader.rejection.reason, reason)

    def test_a_newer_minor_version_with_a_longer_header_is_read(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        region.write(6, struct.pack("<H", 1))
        self.assertEqual((self.client().get_detections() or {})["frame_id"], 1)

    def test_what_could_not_be_opened_for_want_of_a_descriptor_is_looked_at_again(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        path = os.path.join(self.directory, "unit_stats.json")
        pathlib.Path(path).write_text('{"epoch":1,"sequence":1,"stats":{}}')
        os.chmod(path, 0o640)
        own = frozenset((os.geteuid(),))
        frames, documents = ShmReader(region.path, "omnisight.detections", own), JsonFileReader(path, own)
        self.addCleanup(frames.close)
        usual = resource.getrlimit(resource.RLIMIT_NOFILE)
        with self.assertLogs("omnisight", logging.WARNING) as told:
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, usual[1]))
            try:
                starved = [(frames.read(lambda payload: None), documents.read()) for _ in range(3)]
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, usual)
        self.assertEqual([sum(name in line for line in told.output) for name in (region.path, path)], [1, 1], told.output)
        self.assertEqual(starved, 3 * [("rejected", "rejected")])
        self.assertEqual(frames.rejection.reason, "unreadable")
        self.assertTrue(self.until(lambda: frames.read(lambda payload: None) == "fresh"))
        self.assertEqual(documents.read(), "fresh")

    def test_files_of_the_wrong_kind_owner_or_mode_are_refused(self) -> None:
        def link(path: str) -> None:
            os.rename(path, path + ".moved")
            os.symlink(path + ".moved", path)

        def fifo(path: str) -> None:
            os.unlink(path)
            os.mkfifo(path)

        damages = [link, fifo, lambda path: os.chmod(path, 0o666), lambda path: os.chmod(path, 0o660), lambda path: os.truncate(path, 100)]
        if os.geteuid() == 0:
            damages.append(lambda path: os.chown(path, 65534, 65534))
        for number, damage in enumerate(damages):
            with self.subTest(number):
                region = Region(self.directory)
                region.publish(frame(1))
                damage(region.path)
                client = self.client()
                self.assertIsNone(client.get_detections())
                self.assertEqual(client.channel_status("detections"), "rejected")

    def test_trusted_users_regions_are_read(self) -> None:
        if os.geteuid() != 0:
            return
        region = Region(self.directory, runtime=self.directory)
        region.publish(frame(1))
        os.chown(region.path, 65534, 65534)
        client = self.client(trusted_uids=(65534,), runtime_dir=None)
        self.assertEqual((client.get_detections() or {})["frame_id"], 1)
        self.assertEqual(client._directory(), (self.directory, True))
        self.assertNotEqual(self.client(runtime_dir=None)._directory()[0], self.directory)

    def test_damage_under_a_reader_costs_a_rejected_read_and_the_last_good_value_stays(self) -> None:
        bad_crc = bytearray(frame(2))
        bad_crc[50] ^= 1
        too_many = bytearray(frame(2))
        too_many[24:28] = struct.pack("<I", 2 ** 31)
        for payload in (bytes(bad_crc), bytes(too_many), b"", frame(2, version=3), frame(2)[:40]):
            with self.subTest(payload[:30]):
                region = Region(self.directory)
                region.publish(frame(1))
                client = self.client()
                self.assertEqual((client.get_detections() or {})["frame_id"], 1)
                region.publish(payload)
                self.assertEqual((client.get_detections() or {})["frame_id"], 1)
                self.assertEqual(client.channel_status("detections"), "rejected")
                region.publish(frame(3))
                self.assertEqual((client.get_detections() or {})["frame_id"], 3)

    def test_a_file_that_is_cut_or_replaced_under_a_reader_is_left_for_its_successor(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        self.assertEqual((client.get_detections() or {})["frame_id"], 1)
        os.truncate(region.path, 0)
        self.assertEqual((client.get_detections() or {})["frame_id"], 1)
        successor = Region(self.directory)
        successor.publish(frame(9))
        self.assertTrue(self.until(lambda: (client.get_detections() or {}).get("frame_id") == 9))
        os.chmod(successor.path, 0o666)
        self.assertTrue(self.until(lambda: client.channel_status("detections") == "rejected"))

    def test_a_slot_that_stays_odd_is_contended_then_rejected(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        client.get_detections()
        region.publish(frame(2), sequence=3)
        self.assertEqual(client.channel_status("detections"), "contended")
        self.assertEqual((client.get_detections() or {})["frame_id"], 1)
        self.assertTrue(self.until(lambda: client.channel_status("detections") == "rejected"))
        region.publish(frame(3))
        self.assertEqual((client.get_detections() or {})["frame_id"], 3)

    def test_an_index_that_names_no_frame_costs_none_of_the_writers(self) -> None:
        for forged in (2, 1000, 2 ** 62, 2 ** 63, 2 ** 63 + 3, 2 ** 64 - 1):
            with self.subTest(forged):
                region = Region(self.directory)
                region.publish(frame(1))
                client = self.client()
                client.get_detections()
                region.write(128, struct.pack("<Q", forged))
                self.assertTrue(self.until(lambda: client.channel_status("detections") == "rejected"))
                for number in (2, 3):
                    region.publish(frame(number))
                    self.assertEqual((client.get_detections() or {})["frame_id"], number)
                self.assertEqual(client.channel_status("detections"), "unchanged")

    def test_a_writer_that_goes_on_below_a_forged_frame_is_read_again(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        client.get_detections()
        region.latest = 10 ** 6
        region.publish(frame(7))
        region.latest = 1
        self.assertEqual((client.get_detections() or {})["frame_id"], 7)
        region.write(128, struct.pack("<Q", 1))
        deadline = time.monotonic() + 1.2
        while time.monotonic() < deadline:
            self.assertEqual((client.get_detections() or {})["frame_id"], 7, "an old index that stands still is no writer")
        for number, expected in ((2, 7), (3, 3), (4, 4)):
            region.publish(frame(number))
            self.assertEqual((client.get_detections() or {})["frame_id"], expected)
            self.assertEqual(client._channels["detections"]._source._reader.missed, 10 ** 6 - 1 if expected == 7 else 0)

    def test_a_region_that_is_written_over_in_place_is_attached_or_refused_as_a_new_one(self) -> None:
        region = Region(self.directory)
        for number in (1, 2, 3):
            region.publish(frame(number))
        client = self.client()
        self.assertEqual((client.get_detections() or {})["frame_id"], 3)
        other = Region(self.directory, channel="other")
        other.publish(frame(9))
        region.write(0, pathlib.Path(other.path).read_bytes())
        self.assertTrue(self.until(lambda: (client.get_detections() or {})["frame_id"] == 9))
        region.write(4, struct.pack("<H", 2))
        self.assertTrue(self.until(lambda: client.channel_status("detections") == "rejected"))
        self.assertEqual(client._channels["detections"]._source._reader.rejection.reason, "version_mismatch")

    def test_what_takes_a_stopped_writers_place_and_may_not_be_read_is_told(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        reader = ShmReader(region.path, "omnisight.detections", frozenset())
        self.addCleanup(reader.close)
        reader.read(lambda payload: None)
        region.close()
        newer = Region(self.directory, channel="newer")
        newer.write(4, struct.pack("<H", 2))
        os.rename(newer.path, region.path)
        logging.getLogger("omnisight").setLevel(logging.NOTSET)
        with self.assertLogs("omnisight", logging.WARNING) as logs:
            self.assertEqual(reader.read(lambda payload: None), "writer_stopped")
        self.assertIn("version_mismatch", logs.output[0])

    def test_a_damaged_frame_after_a_damaged_index_stays_rejected(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        client.get_detections()
        region.write(128, struct.pack("<Q", 1000))
        self.assertTrue(self.until(lambda: client.channel_status("detections") == "rejected"))
        region.publish(frame(2)[:40])
        self.assertEqual([client.channel_status("detections") for _ in range(3)], ["rejected"] * 3)

    def test_a_sparse_region_that_announces_gigabytes_is_refused(self) -> None:
        region = Region(self.directory)
        stride = 1 << 29
        region.write(8, struct.pack("<QIIII", HEADER + 2 * stride, HEADER, 2, stride, stride - 64))
        os.truncate(region.path, HEADER + 2 * stride)
        self.assertEqual(self.client().channel_status("detections"), "rejected")

    def test_each_reason_is_logged_once_a_minute(self) -> None:
        region = Region(self.directory)
        client = self.client()
        logging.getLogger("omnisight").setLevel(logging.NOTSET)
        with self.assertLogs("omnisight", logging.WARNING) as logs:
            for payload in (frame(1)[:40], frame(2, version=3), frame(3)[:40], frame(4, version=3)):
                region.publish(payload)
                client.channel_status("detections")
        self.assertEqual(len(logs.records), 2, logs.output)

    def test_ten_rejects_in_a_row_are_an_error_and_the_region_is_opened_again(self) -> None:
        region = Region(self.directory)
        client = self.client()
        logging.getLogger("omnisight").setLevel(logging.NOTSET)
        with self.assertLogs("omnisight", logging.WARNING) as logs:
            for _ in range(10):
                region.publish(b"nonsense" * 20)
                client.channel_status("detections")
        self.assertEqual([record.levelname for record in logs.records], ["WARNING", "ERROR"])
        region.publish(frame(11))
        self.assertTrue(self.until(lambda: (client.get_detections() or {}).get("frame_id") == 11))

    def test_a_latest_that_goes_back_and_a_slot_that_stays_odd_cost_a_stream_no_processor(self) -> None:
        original = ShmReader.read
        for damage in (lambda region: region.write(128, struct.pack("<Q", 1)), lambda region: region.publish(frame(4), sequence=7)):
            region = Region(self.directory)
            for number in (1, 2, 3):
                region.publish(frame(number))
            client = self.client()
            client.get_detections()
            stream = client.stream("detections", timeout=0.7)
            next(stream)
            damage(region)
            reads = []
            with unittest.mock.patch.object(ShmReader, "read", lambda reader, decode: reads.append(1) or original(reader, decode)):
                self.assertEqual(list(stream), [])
            self.assertLess(len(reads), 1000, "a stream that has nothing to give spins")


class Freshness(Case):
    def test_what_a_dead_writer_left_is_stale_in_a_stream_and_past_later(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1), age=1)
        client = self.client()
        self.assertTrue(next(client.stream("detections", timeout=0.1))["stale"])
        self.assertTrue((client.get_detections() or {})["stale"])
        region = Region(self.directory)
        region.publish(frame(2), age=30)
        client = self.client()
        self.assertEqual(list(client.stream("detections", timeout=0.1)), [])
        self.assertIsNone(client.get_detections())

    def test_a_frame_that_came_while_a_read_was_held_up_has_its_time(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        client.get_detections()
        original = ShmReader._control

        def held_up(attached: Any) -> Any:
            time.sleep(0.02)
            region.publish(frame(2))
            return original(attached)

        with unittest.mock.patch.object(shm, "_AHEAD_NS", 10 ** 7), unittest.mock.patch.object(ShmReader, "_control", staticmethod(held_up)):
            self.assertIsNotNone(client.get_detections())
        self.assertLess(client.age("detections") or 0, 5)

    def test_a_rejected_frame_is_told_of_until_a_newer_one_comes_also_when_the_region_was_opened_again(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        client.get_detections()
        for _ in range(10):
            region.publish(b"no frame")
            self.assertEqual(client.channel_status("detections"), "rejected")
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            self.assertEqual(client.channel_status("detections"), "rejected")
        region.publish(frame(2))
        self.assertTrue(self.until(lambda: client.channel_status("detections") == "fresh"))

    def test_a_document_that_is_older_than_the_region_never_takes_its_place(self) -> None:
        region = Region(self.directory, "left")
        with open(os.path.join(self.directory, "unit_left.json"), "w", encoding="utf-8") as file:
            json.dump({"frame_id": 7, "mono_ns": time.monotonic_ns() - 10 ** 9}, file)
        region.publish(frame(1))
        client = self.client()
        stream = client.stream("left", timeout=0.3)
        next(stream)
        region.publish(frame(2))
        region.close()
        self.assertEqual([v["frame_id"] for v in stream], [2])
        self.assertIsNone(client.get("left"))

    def test_a_stream_has_the_last_frame_of_a_writer_that_stopped_right_after_it(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        stream = client.stream("detections", timeout=0.5)
        next(stream)
        region.publish(frame(2))
        region.close()
        self.assertEqual([(v["frame_id"], v["stale"]) for v in stream], [(2, True)])
        self.assertIsNone(client.get_detections())
        self.assertEqual(client.channel_status("detections"), "writer_stopped")

    def test_a_channel_that_moved_from_a_region_to_a_document_is_found_there(self) -> None:
        region = Region(self.directory, "left")
        region.publish(frame(1))
        client = self.client()
        self.assertEqual((client.get("left") or {}).get("frame_id"), 1)
        region.close()
        self.assertIsNone(client.get("left"))
        with open(os.path.join(self.directory, "unit_left.json"), "w", encoding="utf-8") as file:
            json.dump({"frame_id": 7, "mono_ns": time.monotonic_ns()}, file)
        self.assertEqual((client.get("left") or {}).get("frame_id"), 7)
        region = Region(self.directory, "left")
        region.publish(frame(2))
        self.assertTrue(self.until(lambda: (client.get("left") or {}).get("frame_id") == 2), "a living region goes before an old document")

    def test_the_period_is_what_the_writer_says(self) -> None:
        region = Region(self.directory, period_ms=10000)
        region.publish(frame(1), age=1)
        self.assertFalse((self.client().get_detections() or {})["stale"])
        events = Region(self.directory, period_ms=0)
        events.publish(frame(1), age=1000)
        events.beat()
        client = self.client()
        self.assertFalse((client.get_detections() or {})["stale"])
        self.assertFalse(client.stale("detections"))
        events.beat(age=5)
        self.assertIsNone(client.get_detections())

    def test_a_dead_writers_events_are_past_from_the_first_look_on(self) -> None:
        for beat in (-(10 ** 3), 5):
            with self.subTest(beat), unittest.mock.patch.object(shm, "_AHEAD_NS", 10 ** 9):
                events = Region(self.directory, period_ms=0)
                events.publish(frame(1), age=1000)
                events.beat(age=beat)
                self.assertEqual(list(self.client().stream("detections", timeout=0.05)), [])
                self.assertIsNone(self.client().get_detections())
                self.assertEqual(self.client().channel_status("detections"), "writer_gone")

    def test_a_frame_is_as_good_a_sign_of_life_as_a_beat(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        region.beat(age=1000)
        client = self.client()
        self.assertIsNotNone(client.get_detections())
        self.assertEqual(client.channel_status("detections"), "unchanged")

    def test_a_wake_that_gets_lost_costs_a_tenth_of_a_second(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        reader = ShmReader(region.path, "omnisight.detections", frozenset())
        self.addCleanup(reader.close)
        reader.read(lambda payload: None)
        slept = []

        def sleep(word: Any, expected: int, timeout: float) -> bool:
            slept.append((expected, timeout))
            return True

        control = ShmReader._control
        notify = iter((5, 6))  # the writer wakes between the two looks, or within one that reads latest first
        with unittest.mock.patch.object(futex.NotifyWord, "wait", sleep), \
                unittest.mock.patch.object(ShmReader, "_control", staticmethod(lambda region: (control(region)[0], next(notify), 1, 0))):
            reader.wait(5)
        self.assertEqual(slept, [(5, 0.1)])

    def test_a_kernel_that_refuses_the_call_is_polled(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        stream = client.stream("detections", timeout=0.7)
        next(stream)
        original, reads = ShmReader.read, []
        with unittest.mock.patch.object(futex, "_SYSCALL", 100_000), \
                unittest.mock.patch.object(ShmReader, "read", lambda reader, decode: reads.append(1) or original(reader, decode)):
            self.assertEqual(list(stream), [])
        self.assertLess(len(reads), 100, "it spins")

    def test_a_directory_in_place_of_a_document_raises_nothing_and_leaks_nothing(self) -> None:
        os.mkdir(os.path.join(self.directory, "unit_stats.json"))
        client = self.client()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            self.assertIsNone(client.get_stats())
        self.assertEqual(client.channel_status("stats"), "rejected")
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_a_document_of_events_holds_as_long_as_its_writer_lives(self) -> None:
        with open("/proc/self/stat", "rb") as file:
            ticks = int(file.read().rsplit(b")", 1)[1].split()[19])
        for pid, live in ((os.getpid(), True), (2 ** 22 + 1, False)):
            self.document("config", {"value": 1, "pid": pid, "start_ticks": ticks, "mono_ns": time.monotonic_ns() - 10 ** 12})
            client = self.client()
            self.assertEqual(client.get("config") is not None, live)
            self.assertEqual(client.stale("config"), not live)
            if live:
                self.assertFalse((client.get("config") or {})["stale"])

    def test_a_document_with_a_time_that_is_none_is_as_old_as_its_file(self) -> None:
        for mono_ns in (-10 ** 400, 10 ** 400, -1):
            self.document("stats", {"mono_ns": mono_ns})
            client = self.client()
            self.assertIsNotNone(client.get_stats())
            self.assertLess(client.age("stats") or 0, LIMIT)

    def test_a_core_that_was_killed_is_found_where_it_runs_now(self) -> None:
        region = Region(self.directory, runtime=os.path.join(self.directory, "a"))
        for name in ("a", "b"):
            os.mkdir(os.path.join(self.directory, name), 0o750)
        dead = {"value": 1, "pid": 2 ** 22 + 1, "start_ticks": 1, "pid_ns": jsonfile._pid_namespace(), "mono_ns": time.monotonic_ns()}
        self.document("stats", dead, "a")
        client = self.client(runtime_dir=None)
        client.get_stats()
        self.assertEqual(client.channel_status("stats"), "writer_gone")
        self.document("stats", {"value": 2, "mono_ns": time.monotonic_ns()}, "b")
        region = Region(self.directory, runtime=os.path.join(self.directory, "b"))
        self.assertTrue(self.until(lambda: (client.get_stats() or {}).get("value") == 2))
        region.close()

    def test_until_a_successors_first_frame_the_last_one_is_served(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        self.assertIsNotNone(client.get_detections())
        region.close()
        Region(self.directory)
        self.assertTrue(self.until(lambda: client.channel_status("detections") == "unchanged" and client.get_detections() is not None))

    def test_a_descriptor_that_somebody_closed_costs_a_rejected_read(self) -> None:
        region = Region(self.directory)
        region.publish(frame(1))
        client = self.client()
        self.assertIsNotNone(client.get_detections())
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/self/fd/{name}") == region.path:
                    os.close(int(name))
        self.assertEqual(client.channel_status("detections"), "rejected")
        region.publish(frame(2))
        self.assertTrue(self.until(lambda: client.channel_status("detections") == "unchanged"))

    def test_a_document_from_the_future_is_of_now(self) -> None:
        self.document("stats", {"mono_ns": time.monotonic_ns() + 10 ** 15})
        client = self.client(stale_after=0.5)
        self.assertIsNotNone(client.get_stats())
        self.assertTrue(self.until(lambda: client.get_stats() is None))

    def test_documents_that_others_may_write_are_refused(self) -> None:
        for mode in (0o660, 0o646):
            self.document("stats", {"value": 1})
            os.chmod(os.path.join(self.directory, "unit_stats.json"), mode)
            self.assertIsNone(self.client().get_stats())

    def test_other_channels_are_read_from_wherever_they_are(self) -> None:
        self.document("lidar", {"points": 3})
        region = Region(self.directory, channel="left", message="omnisight.detections/2")
        region.publish(frame(5))
        foreign = Region(self.directory, channel="radar", message="acme.radar/1")
        foreign.publish(b"whatever")
        client = self.client()
        self.assertEqual((client.get("lidar") or {})["points"], 3)
        self.assertEqual((client.get("left") or {})["frame_id"], 5)
        self.assertIsNone(client.get("radar"))
        self.assertEqual(client.channel_status("radar"), "rejected")
        self.assertIsNone(client.get("nobody"))

    def document(self, name: str, members: Dict[str, Any], below: str = "") -> None:
        path = os.path.join(self.directory, below, f"unit_{name}.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(members, file)
        os.chmod(path + ".new", 0o640)
        os.rename(path + ".new", path)


class Core(threading.Thread):
    """Answers commands as told: not the first ``silent`` ones, after which ``successor`` is there instead."""

    def __init__(self, directory: str, epochs: List[int], silent: int = 0, group: bool = False) -> None:
        super().__init__(daemon=True)
        self.directory = directory
        self.epochs = epochs
        self.silent = silent
        self.successor = 0
        self.seen: List[Dict[str, Any]] = []
        self.inboxes = os.path.join(directory, "unit_cmd_ack.d") if group else directory
        if group:
            os.mkdir(self.inboxes, 0o770)
        path = os.path.join(directory, "unit_cmd")
        os.mkfifo(path, 0o600)
        self.fd = os.open(path, os.O_RDWR)
        self.start()

    def run(self) -> None:
        rest = b""
        while True:
            rest += os.read(self.fd, 65536)
            *lines, rest = rest.split(b"\n")
            for line in lines:
                if line == b"end":
                    return
                self.answer(json.loads(line))

    def answer(self, command: Dict[str, Any]) -> None:
        self.seen.append(command)
        if command["type"] != "HELLO" and self.silent:
            self.silent -= 1
            self.epochs[0] = self.successor or self.epochs[0]
            return
        acknowledgement = {"request_id": command["request_id"], "status": "success", "message": "done", "data": {"epoch": self.epochs[0]}}
        if command.get("epoch", self.epochs[0]) != self.epochs[0]:
            acknowledgement.update(status="error", code="wrong_epoch")
        fd = os.open(os.path.join(self.inboxes, "unit_cmd_ack." + command["reply_to"]), os.O_WRONLY | os.O_NONBLOCK)
        os.write(fd, json.dumps(acknowledgement).encode() + b"\n")
        os.close(fd)

    def end(self) -> None:
        os.write(self.fd, b"end\n")
        self.join()
        os.close(self.fd)


class Commands(Case):
    def core(self, *arguments: Any, **options: Any) -> Core:
        core = Core(self.directory, *arguments, **options)
        self.addCleanup(core.end)
        return core

    def test_commands_with_effects_name_the_epoch_and_ping_does_not(self) -> None:
        core = self.core([7])
        client = self.client()
        self.assertTrue(client.send_command("PING"))
        self.assertTrue(client.send_command("SHUTDOWN", timeout=5))
        self.assertTrue(client.send_command("CONFIG_UPDATE", {"a": 1}, timeout=5))
        self.assertEqual([(c["type"], c.get("epoch")) for c in core.seen], [("PING", None), ("HELLO", None), ("SHUTDOWN", 7), ("CONFIG_UPDATE", 7)])

    def test_a_command_goes_to_the_next_core_only_if_it_was_sent_once(self) -> None:
        core = self.core([7])
        client = self.client()
        self.assertTrue(client.send_command("SYNC_SWARM", timeout=5))
        core.epochs[0] = 8
        self.assertTrue(client.send_command("SYNC_SWARM", timeout=5), "it was sent once: the new core may have it")
        core.silent, core.successor = 1, 9
        self.assertEqual(client.command("SHUTDOWN", timeout=20).code, "wrong_epoch", "it was repeated: its successor must not stop")

    def test_the_timeout_counts_the_wait_for_other_commands(self) -> None:
        self.core([7], silent=1000)
        client = self.client()
        took: List[float] = []

        def send(timeout: float) -> None:
            start = time.monotonic()
            client.send_command("PING", timeout=timeout)
            took.append(time.monotonic() - start)

        slow = threading.Thread(target=send, args=(6.0,))
        slow.start()
        self.assertTrue(self.until(lambda: client._command_gate.locked()))
        answer = client.command("PING", timeout=0.2)
        self.assertTrue(slow.is_alive(), "it waited for another command's whole time")
        self.assertEqual(answer.code, "ack_timeout")
        slow.join()

    def test_a_core_that_serves_a_group_answers_in_its_directory(self) -> None:
        core = self.core([7], group=True)
        client = self.client()
        self.assertTrue(client.send_command("PING", timeout=5))
        (inbox,) = os.listdir(core.inboxes)
        self.assertEqual(os.stat(os.path.join(core.inboxes, inbox)).st_mode & 0o777, 0o620)
        client.close()
        self.assertEqual(os.listdir(core.inboxes), [])

    def test_nobody_there_too_long_and_full_say_so(self) -> None:
        client = self.client()
        self.assertEqual(client.command("PING", timeout=0.05).code, "no_core")
        self.assertEqual(self.client(runtime_dir=self.directory + "/none").command("PING", timeout=0.05).code, "no_core")
        self.assertEqual(client.command("PING", {"a": "x" * 5000}, timeout=0.05).code, "too_large")
        self.assertEqual(client.command("PING", {"a": "ü" * 1800}, timeout=0.05).code, "no_core", "not made longer by escapes")
        path = os.path.join(self.directory, "unit_cmd")
        os.mkfifo(path, 0o600)
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            while True:
                os.write(fd, b"x" * 4096)
        except BlockingIOError:
            pass
        self.assertIn("full", client.command("PING", timeout=0.05).message)
        os.close(fd)


class Lifetime(Case):
    def test_a_closed_client_has_nothing_and_makes_nothing(self) -> None:
        Region(self.directory).publish(frame(1))
        client = self.client()
        self.assertIsNotNone(client.get_detections())
        stream = client.stream("detections")
        next(stream)
        client.close()
        self.assertIsNone(client.get_detections())
        self.assertIsNone(client.age("detections"))
        self.assertTrue(client.stale("detections"))
        self.assertEqual(client.channel_status("detections"), "closed")
        self.assertEqual(list(stream), [])
        self.assertEqual(list(client.stream("detections")), [])
        self.assertFalse(client.send_command("PING"))
        self.assertEqual(client.command("PING").code, "closed")
        self.assertEqual([name for name in os.listdir(self.directory) if "ack" in name], [])

    def test_a_name_that_is_a_path_is_refused_at_once(self) -> None:
        client = self.client()
        for method in (client.get, client.stream, client.age, client.stale, client.channel_status):
            with self.subTest(method.__name__), self.assertRaises(ValueError):
                method("../x")

    def test_a_client_that_nobody_closed_gives_everything_back(self) -> None:
        Region(self.directory).publish(frame(1))
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            client = OmnisightIPCClient("unit", self.directory, shm_dir=self.directory)
            client.get_detections()
            client.send_command("PING", timeout=0.01)
            del client
            gc.collect()
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)
        self.assertEqual([name for name in os.listdir(self.directory) if "ack" in name], [])

    def test_parent_and_child_have_inboxes_of_their_own(self) -> None:
        core = Core(self.directory, [7])
        client = self.client()
        self.assertTrue(client.send_command("PING", timeout=5))
        with client._command_gate:  # as another thread of the parent might hold it
            child = os.fork()
            if child == 0:
                good = client.send_command("PING", timeout=5)
                client.close()
                os._exit(0 if good else 1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertTrue(client.send_command("PING", timeout=5))
        self.assertEqual(len({command["reply_to"] for command in core.seen}), 2)
        core.end()


if __name__ == "__main__":
    unittest.main()
