"""Many invoices with lost answers and killed workers: as many there, none double.

`PEPPOL_SENDINGS=1000` sends more than CI has time for.
"""

import os
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.models import SalesInvoice
from core.net import http
from core.runtime.database import session, transaction
from plugins.peppol import document
from plugins.peppol.evidence import keeping
from plugins.peppol.models import PeppolSending, SendingState
from plugins.peppol.sending import run
from tests.contract.peppol.conftest import Point
from tests.contract.peppol.world import World

MANY = int(os.environ.get("PEPPOL_SENDINGS", "40"))
ROUNDS = 60
LOST = ("drop", "drop_after", "html", "html_after")


class Killed(BaseException):
    """The worker is gone, at once."""


def _a_round(world: World) -> None:
    """Let every worker that died be dead long enough, and each row be due."""
    past = utcnow() - timedelta(seconds=1)
    with transaction() as current:
        current.execute(
            update(PeppolSending)
            .where(PeppolSending.due_at.is_not(None))
            .values(due_at=past, not_before=None)
        )
        current.execute(update(PeppolSending).values(lease_until=None))
    for row in world.sendings():
        key, invoice_id, state = row.id, row.invoice_id, row.state
        if state == SendingState.STOPPED and invoice_id is not None:
            world.ask(invoice_id)
        with suppress(Killed):
            run.run(key)
        session().rollback()


@pytest.mark.timeout(3600)
def test_as_many_arrive_as_were_asked_and_none_twice(
    world: World, point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(17)
    killed = []

    def probe(label: str) -> None:
        if "submit" in label and random.random() < 0.15:
            killed.append(label)
            raise Killed

    monkeypatch.setattr(document, "findings", lambda *_given: [()])
    keys = [world.invoice(credit=not each % 4) for each in range(MANY)]
    for key in keys:
        world.ask(key)
    monkeypatch.setattr(http, "probe", probe)
    for seed, kind in enumerate(LOST):
        rule = {"kind": kind, "method": "POST", "path": "submit", "seed": seed}
        point.control("faults", {**rule, "probability": "0.1"})
    rounds = 0
    while any(row.state != SendingState.DELIVERED for row in world.sendings()):
        rounds += 1
        assert rounds < ROUNDS
        _a_round(world)
    sent = point.documents()
    assert len(killed) > MANY // 20
    assert len(sent) == len({each["sbdhInstanceID"] for each in sent}) == MANY
    numbers = dict(
        session().execute(
            select(SalesInvoice.number, SalesInvoice).where(SalesInvoice.id.in_(keys))
        ).all()
    )  # fmt: skip
    for each in sent:
        assert abs(numbers[each["number"]].amount_incl_vat) == Decimal(each["payable"])
    assert all(keeping.verify(row).is_whole for row in world.sendings())
