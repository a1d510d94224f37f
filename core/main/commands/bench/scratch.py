"""A product on a database of its own, in a temporary folder, without processes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from core.models import Base
from core.runtime import planner
from core.runtime.extensions import db, koppelwerk
from core.runtime.tenancy import system_scope


@contextmanager
def scratch() -> Iterator[Flask]:
    """Make the product with its tables, all of them empty."""
    from core.main.app import create_app  # the composition root imports the commands

    with tempfile.TemporaryDirectory(prefix="kwscratch-") as folder:
        settings = replace(
            koppelwerk().settings,
            var_dir=str(Path(folder) / "var"),
            database_url=f"sqlite:///{Path(folder) / 'scratch.db'}",
            public_url="http://localhost",
            redis_url="",
            log_level="CRITICAL",
        )
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context(), system_scope():
            Base.metadata.create_all(db.engine)
            with db.engine.begin() as connection:
                planner.learn(connection)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
