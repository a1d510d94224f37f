"""What the seller's own VAT status is, by day. Pure.

Whether distance sales are taxed where they go or at home is the seller's own choice
below the threshold and his registration above it; no order tells.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class DistanceSales(StrEnum):
    """Where sales to consumers in other member states are taxed."""

    UNKNOWN = ""
    OSS = "oss"
    """Where the goods go, declared in the one stop shop (2006/112/EC art. 33, 369a)."""
    HOME = "home"
    """At home, below 10,000 euros a year (2006/112/EC art. 59c)."""


@dataclass(frozen=True)
class VatStatus:
    """The seller's VAT status from a local day on, until the next one."""

    starts_on: date
    distance_sales: DistanceSales = DistanceSales.UNKNOWN
    small_business: bool = False
    """No VAT at all: the scheme for small enterprises (2006/112/EC art. 284; KOR)."""


@dataclass(frozen=True)
class Seller:
    """Who sells, as far as VAT goes."""

    home_country: str
    """The member state that the goods leave from; ISO code."""
    timezone: str = "Europe/Amsterdam"
    statuses: tuple[VatStatus, ...] = ()
    """By day, oldest first; nothing is known before the first."""

    def day(self, moment: datetime) -> date:
        """Return the local day of a moment (UTC)."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def status(self, on: date) -> VatStatus:
        """Return the status of a local day; one that knows nothing without."""
        found = [each for each in self.statuses if each.starts_on <= on]
        return found[-1] if found else VatStatus(date.min)


def statuses_of(stored: Iterable[Mapping[str, Any]]) -> tuple[VatStatus, ...]:
    """Read the statuses as a tenant keeps them, oldest first."""
    found = [
        VatStatus(
            date.fromisoformat(each["starts_on"]),
            DistanceSales(each.get("distance_sales", "")),
            bool(each.get("small_business")),
        )
        for each in stored
    ]
    return tuple(sorted(found, key=lambda each: each.starts_on))


def stored(statuses: Iterable[VatStatus]) -> list[dict[str, Any]]:
    """Return statuses as a tenant keeps them; one a day, the last counts."""
    by_day = {each.starts_on: each for each in statuses}
    return [
        {
            "starts_on": each.starts_on.isoformat(),
            "distance_sales": each.distance_sales.value,
            "small_business": each.small_business,
        }
        for _, each in sorted(by_day.items())
    ]
