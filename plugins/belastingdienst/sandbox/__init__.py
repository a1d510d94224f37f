"""A strict simulator of Digipoort (`/wus/2.0`).

It is also served with mutual TLS on a port of its own: POST `/_control/tls`.
"""

from pathlib import Path

from flask import Flask

from core.kit.sandbox import create_sandbox
from plugins.belastingdienst.sandbox.control import control
from plugins.belastingdienst.sandbox.digipoort import digipoort

BLUEPRINTS = (digipoort, control)


def create_app(database: Path | str) -> Flask:
    """Return the sandbox; its memory is the SQLite file (or `:memory:`)."""
    app = create_sandbox("belastingdienst", database)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
