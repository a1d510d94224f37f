"""Error pages: what the user can do and an id to quote, nothing of the inside."""

from secrets import token_hex

import structlog
from flask import Flask, Response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from core.domain.errors import KoppelwerkError
from core.runtime.extensions import db
from core.web.api import problems

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
    db.session.rollback()
    if problems.is_api() and isinstance(error, IntegrityError):
        # Two requests at once: what the other one wrote stands in the way of this.
        return problems.of_status(409)
    mark = token_hex(4)
    logger.error("page failed", id=mark, endpoint=request.endpoint, exc_info=error)
    return problems.of_status(500) if problems.is_api() else _page(500, mark)


def _page(status: int, mark: str = "") -> tuple[str, int]:
    title, text = _words(status)
    page = render_template(
        "error.html", title=title, text=text, mark=mark or token_hex(4), status=status
    )
    return page, status


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
    if status < 500:
        return _("Dit kan hier niet"), _(
            "Ga terug en probeer het op een andere manier."
        )
    return (
        _("Er ging bij ons iets mis"),
        _("Uw gegevens zijn veilig. Probeer het over een minuut opnieuw."),
    )
