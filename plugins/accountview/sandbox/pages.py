"""A page to play with: a licence to paste, mails to follow, the gateway's faults."""

from flask import Blueprint, redirect, render_template_string, request, url_for
from werkzeug.wrappers import Response

from core.kit.sandbox.app import sandbox
from plugins.accountview.sandbox import services, tokens

pages = Blueprint("accountview_pages", __name__)
LICENCE = """Licentie AccountView
Serienummer: 123456
Editie: AccountView Business
Versie: 9.8a
Modules: AutoReport-koppeling, Facturering
"""
_FLAGS = {
    "gateway_installed": "De gateway is geïnstalleerd",
    "gateway_running": "De gateway is gestart",
    "gateway_connects": "De gateway bereikt Visma.net",
    "gateway_local_only": "De gateway is alleen lokaal beschikbaar",
}
_PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8">
<title>AccountView sandbox</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>AccountView sandbox</h1>
<h2>Licentie om te plakken</h2><pre>{{ licence }}</pre>
<h2>Servers met de Communication Service</h2><p>{{ servers|join(', ') }}</p>
<h2>Inloggen</h2>
<p>AccountView.Net: {{ user }}, wachtwoord {{ password }}. Beheerder van Visma.net:
het aangemaakte e-mailadres, wachtwoord {{ services_password }}.</p>
<h2>Mails aan de beheerder</h2>
{% for one in administrators %}<form method="post" action="{{ url_for('.confirm') }}">
<p>{{ one.email }}: {% if one.confirmed %}bevestigd{% else %}
<button name="email" value="{{ one.email }}">Stappen in de e-mail uitvoeren</button>
{% endif %}</p></form>{% else %}<p>Geen.</p>{% endfor %}
<h2>Gateway</h2><form method="post" action="{{ url_for('.gateway') }}">
{% for name, words in flags.items() %}<p><label><input type="checkbox" name="{{ name }}"
{% if found[name] %} checked{% endif %}> {{ words }}</label></p>{% endfor %}
<button>Opslaan</button></form></main></body></html>"""


@pages.get("/")
def index() -> str:
    """Show what a new user needs to walk through the wizard."""
    found = services.change({})
    return render_template_string(
        _PAGE,
        licence=LICENCE,
        servers=found["acs_servers"],
        user=tokens.USER,
        password=tokens.PASSWORD,
        services_password=services.PASSWORD,
        administrators=sandbox().store.list("administrator"),
        flags=_FLAGS,
        found=found,
    )


@pages.post("/play/confirm")
def confirm() -> Response:
    """Do as the administrator who follows his mail."""
    services.confirm(request.form["email"])
    return redirect(url_for("accountview_pages.index"), 303)


@pages.post("/play/gateway")
def gateway() -> Response:
    """Change what the check of the gateway finds."""
    services.change({name: name in request.form for name in _FLAGS})
    return redirect(url_for("accountview_pages.index"), 303)
