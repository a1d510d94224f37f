"""Lists to download: Rapportage and what a migration run booked, as CSV or XLSX."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

from flask import Blueprint, Response, stream_with_context
from flask_babel import gettext as _
from flask_login import current_user

from core.extensions import reading_only
from core.models import Backfill
from core.policy import access
from core.services import backfills, couplings, report
from core.services.export import Column, csv_parts, write_xlsx
from core.tenancy import tenant_scope
from core.views.display import explained, language, local, title_of, word
from core.views.pages import get_or_404, report_filter, today

pages = Blueprint("export", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 65536


@pages.get("/rapportage.csv", defaults={"kind": "csv"})
@pages.get("/rapportage.xlsx", defaults={"kind": "xlsx"})
@access("login")
def rapportage(kind: str) -> Response:
    """The list of Rapportage with the filters of the page."""
    rows = report.everything(report_filter(), current_user.timezone)
    return _file("rapportage", kind, _columns(), rows)


@pages.get("/migratie/<int:backfill_id>/lijst.csv", defaults={"kind": "csv"})
@pages.get("/migratie/<int:backfill_id>/lijst.xlsx", defaults={"kind": "xlsx"})
@access("login")
def reversal(backfill_id: int, kind: str) -> Response:
    """Everything that one run booked, so that it can be reversed in the package."""
    run = get_or_404(Backfill, backfill_id)
    rows = backfills.booked_by(run)
    return _file(f"migratie-{run.id}", kind, _columns(), rows)


def _columns() -> list[Column]:
    return [
        Column(_("Bestelling"), lambda row: row.transfer.number),
        Column(_("Besteld op"), lambda row: _date_of(row.ordered_at)),
        Column(_("Doorgezet op"), lambda row: _local(row.transfer.booked_at)),
        Column(_("Als"), lambda row: word(row.transfer.document)),
        Column(_("Pakket"), _package_of()),
        Column(_("Nummer in het pakket"), lambda row: row.transfer.external_number),
        Column(_("Bedrag incl. BTW"), lambda row: row.transfer.amount),
        Column(_("Land"), lambda row: row.country),
        Column(_("Betaalmethode"), lambda row: row.payment_method),
        Column(_("Opmerking"), _remark),
        Column(_("Kenmerk in het pakket"), lambda row: row.transfer.external_id),
        Column(_("Link"), lambda row: row.transfer.external_url),
    ]


def _package_of() -> Any:
    """Return what names a row's package; the names are read once."""
    names = {
        coupling.target_id: title_of(coupling.target.plugin)
        for coupling in couplings.all_couplings()
    }
    return lambda row: names.get(row.transfer.target_id, "")


def _remark(row: Any) -> str:
    words = explained(row.transfer)
    return words.what if words else ""


def _local(moment: datetime | None) -> datetime | None:
    return local(moment) if moment else None


def _date_of(moment: datetime | None) -> Any:
    return local(moment).date() if moment else None


def _file(
    name: str, kind: str, columns: Sequence[Column], rows: Iterable[Any]
) -> Response:
    filename = f"{name}-{today().isoformat()}.{kind}"
    if kind == "csv":
        return _csv(filename, csv_parts(columns, rows, language()))
    file = TemporaryFile()  # noqa: SIM115  closed when the answer was sent
    write_xlsx(file, columns, rows, name)
    file.seek(0)
    answer = Response(_read(file), mimetype=XLSX)
    answer.call_on_close(file.close)
    return _attached(answer, filename)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(CHUNK):
            yield part


def _attached(answer: Response, filename: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def _csv(filename: str, parts: Iterator[bytes]) -> Response:
    parts = _in_scope(current_user.tenant_id, parts)
    answer = Response(stream_with_context(parts), mimetype="text/csv")
    return _attached(answer, filename)


def _in_scope(tenant_id: int, parts: Iterator[bytes]) -> Iterator[bytes]:
    """Keep to the tenant: the request's own scope ends before the parts are taken."""
    token = reading_only.set(True)
    try:
        with tenant_scope(tenant_id):
            yield from parts
    finally:
        reading_only.reset(token)
