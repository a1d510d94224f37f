"""A coupled tenant, made once per process; every next test gets a copy of its files.

To couple takes a hundred calls and thousands of rows; a copy of the product's and the
sandbox's database takes none. Both are built to go on from their file.
"""

import atexit
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from flask import Flask

from core.domain.clock import utcnow
from core.runtime.extensions import db

FRESH = timedelta(minutes=10)
"""Longer ago tokens may have run out, and a test that travels is somewhere else."""
Ids = tuple[int, int, int]
"""Of the shop, the package and the coupling."""


@dataclass(frozen=True)
class Kept:
    """The files of a coupled tenant, and what the sandbox had counted."""

    made_at: datetime
    product: Path
    sandbox: Path
    calls: dict[str, int]
    ids: Ids


_known: dict[str, Kept] = {}


@dataclass
class Begun:
    """A sandbox in a file: empty, or where the kept one left off."""

    name: str
    """Of what is kept; empty: nothing is."""
    app: Flask
    database: Path
    kept: Kept | None

    def restore(self) -> Ids | None:
        """Give the running application the kept tenant; None when there is none."""
        if self.kept is None or db.engine.name != "sqlite":
            return None
        db.session.remove()
        db.engine.dispose()
        shutil.copyfile(self.kept.product, str(db.engine.url.database))
        return self.kept.ids

    def keep(self, ids: Ids) -> None:
        """Keep the running application's tenant; SQLite only."""
        if not self.name or db.engine.name != "sqlite":
            return
        folder = Path(mkdtemp(prefix="koppelwerk-tests-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        product, sandbox = folder / "product.db", folder / "sandbox.db"
        _copy(Path(str(db.engine.url.database)), product)
        _copy(self.database, sandbox)
        calls = dict(self.app.extensions["sandbox"].calls)
        _known[self.name] = Kept(utcnow(), product, sandbox, calls, ids)


def begin(name: str, create_app: Callable[[Path], Flask], folder: Path) -> Begun:
    """Make a sandbox in this folder, from what is kept under a name if it can be."""
    database, kept = folder / "sandbox.db", _known.get(name)
    if kept is None or abs(utcnow() - kept.made_at) > FRESH:
        return Begun(name, create_app(database), database, None)
    shutil.copyfile(kept.sandbox, database)
    app = create_app(database)
    app.extensions["sandbox"].calls.update(kept.calls)
    return Begun(name, app, database, kept)


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
