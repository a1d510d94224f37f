"""An administration with entries, for tests of figures."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core.models import Tenant
from core.services import accounts
from core.services.database import session
from plugins.accountview import period_figures
from plugins.accountview.models import Administration, Entry, PeriodFigures
from plugins.accountview.models.administration import FigureSource
from plugins.accountview.models.figures import EntryOrigin
from plugins.accountview.returns import Rubric, TaxPeriod

MOMENT = datetime(2026, 10, 3, 9, tzinfo=UTC)
Q3 = TaxPeriod.quarter(2026, 3)


def tenant(number: int = 1) -> Tenant:
    return accounts.create_tenant_with_owner(
        name=f"Handel {number}",
        email=f"boekhouder{number}@example.com",
        password="een lang wachtwoord",
    )


def administration(owner: Tenant, **values: Any) -> Administration:
    made = Administration(
        tenant_id=owner.id,
        **{
            "code": "DEMO",
            "description": "Demo Handel",
            "source": FigureSource.INVOICES,
            "tax_number": "001000044B37",
            **values,
        },
    )
    session().add(made)
    session().flush()
    return made


def period(of: Administration, when: TaxPeriod = Q3) -> PeriodFigures:
    return period_figures.of(of, when)


def entry(row: PeriodFigures, rubric: str, turnover: str = "0", vat: str = "0",
          **values: Any) -> Entry:  # fmt: skip
    made = Entry(
        tenant_id=row.tenant_id,
        period_id=row.id,
        rubric=Rubric(rubric),
        turnover=Decimal(turnover),
        vat=Decimal(vat),
        **{
            "origin": EntryOrigin.LEDGER,
            "booked_on": date(2026, 8, 1),
            **values,
        },
    )
    session().add(made)
    session().flush()
    return made
