"""/api/swarm."""

from flask import Blueprint

from . import Answer, client, command, success

_NOT_SHOWN = ("cameras", "epoch", "sequence", "mono_ns", "boot_id")  # another path's, and the file's envelope

swarm_bp = Blueprint("swarm", __name__)


@swarm_bp.get("/api/swarm/network")
def get_network() -> Answer:
    swarm = client().get("swarm")
    if swarm is None:
        return success({"enabled": False, "neighbors": []})
    shown = {key: value for key, value in swarm.items() if key not in _NOT_SHOWN}
    return success({"neighbors": [], **shown, "enabled": True})


@swarm_bp.post("/api/swarm/sync")
def sync_swarm() -> Answer:
    return command("SYNC_SWARM")
