"""Charts as geometry: templates draw it as SVG with classes, never inline styles. Pure.

Coordinates are in the units of the SVG's view box; the drawing grows with the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH = 720
HEIGHT = 160
LEFT = 72
BOTTOM = 26
TOP = 10
_GAP = Decimal("0.28")
"""Part of a bar's place that stays empty."""


@dataclass(frozen=True)
class Bar:
    """One value: where it stands, how high, and what it is called."""

    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal
    label: str
    value: Decimal


@dataclass(frozen=True)
class Tick:
    """A line of the scale."""

    y: Decimal
    value: Decimal


@dataclass(frozen=True)
class BarChart:
    """Upright bars on a scale from zero."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    every: int
    """How many bars share one label below: 1, every bar has its own."""

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return not any(bar.value for bar in self.bars)


def nice_top(highest: Decimal) -> Decimal:
    """Return the end of a scale: 1, 2, 4 or 5 times a power of ten, or 10."""
    if highest <= 0:
        return Decimal(4)
    power = Decimal(10) ** highest.adjusted()
    for step in (1, 2, 4, 5, 10):
        if highest <= step * power:
            return max(step * power, Decimal(4))
    raise AssertionError("ten times the power of ten is above any number")


def bar_chart(values: Sequence[tuple[str, Decimal]], labels: int = 6) -> BarChart:
    """Lay out bars for labelled values of zero and more; about `labels` labels."""
    top = nice_top(max((value for _, value in values), default=Decimal(0)))
    place = Decimal(WIDTH - LEFT) / max(len(values), 1)
    floor = Decimal(HEIGHT - BOTTOM)
    room = floor - TOP
    bars = []
    for index, (label, value) in enumerate(values):
        height = _rounded(value / top * room)
        bars.append(
            Bar(
                x=_rounded(LEFT + index * place + place * _GAP / 2),
                y=floor - height,
                width=_rounded(place * (1 - _GAP)),
                height=height,
                label=label,
                value=value,
            )
        )
    parts = (Decimal(0), Decimal("0.5"), Decimal(1))
    ticks = [Tick(_rounded(floor - part * room), top * part) for part in parts]
    return BarChart(bars, ticks, max(1, len(values) // labels))


def shares(values: Sequence[int], width: int = 100) -> list[int]:
    """Return each value as a part of the highest, at least 1 where there is any."""
    highest = max(values, default=0)
    return [max(1, value * width // highest) if value else 0 for value in values]


def _rounded(number: Decimal) -> Decimal:
    return round(number, 1)
