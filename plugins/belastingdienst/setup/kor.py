"""Since when and until when a taxpayer is under the KOR.

Said once, at the tenant's VAT status, by which his sales are booked too. Of a tenant
with several tax numbers it is about the number whose own sales are kept here.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from core.plugin.database import session
from core.plugin.setups import seller_of
from core.plugin.tables import Tenant
from core.rules.seller import VatStatus
from plugins.belastingdienst.law.spans import Days
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.models.administration import INVOICES

_DAY = timedelta(days=1)
Number = tuple[int, str]
"""A tenant and a tax number."""


@dataclass(frozen=True)
class Stretch:
    """Days under the KOR."""

    start: date
    end: date
    """`date.max`: it still holds."""

    @property
    def goes_on(self) -> bool:
        """Whether it still holds."""
        return self.end == date.max

    def holds(self, period: Days) -> bool:
        """Tell whether all days of a period are in it."""
        return self.start <= period.start and period.end <= self.end


def of_tenants(tenant_ids: Collection[int]) -> dict[Number, tuple[Stretch, ...]]:
    """Return the stretches of those who ever were under it, oldest first."""
    rows = session().scalars(select(Tenant).where(Tenant.id.in_(tenant_ids)))
    found = {one.id: tuple(_stretches(seller_of(one).statuses)) for one in rows}
    said = {tenant_id: days for tenant_id, days in found.items() if days}
    if not said:
        return {}
    return {(one, number): said[one] for one, number in _whose(said)}


def of(tenant_id: int, tax_number: str) -> tuple[Stretch, ...]:
    """Return the stretches of one taxpayer, oldest first."""
    return of_tenants([tenant_id]).get((tenant_id, tax_number), ())


def current(found: Collection[Stretch], on: date) -> Stretch | None:
    """Return the stretch that a local day is in."""
    return next((one for one in found if one.start <= on <= one.end), None)


def _stretches(statuses: Collection[VatStatus]) -> Iterator[Stretch]:
    first: date | None = None
    for each in statuses:
        if each.small_business and first is None:
            first = each.starts_on
        elif not each.small_business and first is not None:
            yield Stretch(first, each.starts_on - _DAY)
            first = None
    if first is not None:
        yield Stretch(first, date.max)


def _whose(tenant_ids: Collection[int]) -> list[Number]:
    """Return the taxpayers that their tenant's status is about."""
    rows = session().execute(
        select(
            Administration.tenant_id, Administration.tax_number, Administration.source
        )
        .where(
            Administration.tenant_id.in_(tenant_ids), Administration.tax_number != ""
        )
        .distinct()
    )
    numbers: dict[int, set[str]] = {}
    own: set[Number] = set()
    for tenant_id, number, source in rows:
        numbers.setdefault(tenant_id, set()).add(number)
        if source == INVOICES:
            own.add((tenant_id, number))
    only = {
        (tenant_id, number)
        for tenant_id, found in numbers.items()
        for number in found
        if len(found) == 1
    }
    return sorted(only | own)
