"""What booking the orders of a coupling needs to know, loaded once a batch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import select

from core.domain.errors import AskUser, Stop
from core.domain.foreseen import ForeseenLine, RateTotal
from core.domain.money import plain, total
from core.domain.orders import LineKind, Order, OrderLine, Purse, SaleKind
from core.models import Coupling, PaymentMapping, Tenant, VatMapping
from core.plugin.coupling_form import ASK
from core.plugin.database import session
from core.rules.sale_checks import (
    GiftCards,
    NoTurnover,
    VatRule,
    VatRules,
    check_business,
    check_order,
)
from core.rules.sale_place import Sale, place_of
from core.rules.seller import Seller, statuses_of

MOST_LINES = 100
"""Of a document that its reasoning names."""


@dataclass(kw_only=True)
class CouplingSetup:
    """A coupling's configuration; a plugin adds what its package needs besides."""

    vat_mapping: ClassVar[type[VatMapping]]
    payment_mapping: ClassVar[type[PaymentMapping]]

    connection_id: int
    """Of the package."""
    home_country: str
    timezone: str
    own_vat_number: str
    settings: Mapping[str, Any]
    seller: Seller
    rules: VatRules
    fixed_debtors: Mapping[str, str]
    """The package's id of the debtor, by payment method."""
    clearing_accounts: Mapping[str, str]
    """The package's account that payments come in on, by payment method; a method
    without one is not settled."""

    @classmethod
    def load(cls: "type[S]", coupling: Coupling, tenant: Tenant) -> "S":
        """Read a coupling's configuration and its package's reference data."""
        kept = _kept.get()
        if kept is None:
            return cls._read(coupling, tenant)
        if (cls, coupling.id) not in kept:
            kept[cls, coupling.id] = cls._read(coupling, tenant)
        found: S = kept[cls, coupling.id]
        return found

    @classmethod
    def _read(cls: "type[S]", coupling: Coupling, tenant: Tenant) -> "S":
        lines = vat_lines(cls.vat_mapping, coupling.id)
        model = cls.payment_mapping
        payments = payment_lines(model, coupling)
        return cls(
            connection_id=coupling.target_id,
            home_country=tenant.home_country,
            timezone=tenant.timezone,
            own_vat_number=tenant.vat_number,
            settings=dict(coupling.settings),
            seller=seller_of(tenant),
            rules=vat_rules(lines, coupling),
            fixed_debtors={
                row.method: row.fixed_debtor for row in payments if row.fixed_debtor
            },
            clearing_accounts=clearing_accounts(coupling, payments),
            **cls.of_package(coupling, lines),
        )

    def sale_of(self, order: Order) -> Sale:
        """Check an order as for any package and judge where it is sold.

        Raises AskUser and Stop: those of `core.rules.sale_checks` and `sale_place`.
        """
        check_order(order)
        sale = place_of(order, self.seller)
        if self.settings.get("require_vat_number", True):
            check_business(order, sale)
        self.rules.check_redeemed(order)
        return sale

    def doubts_charge(self, order: Order, sale: Sale) -> bool:
        """Tell whether an order with VAT of another state may be a business's.

        A sale to a business with a valid number is no distance sale (2006/112/EC
        art. 14(4)(1)(a), 32): VAT of its country is not due, yet was charged.
        """
        asks = self.settings.get("charged_business", ASK) == ASK
        is_distance_sale = sale.rule == "distance_sale" and not order.credits
        return asks and is_distance_sale and bool(order.vat_number)

    def reasoning(self, order: Order) -> dict[str, Any]:
        """Tell why an order's VAT is what it is, as plain data, as far as known.

        Empty where it cannot be told; a line without a rule has no code and account.
        """
        try:
            sale = place_of(order, self.seller)
        except AskUser:
            return {}
        return {
            "area": sale.area.code,
            "area_source": sale.area.source,
            "sure": sale.area.sure,
            "country": sale.country,
            "scheme": sale.scheme.value,
            "rule": sale.rule,
            "source": sale.source,
            "assumed": sale.assumed,
            "on": sale.on.isoformat(),
            "lines": [self._reason(line, sale) for line in order.lines[:MOST_LINES]],
        }

    def _reason(self, line: OrderLine, sale: Sale) -> dict[str, str]:
        told = {"line": line.description, "rate": plain(line.vat_rate)}
        try:
            rule = self.rules.find(line, sale)
        except (AskUser, Stop) as error:
            return {**told, "code": error.code}
        return {**told, "vat_code": rule.vat_code, "account": rule.revenue_account}

    def lines_of(
        self, order: Order, check: Callable[[OrderLine, Sale], object]
    ) -> tuple[ForeseenLine, ...]:
        """Tell of each line where it would go, and which one the package refuses.

        For an order of which no document can be made. `check` raises AskUser or Stop
        for a line that the package does not take.
        """
        try:
            sale = place_of(order, self.seller)
        except AskUser:
            return tuple(ForeseenLine(line) for line in order.lines[:MOST_LINES])
        return tuple(
            self._foreseen(line, sale, check) for line in order.lines[:MOST_LINES]
        )

    def _foreseen(
        self, line: OrderLine, sale: Sale, check: Callable[[OrderLine, Sale], object]
    ) -> ForeseenLine:
        found = ForeseenLine(line)
        try:
            rule = self.rules.find(line, sale)
            found = ForeseenLine(line, rule.vat_code, rule.revenue_account)
            check(line, sale)
        except (AskUser, Stop) as error:
            return replace(found, error=error)
        return found

    @classmethod
    def of_package(
        cls, _coupling: Coupling, _lines: Sequence[VatMapping]
    ) -> dict[str, Any]:
        """Return the fields that a plugin added, by name."""
        return {}


