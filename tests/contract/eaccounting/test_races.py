"""Orders of one new article whose workers overlap: a lease ran out, work goes on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from time import monotonic

import pytest

from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.transfer import drain, leases
from core.services.transfer.journal import Job
from core.services.transfer.leases import Batch
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_booking import DONE, order
from tests.unit.eaccounting import samples

TOGETHER = 4
_claim = Job._claim


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both, whatever the run is on."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    address: str = request.getfixturevalue("postgresql")
    return address


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """One order a batch."""
    return replace(settings, drain_batch=1)


def taken(coupled: Coupled) -> Batch:
    """Lease an order while the connection is another's, whose lease has run out."""
    coupled.change(drain_until=None)
    batch = leases.take_batch()
    assert batch is not None
    return batch


def send_together(coupled: Coupled, batches: Sequence[Batch]) -> None:
    def send(batch: Batch) -> None:
        with coupled.app.app_context(), system_scope():
            drain._serve(batch, monotonic() + 60)
            db.session.remove()

    with ThreadPoolExecutor(len(batches)) as pool:
        list(pool.map(send, batches))


@pytest.mark.parametrize("guarded", [True, False])
def test_orders_at_the_same_moment_make_their_new_article_once(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    all_there = Barrier(TOGETHER)

    def claim(job: Job, kind: str, key: str) -> str:
        if kind != "article":
            return _claim(job, kind, key)
        all_there.wait(60)
        return _claim(job, kind, key) if guarded else ""

    coupled.package.control("settings", {"allow_duplicate_numbers": True})
    coupled.configure(target_kind="draft_invoice")
    line = samples.line("Mok", "12.10", "2.10")
    coupled.read([order(number, line) for number in range(1, TOGETHER + 1)])
    batches = [taken(coupled) for _ in range(TOGETHER)]
    with monkeypatch.context() as patched:
        patched.setattr(Job, "_claim", claim)
        send_together(coupled, batches)
    made = coupled.package.ledger("article")
    assert len(made) == (1 if guarded else TOGETHER)
    coupled.drain()
    if guarded:
        assert coupled.states() == [DONE] * TOGETHER
        assert coupled.package.ledger("article") == made
        used = [
            draft["Rows"][0]["ArticleId"] for draft in coupled.package.ledger("draft")
        ]
        assert used == [made[0]["Id"]] * TOGETHER
