"""The closing count: what the shop sold, what is known here, what the package holds.

One day counts for a sale: the local date on which it was ordered; for a credit that of
the refund. A document counts on the day of its order, whenever it was booked: what was
ordered on the 31st and booked on the 1st is no difference. Pure; amounts in euros.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.money import ZERO

REFERENCE = 50
"""The shortest that a package keeps of an order's number."""


class Part(StrEnum):
    """Where an order or a credit stands."""

    BOOKED = "booked"
    WAITING = "waiting"
    FAULTY = "faulty"
    """Under Fouten, not booked."""
    ASIDE = "aside"
    """Not to be booked, for a reason."""
    CANCELLED = "cancelled"
    """In the shop, before it was booked: not sold."""
    CREDITED = "credited"
    CREDIT_OPEN = "credit_open"
    CREDIT_ASIDE = "credit_aside"


SOLD = (Part.BOOKED, Part.WAITING, Part.FAULTY, Part.ASIDE)
"""What is sold is in exactly one of these."""
IN_PACKAGE = (Part.BOOKED, Part.CREDITED)


class Kind(StrEnum):
    """What differs."""

    MISSING_HERE = "missing_here"
    UNREADABLE = "unreadable"
    """The shop lists it, but its document cannot be read."""
    MISSING_IN_SHOP = "missing_in_shop"
    SHOP_AMOUNT = "shop_amount"
    SHOP_STATE = "shop_state"
    """Cancelled in the shop and not here, or the other way round."""
    NOT_FOLLOWED = "not_followed"
    """Known here, and nobody is to book it."""
    MISSING_IN_PACKAGE = "missing_in_package"
    PACKAGE_AMOUNT = "package_amount"
    PACKAGE_VAT = "package_vat"
    DOUBLE = "double"
    UNEXPECTED = "unexpected"
    """A document with the number of an order that was not booked by us."""


@dataclass(frozen=True)
class Listed:
    """A sale as the shop lists it now."""

    key: str
    number: str
    on: date
    total: Decimal
    vat: Decimal
    is_cancelled: bool = False


@dataclass(frozen=True)
class Known:
    """A sale or credit as it stands here; amounts of a credit are negative."""

    key: str
    number: str
    on: date
    total: Decimal
    vat: Mapping[Decimal, Decimal]
    """Per rate in percent."""
    part: Part
    reason: str = ""
    transfer_id: int | None = None
    external_id: str = ""
    is_followed: bool = True
    is_new: bool = False
    """Being sent, or booked while the package was read: its document may lack."""


@dataclass(frozen=True)
class Document:
    """What stands in the package."""

    external_id: str
    reference: str
    total: Decimal
    vat: Mapping[Decimal | None, Decimal]
    """Per rate; None: of rates that the package does not tell."""


@dataclass
class Sum:
    """A number with its amounts."""

    number: int = 0
    total: Decimal = ZERO
    vat: Decimal = ZERO

    def add(self, total: Decimal, vat: Decimal, number: int = 1) -> None:
        """Count one more, or another sum."""
        self.number += number
        self.total += total
        self.vat += vat


@dataclass(frozen=True)
class Gap:
    """One difference; amounts incl VAT (of PACKAGE_VAT: the VAT), None: not there."""

    kind: Kind
    number: str
    on: date
    here: Decimal | None = None
    there: Decimal | None = None
    transfer_id: int | None = None
    external_id: str = ""


