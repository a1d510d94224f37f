"""The tabs that show: overview, Rapportage, Open, log, and one document in detail."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask import Blueprint, render_template, request
from flask_login import current_user

from core.models import Connection, Licence, ShopOrder, Transfer
from core.plugin.pages import before, get_or_404, today
from core.rules.charts import BarChart, bar_chart, shares
from core.runtime.database import session
from core.runtime.extensions import htmx
from core.services.invoicing import invoice_bookings
from core.services.licensing import licences
from core.services.linking import couplings
from core.services.people import install
from core.services.reporting import faults, log_lists, overview
from core.services.reporting import report as reporting
from core.services.transfer import orders
from core.web.policy import access, may_change
from core.web.views import cards
from core.web.views.display import documents, short_day, title_of
from core.web.views.standings import coupling_states, sides

pages = Blueprint("pages", __name__)
LAST_LINES = 8
LEAST_DAYS = 2
"""A chart needs more than one day with something on it to say anything."""
REMARKS = {"met": "with", "zonder": "without"}
YEARS = range(1990, 2101)
"""Dates of other years are typing mistakes."""


@dataclass(frozen=True)
class Installation:
    """An installation on its way: what for, and which step is next."""

    licence: Licence
    title: str
    progress: install.Progress


@pages.get("/")
@access("login")
def home() -> str:
    """Show how things stand at a glance."""
    days = overview.per_day(current_user.timezone, today())
    return render_template(
        "home.html",
        orders=_chart([(day.on, Decimal(day.orders)) for day in days]),
        turnover=_chart([(day.on, day.turnover) for day in days]),
        days=days,
        has_chart=sum(day.orders > 0 for day in days) >= LEAST_DAYS,
        **_overview(),
    )


@pages.get("/deel/overzicht")
@access("login")
def home_part() -> str:
    """The part of the overview that keeps itself up to date."""
    return render_template("parts/overview.html", **_overview())


def _overview() -> dict[str, object]:
    causes = faults.causes()
    month = overview.midnight(today() - timedelta(days=29), current_user.timezone)
    return {
        "couplings": [(each, sides(each.coupling)) for each in coupling_states()],
        "installation": _installation(),
        "counts": overview.counts(),
        "booked": overview.booked_since(month),
        "causes": list(
            zip(causes, shares([cause.count for cause in causes]), strict=True)
        ),
        "entries": log_lists.latest(LAST_LINES),
    }


def _installation() -> Installation | None:
    """Return the installation that was begun and has no coupling yet."""
    licence = install.unfinished() if may_change() else None
    if licence is None or licence.coupling_id is not None:
        return None
    return Installation(licence, licences.title(licence), install.progress(licence))


def _chart(values: list[tuple[date, Decimal]]) -> BarChart:
    return bar_chart([(short_day(on), value) for on, value in values])


@pages.get("/deel/tellers")
@access("login")
def counters() -> str:
    """The counts beside the tabs."""
    return render_template("parts/counters.html", counts=overview.counts())


@pages.get("/rapportage")
@access("login")
def report() -> str:
    """Show what was passed on, as what, when, and where it stands."""
    wanted = report_filter()
    after = reporting.Place.read(request.args.get("na", ""))
    page = reporting.page(wanted, current_user.timezone, after)
    frame = {"page": page, "wanted": wanted, "args": filter_args(wanted)}
    if htmx:
        return render_template("parts/report.html", **frame, **_frame(after is None))
    days = reporting.per_day(wanted, current_user.timezone, today())
    return render_template(
        "report.html",
        documents=documents(),
        booked=_chart([(day.on, Decimal(day.orders)) for day in days]),
        turnover=_chart([(day.on, day.turnover) for day in days]),
        days=days,
        **frame,
        **_frame(after is None),
    )


def report_filter() -> reporting.Filter:
    """Return what Rapportage is narrowed to by the address; nonsense is left out."""
    document, remark = request.args.get("als", ""), request.args.get("opmerking", "")
    target = request.args.get("pakket", "")
    return reporting.Filter(
        search=request.args.get("zoek", "").strip()[:100],
        start=date_arg("van"),
        end=date_arg("tot"),
        target_id=int(target) if target.isdecimal() and len(target) < 10 else None,
        document=document if document in documents() else "",
        remark=REMARKS.get(remark, ""),
    )


def filter_args(wanted: reporting.Filter) -> dict[str, object]:
    """Return a filter as the values of an address."""
    words = {meaning: word for word, meaning in REMARKS.items()}
    found = {
        "zoek": wanted.search,
        "van": wanted.start,
        "tot": wanted.end,
        "pakket": wanted.target_id,
        "als": wanted.document,
        "opmerking": words.get(wanted.remark),
    }
    return {name: value for name, value in found.items() if value}


def date_arg(name: str) -> date | None:
    """Return a date of the address; None when it is none."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _frame(is_first: bool | None = None) -> dict[str, object]:
    """Return what every list needs: the package of each target, where it starts."""
    packages = couplings.packages()
    return {
        "targets": {key: package.plugin for key, package in packages.items()},
        "packages": packages,
        "counts": {} if htmx else overview.counts(),
        "is_first": before() is None if is_first is None else is_first,
    }


@pages.get("/open")
@access("login")
def waiting() -> str:
    """Show what was fetched but did not go yet, and why."""
    page = overview.waiting(before())
    cards.load(page.rows)
    template = "parts/waiting.html" if htmx else "waiting.html"
    return render_template(template, page=page, **_frame())


@pages.app_template_global("package_by")
def package_by(connection_id: int) -> str:
    """Return the title of the plugin of a connection."""
    plugin = plugin_by(connection_id)
    return title_of(plugin) if plugin else ""


@pages.app_template_global("plugin_by")
def plugin_by(connection_id: int) -> str:
    """Return the name of the plugin of a connection; empty when it is gone."""
    connection = session().get(Connection, connection_id)
    return connection.plugin if connection else ""


@pages.get("/bestelling/<int:transfer_id>")
@access("login")
def detail(transfer_id: int) -> str:
    """*Meer info*: what, why, what to do, its content, every step and its exchange."""
    transfer = get_or_404(Transfer, transfer_id)
    row = (
        session().get(ShopOrder, transfer.subject_id)
        if transfer.subject == orders.SUBJECT
        else None
    )
    invoice = invoice_bookings.invoice_of(transfer)
    template = "parts/detail.html" if htmx else "detail.html"
    return render_template(
        template,
        transfer=transfer,
        row=row,
        order=orders.load(row) if row else None,
        invoice=invoice,
        steps=overview.steps_of(transfer),
        entries=log_lists.of_transfer(transfer.id),
        **_frame(),
    )
