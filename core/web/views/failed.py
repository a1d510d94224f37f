"""Tab Fouten: causes with their documents, and *Verwerk*."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.models import Transfer, TransferState
from core.plugin.pages import before, get_or_404
from core.runtime.database import session, transaction
from core.runtime.extensions import htmx
from core.services.invoicing import purchases
from core.services.invoicing.invoice_bookings import SUBJECT
from core.services.linking import couplings
from core.services.reporting import faults, overview
from core.services.transfer import transfers
from core.web.policy import access
from core.web.views import cards

pages = Blueprint("failed", __name__)
BATCH = 100
_INVOICES = (SUBJECT, purchases.SUBJECT)
MOST_FOLLOWED = 100
ENDED = (TransferState.DONE, *overview.FAULTY, TransferState.SKIPPED)


@pages.get("/fouten")
@access("login")
def index() -> str:
    """Show what did not go, by cause."""
    code = request.args.get("oorzaak", "")
    if code:
        page = faults.faulty_of(code, before())
        causes = faults.causes_of(code, page)
    else:
        page, causes = overview.Page(()), faults.causes_with_rows()
    followed = overview.by_ids(_ids("volg"))
    cards.load(row for cause in causes for row in cause.rows)
    return render_template(
        "failed.html",
        causes=causes,
        code=code,
        page=page,
        followed=followed,
        is_busy=_is_busy(followed),
        targets=_targets(),
        counts=overview.counts(),
    )


@pages.get("/fouten/voortgang")
@access("login")
def progress() -> str:
    """Show how the documents that *Verwerk* was pressed for are doing."""
    followed = overview.by_ids(_ids("volg"))
    return render_template(
        "parts/progress.html",
        followed=followed,
        is_busy=_is_busy(followed),
        targets=_targets(),
    )


@pages.get("/bestelling/<int:transfer_id>/regel")
@access("login")
def line(transfer_id: int) -> str:
    """One document's line, which refreshes itself until it has ended."""
    get_or_404(Transfer, transfer_id)
    return _line(transfer_id)


@pages.post("/bestelling/<int:transfer_id>/verwerk")
@access("login")
def retry(transfer_id: int) -> str | Response:
    """*Verwerk* for one document."""
    with transaction():
        transfer = get_or_404(Transfer, transfer_id)
        transfers.retry(transfer, user_id=current_user.id)
    if htmx:
        return _line(transfer_id)
    return redirect(url_for("failed.index", volg=transfer_id), 303)


@pages.post("/fouten/verwerk")
@access("login")
def retry_many() -> Response:
    """*Verwerk* for the chosen documents, or *Verwerk* or *Gezien* for a whole cause.

    Of what is chosen by its box only what failed is processed: that a document was
    seen is said of it by itself, or of all of its cause.
    """
    code = request.form.get("oorzaak", "")
    ids = faults.faulty_ids(code) if code else _ids("id")
    states = overview.FAULTY if code else (TransferState.FAILED,)
    pressed: Counter[tuple[TransferState, bool]] = Counter()
    for start in range(0, len(ids), BATCH):
        pressed += _retry_batch(ids[start : start + BATCH], states)
    _say(pressed)
    shown = ids[:MOST_FOLLOWED]
    return redirect(url_for("failed.index", volg=shown), 303)


def _retry_batch(ids: list[int], states: Sequence[TransferState]) -> Counter[Any]:
    """Press the button of each; return how many there were in which state."""
    with transaction() as current:
        chosen = select(Transfer).where(
            Transfer.id.in_(ids), Transfer.state.in_(states)
        )
        rows = current.scalars(chosen).all()
        found = Counter((row.state, row.subject in _INVOICES) for row in rows)
        for row in rows:
            transfers.retry(row, user_id=current_user.id)
    return found


def _say(pressed: Counter[tuple[TransferState, bool]]) -> None:
    """Tell what was pressed, by state and whether it is an invoice of the CRM."""
    if orders := pressed[TransferState.FAILED, False]:
        text = ngettext(
            "%(num)s bestelling wordt met voorrang opnieuw bekeken.",
            "%(num)s bestellingen worden met voorrang opnieuw bekeken.",
            orders,
        )
        flash(text, "info")
    if invoices := pressed[TransferState.FAILED, True]:
        text = ngettext(
            "%(num)s factuur wordt met voorrang opnieuw bekeken.",
            "%(num)s facturen worden met voorrang opnieuw bekeken.",
            invoices,
        )
        flash(text, "info")
    held = pressed[TransferState.HELD, False] + pressed[TransferState.HELD, True]
    if held:
        text = ngettext(
            "%(num)s melding is gezien.", "%(num)s meldingen zijn gezien.", held
        )
        flash(text, "info")
    if not pressed:
        flash(_("Kies eerst een of meer bestellingen of facturen."), "warning")


def _ids(name: str) -> list[int]:
    given = request.values.getlist(name)[:MOST_FOLLOWED]
    return [int(value) for value in given if value.isdecimal() and len(value) < 19]


def _is_busy(rows: list[overview.Row]) -> bool:
    return any(row.transfer.state not in ENDED for row in rows)


def _line(transfer_id: int) -> str:
    session().expire_all()
    rows = overview.by_ids([transfer_id])
    if not rows:
        abort(404)
    return render_template(
        "parts/line.html",
        row=rows[0],
        is_busy=_is_busy(rows),
        targets=_targets(),
    )


def _targets() -> dict[int, str]:
    return {key: package.plugin for key, package in couplings.packages().items()}
