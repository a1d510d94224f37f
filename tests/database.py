"""An empty database for a test."""

import shutil
from pathlib import Path

from sqlalchemy import text

from core.models import Base
from core.runtime.extensions import db
from tests.quicker import sqlite_with


def empty_database() -> None:
    """Make all tables of the current application, empty."""
    path = db.engine.url.database or ""
    if db.engine.dialect.name == "sqlite" and not Path(path).exists():
        shutil.copyfile(sqlite_with(frozenset(Base.metadata.tables)), path)
        return
    Base.metadata.create_all(db.engine)
    if db.engine.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        with db.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
