"""The sandbox's composition: the kit, the shops, the API, the pages."""

from pathlib import Path

from flask import Flask

from core.kit.sandbox import create_sandbox
from plugins.kmoshops.sandbox import api, control, oauth, pages
from plugins.kmoshops.sandbox.parts import install
from plugins.kmoshops.sandbox.ratelimit import RateLimit


def create_app(database: Path | str) -> Flask:
    """Return the sandbox; its memory is the SQLite file (or `:memory:`)."""
    app = create_sandbox("kmoshops", database)
    install(app)
    app.extensions["kmoshops_ratelimit"] = RateLimit()
    for module in (api, control, oauth, pages):
        app.register_blueprint(module.bp)
    return app
