"""/api/swarm."""

from flask import Blueprint

from . import Answer, client, command, success

swarm_bp = Blueprint("swarm", __name__)


@swarm_bp.get("/api/swarm/network")
def get_network() -> Answer:
    swarm = client().get("swarm")
    return success({"enabled": False, "neighbors": []} if swarm is None else {**swarm, "enabled": True})


@swarm_bp.post("/api/swarm/sync")
def sync_swarm() -> Answer:
    return command("SYNC_SWARM", 409)
