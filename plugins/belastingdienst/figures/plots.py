"""VAT per period as bars: to pay above the line of zero, to get back below it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.domain.money import ZERO
from core.rules.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    TOP,
    WIDTH,
    Bar,
    BarChart,
    Tick,
    nice_top,
)

_GAP = Decimal("0.4")
"""Part of a bar's place that stays empty."""
_APART = 16
"""Marks of the scale that stand closer to zero than a line of text are left out."""


@dataclass(frozen=True)
class Drawn:
    """A chart, and where its line of zero is."""

    chart: BarChart
    zero: Decimal


def signed_bars(values: Sequence[tuple[str, Decimal]], labels: int = 8) -> Drawn:
    """Lay out bars for labelled values of either sign; about `labels` labels."""
    above = max((value for _, value in values), default=ZERO)
    below = -min((value for _, value in values), default=ZERO)
    highest = nice_top(above) if above > 0 or below <= 0 else ZERO
    lowest = nice_top(below) if below > 0 else ZERO
    room = Decimal(HEIGHT - BOTTOM - TOP)
    scale = room / (highest + lowest)
    zero = _rounded(TOP + highest * scale)
    place = Decimal(WIDTH - LEFT) / max(len(values), 1)
    bars = []
    for index, (label, value) in enumerate(values):
        height = _rounded(abs(value) * scale)
        bars.append(
            Bar(
                x=_rounded(LEFT + index * place + place * _GAP / 2),
                y=zero - height if value > 0 else zero,
                width=_rounded(place * (1 - _GAP)),
                height=height,
                label=label,
                value=value,
            )
        )
    marks = [mark for mark in (highest, -lowest) if abs(mark) * scale >= _APART]
    ticks = [Tick(_rounded(zero - mark * scale), mark) for mark in (ZERO, *marks)]
    return Drawn(BarChart(bars, ticks, max(1, len(values) // labels)), zero)


def _rounded(number: Decimal) -> Decimal:
    return round(number, 1)
