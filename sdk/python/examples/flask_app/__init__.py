"""The seed's Flask server over :class:`omnisight.OmnisightIPCClient`: ``flask --app flask_app run``.

OMNISIGHT_INSTANCE and OMNISIGHT_RUNTIME_DIR name another node than the default one. Answers are those of Api.Rest.
"""

import os
from typing import Optional

from flask import Flask

from omnisight import OmnisightIPCClient

from .api.health import health_bp
from .api.perception import perception_bp
from .api.swarm import swarm_bp
from .api.timeline import timeline_bp


def create_app(client: Optional[OmnisightIPCClient] = None) -> Flask:
    """The application; its client is ``app.extensions["omnisight"]``."""
    app = Flask(__name__)
    app.extensions["omnisight"] = client or OmnisightIPCClient(
        os.environ.get("OMNISIGHT_INSTANCE", "omnisight"), os.environ.get("OMNISIGHT_RUNTIME_DIR"))
    for blueprint in (perception_bp, timeline_bp, swarm_bp, health_bp):
        app.register_blueprint(blueprint)
    return app
