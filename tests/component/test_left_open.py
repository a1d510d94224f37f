"""What a test leaves connected is closed after it, and what is in use is not."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.pool import Pool, QueuePool

from tests import left_open


@pytest.mark.parametrize("watched", [True, False])
def test_only_what_nobody_uses_is_closed(tmp_path: Path, watched: bool) -> None:
    was_watched = event.contains(Pool, "connect", left_open._note)
    if was_watched:
        event.remove(Pool, "connect", left_open._note)
    if watched:
        left_open.watch()
    engine = create_engine(f"sqlite:///{tmp_path / 'left.db'}", poolclass=QueuePool)
    with engine.connect() as idle, engine.connect():
        idle.execute(text("CREATE TABLE kept (id INTEGER)"))
    with engine.connect() as used:
        left_open.close()
        assert used.scalar(text("SELECT count(*) FROM kept")) == 0
        assert _is_open(engine) is not watched
    engine.dispose()
    if watched:
        event.remove(Pool, "connect", left_open._note)
    if was_watched:
        left_open.watch()


def _is_open(engine: Engine) -> bool:
    """Tell whether the connection that the pool gives next is an open one."""
    made: list[object] = []
    event.listen(engine, "connect", lambda *_: made.append(1))
    with engine.connect():
        return not made
