"""The blueprints, and the envelope that all of them answer in."""

from typing import Any, Dict, Optional, Tuple

from flask import Response, current_app, jsonify

from omnisight import OmnisightIPCClient

Answer = Tuple[Response, int]


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
    return success(value) if value is not None else error(503, client().channel_status(channel), "No data")


def command(command_type: str, refused_status: int) -> Answer:
    """Sends a command; its acknowledgement is the answer."""
    answer = client().command(command_type, {})
    if answer.success:
        return success({"message": answer.message, **answer.data})
    return error(refused_status, answer.code or "rejected", answer.message)
