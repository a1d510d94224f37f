"""A row of each kind that declarations' pages have an address for."""

from datetime import date
from decimal import Decimal

from core.domain.clock import utcnow
from core.domain.declarations import DeclarationKind, IcpKind, Rubric, TaxPeriod
from core.plugin.evidence import digest
from core.runtime.database import session
from core.services.connections import connections
from plugins.accountview.models import Undertaking, VismaUser
from plugins.accountview.route import NAME as AUTOREPORT
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.models import (
    Administration,
    CallOffStock,
    Certificate,
    Entry,
    Filing,
    FilingProfile,
    IcpCorrection,
    Taxpayer,
)
from plugins.belastingdienst.models.administration import INVOICES
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.xbrl import ob
from tests.unit.belastingdienst.samples import NUMBER, header
from tests.web.samples import Sample

NUMBERS = (NUMBER, "123456782B90")


def declaration_rows(sample: Sample) -> dict[str, object]:
    """Switch AccountView on and add the rows; return their ids by address part."""
    for name in ("accountview", "belastingdienst"):
        connections.switch_plugin(sample.tenant.id, name, enabled=True)
    owned, name = {"tenant_id": sample.tenant.id}, sample.tenant.name
    rows = {
        "undertaking_id": Undertaking(**owned, code="X", description=name),
        "profile_id": FilingProfile(**owned, name=name, channel=AUTOREPORT),
        "visma_user_id": VismaUser(**owned, email="x@example.com", name=name),
        "certificate_id": Certificate(
            **owned, subject=name, expires_at=utcnow(), secret=b"x"
        ),
        "administration_id": Administration(
            **owned, code="X", description=name, source=INVOICES,
            tax_number=NUMBERS[sample.tenant.id % 2],
        ),
        "taxpayer": Taxpayer(
            **owned, tax_number=NUMBERS[sample.tenant.id % 2],
            union_scheme_since=date(2026, 1, 1),
        ),
    }  # fmt: skip
    session().add_all(rows.values())
    session().flush()
    ids = {part: row.id for part, row in rows.items()}
    return {
        **ids,
        "number": rows["administration_id"].tax_number,
        "period": "2026-Q3",
        "figure": "1a",
        "question": "case_margin",
        "quarter": "2026-Q3",
        "entry_id": _entry(rows["administration_id"]),
        "filing_id": _filing(rows["administration_id"], ids["profile_id"]),
        "stock_id": _stock(rows["administration_id"]),
    }


def _stock(administration: Administration) -> int:
    """Add goods in stock at a customer, and what an ICP declaration still lacks."""
    period = TaxPeriod.quarter(2026, 3)
    who = {"customer_country": "DE", "customer_number": "136695976"}
    stock = CallOffStock(
        tenant_id=administration.tenant_id, administration_id=administration.id,
        description=administration.description, amount=Decimal(7),
        arrived_on=period.start, **who,
    )  # fmt: skip
    owed = IcpCorrection(
        tenant_id=administration.tenant_id, tax_number=administration.tax_number,
        starts_on=period.start, ends_on=period.end, icp_kind=IcpKind.GOODS,
        amount=Decimal(7), noticed_on=period.end, **who,
    )  # fmt: skip
    session().add_all((stock, owed))
    session().flush()
    return stock.id


def _entry(administration: Administration) -> int:
    """Add an amount that was filled in."""
    period = period_figures.of(administration, TaxPeriod.quarter(2026, 3))
    entry = Entry(
        tenant_id=administration.tenant_id, period_id=period.id, rubric=Rubric.R5B,
        origin=EntryOrigin.MANUAL, booked_on=period.ends_on, vat=Decimal(7),
        description=administration.description,
    )  # fmt: skip
    session().add(entry)
    session().flush()
    return entry.id


def _filing(administration: Administration, profile_id: int) -> int:
    """Add a declaration that waits for approval."""
    period = TaxPeriod.quarter(2026, 3)
    content = ob.write_return(header(), VatReturn(period, {}))
    filing = Filing(
        tenant_id=administration.tenant_id, administration_id=administration.id,
        kind=DeclarationKind.VAT_RETURN, starts_on=period.start, ends_on=period.end,
        version=1, reference=f"KW{administration.id}", channel=AUTOREPORT,
        profile_id=profile_id, content=content, content_hash=digest(content),
        stage=FilingStage.PREPARED, tax_number=NUMBER,
    )  # fmt: skip
    session().add(filing)
    session().flush()
    return filing.id
