"""A strict simulator of everything this plugin speaks to, on one port.

AccountView.Net with its Web API (`/ams`, `/api/v3`), and what has no public
description: Visma.net AutoReport with its login (`/autoreport/v1`, `/visma-connect`)
and the Visma services of the wizard (`/services`).
"""

from pathlib import Path

from flask import Flask

from core.kit.sandbox import create_sandbox
from plugins.accountview.sandbox.autoreport import autoreport
from plugins.accountview.sandbox.control import control
from plugins.accountview.sandbox.oauth import oauth
from plugins.accountview.sandbox.pages import pages
from plugins.accountview.sandbox.services import services
from plugins.accountview.sandbox.webapi import webapi

BLUEPRINTS = (oauth, webapi, autoreport, services, control, pages)


def create_app(database: Path | str) -> Flask:
    """Return the sandbox; its memory is the SQLite file (or `:memory:`)."""
    app = create_sandbox("accountview", database)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
