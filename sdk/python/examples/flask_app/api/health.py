"""/api/health, /api/stats, /api/status."""

from flask import Blueprint, jsonify

from . import Answer, client, newest

health_bp = Blueprint("health", __name__)


@health_bp.get("/api/health")
def health() -> Answer:
    checks = client().health_check()
    healthy = all(checks.values())
    return jsonify({"status": "healthy" if healthy else "unhealthy", "checks": checks}), 200 if healthy else 503


@health_bp.get("/api/stats")
def stats() -> Answer:
    return newest("stats")


@health_bp.get("/api/status")
def status() -> Answer:
    return newest("status")
