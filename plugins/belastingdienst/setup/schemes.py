"""What a taxpayer said of himself: where he files, and under which schemes.

Nothing said is as if he files here, under no scheme: what is due is never hidden by an
answer that nobody gave.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from core.plugin.database import session
from plugins.belastingdienst.law.purchases import BOXES
from plugins.belastingdienst.law.spans import Days
from plugins.belastingdienst.models import (
    Administration,
    Entry,
    PeriodFigures,
    Taxpayer,
)
from plugins.belastingdienst.models.taxpayer import FilingPlace


@dataclass(frozen=True)
class Schemes:
    """The taxpayers behind some administrations."""

    known: dict[tuple[int, str], Taxpayer]
    """By tenant and tax number."""

    def of(self, administration: Administration) -> Taxpayer | None:
        """Return what was said of an administration's taxpayer; None: nothing yet."""
        return self.known.get((administration.tenant_id, administration.tax_number))

    def files_here(self, administration: Administration) -> bool:
        """Tell whether his returns are filed here, not in the package or portal."""
        found = self.of(administration)
        return found is None or found.filed_at != FilingPlace.ELSEWHERE

    def asks_return(self, administration: Administration, period: Days) -> bool:
        """Tell whether a VAT return is due over a period: not wholly under the KOR, or
        with VAT that was transferred to him."""
        found = self.of(administration)
        if found is None or not is_small(found, period):
            return True
        return _has_transferred(administration, period)


def of(found: Iterable[Administration]) -> Schemes:
    """Return the taxpayers of administrations, in one question."""
    keys = {(one.tenant_id, one.tax_number) for one in found if one.tax_number}
    if not keys:
        return Schemes({})
    tenants, numbers = zip(*keys, strict=True)
    rows = session().scalars(
        select(Taxpayer).where(
            Taxpayer.tenant_id.in_(set(tenants)), Taxpayer.tax_number.in_(set(numbers))
        )
    )
    return Schemes({(row.tenant_id, row.tax_number): row for row in rows})


def _has_transferred(administration: Administration, period: Days) -> bool:
    transferred = (
        select(Entry.id)
        .join(PeriodFigures, PeriodFigures.id == Entry.period_id)
        .where(
            PeriodFigures.administration_id == administration.id,
            PeriodFigures.starts_on == period.start,
            PeriodFigures.ends_on == period.end,
            Entry.rubric.in_(BOXES),
        )
    )
    return session().scalar(transferred.limit(1)) is not None


def is_small(taxpayer: Taxpayer, period: Days) -> bool:
    """Tell whether every day of a period is under the KOR: it ends with the sale that
    passes the limit, whether or not somebody filled that in."""
    since = taxpayer.small_business_since
    until = taxpayer.small_business_until or date.max
    passed = taxpayer.small_business_passed_on or date.max
    is_within = since is not None and since <= period.start and period.end <= until
    return is_within and period.end < passed
