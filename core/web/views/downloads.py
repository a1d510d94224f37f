"""Lists sent as CSV or XLSX, in parts, within the tenant's scope."""

from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from flask import Response, stream_with_context
from flask_login import current_user

from core.plugin.pages import today
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.extensions import reading_only
from core.runtime.tenancy import tenant_scope
from core.services.reporting.export import Column, csv_parts, write_xlsx
from core.web.views.display import language

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 65536
_SAFE = "sandbox; default-src 'none'"
"""A downloaded file can do nothing in our name, whatever a browser makes of it."""


def send_list(
    name: str, kind: str, columns: Sequence[Column], rows: Iterable[Any]
) -> Response:
    """Return a list as a download; `kind` is csv or xlsx."""
    _note(name, kind)
    filename = f"{name}-{today().isoformat()}.{kind}"
    if kind == "csv":
        parts = _in_scope(current_user.tenant_id, csv_parts(columns, rows, language()))
        return _attached(stream_with_context(parts), "text/csv", filename)
    file = TemporaryFile()  # noqa: SIM115  closed when the answer was sent
    write_xlsx(file, columns, rows, name)
    file.seek(0)
    answer = _attached(_read(file), XLSX, filename)
    answer.call_on_close(file.close)
    return answer


def send_file(content: bytes, media_type: str, filename: str) -> Response:
    """Return a file that somebody gave as a download."""
    answer = Response(content, mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = _SAFE
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _attached(parts: Any, media_type: str, filename: str) -> Response:
    answer = Response(parts, mimetype=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(CHUNK):
            yield part


def _in_scope(tenant_id: int, parts: Iterator[bytes]) -> Iterator[bytes]:
    """Keep to the tenant: the request's own scope ends before the parts are taken."""
    token = reading_only.set(True)
    try:
        with tenant_scope(tenant_id):
            yield from parts
    finally:
        reading_only.reset(token)


def _note(name: str, kind: str) -> None:
    """Write in the log who took which list out; the request itself only reads."""
    session().expunge_all()  # what was read for the list stays as it is
    session().rollback()
    token = reading_only.set(False)
    try:
        with transaction():
            log.write(current_user.tenant_id, "list_exported", list=name, kind=kind)
    finally:
        reading_only.reset(token)
