"""The start page: how far the set-up is, and what every administration must file."""

from dataclasses import dataclass

from flask import Blueprint

from core.domain.declarations import TaxPeriod
from core.plugin.pages import access, today
from core.plugin.texts import Explained, explain
from plugins.belastingdienst.filing import obligations, words
from plugins.belastingdienst.filing.obligations import Obligation
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.reminders import taxonomies
from plugins.belastingdienst.setup import administrations, profiles, schemes
from plugins.belastingdienst.views.common import page

SHOWN = 4
"""Declarations of an administration on the start page; the list has all."""


@dataclass(frozen=True)
class Line:
    """An administration on the start page."""

    row: Administration
    running: TaxPeriod
    obligations: list[Obligation]
    problems: list[Explained]
    files_here: bool
    """False: he files elsewhere, and we only compare and watch."""


def add_to(pages: Blueprint) -> None:
    """Add the address."""
    pages.add_url_rule("", "index", index)


@access("login")
def index() -> str:
    """Show everything at a glance."""
    rows = administrations.of_tenant()
    todo = obligations.of(rows, today())
    said = schemes.of(rows)
    return page(
        "index",
        lines=[_line(row, todo, said.files_here(row)) for row in rows],
        alarms=[
            explain(one.code, one.params) for one in taxonomies.of_tenant(rows, today())
        ],
        urgencies=words.URGENCIES,
        set_up=[line for one in profiles.offered().values() for line in one.set_up()],
        profiles=profiles.of_tenant(),
    )


def _line(row: Administration, todo: list[Obligation], files_here: bool) -> Line:
    return Line(
        row,
        administrations.current_periods(row, today())[0],
        [one for one in todo if one.administration is row][:SHOWN],
        [explain(one.code, one.params) for one in administrations.unready(row)],
        files_here,
    )
