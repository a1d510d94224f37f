"""A row of each kind that declarations' pages have an address for."""

from core.clock import utcnow
from core.services import connections
from core.services.database import session
from plugins.accountview.models import (
    Administration,
    Certificate,
    FilingProfile,
    Undertaking,
    VismaUser,
)
from plugins.accountview.models.administration import FigureSource, ProfileKind
from plugins.accountview.models.figures import EntryOrigin
from plugins.accountview.models.filing import FilingStage
from tests.integration.accountview import figure_samples
from tests.web.samples import Sample


def declaration_rows(sample: Sample) -> dict[str, object]:
    """Switch AccountView on and add the rows; return their ids by address part."""
    connections.switch_plugin(sample.tenant.id, "accountview", enabled=True)
    owned, name = {"tenant_id": sample.tenant.id}, sample.tenant.name
    rows = {
        "undertaking_id": Undertaking(**owned, code="X", description=name),
        "profile_id": FilingProfile(**owned, name=name, kind=ProfileKind.AUTOREPORT),
        "visma_user_id": VismaUser(**owned, email="x@example.com", name=name),
        "certificate_id": Certificate(
            **owned, subject=name, expires_at=utcnow(), secret=b"x"
        ),
        "administration_id": Administration(
            **owned, code="X", description=name, source=FigureSource.INVOICES
        ),
    }
    session().add_all(rows.values())
    session().flush()
    made = figure_samples.period(rows["administration_id"])
    rows["entry_id"] = figure_samples.entry(
        made, "5b", vat="1", description=name, origin=EntryOrigin.MANUAL
    )
    rows["filing_id"] = figure_samples.filed(made, stage=FilingStage.DELIVERED)
    return {part: row.id for part, row in rows.items()}
