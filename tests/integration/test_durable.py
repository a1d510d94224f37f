"""What a worker committed before a call survives a power cut."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from core.main import tasks
from core.main.app import create_app
from core.runtime import jobs, worker
from core.runtime.database import session
from core.runtime.extensions import db
from core.runtime.worker import work
from tests.e2e.test_kill_points import in_child
from tests.product import Product

FULL, NORMAL = "2", "1"
"""As SQLite numbers them; with FULL each commit waits for the disk."""


@pytest.mark.parametrize("guarded", [True, False])
def test_commits_of_workers_wait_for_the_disk(
    connected: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's commits wait by themselves")
    said = tmp_path / "said"

    def look(_: int) -> None:
        found = session().execute(text("PRAGMA synchronous")).scalar_one()
        said.write_text(str(found))

    monkeypatch.setitem(tasks.TASKS, "look", look)  # type: ignore[arg-type]
    if not guarded:
        monkeypatch.setattr(worker, "promise_commits", lambda: None)
    own = connected.app.extensions["koppelwerk"].settings
    app = create_app(replace(own, redis_url=connected.stack.settings.redis))
    with app.app_context():
        assert jobs.wake("bulk", "look")

    def serve() -> None:
        work(app, "bulk", burst=True)

    assert in_child(serve, lambda _: None)
    assert said.read_text() == (FULL if guarded else NORMAL)


def test_pages_do_not_wait_for_the_disk(connected: Product) -> None:
    """Polls find again what a shop's message said; a page costs no disk's turn."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("a setting of SQLite")
    found = session().execute(text("PRAGMA synchronous")).scalar_one()
    assert str(found) == NORMAL
