"""An empty database for a test."""

from sqlalchemy import text

from core.extensions import db
from core.models import Base


def empty_database() -> None:
    """Make all tables of the current application, empty."""
    Base.metadata.create_all(db.engine)
    if db.engine.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        with db.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
