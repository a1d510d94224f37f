"""Lists sent as CSV or XLSX, in parts, within the tenant's scope."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from flask import Response, abort, stream_with_context
from flask_login import current_user

from core.plugin.pages import today
from core.runtime import log, throttle
from core.runtime.database import session, transaction
from core.runtime.extensions import reading_only
from core.runtime.tenancy import tenant_scope
from core.services.reporting.export import Column, csv_parts, write_xlsx
from core.web.views.display import language

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 65536
MOST_WORKBOOKS, WINDOW = 20, timedelta(minutes=10)
FORGOTTEN = timedelta(minutes=1)
"""A place that a process took with it when it died is free again after this."""
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
    with _one_at_a_time():
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
    with _writing():
        log.write(current_user.tenant_id, "list_exported", list=name, kind=kind)


@contextmanager
def _writing() -> Iterator[None]:
    """Write something within a request that only reads."""
    session().rollback()
    token = reading_only.set(False)
    try:
        with transaction():
            yield
    finally:
        reading_only.reset(token)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Make one workbook of the tenant at a time, and so many in a while; 429 beyond.

    A long one takes a thread of the web server for seconds: of two at once nobody else
    would have any.
    """
    tenant_id = current_user.tenant_id
    place, every = f"workbook:{tenant_id}", f"workbooks:{tenant_id}"
    try:
        with _writing():
            refused = throttle.use(place, 1, FORGOTTEN) or throttle.use(
                every, MOST_WORKBOOKS, WINDOW
            )
        if refused:
            abort(429)
        yield
    finally:
        with _writing():
            throttle.give_back(place)
