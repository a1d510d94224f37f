"""An administration with entries, for tests of figures."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from core.domain.declarations import Box, DeclarationKind, Rubric, TaxPeriod
from core.models import Connection, ConnectionState, Tenant
from core.runtime.database import session
from core.services.people import accounts
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.models import (
    Administration,
    Entry,
    Filing,
    FilingProfile,
    PeriodFigures,
)
from plugins.belastingdienst.models.administration import DIGIPOORT, INVOICES
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.xbrl import ob
from tests.unit.belastingdienst.samples import header

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
            "source": INVOICES,
            "tax_number": "001000044B37",
            **values,
        },
    )
    session().add(made)
    session().flush()
    return made


def book_years(owner: Tenant, *years: str) -> list[Administration]:
    """AccountView with an administration per book year."""
    connection = Connection(
        tenant_id=owner.id, plugin="accountview", state=ConnectionState.CONNECTED,
        external_id="1", external_name="Demo Handel",
        facts={"companies": [
            {"id": str(place), "code": f"D{year}", "description": "x", "year": year}
            for place, year in enumerate(years)
        ]},
    )  # fmt: skip
    session().add(connection)
    session().flush()
    return [
        administration(
            owner, code=f"D{year}", source="accountview", company_id=str(place),
            connection_id=connection.id,
        )
        for place, year in enumerate(years)
    ]  # fmt: skip


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


def filed(
    row: PeriodFigures,
    *,
    turnover: str = "0",
    vat: str = "0",
    input_vat: str = "0",
    stage: FilingStage = FilingStage.ACCEPTED,
    kind: DeclarationKind = DeclarationKind.VAT_RETURN,
    boxes: Mapping[Rubric, Box] | None = None,
) -> Filing:
    """File a period with these amounts in 1a and 5b, as the writer writes them."""
    boxes = boxes or {
        Rubric.R1A: Box(Decimal(turnover), Decimal(vat)),
        Rubric.R5B: Box(vat=Decimal(input_vat)),
    }
    vat_return = VatReturn.from_exact(period_figures.period(row), boxes)
    content = ob.write_return(header(), vat_return)
    administration_row = row.administration
    number = session().query(Filing).count() + 1
    if administration_row.profile is None:
        administration_row.profile = FilingProfile(
            tenant_id=row.tenant_id, name="Digipoort", channel=DIGIPOORT
        )
        session().flush()
    made = Filing(
        tenant_id=row.tenant_id,
        administration_id=row.administration_id,
        kind=kind,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        version=number,
        reference=f"KW{number:08}",
        tax_number=administration_row.tax_number,
        channel=DIGIPOORT,
        profile_id=administration_row.profile_id,
        content=content,
        content_hash=sha256(content).hexdigest(),
        stage=stage,
        payable=vat_return.payable,
        delivered_at=MOMENT,
    )
    session().add(made)
    session().flush()
    return made
