"""An empty database for a test."""

import shutil
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from core.models import Base
from core.runtime import references, walls
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from tests.quicker import sqlite_with

EMPTY = """
DO $$
DECLARE
    name text;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH name IN ARRAY :names LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', name);
    END LOOP;
END $$
"""
"""Of some ninety tables a test writes to a dozen: TRUNCATE makes new files for all.

The role lets rows go in any order, without a look at who refers to them.
"""


def empty_database() -> None:
    """Make all tables of the current application, empty."""
    url = db.engine.url
    if db.engine.dialect.name == "postgresql":
        _make_tables(url.render_as_string(hide_password=False))
        with system_scope(), db.engine.begin() as connection:
            _empty(connection)
    elif url.database and not Path(url.database).exists():
        shutil.copyfile(sqlite_with(frozenset(Base.metadata.tables)), url.database)
    else:
        Base.metadata.create_all(db.engine)


@cache
def _make_tables(url: str) -> None:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        walls.build(connection)
        references.build(connection)
    engine.dispose()


def _empty(connection: Connection) -> None:
    names = ", ".join(f"'{table.name}'" for table in Base.metadata.sorted_tables)
    connection.execute(text(EMPTY.replace(":names", f"ARRAY[{names}]")))
