"""What a change of the configuration touches, known before it is saved.

Only what is in use counts: a line that was saved and becomes another one, or goes.
What was booked stays as it is; what is yet to go follows the new configuration.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser
from core.models import Coupling, ShopOrder, Tenant, Transfer, TransferState
from core.plugin.setups import seller_of
from core.rules.sale_place import place_of
from core.rules.seller import Seller
from core.rules.vat_areas import stored_as
from core.runtime.database import session
from core.services.linking import configuration, couplings
from core.services.linking.configuration import PaymentLine, VatGroup
from core.services.reporting.overview import own
from core.services.transfer import orders

RECENT = timedelta(days=90)
MOST = 2000
"""Orders whose lines are looked at, newest first; beyond them counts say `at least`."""
STARTS_ON = "starts_on"
_UNSENT = (TransferState.WAITING, TransferState.QUEUED, TransferState.FAILED)


@dataclass(frozen=True)
class Change:
    """One line of the configuration that is in use and becomes something else."""

    part: str
    """`vat`, `payment` or `setting`."""
    key: str
    """The VAT group, the payment method or the setting's name."""
    old: tuple[Any, ...]
    new: tuple[Any, ...]
    """Empty: the line goes."""
    rate: Decimal | None = None


@dataclass(frozen=True)
class Touched:
    """How many orders a change would send elsewhere."""

    unsent: int = 0
    """They wait or failed, and would go as the new configuration says."""
    recent: int = 0
    """Of the last 90 days: how often the changed lines were met."""
    booked: int = 0
    """Of those: booked already; they stay as they are."""
    is_partial: bool = False
    """There are more than were looked at."""


def of_vat(
    coupling: Coupling, groups: Iterable[VatGroup], keep: Collection[str] = ()
) -> list[Change]:
    """Return which VAT lines in use the new table changes or leaves out.

    Groups to keep stay as they are.
    """
    if coupling.configured_at is None:
        return []
    wanted = {
        (group.key, line.rate): (line.vat_code, line.revenue_account)
        for group in groups
        for line in group.lines
        if line.vat_code and line.revenue_account
    }
    return [
        Change("vat", group.key, old, wanted.get((group.key, line.rate), ()), line.rate)
        for group in _saved_groups(coupling)
        if group.key not in keep
        for line in group.lines
        for old in [(line.vat_code, line.revenue_account)]
        if line.saved and wanted.get((group.key, line.rate)) != old
    ]


def _saved_groups(coupling: Coupling) -> list[VatGroup]:
    target = couplings.target_of(coupling)
    tenant = session().get_one(Tenant, coupling.tenant_id)
    today = local_date(utcnow(), tenant.timezone)
    return configuration.vat_groups(coupling, target, tenant.home_country, today)


def of_payments(coupling: Coupling, lines: Iterable[PaymentLine]) -> list[Change]:
    """Return which payment methods in use the new table changes or leaves out."""
    if coupling.configured_at is None:
        return []
    wanted = {line.method: _values(line) for line in lines if any(_values(line))}
    saved = configuration.payments(coupling, couplings.target_of(coupling))
    return [
        Change("payment", line.method, _values(line), wanted.get(line.method, ()))
        for line in saved
        if any(_values(line)) and wanted.get(line.method) != _values(line)
    ]


def _values(line: PaymentLine) -> tuple[str, str]:
    return line.clearing_account, line.fixed_debtor


def of_settings(
    coupling: Coupling, values: Mapping[str, Any], starts_on: date | None
) -> list[Change]:
    """Return which settings in use change, the first date among them."""
    if coupling.configured_at is None:
        return []
    changes = [
        Change("setting", name, (old,), (values[name],))
        for name, old in coupling.settings.items()
        if name in values and values[name] != old
    ]
    if coupling.starts_on is not None and starts_on != coupling.starts_on:
        dates = (coupling.starts_on,), (starts_on,)
        changes.append(Change("setting", STARTS_ON, *dates))
    return changes


def touched(coupling: Coupling, changes: Sequence[Change]) -> Touched:
    """Count the orders that these changes would send elsewhere."""
    vat = [change for change in changes if change.part == "vat"]
    if vat:
        return _touched_by_vat(coupling, vat)
    methods = [change.key for change in changes if change.part == "payment"]
    if methods:
        return _count(coupling, ShopOrder.payment_method.in_(methods))
    if any(change.key != STARTS_ON for change in changes):
        return _count(coupling, own(ShopOrder))
    return Touched()


def _of_coupling(coupling: Coupling, *columns: Any) -> Any:
    """Select orders that wait, failed or are recent, with their transfers."""
    is_its_own = and_(
        Transfer.subject == orders.SUBJECT,
        Transfer.subject_id == ShopOrder.id,
        Transfer.coupling_id == coupling.id,
    )
    return (
        select(*columns)
        .select_from(ShopOrder)
        .outerjoin(Transfer, is_its_own)
        .where(
            own(ShopOrder),
            ShopOrder.connection_id == coupling.source_id,
            ShopOrder.state != "cancelled",
            or_(_is_recent(), Transfer.state.in_(_UNSENT)),
        )
    )


def _is_recent() -> ColumnElement[bool]:
    return ShopOrder.ordered_at >= utcnow() - RECENT


def _count(coupling: Coupling, condition: ColumnElement[bool]) -> Touched:
    booked = and_(_is_recent(), Transfer.booked_at.is_not(None))
    sums = (
        func.sum(case((each, 1), else_=0))
        for each in (Transfer.state.in_(_UNSENT), _is_recent(), booked)
    )
    row = session().execute(_of_coupling(coupling, *sums).where(condition)).one()
    unsent, recent, booked_already = (int(number or 0) for number in row)
    return Touched(unsent, recent, booked_already)


def _touched_by_vat(coupling: Coupling, changes: Sequence[Change]) -> Touched:
    """Look at the lines of the newest orders: which rates they were sold at."""
    seller = seller_of(session().get_one(Tenant, coupling.tenant_id))
    keys = {(change.key, change.rate) for change in changes}
    statement = _of_coupling(
        coupling, ShopOrder, Transfer.state, Transfer.booked_at, _is_recent()
    ).order_by(ShopOrder.ordered_at.desc())
    # sales to other countries may be taxed at home
    anywhere = {*configuration.SINGLE, seller.home_country}
    if not {key for key, _ in keys} & anywhere:
        codes = {code for key, _ in keys for code in stored_as(key)}
        statement = statement.where(ShopOrder.country.in_(codes))
    rows = session().execute(statement.limit(MOST + 1)).all()
    found = [
        (state in _UNSENT, bool(is_recent), bool(is_recent and booked_at))
        for row, state, booked_at, is_recent in rows[:MOST]
        if _keys_of(row, seller) & keys
    ]
    unsent, recent, booked = (sum(each[at] for each in found) for at in range(3))
    return Touched(unsent, recent, booked, len(rows) > MOST)


def _keys_of(row: ShopOrder, seller: Seller) -> set[tuple[str, Decimal | None]]:
    """Return the groups and rates of the VAT table that an order's lines need."""
    order = orders.load(row)
    try:
        sale = place_of(order, seller)
    except AskUser:
        return set()
    key = configuration.KEY_OF.get(sale.kind, sale.country)
    return {(key, line.vat_rate) for line in order.lines}
