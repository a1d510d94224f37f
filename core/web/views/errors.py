"""Error pages: what the user can do and an id to quote, nothing of the inside."""

from contextlib import suppress
from secrets import token_hex

import structlog
from flask import Flask, Response, g, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from core.domain.errors import KoppelwerkError
from core.runtime.counters import counters
from core.runtime.extensions import db, login
from core.runtime.trouble import Trouble, trouble_of
from core.texts import explain
from core.web.api import problems

RETRY_SECONDS = {Trouble.FULL: 900, Trouble.AWAY: 60, Trouble.LOCKED: 60}
logger = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Handle every error with our own page."""
    app.register_error_handler(HTTPException, _expected)
    app.register_error_handler(problems.Problem, _refused)
    app.register_error_handler(KoppelwerkError, _failed)
    app.register_error_handler(Exception, _unexpected)


def _expected(error: HTTPException) -> tuple[str, int] | HTTPException | Response:
    status = error.code or 500
    if status < 400:  # a redirect is no error
        return error
    if problems.is_api():
        kept = ("Allow", "Retry-After")
        given = dict(error.get_headers())
        headers = {name: given[name] for name in kept if name in given}
        return problems.of_status(status, headers)
    return _page(status)


def _refused(error: problems.Problem) -> Response:
    db.session.rollback()
    return problems.answer(error)


def _failed(error: KoppelwerkError) -> tuple[str, int] | Response:
    if not problems.is_api():
        return _unexpected(error)
    db.session.rollback()
    return problems.answer(problems.of_error(error))


def _unexpected(error: Exception) -> tuple[str, int] | Response:
    trouble = trouble_of(error)
    if trouble is not None:
        return _cannot_store(trouble, error)
    db.session.rollback()
    if problems.is_api() and isinstance(error, IntegrityError):
        # Two requests at once: what the other one wrote stands in the way of this.
        return problems.of_status(409)
    mark = token_hex(4)
    logger.error("page failed", id=mark, endpoint=request.endpoint, exc_info=error)
    return problems.of_status(500) if problems.is_api() else _page(500, mark)


def _cannot_store(trouble: Trouble, error: Exception) -> Response:
    """Answer 503 in the words of what keeps us from storing it; nothing is asked of
    the database for that."""
    with suppress(SQLAlchemyError):  # of a connection that is gone
        db.session.rollback()
    counters().add("trouble", trouble)
    mark, said = token_hex(4), f"{type(error).__name__}: {error}"[:300]
    logger.error(
        "nothing can be stored",
        id=mark, trouble=trouble, endpoint=request.endpoint, error=said,
    )  # fmt: skip
    code = f"storage_{trouble}"
    wait = {"Retry-After": str(RETRY_SECONDS[trouble])}
    if problems.is_api():
        return problems.answer(problems.Problem(503, code, headers=wait))
    # who it is, where that was not read yet, stands in the database
    g.setdefault("_login_user", login.anonymous_user())
    words = explain(code)
    text = " ".join(filter(None, (words.why, words.action)))
    page = _of(503, words.what, text, mark)
    return Response(page, 503, wait, mimetype="text/html")


def _page(status: int, mark: str = "") -> tuple[str, int]:
    title, text = _words(status)
    return _of(status, title, text, mark or token_hex(4)), status


def _of(status: int, title: str, text: str, mark: str) -> str:
    return render_template(
        "error.html", title=title, text=text, mark=mark, status=status
    )


def _words(status: int) -> tuple[str, str]:
    if status == 400:
        return (
            _("Dit verzoek klopt niet"),
            _("Laad de pagina opnieuw en probeer het nog eens."),
        )
    if status == 403:
        return (
            _("Dit mag u niet"),
            _("Vraag de eigenaar van deze omgeving om het te doen."),
        )
    if status == 404:
        return (
            _("Deze pagina is er niet"),
            _("Misschien is het adres verkeerd of is de pagina weg."),
        )
    if status == 413:
        return _("Dit is te groot"), _("Verstuur minder gegevens tegelijk.")
    if status == 429:
        return _("Dit gaat te snel"), _("Probeer het over een paar minuten opnieuw.")
    if status < 500:
        return _("Dit kan hier niet"), _(
            "Ga terug en probeer het op een andere manier."
        )
    return (
        _("Er ging bij ons iets mis"),
        _("Uw gegevens zijn veilig. Probeer het over een minuut opnieuw."),
    )
