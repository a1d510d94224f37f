"""How values look in templates: amounts, moments, rates, countries, states."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import dates, numbers
from flask import Flask, current_app, request
from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from core.domain.clock import utcnow
from core.models import Connection, LogLevel, StepState, Transfer, TransferState
from core.plugin.pages import number
from core.rules import pdf_parts
from core.runtime.extensions import koppelwerk
from core.services.linking import form_flow
from core.texts import Explained, explain, payment_word, vat
from core.texts.glossary import TERMS
from core.web.policy import (
    SAFE_METHODS,
    held_at,
    is_looking_in,
    is_operator,
    may_change,
)

DEFAULT_TIMEZONE = "Europe/Amsterdam"
STATES: dict[str, LazyString] = {
    TransferState.WAITING: _l("Wacht"),
    TransferState.QUEUED: _l("In de wachtrij"),
    TransferState.SENDING: _l("Wordt nu doorgezet"),
    TransferState.DONE: _l("Doorgezet"),
    TransferState.FAILED: _l("Niet doorgezet"),
    TransferState.HELD: _l("Vraagt uw aandacht"),
    TransferState.SKIPPED: _l("Hoeft niet"),
}
STEP_STATES: dict[str, LazyString] = {
    StepState.PREPARED: _l("Wordt verstuurd"),
    StepState.CONFIRMED: _l("Bevestigd"),
    StepState.REJECTED: _l("Geweigerd"),
    StepState.UNKNOWN: _l("Wordt nagekeken"),
}
STEPS: dict[str, LazyString] = {
    "debtor": _l("Debiteur"),
    "relation": _l("Debiteur"),
    "supplier": _l("Crediteur"),
    "article": _l("Artikel"),
    "payment": _l("Betaling"),
    "attachment": _l("Bijlage"),
    "attachment_link": _l("Bijlage bij de boeking"),
    "invoice": _l("Factuur"),
}
LEVELS: dict[str, LazyString] = {
    LogLevel.INFO: _l("Info"),
    LogLevel.WARNING: _l("Let op"),
    LogLevel.ERROR: _l("Fout"),
}
DOTS: dict[str, LazyString] = {
    "green": _l("In orde"),
    "amber": _l("Let op"),
    "red": _l("Actie nodig"),
    "grey": _l("Niet actief"),
}
WORD_FOR: dict[str, LazyString] = {
    **STATES,
    **STEP_STATES,
    **LEVELS,
    **DOTS,
}
_HASHED = 64
"""So long is a step's key that stands for one too long to store."""
_TABS = {"shop": "", "package": ""}
"""Fields that are solved outside our pages."""


def timezone() -> str:
    """Return the user's time zone."""
    return str(getattr(current_user, "timezone", DEFAULT_TIMEZONE))


def local(moment: datetime) -> datetime:
    """Return a UTC moment in the user's time zone."""
    return moment.astimezone(ZoneInfo(timezone()))


def euro(amount: Decimal) -> str:
    """Write an amount: € 1.234,50."""
    return str(numbers.format_currency(amount, "EUR", locale=get_locale()))


def euro_exact(amount: Decimal) -> str:
    """Write a price with the decimals it has, two at least: € 0,0125."""
    return pdf_parts.euro_exact(amount)


def euro_round(amount: Decimal) -> str:
    """Write an amount without cents, placed as `euro` places it."""
    return pdf_parts.euro_round(amount)


def percent(rate: Decimal) -> str:
    """Write a rate as people type it: 21 or 5,5."""
    return str(numbers.format_decimal(rate, format="0.###", locale=get_locale()))


def is_english() -> bool:
    """Tell whether who reads the page reads English."""
    return str(get_locale()) == "en"


def moment(value: datetime) -> Markup:
    """Write a moment in the user's time zone, as a `time` element."""
    shown = local(value)
    text = dates.format_datetime(shown, "d MMM yyyy HH:mm", locale=get_locale())
    return Markup('<time datetime="{}">{}</time>').format(shown.isoformat(), text)


def clock(value: datetime) -> Markup:
    """Write the time of day, with the date when it is another day."""
    shown = local(value)
    today = local(utcnow()).date()
    pattern = "HH:mm" if shown.date() == today else "d MMM HH:mm"
    text = dates.format_datetime(shown, pattern, locale=get_locale())
    return Markup('<time datetime="{}">{}</time>').format(shown.isoformat(), text)


def day(value: date | datetime) -> str:
    """Write a date; a moment by the user's time zone."""
    on = local(value).date() if isinstance(value, datetime) else value
    return str(dates.format_date(on, "d MMM yyyy", locale=get_locale()))


def short_day(value: date) -> str:
    """Write a date without its year, for below a chart."""
    return str(dates.format_date(value, "d MMM", locale=get_locale()))


def country(code: str) -> str:
    """Return a country's name; VAT areas, ICP and International are named too."""
    special = {"ICP": _("ICP (bedrijven in de EU)"), "INT": _("Internationaal")}
    return special.get(code) or vat.place_word(code)


def word(value: str) -> str:
    """Return the word for a state, level or dot."""
    return str(WORD_FOR.get(value, value))


def vat_word(value: str) -> str:
    """Return the words for a code of why a document's VAT is what it is."""
    return str(vat.WORDS.get(value, value))


def iso_day(value: str) -> str:
    """Write a date that is kept as text."""
    return day(date.fromisoformat(value))


def documents() -> dict[str, LazyString]:
    """Return what documents become in any package, with a plugin's word for it."""
    found: dict[str, LazyString] = {}
    for plugin in koppelwerk().registry.plugins.values():
        found = {**plugin.documents, **found}
    return found


