"""The start page: how far the set-up is, and what every administration must file."""

from dataclasses import dataclass

from flask import Blueprint

from core.plugin.pages import access, today
from core.plugin.texts import Explained, explain
from plugins.accountview import (
    activation,
    administrations,
    filing_words,
    obligations,
    profiles,
    undertakings,
)
from plugins.accountview.models import Administration
from plugins.accountview.obligations import Obligation
from plugins.accountview.returns import TaxPeriod
from plugins.accountview.views.common import page

SHOWN = 4
"""Declarations of an administration on the start page; the list has all."""


@dataclass(frozen=True)
class Line:
    """An administration on the start page."""

    row: Administration
    running: TaxPeriod
    obligations: list[Obligation]
    problems: list[Explained]


def add_to(pages: Blueprint) -> None:
    """Add the address."""
    pages.add_url_rule("", "index", index)


@access("login")
def index() -> str:
    """Show everything at a glance."""
    rows = administrations.of_tenant()
    todo = obligations.of(rows, today())
    return page(
        "index",
        activation=activation.of_tenant(),
        lines=[_line(row, todo) for row in rows],
        urgencies=filing_words.URGENCIES,
        undertakings=undertakings.of_tenant(),
        profiles=profiles.of_tenant(),
    )


def _line(row: Administration, todo: list[Obligation]) -> Line:
    return Line(
        row,
        administrations.current_periods(row, today())[0],
        [one for one in todo if one.administration is row][:SHOWN],
        [explain(one.code, one.params) for one in administrations.unready(row)],
    )
