"""A hundred declarations whose answers get lost end as a hundred, not as 101.

FILING_TAXPAYERS=10 for all of them; CI takes fewer.
"""

import os

import pytest
from sqlalchemy import select

from core.runtime.database import session
from plugins.accountview.route import NAME as AUTOREPORT
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.sending import turn
from tests.integration.filing_world import DELIVERY, MONTHS, REFERENCES, Files

CHANNELS = (AUTOREPORT, DIGIPOORT)
TAXPAYERS = int(os.environ.get("FILING_TAXPAYERS", "3"))
EACH = 5
"""Months that one taxpayer files over one channel."""


@pytest.mark.slow
def test_a_hundred_with_the_answer_lost_end_as_a_hundred(files: Files) -> None:
    """Taxpayers with five months each, over each channel; no answer comes back."""
    every: list[int] = []
    for first, kind in enumerate(CHANNELS):
        for taxpayer in range(TAXPAYERS):
            number = f"{first * TAXPAYERS + taxpayer:09}B01"
            administration = files.administration(kind, number)
            every += [files.approved(administration, one) for one in MONTHS[-EACH:]]
        files.sandbox.fault("drop_after", method="POST", path=DELIVERY[kind])
    waiting = list(every)
    for _ in range(20):
        files.work(*waiting)
        waiting = _not_ended(files)
        if not waiting:
            break
    stages = {one: files.stage(one)[0] for one in every}
    assert stages == dict.fromkeys(every, FilingStage.ACCEPTED)
    for kind in CHANNELS:
        arrived = [one[REFERENCES[kind]] for one in files.arrived(kind)]
        assert len(arrived) == len(set(arrived)) == TAXPAYERS * EACH
    references = session().scalars(select(Filing.delivery_reference)).all()
    assert len(set(references)) == len(every)
    assert all(keeping.verify(files.row(one)).is_whole for one in every[::10])


def _not_ended(files: Files) -> list[int]:
    found = select(Filing.id).where(Filing.stage.in_(turn.WORKING))
    return list(session().scalars(found.order_by(Filing.id)))