@dataclass
class Day:
    """One day's lines; `shop` and `package` are None where they were not asked."""

    on: date
    shop: Sum | None = None
    package: Sum | None = None
    parts: dict[Part, Sum] = field(default_factory=lambda: defaultdict(Sum))
    reasons: dict[tuple[Part, str], Sum] = field(
        default_factory=lambda: defaultdict(Sum)
    )
    vat: dict[Decimal, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Booked and credited VAT per rate, as known here."""
    package_vat: dict[Decimal, Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )
    gaps: list[Gap] = field(default_factory=list)


@dataclass
class Sides:
    """The three lists of a period; None: that side was not asked."""

    days: Collection[date]
    known: Collection[Known]
    listed: Collection[Listed] | None = None
    documents: Collection[Document] | None = None
    unreadable: Collection[str] = ()
    starts_on: date | None = None
    """Sales of before this day are not passed on."""


def count(sides: Sides) -> list[Day]:
    """Return the lines of each day with every difference by name."""
    days = {
        on: Day(
            on,
            None if sides.listed is None else Sum(),
            None if sides.documents is None else Sum(),
        )
        for on in sorted(sides.days)
    }
    for one in sides.known:
        _count_known(days[one.on], one)
    if sides.listed is not None:
        _compare_shop(days, sides, sides.listed)
    if sides.documents is not None:
        _compare_package(days, sides.known, sides.documents)
    return list(days.values())


def _count_known(day: Day, one: Known) -> None:
    vat = sum(one.vat.values(), ZERO)
    day.parts[one.part].add(one.total, vat)
    if one.reason:
        day.reasons[one.part, one.reason].add(one.total, vat)
    if one.part in IN_PACKAGE:
        for rate, amount in one.vat.items():
            day.vat[rate] += amount
    if not one.is_followed:
        day.gaps.append(_gap(Kind.NOT_FOLLOWED, one, one.total, None))


def _gap(
    kind: Kind, one: Known, here: Decimal | None, there: Decimal | None, id_: str = ""
) -> Gap:
    return Gap(
        kind, one.number, one.on, here, there, one.transfer_id, id_ or one.external_id
    )


_CREDIT = (Part.CREDITED, Part.CREDIT_OPEN, Part.CREDIT_ASIDE)


def _compare_shop(
    days: Mapping[date, Day], sides: Sides, listed: Iterable[Listed]
) -> None:
    here = {one.key: one for one in sides.known if one.part not in _CREDIT}
    for each in {each.key: each for each in listed}.values():
        one, day = here.pop(each.key, None), days[each.on]
        is_before = sides.starts_on is not None and each.on < sides.starts_on
        if one is None and is_before:
            continue
        if not each.is_cancelled and day.shop is not None:
            day.shop.add(each.total, each.vat)
        if one is None:
            if not each.is_cancelled:
                found = Gap(Kind.MISSING_HERE, each.number, each.on, None, each.total)
                day.gaps.append(found)
        elif each.is_cancelled != (one.part == Part.CANCELLED):
            day.gaps.append(_gap(Kind.SHOP_STATE, one, one.total, each.total))
        elif (each.total, each.vat) != (one.total, sum(one.vat.values(), ZERO)):
            day.gaps.append(_gap(Kind.SHOP_AMOUNT, one, one.total, each.total))
    for one in here.values():
        is_unreadable = {one.number, one.key} & set(sides.unreadable)
        if one.part != Part.CANCELLED and not is_unreadable:
            days[one.on].gaps.append(_gap(Kind.MISSING_IN_SHOP, one, one.total, None))
    last = days[max(days)]
    last.gaps += [Gap(Kind.UNREADABLE, name, last.on) for name in sides.unreadable]


def _compare_package(
    days: Mapping[date, Day], known: Iterable[Known], documents: Iterable[Document]
) -> None:
    left = {each.external_id: each for each in documents}
    by_reference: dict[str, Known] = {}
    for one in known:
        by_reference |= {one.number: one, one.number[:REFERENCE]: one}
        if one.part not in IN_PACKAGE:
            continue
        document = left.pop(one.external_id, None)
        if document is not None:
            _compare_document(days[one.on], one, document)
        elif not one.is_new:
            days[one.on].gaps.append(
                _gap(Kind.MISSING_IN_PACKAGE, one, one.total, None)
            )
    for each in left.values():
        found = by_reference.get(each.reference) if each.reference else None
        if found is None or found.part in (Part.ASIDE, Part.CREDIT_ASIDE):
            continue  # of others, or booked by the user in its place
        if found.part not in IN_PACKAGE and found.is_new:
            continue
        is_double = found.part in IN_PACKAGE
        kind = Kind.DOUBLE if is_double else Kind.UNEXPECTED
        days[found.on].gaps.append(
            _gap(kind, found, found.total, each.total, each.external_id)
        )
        _add_document(days[found.on], each.total, _rates(each.vat))


def _compare_document(day: Day, one: Known, document: Document) -> None:
    vat = told(document.vat, one.vat)
    _add_document(day, document.total, vat)
    if document.total != one.total:
        day.gaps.append(_gap(Kind.PACKAGE_AMOUNT, one, one.total, document.total))
    elif vat != nonzero(one.vat):
        sums = (sum(one.vat.values(), ZERO), sum(vat.values(), ZERO))
        day.gaps.append(_gap(Kind.PACKAGE_VAT, one, *sums))


def _add_document(day: Day, total: Decimal, vat: Mapping[Decimal, Decimal]) -> None:
    if day.package is not None:
        day.package.add(total, sum(vat.values(), ZERO))
    for rate, amount in vat.items():
        day.package_vat[rate] += amount


def _rates(vat: Mapping[Decimal | None, Decimal]) -> dict[Decimal, Decimal]:
    return {rate or ZERO: amount for rate, amount in vat.items()}


def told(
    booked: Mapping[Decimal | None, Decimal], sold: Mapping[Decimal, Decimal]
) -> dict[Decimal, Decimal]:
    """Return VAT per rate as the package tells it.

    Some do not tell the rate of every row (under None): those rows hold what the told
    ones leave of what was sold, if the amount agrees.
    """
    named = nonzero({rate: each for rate, each in booked.items() if rate is not None})
    rest = {rate: each for rate, each in sold.items() if rate not in named}
    untold = booked.get(None, ZERO)
    if untold == sum(rest.values(), ZERO):
        return nonzero({**named, **rest})
    return {**named, **nonzero({ZERO: untold})}


def nonzero(amounts: Mapping[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    """Return the rates with an amount, lowest rate first."""
    return {rate: amount for rate, amount in sorted(amounts.items()) if amount}