S = TypeVar("S", bound=CouplingSetup)
_kept: ContextVar[dict[Any, Any] | None] = ContextVar("_kept", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Let each setup be read once while many orders are foreseen by it."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


class Setups(Generic[S]):
    """Each coupling's setup, loaded when the first of its documents comes by."""

    def __init__(self, kind: type[S], tenant: Tenant) -> None:
        self._kind = kind
        self._tenant = tenant
        self._loaded: dict[int, S] = {}

    def forget(self) -> None:
        """Load setups again when they are next asked for: the index changed."""
        self._loaded.clear()

    def of(self, coupling_id: int) -> S:
        """Return a coupling's setup."""
        if coupling_id not in self._loaded:
            coupling = session().get_one(Coupling, coupling_id)
            self._loaded[coupling_id] = self._kind.load(coupling, self._tenant)
        return self._loaded[coupling_id]


def rates_of(lines: Iterable[OrderLine]) -> tuple[RateTotal, ...]:
    """Return what lines come to per rate, the highest first."""
    found: dict[Decimal, list[OrderLine]] = {}
    for line in lines:
        found.setdefault(line.vat_rate, []).append(line)
    return tuple(
        RateTotal(
            rate,
            total(line.amount_excl_vat for line in some),
            total(line.vat_amount for line in some),
        )
        for rate, some in sorted(found.items(), reverse=True)
    )


def vat_lines(model: type[VatMapping], coupling_id: int) -> Sequence[VatMapping]:
    """Return the lines of a coupling's VAT configuration."""
    chosen = select(model).where(model.coupling_id == coupling_id)
    return session().scalars(chosen).all()


def vat_rules(
    lines: Iterable[VatMapping], coupling: Coupling | None = None
) -> VatRules:
    """Return what a VAT configuration says, for the checks of a sale."""
    return VatRules(
        (
            VatRule(
                SaleKind(line.sale_kind),
                line.country,
                line.rate,
                line.vat_code,
                line.revenue_account,
            )
            for line in lines
        ),
        no_turnover(coupling) if coupling else None,
    )


def no_turnover(coupling: Coupling) -> NoTurnover:
    """Return what a coupling says of gift cards, deposits and tips."""
    stored = coupling.no_turnover
    accounts = {kind: stored[kind.value] for kind in LineKind if stored.get(kind.value)}
    names = {name: LineKind(kind) for name, kind in stored.get("names", {}).items()}
    return NoTurnover(GiftCards(stored.get("gift_cards", "")), accounts, names)


def seller_of(tenant: Tenant) -> Seller:
    """Return a tenant as the rules of VAT see him."""
    return Seller(
        tenant.home_country, tenant.timezone, statuses_of(tenant.vat_statuses)
    )


def payment_lines(
    model: type[PaymentMapping], coupling: Coupling
) -> Sequence[PaymentMapping]:
    """Return what a coupling has for the payment methods of its shop."""
    lines = select(model).where(model.coupling_id == coupling.id)
    return session().scalars(lines).all()


def clearing_accounts(
    coupling: Coupling, payments: Iterable[PaymentMapping]
) -> dict[str, str]:
    """Return the package's account that payments come in on, by payment method.

    A redeemed gift card for many purposes settles what was owed for it.
    """
    said, found = no_turnover(coupling), dict[str, str]()
    if said.gift_cards == GiftCards.MANY and LineKind.GIFT_CARD in said.accounts:
        found[Purse.GIFT_CARD] = said.accounts[LineKind.GIFT_CARD]
    chosen = {row.method: row.clearing_account for row in payments}
    return found | {method: account for method, account in chosen.items() if account}


def has_clearing_account(model: type[PaymentMapping], coupling_id: int) -> bool:
    """Tell whether payments of a coupling are booked: a method has an account."""
    chosen = select(model.id).where(
        model.coupling_id == coupling_id, model.clearing_account != ""
    )
    return session().execute(chosen.limit(1)).first() is not None


def is_vat_configured(model: type[VatMapping], coupling_id: int) -> bool:
    """Tell whether a coupling has any line of VAT configuration."""
    chosen = select(model.id).where(model.coupling_id == coupling_id).limit(1)
    return session().execute(chosen).first() is not None
