"""What came in over Peppol: the address it comes in at, the list, one document."""

import hmac
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import structlog
from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask import url_for as to
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from core.domain.errors import AskUser, KoppelwerkError
from core.domain.redact import register_secret
from core.kit import confined
from core.plugin import files, pages
from core.plugin.database import session, transaction
from core.plugin.own_pages import say
from core.plugin.pages import access, get_or_404
from core.plugin.tables import Relation
from core.plugin.tenancy import system_scope
from plugins.peppol.models import PeppolReceived
from plugins.peppol.receiving import arriving, purchases, reading
from plugins.peppol.settings import settings
from plugins.peppol.texts import DIFFERENCES, KINDS

MOST = 50
LARGEST = 5_000_000
"""Bytes of an envelope; no request of ours may be larger."""
XML = "application/xml"
ATTACHMENTS = "plugins.peppol.receiving.reading:attachments"

logger = structlog.get_logger(__name__)


def add_to(own: Blueprint) -> None:
    """Add these pages to the plugin's."""
    one = "/peppol/ontvangen/<int:received_id>"
    own.post("/webhooks/peppol/<secret>")(arrive)
    own.get("/peppol/ontvangen")(received)
    own.get(one)(received_document)
    own.get(f"{one}/bestand")(received_file)
    own.post(f"{one}/bijlage/<int:position>")(received_attachment)
    own.post(f"{one}/afgehandeld")(received_handled)
    own.post(f"{one}/inkoop")(received_enter)


@access("webhook")
def arrive(secret: str) -> Response:
    """Keep an envelope and answer whose country it is for; it is read later."""
    expected = settings().peppol_webhook_secret
    register_secret(secret)
    if not expected or not hmac.compare_digest(secret.encode(), expected.encode()):
        return Response(status=404)
    if (request.content_length or 0) > LARGEST:
        return Response(status=413)
    content = request.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        return Response(status=413)
    try:
        with system_scope(), transaction():
            country = arriving.keep(content)
    except arriving.NotOurs as error:
        logger.warning("a document over Peppol is not ours", reason=str(error))
        return Response(status=422)
    return Response(f'{{"countryCodeC4": "{country}"}}', mimetype="application/json")


def waiting() -> int:
    """Return how many documents of the tenant nobody dealt with yet."""
    found = select(func.count()).where(PeppolReceived.handled_at.is_(None))
    return session().scalar(found.select_from(PeppolReceived)) or 0


@access("login")
def received() -> str:
    """List what came in: of relations, and apart what is of nobody known here."""
    _opened()
    before = pages.before()
    query = select(PeppolReceived).order_by(PeppolReceived.id.desc()).limit(MOST + 1)
    if before is not None:
        query = query.where(PeppolReceived.id < before)
    rows = session().scalars(query).all()
    shown: Sequence[PeppolReceived] = rows[:MOST]
    return render_template(
        "peppol/received.html",
        known=[row for row in shown if row.relation_id is not None],
        unknown=[row for row in shown if row.relation_id is None],
        after=shown[-1].id if len(rows) > MOST else None,
        is_open=bool(settings().peppol_webhook_secret),
        kinds=KINDS,
        counts=pages.counts(),
    )


def _opened() -> None:
    if not pages.is_open("peppol"):
        abort(404)


def _row(received_id: int) -> PeppolReceived:
    _opened()
    return get_or_404(PeppolReceived, received_id)


@access("login")
def received_document(received_id: int) -> str:
    """Show a document as a person reads it, with what is wrong with it."""
    row = _row(received_id)
    relation = session().get(Relation, row.relation_id) if row.relation_id else None
    return render_template(
        "peppol/received_document.html",
        row=row,
        told=row.details,
        relation=relation,
        offer=purchases.offer(row),
        kinds=KINDS,
        differences=DIFFERENCES,
        counts=pages.counts(),
    )


@access("login")
def received_file(received_id: int) -> Response:
    """Hand out what came in, byte for byte."""
    row = _row(received_id)
    return file_of(row.content, XML, f"{row.number or row.id}.xml")


@access("login")
def received_attachment(received_id: int, position: int) -> Any:
    """Hand out a file that is inside; read in a process of its own."""
    row = _row(received_id)
    content, tenant_id = row.content, row.tenant_id
    try:
        with (
            files.reading(tenant_id, len(content)),
            confined.results(ATTACHMENTS, content, reading.LIMITS) as found,
        ):
            every = list(found)
    except KoppelwerkError as error:
        say(error)
        return redirect(to("peppol.received_document", received_id=received_id), 303)
    if position >= len(every):
        abort(404)
    one = every[position]
    name = one["name"] or f"{_('bijlage')}-{position + 1}"
    return file_of(b64decode(one["content"]), "application/octet-stream", name)


@access("login")
def received_handled(received_id: int) -> Any:
    """Note that the user dealt with it, or did not after all."""
    row = _row(received_id)
    is_done = request.form.get("klaar") == "ja"
    with transaction():
        arriving.handled(row, is_done=is_done)
    flash(_("Afgehandeld.") if is_done else _("Staat weer open."), "success")
    return redirect(to("peppol.received"), 303)


@access("login")
def received_enter(received_id: int) -> Any:
    """Let a package enter the document: a person's word, once."""
    row = _row(received_id)
    package = request.form.get("pakket", "")
    account = request.form.get("rekening", "")[:20]
    try:
        if not (package.isdecimal() and len(package) < 19):
            raise AskUser("purchase_not_set_up")
        with transaction():
            purchases.enter(row, int(package), account, user_id=current_user.id)
    except AskUser as error:
        say(error)
    else:
        flash(_("De factuur gaat naar uw pakket. Hieronder ziet u hoe het gaat."),
              "success")  # fmt: skip
    back = to("peppol.received_document", received_id=received_id, _anchor="inkoop")
    return redirect(back, 303)


def file_of(content: bytes, media_type: str, filename: str) -> Response:
    """Return a file to be saved, never shown."""
    answer = Response(content, mimetype=media_type)
    name = filename.replace("/", "-").replace("\\", "-")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
