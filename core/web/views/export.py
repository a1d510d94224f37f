"""Lists to download: Rapportage and what a migration run booked, as CSV or XLSX."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from core.models import Backfill
from core.plugin.pages import get_or_404
from core.services.backfill import backfills
from core.services.linking import couplings
from core.services.reporting import report
from core.services.reporting.export import Column
from core.web.policy import access
from core.web.views.display import document_word, explained, local, title_of
from core.web.views.downloads import send_list
from core.web.views.pages import report_filter

pages = Blueprint("export", __name__)


@pages.get("/rapportage.csv", defaults={"kind": "csv"})
@pages.get("/rapportage.xlsx", defaults={"kind": "xlsx"})
@access("login")
def rapportage(kind: str) -> Response:
    """The list of Rapportage with the filters of the page."""
    rows = report.everything(report_filter(), current_user.timezone)
    return send_list("rapportage", kind, _columns(), rows)


@pages.get("/migratie/<int:backfill_id>/lijst.csv", defaults={"kind": "csv"})
@pages.get("/migratie/<int:backfill_id>/lijst.xlsx", defaults={"kind": "xlsx"})
@access("login")
def reversal(backfill_id: int, kind: str) -> Response:
    """Everything that one run booked, so that it can be reversed in the package."""
    run = get_or_404(Backfill, backfill_id)
    rows = backfills.booked_by(run)
    return send_list(f"migratie-{run.id}", kind, _columns(), rows)


def _columns() -> list[Column]:
    return [
        Column(_("Bestelling of factuur"), lambda row: row.transfer.number),
        Column(_("Klant"), lambda row: row.customer),
        Column(_("Besteld op"), lambda row: _date_of(row.ordered_at)),
        Column(_("Doorgezet op"), lambda row: _local(row.transfer.booked_at)),
        Column(_("Als"), _document_of()),
        Column(_("Pakket"), _package_of()),
        Column(_("Nummer in het pakket"), lambda row: row.transfer.external_number),
        Column(_("Bedrag incl. BTW"), lambda row: row.transfer.amount),
        Column(_("Land"), lambda row: row.country),
        Column(_("Betaalmethode"), lambda row: row.payment_method),
        Column(_("Opmerking"), _remark),
        Column(_("Kenmerk in het pakket"), lambda row: row.transfer.external_id),
        Column(_("Link"), lambda row: row.transfer.external_url),
    ]


def _document_of() -> Any:
    """Return what names what a row became; the packages are read once."""
    plugins = {key: package.plugin for key, package in couplings.packages().items()}
    return lambda row: document_word(
        row.transfer.document, plugins.get(row.transfer.target_id, "")
    )


def _package_of() -> Any:
    """Return what names a row's package; the names are read once."""
    names = {
        key: title_of(package.plugin) for key, package in couplings.packages().items()
    }
    return lambda row: names.get(row.transfer.target_id, "")


def _remark(row: Any) -> str:
    words = explained(row.transfer)
    return words.what if words else ""


def _local(moment: datetime | None) -> datetime | None:
    return local(moment) if moment else None


def _date_of(moment: datetime | None) -> Any:
    return local(moment).date() if moment else None
