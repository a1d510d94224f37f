"""The VAT and payment configuration of a coupling (manual 004, Installatie).

The target plugin brings the tables (from core's mixins) and the choices; the rows,
their defaults and the rules for saving are the same for every package. A suggestion
is shown but never saved before the user does so.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import Text, case, delete, func, select, type_coerce

from core.domain.clock import local_date, utcnow
from core.domain.jsontext import dumps
from core.domain.money import ZERO, plain
from core.domain.orders import Purse, SaleKind
from core.models import Backfill, Coupling, ShopOrder, Tenant, VatMapping
from core.plugin.capabilities import Choice, Choices, Orders
from core.rules.seller import statuses_of
from core.rules.vatrates import FIRST_DAY, RATED, rates_between
from core.runtime.database import session

RECENT_ORDERS = 5000
"""How many of the last orders are looked at for the payment methods in use."""
SINGLE = {"ICP": SaleKind.ICP, "INT": SaleKind.INTERNATIONAL}
"""Groups that are no country, by key."""
KEY_OF: Mapping[str, str] = {kind: key for key, kind in SINGLE.items()}


@dataclass(frozen=True)
class VatLine:
    """One rate of a group and what it becomes; empty: not set."""

    rate: Decimal
    vat_code: str = ""
    revenue_account: str = ""
    saved: bool = False
    typed: str = ""
    """What was typed where that is no rate."""

    @property
    def mark(self) -> str:
        """Its part of the ids of its fields."""
        return re.sub(r"[^\w.]+", "-", self.typed) or plain(self.rate)


@dataclass(frozen=True)
class VatGroup:
    """A country, ICP or International, with its rates highest first."""

    key: str
    """ISO code, `ICP` or `INT`."""
    lines: tuple[VatLine, ...]

    @property
    def sale_kind(self) -> SaleKind:
        """The kind of sale it is about."""
        return SINGLE.get(self.key, SaleKind.COUNTRY)

    @property
    def country(self) -> str:
        """ISO code; empty for ICP and International."""
        return "" if self.key in SINGLE else self.key

    @property
    def is_set(self) -> bool:
        """Tell whether anything of it was saved."""
        return any(line.saved for line in self.lines)


@dataclass(frozen=True)
class PaymentLine:
    """A payment method of the shop with its clearing account or fixed debtor."""

    method: str
    clearing_account: str = ""
    fixed_debtor: str = ""


def vat_groups(
    coupling: Coupling, target: Orders, home_country: str, today: date
) -> list[VatGroup]:
    """Return all countries with rates, ICP and International with what was saved.

    The home country comes first, ICP and International after it. Beside what was saved
    a group shows the other rates of the period of the orders; under the scheme for
    small enterprises (KOR) the home country has 0 % as well.
    """
    saved = _saved_vat(coupling, target.vat_mapping)
    first = first_day(coupling, today)
    others = [country for country in RATED if country != home_country]
    own = [home_country] if home_country in RATED else []
    tenant = session().get_one(Tenant, coupling.tenant_id)
    if any(each.small_business for each in statuses_of(tenant.vat_statuses)):
        known = saved.get(home_country, ())
        saved[home_country] = _with_offered(known, (VatLine(ZERO),))
    groups = [
        VatGroup(
            key, _with_offered(saved.get(key, ()), default_lines(key, first, today))
        )
        for key in (*own, *SINGLE, *others)
    ]
    return [group for group in groups if group.lines]


def _with_offered(
    saved: tuple[VatLine, ...], offered: tuple[VatLine, ...]
) -> tuple[VatLine, ...]:
    known = {line.rate for line in saved}
    lines = (*saved, *(line for line in offered if line.rate not in known))
    return tuple(sorted(lines, key=lambda line: -line.rate))


def default_lines(key: str, first: date, last: date) -> tuple[VatLine, ...]:
    """Return the lines of a group that nothing was saved of: the period's rates."""
    if key in SINGLE:
        return (VatLine(ZERO),)
    return tuple(VatLine(rate) for rate in rates_between(key, first, last))


