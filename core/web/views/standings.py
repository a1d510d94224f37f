"""The state of couplings as the pages show it: one answer, one button, everywhere."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from flask import Blueprint, g, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Connection, Coupling, Transfer
from core.rules.standing import (
    ENDING_CODES,
    LICENCE_CODES,
    LicenceFacts,
    Rights,
    Status,
    Way,
    is_loud,
    side_status,
    side_within,
)
from core.runtime.database import session
from core.runtime.tenancy import current_scope, system_scope
from core.services.licensing import licences
from core.services.linking import standings
from core.services.linking.standings import Standing
from core.services.reporting.status import facts_of
from core.texts import Explained, explain
from core.texts.standings import say
from core.web.policy import is_tenant_user, may_change
from core.web.views import rights

pages = Blueprint("standings", __name__)
LABELS: dict[Way, LazyString] = {
    Way.ORDER: _l("Bestel"),
    Way.PAY: _l("Naar de factuur"),
    Way.LICENSE: _l("Begin een licentie"),
    Way.INSTALL: _l("Ga verder met de installatie"),
    Way.SWITCH_ON: _l("Koppeling activeren"),
    Way.CONNECT: _l("Koppelen"),
    Way.CONFIGURE: _l("Naar Configuratie"),
    Way.LOOK: _l("Voorbeeld bekijken"),
    Way.CHECK: _l("Status controleren"),
    Way.VIEW: _l("Bekijk waarom"),
    Way.ASK: _l("Stel ons een vraag"),
}


SAYING = ("pages.home", "pages.waiting", "failed.index")
"""Pages that say it themselves, above all else."""


@dataclass(frozen=True)
class Link:
    """A button: what stands on it and where it leads."""

    label: LazyString
    url: str


@dataclass(frozen=True)
class Shown:
    """A coupling's state as its pages show it."""

    standing: Standing
    status: Status

    @property
    def coupling(self) -> Coupling:
        """The coupling."""
        return self.standing.coupling

    @property
    def licence(self) -> LicenceFacts | None:
        """What it is paid by."""
        return self.standing.facts.licence

    @property
    def at(self) -> Connection | None:
        """The side at which the reason is found; None: neither."""
        return self.standing.side

    @property
    def words(self) -> Explained:
        """What is so, and what can be done."""
        return say(self.status, self.at.plugin if self.at else "")

    @property
    def link(self) -> Link | None:
        """The one button."""
        way = self.status.way
        return Link(LABELS[way], self._address(way)) if way else None

    @property
    def order_link(self) -> Link | None:
        """Where a trial is turned into a year, for who may; at any time."""
        row = self.standing.licence
        if row is None or not may_change():
            return None
        owes = self.licence is not None and self.licence.owes
        way = Way.PAY if owes else Way.ORDER
        return Link(LABELS[way], self._address(way))

    def _address(self, way: Way) -> str:
        coupling, licence = self.coupling, self.standing.licence
        connection = self.at or coupling.source
        licence_id = licence.id if licence else 0
        plugin, status_of = connection.plugin, f"status-{connection.id}"
        return {
            Way.ORDER: lambda: url_for("licence.ask", licence_id=licence_id),
            Way.PAY: lambda: url_for("licence.show", licence_id=licence_id),
            Way.LICENSE: lambda: url_for(
                "public.sign_up",
                source=coupling.source.plugin,
                target=coupling.target.plugin,
            ),
            Way.INSTALL: lambda: url_for("install.wizard", licence_id=licence_id),
            Way.SWITCH_ON: lambda: url_for(
                "connections.ask_switch", name=plugin, enabled=1
            ),
            Way.CONFIGURE: lambda: url_for(
                "configuration.show", coupling_id=coupling.id
            ),
            Way.LOOK: lambda: url_for("relation_sync.show", package_id=connection.id),
            Way.ASK: lambda: url_for("support.general"),
        }.get(
            way,
            lambda: url_for("connections.plugin", name=plugin, _anchor=status_of),
        )()


def of_visitor(*, is_complete: bool = True) -> list[Shown]:
    """Return the states of the couplings that who asks may see; gathered once."""
    if not is_tenant_user():
        return []
    own = rights.own()
    return [
        Shown(each, each.status(_rights(each.coupling)))
        for each in _of(current_user.tenant_id, is_complete)
        if own.shows(each.coupling)
    ]


