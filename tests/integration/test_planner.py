"""SQLite takes the index that leaves the fewest rows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from core.main.tasks import PARTS
from core.models import Base
from core.plugin.engine.rounds import run_parts
from core.runtime import planner
from core.runtime.database import shared_now


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'young.db'}")
    Base.metadata.create_all(made)
    yield made
    made.dispose()


def misled(engine: Engine) -> list[str]:
    """The questions that are answered by reading all rows of a tenant."""
    found = []
    looking = inspect(engine)
    with engine.connect() as connection:
        for table in looking.get_table_names():
            names = {column["name"] for column in looking.get_columns(table)}
            for index in looking.get_indexes(table) if "tenant_id" in names else ():
                columns = index["column_names"]
                if "tenant_id" in columns or index["dialect_options"]:
                    continue
                where = " AND ".join(f"{name} = 1" for name in ("tenant_id", *columns))
                plan = connection.execute(
                    text(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {where}")
                ).one()
                if "(tenant_id=?)" in plan.detail:
                    found.append(f"{index['name']}: {plan.detail}")
    return found


def test_a_young_database_reads_no_tenant_to_find_a_row(engine: Engine) -> None:
    assert misled(engine), "SQLite needs no help any more: drop core.runtime.planner"
    with engine.begin() as connection:
        planner.learn(connection)
    engine.dispose()
    assert misled(engine) == []


@pytest.mark.usefixtures("app")
def test_the_clock_gathers_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered: list[Connection] = []
    monkeypatch.setattr(planner, "learn", gathered.append)
    part = next(part for part in PARTS if part.name == "planner")
    now = shared_now()
    for minutes in (0, 59, 61):
        run_parts([part], now + timedelta(minutes=minutes))
    assert len(gathered) == 2
