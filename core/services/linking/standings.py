"""How a tenant's couplings stand: the facts of `rules.standing`, gathered at once.

Three queries for all couplings, and what the package needs to say for each whether its
configuration is complete.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from core.domain.clock import local_date, utcnow
from core.models import (
    Connection,
    Coupling,
    Licence,
    LicenceState,
    ServiceInvoice,
    Tenant,
)
from core.rules.standing import (
    CouplingFacts,
    LicenceFacts,
    Rights,
    SideName,
    Status,
    coupling_status,
)
from core.runtime.database import session
from core.services.linking import couplings
from core.services.reporting.status import facts_of


@dataclass(frozen=True)
class Standing:
    """A coupling, what it is paid by, and all that its state is derived from."""

    coupling: Coupling
    licence: Licence | None
    facts: CouplingFacts
    at: datetime

    def status(self, rights: Rights | None = None) -> Status:
        """Return its state, with `rights` as that user may act on it."""
        return coupling_status(self.facts, self.at, rights)

    @property
    def side(self) -> Connection | None:
        """The side at which the reason of its state is found; None: neither."""
        return {
            SideName.SOURCE: self.coupling.source,
            SideName.TARGET: self.coupling.target,
        }.get(self.status().side)


def of_tenant(tenant_id: int) -> list[Standing]:
    """Return how a tenant's couplings of shops stand, oldest first.

    Configurations are not looked at (`completed`): that is enough where only what is
    graver counts, as on every page.
    """
    rows = session().scalars(
        select(Coupling)
        .where(Coupling.tenant_id == tenant_id, Coupling.source_id.is_not(None))
        .options(joinedload(Coupling.source), joinedload(Coupling.target))
        .order_by(Coupling.id)
    )
    found = list(rows)
    if not found:
        return []
    now = utcnow()
    covering = _licences(tenant_id, now)
    return [_standing(each, covering.get(each.id), now) for each in found]


def _standing(
    coupling: Coupling,
    covered: tuple[Licence, LicenceFacts] | None,
    now: datetime,
) -> Standing:
    licence, covers = covered or (None, None)
    facts = CouplingFacts(
        source=facts_of(coupling.source),
        target=facts_of(coupling.target),
        licence=covers,
        licensed=coupling.licensed,
        enabled=coupling.enabled,
        is_configured=coupling.configured_at is not None,
    )
    return Standing(coupling, licence, facts, now)


def completed(standing: Standing) -> Standing:
    """Return a standing that knows what its configuration lacks."""
    try:
        missing = next(iter(couplings.problems_of(standing.coupling)), "")
    except couplings.NotAPair:  # its plugin is not loaded
        missing = ""
    return replace(standing, facts=replace(standing.facts, missing=missing))


def _licences(
    tenant_id: int, now: datetime
) -> dict[int | None, tuple[Licence, LicenceFacts]]:
    """Return a tenant's licences with their facts, by the coupling they cover."""
    own = ServiceInvoice.licence_id == Licence.id
    rows = session().execute(
        select(
            Licence,
            Tenant.timezone,
            exists().where(own, ServiceInvoice.paid_at.is_(None)),
            exists().where(own, ServiceInvoice.paid_at.is_not(None)),
        )
        .join(Tenant, Tenant.id == Licence.tenant_id)
        .where(Licence.tenant_id == tenant_id, Licence.coupling_id.is_not(None))
    )
    return {
        row.coupling_id: (
            row,
            LicenceFacts(
                state=row.state,
                days_left=(row.ends_on - local_date(now, timezone)).days,
                reason=row.reason,
                owes=owes,
                was_paid=was_paid or row.state == LicenceState.PAID,
            ),
        )
        for row, timezone, owes, was_paid in rows
    }
