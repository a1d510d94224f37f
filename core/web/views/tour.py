"""What a demo's first page invites to; outside a demo there is nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Flask, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.models import User
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.settings import MAILS
from core.web.policy import access

pages = Blueprint("tour", __name__)


@dataclass(frozen=True)
class Invitation:
    """One thing to try."""

    title: str
    text: str
    url: str
    is_outside: bool = False
    """It is no page of ours."""


def register(app: Flask) -> None:
    """Let templates ask for the tour."""
    app.add_template_global(tour)


@pages.post("/rondleiding")
@access("login")
def close() -> Response:
    """Close the tour for this user, or open it again (`open=1`)."""
    with transaction():
        user = session().get_one(User, current_user.id)
        user.tour_closed = request.form.get("open") != "1"
    return redirect(url_for("pages.home"), 303)


def tour() -> list[Invitation]:
    """Return what can be tried, in the order to try it; nothing outside a demo."""
    pages = koppelwerk().settings.demo_addresses
    if not pages:
        return []
    return [*_of_sandboxes(pages), *_of_the_product(), *_of_mails(pages.get(MAILS))]


def _of_sandboxes(pages: dict[str, str]) -> Iterator[Invitation]:
    for name, plugin in koppelwerk().registry.plugins.items():
        if plugin.sandbox is not None and name in pages:
            for stop in plugin.sandbox.tour:
                url = pages[name] + stop.path
                yield Invitation(str(stop.title), str(stop.text), url, is_outside=True)


def _of_the_product() -> Iterator[Invitation]:
    yield Invitation(
        _("Los een fout op"),
        _(
            "Een paar bestellingen vragen iets van u. Bij elke staat waarom, "
            "en wat u doet."
        ),
        url_for("failed.index"),
    )
    yield Invitation(
        _("Meld een tweede webwinkel aan"),
        _(
            "Doe dat in een privévenster, met een eigen e-mailadres. Op de "
            "inlogpagina's van de winkel en het pakket staat waarmee u daar inlogt."
        ),
        url_for("public.index"),
    )


def _of_mails(page: str | None) -> Iterator[Invitation]:
    if page:
        yield Invitation(
            _("Lees de mails"),
            _("Alles wat Koppelwerk mailt komt hier binnen, ook de installatie-url."),
            page,
            is_outside=True,
        )
