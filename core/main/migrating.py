"""Alembic for one application: where the branches are; loaded when it is asked for."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.runtime.extensions import db

if TYPE_CHECKING:
    from alembic.config import Config
    from flask_migrate import Migrate

FOLDER = Path(__file__).parent / "migrations"


class Migrations:
    """What Flask-Migrate looks up as `app.extensions["migrate"]`.

    Its own makes the extension at once, and loads all of Alembic with it.
    """

    directory = str(FOLDER)

    def __init__(self, branches: Sequence[Path]) -> None:
        """Take the plugins' folders of migrations."""
        self._folders = [FOLDER / "versions", *branches]

    @cached_property
    def migrate(self) -> "Migrate":
        """The extension."""
        from flask_migrate import Migrate

        migrate = Migrate(db=db, directory=self.directory)
        migrate.configure(self._configure)
        return migrate

    def _configure(self, config: "Config") -> "Config":
        locations = ":".join(map(str, self._folders))
        for name, value in (
            ("script_location", self.directory),
            ("path_separator", "os"),
            ("version_locations", locations),
        ):
            config.set_main_option(name, value)
        return config
