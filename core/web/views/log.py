"""The log: what happened and who changed what, narrowed down, and as a file."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from core.models import ActorKind, LogEntry, LogLevel, User
from core.rules.log_subjects import Subject
from core.runtime.database import session
from core.runtime.extensions import htmx, koppelwerk
from core.services.reporting import log_lists, overview
from core.services.reporting.export import Column
from core.services.reporting.log_lists import Filter
from core.services.reporting.report import Place
from core.texts import change_word, explain
from core.web.policy import access
from core.web.views.display import local, title_of, word
from core.web.views.downloads import send_list
from core.web.views.pages import date_arg

pages = Blueprint("log", __name__)
SUBJECTS: Mapping[Subject, Any] = {
    Subject.ORDER: _l("Bestellingen"),
    Subject.INVOICE: _l("Facturen"),
    Subject.RELATION: _l("Relaties"),
    Subject.CONNECTION: _l("Koppelingen"),
    Subject.CONFIGURATION: _l("Instellingen"),
    Subject.DECLARATION: _l("Aangifte en cijfers"),
    Subject.ACCESS: _l("Toegang en rechten"),
    Subject.LOGIN: _l("In- en uitloggen"),
    Subject.EXPORT: _l("Downloads en gewiste gegevens"),
    Subject.LICENCE: _l("Licenties"),
    Subject.SUPPORT: _l("Meldingen en diensten"),
}


NAMELESS: Mapping[ActorKind, Any] = {
    ActorKind.SYSTEM: _l("vanzelf"),
    ActorKind.USER: _l("een gebruiker"),
    ActorKind.VISITOR: _l("iemand die niet was ingelogd"),
}


@pages.get("/log")
@access("login")
def index() -> str:
    """Show what happened, newest first."""
    wanted, after = _filter(), Place.read(request.args.get("na", ""))
    return render_template(
        "parts/log.html" if htmx else "log.html",
        page=log_lists.page(wanted, current_user.timezone, after),
        wanted=wanted,
        args=_args(wanted),
        subjects=SUBJECTS,
        plugins=sorted(koppelwerk().registry.plugins, key=title_of),
        counts={} if htmx else overview.counts(),
        is_first=after is None,
    )


@pages.get("/log.csv", defaults={"kind": "csv"})
@pages.get("/log.xlsx", defaults={"kind": "xlsx"})
@access("login")
def download(kind: str) -> Response:
    """The log with the filters of the page."""
    rows = log_lists.everything(_filter(), current_user.timezone)
    return send_list("logboek", kind, _columns(), rows)


def _filter() -> Filter:
    """Return what the log is narrowed to by the address; nonsense is left out."""
    level, subject = request.args.get("niveau", ""), request.args.get("onderwerp", "")
    plugin = request.args.get("koppeling", "")
    return Filter(
        plugin=plugin if plugin in koppelwerk().registry.plugins else "",
        subject=Subject(subject) if subject in set(Subject) else None,
        level=LogLevel(level) if level in set(LogLevel) else None,
        start=date_arg("van"),
        end=date_arg("tot"),
        text=request.args.get("zoek", "").strip()[:100],
    )


def _args(wanted: Filter) -> dict[str, object]:
    found = {
        "koppeling": wanted.plugin,
        "onderwerp": wanted.subject,
        "niveau": wanted.level,
        "van": wanted.start,
        "tot": wanted.end,
        "zoek": wanted.text,
    }
    return {name: value for name, value in found.items() if value}


def _columns() -> list[Column]:
    return [
        Column(_("Wanneer"), lambda entry: local(entry.at)),
        Column(_("Niveau"), lambda entry: word(entry.level)),
        Column(_("Onderwerp"), lambda entry: str(SUBJECTS.get(entry.subject, ""))),
        Column(_("Koppeling"), lambda entry: title_of(entry.plugin)),
        Column(_("Wat er gebeurde"), lambda entry: told(entry)),
        Column(_("Wat er veranderde"), _changes_of),
        Column(_("Door wie"), who),
        Column(_("Vanaf adres"), lambda entry: entry.personal.get("from", "")),
    ]


def _changes_of(entry: LogEntry) -> str:
    changed = [change_word(change) for change in entry.changes]
    return "; ".join(f"{one.field}: {one.before} → {one.after}" for one in changed)


@pages.app_template_global("told")
def told(entry: LogEntry) -> str:
    """Return the words of an entry."""
    return explain(entry.code, entry.values).what


@pages.app_template_global("who")
def who(entry: LogEntry) -> str:
    """Return who did what an entry tells."""
    name = str(entry.personal.get("by", ""))
    if not name and entry.user_id is not None:
        user = session().get(User, entry.user_id)
        name = (user.name or user.email) if user else ""
    if entry.actor == ActorKind.TOKEN:
        return str(_("API-sleutel ‘%(name)s’", name=name))
    if entry.actor == ActorKind.OPERATOR:
        shown = name or _("iemand")
        return str(_("%(name)s, medewerker van Koppelwerk", name=shown))
    return name or str(NAMELESS[ActorKind(entry.actor)])


pages.add_app_template_global(change_word, "change_word")
