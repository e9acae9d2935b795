"""The blueprints, and the envelope that all of them answer in."""

from typing import Any, Dict, Optional, Tuple

from flask import Response, current_app, jsonify

from omnisight import OmnisightIPCClient

Answer = Tuple[Response, int]
_REFUSALS = {"not_enabled": (409, "not_enabled"), "rate_limited": (429, "rate_limited"), "ack_timeout": (500, "ack_timeout"), "no_core": (500, "ack_timeout")}


def client() -> OmnisightIPCClient:
    found: OmnisightIPCClient = current_app.extensions["omnisight"]
    return found


def success(data: Dict[str, Any]) -> Answer:
    return jsonify({"status": "success", "data": data}), 200


def error(http_status: int, code: str, message: str) -> Answer:
    return jsonify({"status": "error", "message": message, "code": code}), http_status


def newest(channel: str) -> Answer:
    """The newest value of a channel, or 503 while there is none."""
    value: Optional[Dict[str, Any]] = client().get(channel)
    if value is not None:
        return success(value)
    found = client().channel_status(channel)
    return error(503, found if found in ("not_ready", "writer_stopped", "rejected") else "writer_stale", "No data")


def command(command_type: str) -> Answer:
    """Sends a command; its acknowledgement is the answer."""
    answer = client().command(command_type, {})
    if answer.success:
        return success({"message": answer.message, **answer.data})
    status, code = _REFUSALS.get(answer.code or "", (500, "rejected"))
    return error(status, code, answer.message)