def first_day(coupling: Coupling, today: date) -> date:
    """Return the first day whose rates an order of the coupling may have.

    That of the tenant's first order, of its first date or of a run over past orders.
    """
    oldest = session().scalar(
        select(func.min(ShopOrder.ordered_at)).where(
            ShopOrder.tenant_id == coupling.tenant_id
        )
    )
    run = session().scalar(
        select(func.min(Backfill.first_on)).where(Backfill.coupling_id == coupling.id)
    )
    days = [oldest.date() if oldest else None, run, coupling.starts_on, today]
    return max(FIRST_DAY, min(day for day in days if day is not None))


def _saved_vat(
    coupling: Coupling, model: type[VatMapping]
) -> dict[str, tuple[VatLine, ...]]:
    found: dict[str, list[VatLine]] = {}
    rows = session().scalars(
        select(model).where(model.coupling_id == coupling.id).order_by(model.id)
    )
    for row in rows:
        line = VatLine(row.rate, row.vat_code, row.revenue_account, saved=True)
        key = KEY_OF.get(SaleKind(row.sale_kind), row.country)
        found.setdefault(key, []).append(line)
    return {
        key: tuple(sorted(lines, key=lambda line: -line.rate))
        for key, lines in found.items()
    }


def saved_groups(coupling: Coupling, target: Orders) -> set[str]:
    """Return the keys of the groups that something was saved of."""
    return set(_saved_vat(coupling, target.vat_mapping))


def saved_lines(coupling: Coupling, target: Orders) -> list[tuple[str, VatLine]]:
    """Return the lines that were saved, each with the key of its group."""
    saved = _saved_vat(coupling, target.vat_mapping)
    return [(key, line) for key, lines in saved.items() for line in lines]


def is_group(key: str) -> bool:
    """Tell whether the VAT table has a group of a key."""
    return key in SINGLE or key in RATED


def countries_seen(coupling: Coupling) -> set[str]:
    """Return the countries that recent orders went to."""
    recent = (
        select(ShopOrder.country)
        .where(ShopOrder.connection_id == coupling.source_id)
        .order_by(ShopOrder.id.desc())
        .limit(RECENT_ORDERS)
        .subquery()
    )
    return set(session().scalars(select(recent.c.country).distinct()))


def save_vat(
    coupling: Coupling,
    target: Orders,
    groups: Iterable[VatGroup],
    keep: Collection[str] = (),
) -> None:
    """Replace the VAT configuration but for the groups to keep.

    Lines without code and account are left out.
    """
    model = target.vat_mapping
    kept = [SINGLE[key] for key in keep if key in SINGLE]
    countries = [key for key in keep if key not in SINGLE]
    session().execute(
        delete(model)
        .where(
            model.coupling_id == coupling.id,
            model.sale_kind.not_in(kept),
            model.country.not_in(countries),
        )
        .execution_options(synchronize_session=False)
    )
    for group in groups:
        for line in group.lines:
            if line.vat_code and line.revenue_account:
                row = target.vat_mapping()
                row.tenant_id = coupling.tenant_id
                row.coupling_id = coupling.id
                row.sale_kind = group.sale_kind
                row.country = group.country
                row.rate = line.rate
                row.vat_code = line.vat_code
                row.revenue_account = line.revenue_account
                session().add(row)
    session().flush()


def delete_vat(coupling: Coupling, target: Orders) -> None:
    """Remove the VAT configuration of a coupling."""
    model = target.vat_mapping
    session().execute(
        delete(model)
        .where(model.coupling_id == coupling.id)
        .execution_options(synchronize_session=False)
    )


def with_rate(group: VatGroup, rate: Decimal) -> VatGroup:
    """Return a group with a rate among its lines."""
    lines = _with_offered(group.lines, (VatLine(rate),))
    return replace(group, lines=lines)


def with_suggestions(group: VatGroup, choices: Choices) -> VatGroup:
    """Fill what is empty with what the package's own hints point to."""
    return replace(
        group, lines=tuple(_suggested(group, line, choices) for line in group.lines)
    )


def suggested_vat(coupling: Coupling, choices: Choices) -> list[VatGroup]:
    """Return every group whose lines the hints can fill, for today's rates."""
    tenant = session().get_one(Tenant, coupling.tenant_id)
    today = local_date(utcnow(), tenant.timezone)
    groups = [
        VatGroup(key, default_lines(key, today, today)) for key in (*RATED, *SINGLE)
    ]
    return [with_suggestions(group, choices) for group in groups]


