"""The sandboxes of Digipoort and AccountView behind one address, for tests of both.

Where both have an address (`/_control/options`) the first's answers.
"""

from pathlib import Path

from flask import Flask

from core.kit.sandbox import create_sandbox
from plugins.accountview import sandbox as accountview
from plugins.belastingdienst import sandbox as belastingdienst


def create_app(database: Path | str) -> Flask:
    """Return both on one database; the options are Digipoort's."""
    app = create_sandbox("declarations", database)
    for blueprint in (*belastingdienst.BLUEPRINTS, *accountview.BLUEPRINTS):
        app.register_blueprint(blueprint)
    return app


def environ(address: str) -> dict[str, str]:
    """Return the settings that point at both."""
    from plugins.accountview.demo import SANDBOX as BOOKS
    from plugins.belastingdienst.demo import SANDBOX as OFFICE

    return {**OFFICE.environ(address), **BOOKS.environ(address)}
