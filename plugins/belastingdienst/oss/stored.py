"""Sales, lines and corrections of the one stop shop as they are kept. Pure.

Amounts and rates are texts, so that they come back exactly. Sales without a doubt of
their own are added up per country, kind and rate: that is all a return needs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from core.domain.jsontext import dumps
from plugins.belastingdienst.law import oss
from plugins.belastingdienst.law.doubts import Doubt
from plugins.belastingdienst.law.oss import Correction, Kind, Line, RateKind, Sale
from plugins.belastingdienst.law.oss_threshold import DistanceSale
from plugins.belastingdienst.law.spans import quarter_of

_Row = dict[str, Any]


def added_up(sales: Iterable[Sale], home: str) -> list[Sale]:
    """Add up sales of a quarter; one with a doubt stays by itself, with its number."""
    apart: list[Sale] = []
    found: dict[tuple[Any, ...], Sale] = {}
    for sale in sales:
        if any(oss.doubts_of(sale, home)):
            apart.append(sale)
            continue
        kind = oss.rate_kind(sale)
        key = sale.country, sale.dispatched_from, sale.kind, kind, sale.rate
        known = found.get(key)
        if known is None:
            found[key] = replace(sale, id="")
        else:
            found[key] = replace(
                known,
                amount_excl_vat=known.amount_excl_vat + sale.amount_excl_vat,
                vat=known.vat + sale.vat,
                lines=known.lines + sale.lines + 1,  # one more for rounding their sum
            )
    return [*found.values(), *apart]


def sale_row(sale: Sale) -> _Row:
    """Return a sale as it is kept."""
    return {
        "id": sale.id,
        "on": sale.on.isoformat(),
        "country": sale.country,
        "kind": sale.kind.value,
        "rate": str(sale.rate),
        "excl": str(sale.amount_excl_vat),
        "vat": str(sale.vat),
        "from": sale.dispatched_from,
        "lines": sale.lines,
        "own_rates": [str(rate) for rate in sale.own_rates],
    }


def sale(row: Mapping[str, Any]) -> Sale:
    """Read what `sale_row` wrote."""
    return Sale(
        id=row["id"],
        on=date.fromisoformat(row["on"]),
        country=row["country"],
        kind=Kind(row["kind"]),
        rate=Decimal(row["rate"]),
        amount_excl_vat=Decimal(row["excl"]),
        vat=Decimal(row["vat"]),
        dispatched_from=row["from"],
        lines=row["lines"],
        own_rates=tuple(Decimal(rate) for rate in row["own_rates"]),
    )


def line_row(line: Line) -> _Row:
    """Return a line of a return as it is kept."""
    return {
        "country": line.country,
        "from": line.dispatched_from,
        "kind": line.kind.value,
        "rate_kind": line.rate_kind.value,
        "rate": str(line.rate),
        "excl": str(line.amount_excl_vat),
        "vat": str(line.vat),
    }


def line(row: Mapping[str, Any]) -> Line:
    """Read what `line_row` wrote."""
    return Line(
        row["country"],
        row["from"],
        Kind(row["kind"]),
        RateKind(row["rate_kind"]),
        Decimal(row["rate"]),
        Decimal(row["excl"]),
        Decimal(row["vat"]),
    )


def correction_row(one: Correction) -> _Row:
    """Return a correction as it is kept."""
    return {
        "quarter": one.quarter.start.isoformat(),
        "country": one.country,
        "vat": str(one.vat),
    }


def correction(row: Mapping[str, Any]) -> Correction:
    """Read what `correction_row` wrote."""
    quarter = quarter_of(date.fromisoformat(row["quarter"]))
    return Correction(quarter, row["country"], Decimal(row["vat"]))


def doubt_row(doubt: Doubt) -> _Row:
    """Return a doubt as it is kept."""
    return {
        "code": doubt.code,
        "about": doubt.about,
        "params": dict(doubt.params),
        "blocks": doubt.blocks,
    }


def doubt(row: Mapping[str, Any]) -> Doubt:
    """Read what `doubt_row` wrote."""
    return Doubt(row["code"], row["about"], dict(row["params"]), row["blocks"])


def digest(made: oss.OssReturn) -> str:
    """Return what tells whether a return is still the one that somebody saw."""
    rows = [
        [line_row(one) for one in made.lines],
        [correction_row(one) for one in made.corrections],
    ]
    return sha256(dumps(rows).encode()).hexdigest()


def distance_rows(sales: Sequence[DistanceSale]) -> list[list[str]]:
    """Return distance sales as they are kept: per day and country of leaving."""
    found: dict[tuple[date, str], Decimal] = {}
    for one in sales:
        key = one.on, one.dispatched_from
        found[key] = found.get(key, Decimal(0)) + one.amount_excl_vat
    return [
        [on.isoformat(), start, str(amount)]
        for (on, start), amount in sorted(found.items())
    ]


def distance_sales(rows: Iterable[Sequence[str]]) -> list[DistanceSale]:
    """Read what `distance_rows` wrote; the id is the day."""
    return [
        DistanceSale(on, date.fromisoformat(on), Decimal(amount), start)
        for on, start, amount in rows
    ]
