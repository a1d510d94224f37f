"""The closing count as it is kept and shown: per day, and added up per month."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from core.models import Coupling, Tally, TallyDay
from core.rules.tally import SOLD, Day, Gap, Kind, Part, Sum
from core.runtime.database import session
from core.services.reporting.overview import own


@dataclass(frozen=True)
class Line:
    """One day as it was counted last."""

    day: Day
    made_at: datetime


@dataclass
class Month:
    """The days of a month that were counted, with their sum."""

    first: date
    last: date
    lines: Sequence[Line] = ()
    sum: Day = field(default_factory=lambda: Day(date.min))

    @property
    def gaps(self) -> list[Gap]:
        """Every difference, by day."""
        return [gap for line in self.lines for gap in line.day.gaps]

    @property
    def is_proven(self) -> bool:
        """Tell whether both sides were asked of every counted day and nothing differs
        or waits."""
        parts = self.sum.parts
        open_ = (Part.WAITING, Part.FAULTY, Part.CREDIT_OPEN)
        return (
            bool(self.lines)
            and not self.gaps
            and all(line.day.package is not None for line in self.lines)
            and not any(parts[part].number for part in open_ if part in parts)
        )


def sold(day: Day) -> Sum:
    """Return what was sold as it is known here."""
    made = Sum()
    for part in SOLD:
        if part in day.parts:
            one = day.parts[part]
            made.add(one.total, one.vat, one.number)
    return made


def month_of(coupling: Coupling, on: date) -> Month:
    """Return the month that a date is in, in one query."""
    first = on.replace(day=1)
    last = on.replace(day=monthrange(on.year, on.month)[1])
    rows = session().scalars(
        select(TallyDay)
        .where(
            TallyDay.coupling_id == coupling.id,
            TallyDay.on_day >= first,
            TallyDay.on_day <= last,
        )
        .order_by(TallyDay.on_day)
    )
    lines = [Line(from_data(row), row.made_at) for row in rows]
    return Month(first, last, lines, add_up(first, [line.day for line in lines]))


def add_up(on: date, days: Iterable[Day]) -> Day:
    """Return days as one; a side is there when it was asked of any of them."""
    made = Day(on)
    for day in days:
        for part, one in day.parts.items():
            made.parts[part].add(one.total, one.vat, one.number)
        for key, one in day.reasons.items():
            made.reasons[key].add(one.total, one.vat, one.number)
        for rate, amount in day.vat.items():
            made.vat[rate] += amount
        for rate, amount in day.package_vat.items():
            made.package_vat[rate] += amount
        made.shop = _plus(made.shop, day.shop)
        made.package = _plus(made.package, day.package)
        made.gaps += day.gaps
    return made


def _plus(one: Sum | None, other: Sum | None) -> Sum | None:
    if other is None:
        return one
    made = one or Sum()
    made.add(other.total, other.vat, other.number)
    return made


def tally_of(coupling: Coupling) -> Tally | None:
    """Return when a coupling is counted, and how the last count went."""
    return session().scalar(select(Tally).where(Tally.coupling_id == coupling.id))


def differences() -> dict[int, tuple[datetime, int]]:
    """Return per coupling when it was last counted and how many days differ, in one
    query."""
    days = (
        select(TallyDay.coupling_id, func.count().label("number"))
        .where(own(TallyDay), TallyDay.gaps != [])
        .group_by(TallyDay.coupling_id)
        .subquery()
    )
    rows = session().execute(
        select(Tally.coupling_id, Tally.made_at, func.coalesce(days.c.number, 0))
        .outerjoin(days, days.c.coupling_id == Tally.coupling_id)
        .where(own(Tally), Tally.made_at.is_not(None))
    )
    return {key: (made_at, number) for key, made_at, number in rows}


def to_data(day: Day) -> dict[str, Any]:
    """Return a day as the columns of its row."""
    return {
        "lines": {
            "shop": _sum(day.shop),
            "package": _sum(day.package),
            "parts": {part: _sum(one) for part, one in day.parts.items()},
            "reasons": [
                [part, reason, _sum(one)] for (part, reason), one in day.reasons.items()
            ],
            "vat": {str(rate): str(amount) for rate, amount in day.vat.items()},
            "package_vat": {
                str(rate): str(amount) for rate, amount in day.package_vat.items()
            },
        },
        "gaps": [
            [
                gap.kind,
                gap.number,
                _text(gap.here),
                _text(gap.there),
                gap.transfer_id,
                gap.external_id,
            ]
            for gap in day.gaps
        ],
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _sum(one: Sum | None) -> list[Any] | None:
    return None if one is None else [one.number, str(one.total), str(one.vat)]


def from_data(row: TallyDay) -> Day:
    """Return the day that `to_data` wrote."""
    lines, on = row.lines, row.on_day
    return Day(
        on,
        _read(lines["shop"]),
        _read(lines["package"]),
        defaultdict(
            Sum, {Part(key): _read(one) or Sum() for key, one in lines["parts"].items()}
        ),
        defaultdict(
            Sum,
            {
                (Part(part), reason): _read(one) or Sum()
                for part, reason, one in lines["reasons"]
            },
        ),
        _amounts(lines["vat"]),
        _amounts(lines["package_vat"]),
        [
            Gap(Kind(kind), number, on, _money(here), _money(there), id_, external)
            for kind, number, here, there, id_, external in row.gaps
        ],
    )


def _read(data: list[Any] | None) -> Sum | None:
    return Sum(data[0], Decimal(data[1]), Decimal(data[2])) if data else None


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _amounts(data: dict[str, str]) -> defaultdict[Decimal, Decimal]:
    return defaultdict(
        Decimal, {Decimal(rate): Decimal(amount) for rate, amount in data.items()}
    )
