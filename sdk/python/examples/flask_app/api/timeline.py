"""/api/timeline."""

from flask import Blueprint

from . import Answer, command, newest

timeline_bp = Blueprint("timeline", __name__)


@timeline_bp.get("/api/timeline/predictions")
def get_predictions() -> Answer:
    return newest("timelines")


@timeline_bp.post("/api/timeline/refresh")
def refresh_timelines() -> Answer:
    return command("REFRESH_TIMELINES")
