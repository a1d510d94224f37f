"""Instellingen, API: tokens of the owner's programs, and webhooks to them."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.clock import utcnow
from core.models import ApiToken, WebhookDelivery, WebhookEndpoint
from core.plugin.pages import before, get_or_404, proved
from core.runtime.database import transaction
from core.runtime.extensions import koppelwerk
from core.services.api import api_shops, api_tokens, webhooks_out
from core.services.reporting import overview
from core.texts.api import DELIVERIES, EVENTS, SCOPES
from core.web.policy import access
from core.web.views.api_forms import EndpointForm, TokenForm
from core.web.views.reauth import kept

pages = Blueprint("api_settings", __name__)
DOTS = {"queued": "amber", "done": "green", "failed": "red"}


@pages.get("/instellingen/api")
@access("owner")
def index() -> str:
    """Show the tokens, the webhooks and the shops whose orders come in by the API."""
    return _page()


def _page(token: Any = None, endpoint: Any = None) -> str:
    plugins = koppelwerk().registry.plugins
    return render_template(
        "api/settings.html",
        tokens=api_tokens.listed(),
        token_form=token or TokenForm(formdata=kept("api_settings.make_token")),
        endpoints=webhooks_out.listed(),
        endpoint_form=endpoint
        or EndpointForm(formdata=kept("api_settings.add_endpoint")),
        waiting=webhooks_out.waiting(),
        shops=api_shops.listed(),
        shop_plugins=[plugins[name] for name in api_shops.plugins()],
        scopes=SCOPES,
        events=EVENTS,
        most=webhooks_out.MOST_ENDPOINTS,
        counts=overview.counts(),
    )


def _shown_once(secret: str, title: str, use: str) -> str:
    """Show what is not kept in a readable form."""
    return render_template("api/secret.html", secret=secret, title=title, use=use)


@pages.post("/instellingen/api/tokens")
@access("owner")
@proved
def make_token() -> str | tuple[str, int]:
    """Make a token; it is shown on this answer and never again."""
    form = TokenForm()
    if not form.validate():
        return _page(token=form), 422
    with transaction():
        token = api_tokens.make(
            current_user.tenant_id,
            form.name.data.strip(),
            form.scopes.data,
            user_id=current_user.id,
        )
    use = _("Stuur het mee als header: Authorization: Bearer, een spatie, dit token.")
    return _shown_once(token, _("Uw nieuwe API-token"), use)


@pages.post("/instellingen/api/tokens/<int:token_id>/intrekken")
@access("owner")
def revoke_token(token_id: int) -> Response:
    """End a token."""
    row = get_or_404(ApiToken, token_id)
    with transaction():
        api_tokens.revoke(row, utcnow(), user_id=current_user.id)
    flash(_("Het token ‘%(name)s’ geldt niet meer.", name=row.name), "success")
    return _back("tokens")


@pages.post("/instellingen/api/webhooks")
@access("owner")
@proved
def add_endpoint() -> str | tuple[str, int]:
    """Add an address; its secret is shown on this answer and never again."""
    form = EndpointForm()
    is_full = len(webhooks_out.listed()) >= webhooks_out.MOST_ENDPOINTS
    if not form.validate() or is_full:
        return _page(endpoint=form), 422
    with transaction():
        _row, secret = webhooks_out.add(
            current_user.tenant_id,
            form.url.data,
            form.events.data,
            user_id=current_user.id,
        )
    return _secret(secret)


def _secret(secret: str) -> str:
    use = _(
        "Controleer hiermee de handtekening van elke melding (Standard Webhooks): de"
        " headers webhook-id, webhook-timestamp en webhook-signature."
    )
    return _shown_once(secret, _("Het geheim van uw webhook"), use)


@pages.get("/instellingen/api/webhooks/<int:endpoint_id>")
@access("owner")
def deliveries(endpoint_id: int) -> str:
    """Show what was sent to an address and how it answered."""
    row = get_or_404(WebhookEndpoint, endpoint_id)
    return render_template(
        "api/deliveries.html",
        row=row,
        page=webhooks_out.deliveries(row.id, before()),
        is_first=before() is None,
        events=EVENTS,
        states=DELIVERIES,
        dots=DOTS,
        counts=overview.counts(),
    )


@pages.post("/instellingen/api/webhooks/<int:endpoint_id>/geheim")
@access("owner")
@proved
def rotate(endpoint_id: int) -> str:
    """Replace a secret; the old one signs as well for a day."""
    row = get_or_404(WebhookEndpoint, endpoint_id)
    with transaction():
        secret = webhooks_out.rotate(row)
    return _secret(secret)


@pages.post("/instellingen/api/webhooks/<int:endpoint_id>/schakelen")
@access("owner")
def switch(endpoint_id: int) -> Response:
    """Switch an address on or off."""
    row = get_or_404(WebhookEndpoint, endpoint_id)
    wanted = request.form.get("aan", "")
    if wanted not in ("0", "1"):
        abort(400)
    with transaction():
        webhooks_out.switch(row, enabled=wanted == "1")
    flash(_("De webhook is aangezet.") if row.enabled else _("De webhook is uitgezet."))
    return _back("webhooks")


@pages.post("/instellingen/api/webhooks/<int:endpoint_id>/verwijderen")
@access("owner")
def remove(endpoint_id: int) -> Response:
    """Delete an address with what was sent to it."""
    row = get_or_404(WebhookEndpoint, endpoint_id)
    with transaction():
        webhooks_out.remove(row, user_id=current_user.id)
    flash(_("De webhook is verwijderd."), "success")
    return _back("webhooks")


@pages.post("/instellingen/api/webhooks/<int:endpoint_id>/test")
@access("owner")
def send_test(endpoint_id: int) -> Response:
    """Send a message that tells of nothing."""
    row = get_or_404(WebhookEndpoint, endpoint_id)
    with transaction():
        webhooks_out.send_test(row)
    flash(
        _("De test staat klaar; ververs deze pagina om het antwoord te zien."), "info"
    )
    return _to_deliveries(row.id)


@pages.post("/instellingen/api/meldingen/<int:delivery_id>/opnieuw")
@access("owner")
def resend(delivery_id: int) -> Response:
    """Send a message again, under the id it had."""
    row = get_or_404(WebhookDelivery, delivery_id)
    with transaction():
        webhooks_out.resend(row)
    flash(_("De melding wordt opnieuw verstuurd."), "info")
    return _to_deliveries(row.endpoint_id)


def _to_deliveries(endpoint_id: int) -> Response:
    return redirect(url_for("api_settings.deliveries", endpoint_id=endpoint_id), 303)


def _back(anchor: str) -> Response:
    return redirect(url_for("api_settings.index", _anchor=anchor), 303)
