"""/api/perception."""

from flask import Blueprint

from . import Answer, newest

perception_bp = Blueprint("perception", __name__)


@perception_bp.get("/api/perception/detections")
def get_detections() -> Answer:
    return newest("detections")


@perception_bp.get("/api/perception/tracks")
def get_tracks() -> Answer:
    return newest("tracks")
