"""What a taxpayer said of himself: where he files, and under which schemes.

Nothing said is as if he files here, under no scheme: what is due is never hidden by an
answer that nobody gave.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
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
from plugins.belastingdienst.setup import kor
from plugins.belastingdienst.setup.kor import Number, Stretch


@dataclass(frozen=True)
class Schemes:
    """The taxpayers behind some administrations."""

    known: dict[Number, Taxpayer]
    small: dict[Number, tuple[Stretch, ...]] = field(default_factory=dict)
    """Of those who ever were under the KOR."""

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
        if not self._is_small(administration, period):
            return True
        return _has_transferred(administration, period)

    def _is_small(self, administration: Administration, period: Days) -> bool:
        """Tell whether every day of a period is under the KOR: it ends with the sale
        that passes the limit, whether or not somebody filled that in."""
        number = administration.tenant_id, administration.tax_number
        said = self.known.get(number)
        passed = said.small_business_passed_on if said else None
        is_within = any(one.holds(period) for one in self.small.get(number, ()))
        return is_within and period.end < (passed or date.max)


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
    said = {(row.tenant_id, row.tax_number): row for row in rows}
    return Schemes(said, kor.of_tenants(set(tenants)))


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
