"""What the coupled packages need of a relation before an invoice to it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.domain.errors import KoppelwerkError
from core.models import Coupling, SalesInvoice
from core.runtime.database import session
from core.services.crm import relations
from core.services.invoicing import invoice_couplings

NUMBER = "debtor_number_missing"


@dataclass(frozen=True)
class Need:
    """One thing that is lacking, and the plugins that lack it."""

    error: KoppelwerkError
    plugins: tuple[str, ...]


def needs_of(row: SalesInvoice) -> list[Need]:
    """Return what a draft's relation lacks, each once for all packages together."""
    found: dict[str, list[str]] = {}
    errors: dict[str, KoppelwerkError] = {}
    relation = relations.data_of(row.relation)
    for coupling in _booking(row.tenant_id):
        offer = invoice_couplings.offer_of(coupling.target)
        for error in offer.needs(coupling.target, relation) if offer else ():
            errors.setdefault(error.code, error)
            found.setdefault(error.code, []).append(coupling.target.plugin)
    return [Need(errors[code], tuple(plugins)) for code, plugins in found.items()]


def _booking(tenant_id: int) -> Sequence[Coupling]:
    """Return the invoice couplings that a sent invoice would be booked over."""
    rows = session().scalars(
        select(Coupling)
        .where(
            Coupling.tenant_id == tenant_id,
            Coupling.source_id.is_(None),
            Coupling.purchases.is_(False),
            Coupling.enabled,
        )
        .order_by(Coupling.id)
    )
    return [row for row in rows if row.target.enabled]