def document_word(document: str, plugin: str) -> str:
    """Return what a document became in a plugin's package, in the plugin's words."""
    known = koppelwerk().registry.plugins.get(plugin)
    return str(known.documents.get(document, document) if known else document)


def how_to_find(transfer: Transfer, plugin: str) -> str:
    """Tell how a document is found in its package, by the plugin's words.

    Empty where it has a web address of its own, stands nowhere yet, or lacks the number
    that it is found by: nothing is guessed.
    """
    known = koppelwerk().registry.plugins.get(plugin)
    words = known.how_to_find.get(transfer.document) if known else None
    if transfer.external_url or not transfer.external_id or words is None:
        return ""
    values = {
        "number": transfer.external_number,
        "order": transfer.number,
        "id": transfer.external_id,
    }
    text = str(words)
    if any(f"%({name})s" in text and not value for name, value in values.items()):
        return ""
    return text % values


def step_word(name: str) -> str:
    """Return what a write in a package makes: `debtor:a@b.nl`, `payment-1`."""
    kind, _, key = name.partition(":")
    kind, _, number = (kind, "", key) if kind in STEPS else kind.partition("-")
    word = {**documents(), **STEPS}.get(kind, kind)
    is_hash = len(number) == _HASHED
    return f"{word} {number}".strip() if number and not is_hash else str(word)


def explained(transfer: Transfer) -> Explained | None:
    """Return the words for why a document stands where it does."""
    if not transfer.code:
        return None
    return explain(transfer.code, {"number": transfer.number, **transfer.params})


def title_of(plugin: str) -> str:
    """Return a plugin's title, also when it is gone."""
    registry = koppelwerk().registry
    known = registry.plugins.get(plugin)
    manifest = known.manifest if known else registry.manifests.get(plugin)
    return str(manifest.title) if manifest else plugin


def mark_of(plugin: str) -> str:
    """Return the address of a plugin's mark (`static/mark.svg`); empty without one."""
    name = f"{plugin}/mark.svg"
    return asset(name) if name in _digests() else ""


def is_filled_in(connection: Connection) -> bool:
    """Tell whether a connection is made with codes that the user filled in."""
    return form_flow.connector_of(connection) is not None


def is_solved_here(field: str) -> bool:
    """Tell whether tab Configuratie has the field that solves something."""
    return bool(field) and field not in _TABS


def asset(name: str) -> str:
    """Return the address of a static file, renewed when it changes.

    `<plugin>/<name>` is a file of a plugin's, any other of ours.
    Also when no address could be matched, as for a host that is not ours.
    """
    place = "plugins/" if "/" in name else ""
    return f"/static/{place}{name}?v={_digests()[name]}"


def help_page(endpoint: str | None) -> str | None:
    """Return the help text that belongs to a page, where there is one.

    Those of a plugin's pages stand in its own `help/<view>.html`. A form that was
    refused shows its page again: it has that page's help.
    """
    found = _help_of(endpoint)
    if found or endpoint is None or request.method in SAFE_METHODS:
        return found
    return next((_help_of(one) for one in _pages_of_form() if _help_of(one)), None)


def _pages_of_form() -> Iterator[str]:
    """Yield what can be looked at where a form was sent to, and above it."""
    adapter = current_app.url_map.bind("")
    for path in (request.path, request.path.rpartition("/")[0]):
        with suppress(HTTPException):
            yield str(adapter.match(path, method="GET")[0])


def _help_of(endpoint: str | None) -> str | None:
    blueprint, _, view = (endpoint or "").partition(".")
    is_plugin = blueprint in koppelwerk().registry.plugins
    name = f"{blueprint}/help/{view}.html" if is_plugin else f"help/{endpoint}.html"
    return name if name in _help_pages() else None


def _help_pages() -> frozenset[str]:
    found: frozenset[str] | None = current_app.extensions.get("koppelwerk_help")
    if found is None:
        names = current_app.jinja_env.list_templates()
        found = frozenset(name for name in names if "help" in name.split("/")[:-1])
        current_app.extensions["koppelwerk_help"] = found
    return found


def language() -> str:
    """Return the page's language."""
    locale = get_locale()
    return str(locale.language) if locale else "nl"


def csrf_field() -> Markup:
    """Return the hidden field that every form of ours carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(
        generate_csrf()
    )


def _digests() -> dict[str, str]:
    found: dict[str, str] | None = current_app.extensions.get("koppelwerk_assets")
    if found is None:
        folders = {"": Path(str(current_app.static_folder))}
        for name, folder in koppelwerk().registry.folders.items():
            folders[f"{name}/"] = folder / "static"
        found = {
            place + path.name: sha256(path.read_bytes()).hexdigest()[:12]
            for place, folder in folders.items()
            for path in folder.glob("*.*")
        }
        current_app.extensions["koppelwerk_assets"] = found
    return found


def register(app: Flask) -> None:
    """Make all of it known to templates."""
    filters = (
        euro, euro_exact, euro_round, number, percent, moment, clock, day, short_day,
        country, word, document_word, step_word, explained, title_of, local,
        is_filled_in, vat_word, iso_day, payment_word, how_to_find,
    )  # fmt: skip
    for function in filters:
        app.add_template_filter(function)
    helpers = (
        asset, csrf_field, explain, is_solved_here, language, may_change, held_at,
        is_operator, is_looking_in, help_page, mark_of,
    )  # fmt: skip
    for helper in helpers:
        app.add_template_global(helper)
    app.jinja_env.globals["glossary"] = TERMS