def _rights(coupling: Coupling) -> Rights:
    may_make = rights.may_make
    return Rights(
        is_owner=may_change(),
        makes_source=may_make(coupling.source.plugin),
        makes_target=may_make(coupling.target.plugin),
    )


def _of(tenant_id: int, is_complete: bool) -> list[Standing]:
    """Return a tenant's standings; read once a request, completed where wanted."""
    cache = g.setdefault("standings", {})
    known, complete = cache.get(tenant_id, (None, False))
    if known is None or (is_complete and not complete):
        with _scope_of(tenant_id):
            known = standings.of_tenant(tenant_id) if known is None else known
            if is_complete:
                known = [standings.completed(each) for each in known]
        cache[tenant_id] = known, is_complete
    found: list[Standing] = known
    return found


@dataclass(frozen=True)
class Side:
    """One dot: a coupling's shop or package."""

    connection_id: int
    plugin: str
    name: str
    status: Status
    shown: Shown | None = None
    """The coupling whose licence it tells of, and whose end it counts down to."""

    @property
    def words(self) -> Explained:
        """What is so, and what can be done."""
        return say(self.status, self.plugin)

    @property
    def briefly(self) -> str:
        """What is so with the connection itself, beside the state of its coupling."""
        if self.status.code in LICENCE_CODES:
            return explain("status_idle").what
        if self.status.code in ENDING_CODES:
            return explain("status_connected").what
        return self.words.what


def side(connection: Connection) -> Side:
    """Return a connection's dot, as the licences of its couplings let it work."""
    own = side_status(facts_of(connection), utcnow())
    shown = [
        Shown(each, each.status())
        for each in _of(connection.tenant_id, False)
        if connection.id in (each.coupling.source_id, each.coupling.target_id)
    ]
    found = side_within(own, [each.status for each in shown])
    if found != own and _books_invoices(connection):
        found = own
    if is_tenant_user() and not may_change():
        shown = []
    return Side(
        connection.id,
        connection.plugin,
        connection.external_name,
        found,
        shown[0] if shown else None,
    )


def _books_invoices(connection: Connection) -> bool:
    """Tell whether our own invoices go there, which need no licence of a shop."""
    own = select(Coupling.id).where(
        Coupling.target_id == connection.id,
        Coupling.tenant_id == connection.tenant_id,
        Coupling.source_id.is_(None),
    )
    with _scope_of(connection.tenant_id):
        return session().scalar(own.limit(1)) is not None


def _scope_of(tenant_id: int) -> AbstractContextManager[None]:
    """Return the scope in which a tenant's rows are seen: our desk has none."""
    return nullcontext() if current_scope() == tenant_id else system_scope()


def sides(coupling: Coupling) -> tuple[Side, Side]:
    """Return both dots of a coupling."""
    return side(coupling.source), side(coupling.target)


@pages.app_template_global("coupling_states")
def coupling_states() -> list[Shown]:
    """Return the state of each coupling, for the top of a page."""
    return of_visitor()


@pages.app_template_global("stopped_couplings")
def stopped_couplings() -> list[Shown]:
    """Return the couplings of which nothing goes now, or soon no more."""
    return [
        each
        for each in of_visitor()
        if not each.status.books or is_loud(each.status, each.licence)
    ]


@pages.app_template_global("loud_states")
def loud_states() -> Sequence[Shown]:
    """Return what every page says: licence over, app removed, or the last days."""
    if request.endpoint in SAYING:
        return []
    found = of_visitor(is_complete=False)
    is_own = request.endpoint == "configuration.show"
    shown = (request.view_args or {}).get("coupling_id") if is_own else None
    return [
        each
        for each in found
        if is_loud(each.status, each.licence) and each.coupling.id != shown
    ]


@pages.app_template_global("state_of")
def state_of(coupling_id: int | None) -> Shown | None:
    """Return the state of one coupling."""
    found = (each for each in of_visitor() if each.coupling.id == coupling_id)
    return next(found, None)


@pages.app_template_global("stop_of")
def stop_of(transfer: Transfer) -> Shown | None:
    """Return the state of a document's coupling when nothing of it goes now."""
    found = state_of(transfer.coupling_id)
    return found if found and not found.status.books else None


@pages.app_template_global("coupling_title")
def coupling_title(shown: Shown) -> str:
    """Return what a coupling is called: both plugins' own names."""
    row = shown.coupling
    return licences.title_of(row.source.plugin, row.target.plugin)
