"""The seed's design: Flask's own server, the shared memory read and turned into JSON for every request.
usage: flask_app.py PORT /dev/shm/INSTANCE_detections"""
import logging
import mmap
import os
import struct
import sys
import zlib

from flask import Flask, jsonify

CLASSES = ["unknown", "person", "vehicle", "face", "package", "animal"]
FRAME = struct.Struct("<IIQQIIII")      # magic, version, frame_id, timestamp_ms, num, image, truncated, reserved
OBJECT = struct.Struct("<IIf4fIQ64x")   # id, class, confidence, bbox, reserved, timestamp_ms

region = os.open(sys.argv[2], os.O_RDONLY)
memory = mmap.mmap(region, 0, prot=mmap.PROT_READ)
header_bytes, slots, stride = struct.unpack_from("<III", memory, 16)


def detections():
    for _ in range(16):
        latest = struct.unpack_from("<Q", memory, 128)[0]
        at = header_bytes + (latest - 1) % slots * stride
        seq, length = struct.unpack_from("<QI", memory, at)
        payload = memory[at + 64:at + 64 + length]
        if seq == 2 * latest == struct.unpack_from("<Q", memory, at)[0]:
            break
    else:
        return None
    magic, version, frame_id, timestamp, count, image, truncated, _ = FRAME.unpack_from(payload)
    end = FRAME.size + count * OBJECT.size
    if magic != 0x4F4D4E49 or version != 2 or zlib.crc32(payload[:end]) != struct.unpack_from("<I", payload, end)[0]:
        return None
    return {
        "stale": False, "frame_id": frame_id, "timestamp": timestamp, "frame": {"width": image & 0xFFFF, "height": image >> 16},
        "coordinate_space": "normalized_xywh", "truncated": truncated,
        "detections": [
            {"id": o[0], "class_id": o[1], "class": CLASSES[o[1]] if o[1] < len(CLASSES) else f"unknown({o[1]})", "confidence": o[2], "bbox": list(o[3:7]), "timestamp_ms": o[8]}
            for o in OBJECT.iter_unpack(payload[FRAME.size:end])],
    }


app = Flask(__name__)


@app.get("/api/perception/detections")
def get_detections():
    data = detections()
    return jsonify({"status": "success", "data": data}) if data else (jsonify({"status": "error", "message": "No data"}), 503)


logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run("127.0.0.1", int(sys.argv[1]), threaded=True)
