"""A bad day in small: T1 of the fault runs, on SQLite (`tests.chaos.grand`)."""

from pathlib import Path

import pytest

from tests.chaos import grand, is_good

SIZE = grand.Size(orders=100, tenants=2, kills=12, still=4.0)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_orders_on_a_bad_day(tmp_path: Path) -> None:
    found = grand.run(SIZE, tmp_path, "sqlite", seed=20261121)
    assert found["orders"] == SIZE.orders
    assert min(found["kills"], found["answers_drop_after"]) > 0
    assert is_good(found), found
