"""ICP at the sandbox: corrections that a declaration takes along, up to 2025."""

from decimal import Decimal

from core.domain.declarations import TaxPeriod
from core.runtime.database import session
from plugins.belastingdienst.filing import filings
from plugins.belastingdienst.icp import owed as icp_owed
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.xbrl.declared import read_back
from tests.integration.filing_world import ICP, Files

Q3, Q4 = TaxPeriod.quarter(2025, 3), TaxPeriod.quarter(2025, 4)
Q1 = TaxPeriod.quarter(2026, 1)


def late(files: Files) -> Administration:
    """Have Q3 accepted with 1,000, then find 200.50 more."""
    one = files.administration()
    files.figures(one, Q3, icp="1000.00")
    first = files.approve(files.prepare(one, Q3, ICP))
    files.work(first.id, rounds=2)
    assert files.stage(first.id) == (FilingStage.ACCEPTED, "")
    files.figures(one, Q3, icp="200.50")
    icp_owed.notice(one, Q3)
    session().commit()
    return one


def owed(one: Administration) -> list[Decimal]:
    return [row.amount for row in icp_owed.of(one)]


def test_up_to_2025_it_goes_with_the_next_declaration(files: Files) -> None:
    one = late(files)
    assert owed(one) == [Decimal(200)]
    files.figures(one, Q4, icp="50.90")
    withdrawn = files.prepare(one, Q4, ICP)
    assert owed(one) == []
    filings.withdraw(withdrawn, user_id=files.user.id)
    session().commit()
    assert owed(one) == [Decimal(200)]
    waiting = files.prepare(one, Q4, ICP)
    assert files.prepare(one, Q4, ICP).id == waiting.id
    files.approve(waiting)
    files.work(waiting.id, rounds=2)
    assert files.stage(waiting.id) == (FilingStage.ACCEPTED, "")
    rows = read_back(files.row(waiting.id).content, ICP).rows
    assert [(row.amount, row.is_correction) for row in rows] == [
        (Decimal(50), False), (Decimal(200), True),
    ]  # fmt: skip
    for period in (Q3, Q4):
        icp_owed.notice(one, period)
    assert owed(one) == []


def test_from_2026_it_stays_owed(files: Files) -> None:
    one = late(files)
    files.figures(one, Q1, icp="50.90")
    made = files.prepare(one, Q1, ICP)
    assert made.payable == Decimal(50)
    assert owed(one) == [Decimal(200)]