def _suggested(group: VatGroup, line: VatLine, choices: Choices) -> VatLine:
    if line.vat_code or line.revenue_account:
        return line
    code = _best(choices.vat_codes, group, line.rate)
    account = _best(choices.revenue_accounts, group, line.rate)
    if code is None or account is None:
        return line
    return replace(line, vat_code=code.value, revenue_account=account.value)


def _best(offered: Sequence[Choice], group: VatGroup, rate: Decimal) -> Choice | None:
    """Return the first choice whose hint names this group and rate.

    A hint is a few words: a rate (`21`), a country (`DE`), `icp`, `international`.
    One that names no country serves the administration's own.
    """
    for choice in offered:
        if hint_fits(choice.hint, group, rate):
            return choice
    return None


def hint_fits(hint: str, group: VatGroup, rate: Decimal) -> bool:
    """Tell whether a choice's hint names a group and rate."""
    words = set(hint.split())
    if group.sale_kind != SaleKind.COUNTRY:
        return group.sale_kind.value in words
    return group.country in words and any(_is_rate(word, rate) for word in words)


def _is_rate(word: str, rate: Decimal) -> bool:
    try:
        return Decimal(word) == rate
    except InvalidOperation:
        return False


def payments(
    coupling: Coupling, target: Orders, choices: Choices | None = None
) -> list[PaymentLine]:
    """Return the methods that were saved, then those seen in recent orders.

    With `choices`, a method gets the clearing account whose name holds its name.
    """
    model = target.payment_mapping
    saved = [
        PaymentLine(row.method, row.clearing_account, row.fixed_debtor)
        for row in session().scalars(
            select(model).where(model.coupling_id == coupling.id).order_by(model.method)
        )
    ]
    known = {line.method for line in saved}
    seen = [method for method in _methods_seen(coupling) if method not in known]
    accounts = choices.clearing_accounts if choices else ()
    return saved + [PaymentLine(name, _named(accounts, name)) for name in seen]


def _named(offered: Sequence[Choice], method: str) -> str:
    name = method.casefold()
    return next(
        (choice.value for choice in offered if name in choice.label.casefold()), ""
    )


def _methods_seen(coupling: Coupling) -> list[str]:
    recent = (
        select(ShopOrder.payment_method)
        .where(ShopOrder.connection_id == coupling.source_id)
        .order_by(ShopOrder.id.desc())
        .limit(RECENT_ORDERS)
        .subquery()
    )
    method = recent.c.payment_method
    rows = session().execute(
        select(method, func.count()).where(method != "").group_by(method)
    )
    return [*sorted(name for name, _ in rows), *_purses_seen(coupling)]


def _purses_seen(coupling: Coupling) -> list[str]:
    """Return what orders were paid with before: of a payment, never the order's own
    method."""
    recent = (
        select(type_coerce(ShopOrder.payload, Text).label("payload"))
        .where(ShopOrder.connection_id == coupling.source_id)
        .order_by(ShopOrder.id.desc())
        .limit(RECENT_ORDERS)
        .subquery()
    )
    columns = [
        func.max(case((recent.c.payload.contains(_paid_with(purse)), 1), else_=0))
        for purse in Purse
    ]
    found = session().execute(select(*columns)).one()
    return [purse.value for purse, seen in zip(Purse, found, strict=True) if seen]


def _paid_with(purse: Purse) -> str:
    """Return what the stored text of an order has when it was paid with a purse."""
    return dumps({"method": purse.value})[1:-1]


def save_payments(
    coupling: Coupling, target: Orders, lines: Iterable[PaymentLine]
) -> None:
    """Replace the payment methods; one without account and debtor is left out."""
    model = target.payment_mapping
    session().execute(
        delete(model)
        .where(model.coupling_id == coupling.id)
        .execution_options(synchronize_session=False)
    )
    for line in lines:
        if line.clearing_account or line.fixed_debtor:
            row = model()
            row.tenant_id = coupling.tenant_id
            row.coupling_id = coupling.id
            row.method = line.method
            row.clearing_account = line.clearing_account
            row.fixed_debtor = line.fixed_debtor
            session().add(row)
    session().flush()
