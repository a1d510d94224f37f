"""The start page: how far the set-up is, and the periods of every administration."""

from dataclasses import dataclass

from flask import Blueprint

from core.policy import access
from core.texts import Explained, explain
from core.views.pages import today
from plugins.accountview import activation, administrations, profiles, undertakings
from plugins.accountview.models import Administration
from plugins.accountview.returns import TaxPeriod
from plugins.accountview.views.common import page

SHOWN = 3
"""Periods on the start page; the others are on the administration's own page."""


@dataclass(frozen=True)
class Line:
    """An administration on the start page."""

    row: Administration
    periods: list[TaxPeriod]
    problems: list[Explained]


def add_to(pages: Blueprint) -> None:
    """Add the address."""
    pages.add_url_rule("", "index", index)


@access("login")
def index() -> str:
    """Show everything at a glance."""
    rows = administrations.of_tenant()
    return page(
        "index",
        activation=activation.of_tenant(),
        lines=[_line(row) for row in rows],
        undertakings=undertakings.of_tenant(),
        profiles=profiles.of_tenant(),
    )


def _line(row: Administration) -> Line:
    values = {"administration": row.description}
    return Line(
        row,
        administrations.current_periods(row, today())[:SHOWN],
        [explain(code, values) for code in administrations.problems(row)],
    )
