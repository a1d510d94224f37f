"""Checks before booking that hold for every package (manual 004, Controle vooraf).

Pure: the caller brings the order and the configuration, and gets an answer or an
error that says what the user can do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from core.domain.errors import AskUser, Stop
from core.domain.money import ZERO
from core.domain.orders import (
    LineKind,
    Order,
    OrderLine,
    Purse,
    SaleKind,
    plain_name,
)
from core.rules.sale_place import NO_TURNOVER, Sale

CURRENCY = "EUR"


@dataclass(frozen=True)
class VatRule:
    """One configured line: what a rate of a kind of sale becomes in the package."""

    sale_kind: SaleKind
    country: str
    """ISO code; empty for ICP and International."""
    rate: Decimal
    vat_code: str
    """The package's id; empty: outside VAT (a gift card, a deposit, a tip)."""
    revenue_account: str


class GiftCards(StrEnum):
    """What the seller's gift cards are for, which decides when VAT is due."""

    UNKNOWN = ""
    MANY = "many"
    """For goods of several rates: VAT when redeemed (2006/112/EC art. 30b(2))."""
    ONE = "one"
    """Place and rate are known at once: VAT when sold, none when redeemed (30b(1))."""


@dataclass(frozen=True)
class NoTurnover:
    """What a coupling's configuration says of lines that are no turnover."""

    gift_cards: GiftCards = GiftCards.UNKNOWN
    accounts: "dict[LineKind, str]" = field(default_factory=dict)
    """The package's account, by kind of line."""
    names: "dict[str, LineKind]" = field(default_factory=dict)
    """What a surcharge of that name is: shops have no field for deposits."""

    def kind_of(self, line: OrderLine) -> LineKind:
        """Return what a line is, by the user's word for its name."""
        if line.kind not in (LineKind.FEE, LineKind.GOODS):
            return line.kind
        return self.names.get(plain_name(line), line.kind)


def check_order(order: Order) -> None:
    """Check what needs no configuration.

    Raises AskUser `currency_not_eur`, `order_empty`, `total_mismatch`, `negative_line`
    (a negative amount in a positive order, or the other way round) or
    `country_unknown`; Stop `nothing_to_book` for an order of nothing.
    """
    if order.currency != CURRENCY:
        raise AskUser("currency_not_eur", currency=order.currency or "?")
    takes_back_payment = order.credits and not order.lines
    if not order.lines and not takes_back_payment:
        raise AskUser("order_empty")
    if order.lines_total_incl_vat != order.total_incl_vat and not takes_back_payment:
        raise AskUser(
            "total_mismatch",
            total=order.total_incl_vat,
            lines=order.lines_total_incl_vat,
        )
    signs = {line.amount_incl_vat > ZERO for line in order.lines if not is_free(line)}
    if len(signs) > 1:
        raise AskUser("negative_line")
    if order.total_incl_vat == ZERO:
        raise Stop("nothing_to_book")
    if not order.country and not order.is_collected:
        raise AskUser("country_unknown")


def check_business(order: Order, sale: Sale) -> None:
    """Ask for a VAT number where a business sale in the EU needs one (manual 004)."""
    is_business = sale.kind == SaleKind.ICP or order.company
    if sale.is_abroad and is_business and not order.vat_number:
        raise AskUser("vat_number_missing", company=order.company or order.number)


def is_free(line: OrderLine) -> bool:
    """Tell whether a line costs nothing: a gift, or fully discounted."""
    return line.amount_incl_vat == ZERO and line.vat_amount == ZERO


def with_free_lines(order: Order) -> Order:
    """Give free lines the rate of the dearest other line, so that they need none.

    Without a line that has a rate of its own they are left out.
    """
    if not any(is_free(line) for line in order.lines):
        return order
    rated = [
        line
        for line in order.lines
        if not is_free(line) and line.kind not in NO_TURNOVER
    ]
    if not rated:
        kept = tuple(line for line in order.lines if not is_free(line))
        return replace(order, lines=kept) if kept else order
    rate = max(rated, key=lambda line: abs(line.amount_incl_vat)).vat_rate
    return replace(
        order,
        lines=tuple(
            replace(line, vat_rate=rate, kind=_rated(line)) if is_free(line) else line
            for line in order.lines
        ),
    )


def _rated(line: OrderLine) -> LineKind:
    return LineKind.GOODS if line.kind in NO_TURNOVER else line.kind


class VatRules:
    """A coupling's VAT configuration, ready to be asked."""

    def __init__(
        self, rules: Iterable[VatRule], no_turnover: NoTurnover | None = None
    ) -> None:
        self._rules = {
            (rule.sale_kind, rule.country, rule.rate): rule
            for rule in rules
            if rule.vat_code and rule.revenue_account
        }
        self.no_turnover = no_turnover or NoTurnover()

    def find(self, line: OrderLine, sale: Sale) -> VatRule:
        """Return a line's rule; its `vat_code` is empty for what is outside VAT.

        Raises AskUser: `vat_rate_not_configured`; `shipping_without_vat`, its commonest
        cause; `vat_charged_outside` for VAT on an export; `gift_card_not_configured`,
        `deposit_not_configured`, `tip_not_configured`, and `gift_card_with_vat`;
        `fee_without_vat` for a surcharge that may be one of these.
        """
        line = replace(line, kind=self.no_turnover.kind_of(line))
        if line.kind in NO_TURNOVER:
            return self._no_turnover(line, sale)
        return self._turnover(line, sale)

    def check_redeemed(self, order: Order) -> None:
        """Ask about an order paid with a gift card whose VAT was due when it was sold.

        Raises AskUser `gift_card_taxed_twice`.
        """
        if self.no_turnover.gift_cards == GiftCards.ONE and any(
            payment.method == Purse.GIFT_CARD for payment in order.payments
        ):
            raise AskUser("gift_card_taxed_twice")

    def _no_turnover(self, line: OrderLine, sale: Sale) -> VatRule:
        is_card = line.kind == LineKind.GIFT_CARD
        if is_card and self.no_turnover.gift_cards == GiftCards.ONE:
            return self._turnover(line, sale)
        account = self.no_turnover.accounts.get(line.kind, "")
        if not account or (is_card and not self.no_turnover.gift_cards):
            raise AskUser(f"{line.kind.value}_not_configured", line=line.description)
        if line.vat_amount == ZERO:
            # A voucher for many purposes: art. 30b(2). A deposit on packaging and a tip
            # that nobody has to pay: no consideration (K; CJEU C-16/93 for gifts).
            return VatRule(sale.kind, _listed(sale), ZERO, "", account)
        if is_card:
            raise AskUser("gift_card_with_vat", line=line.description)
        return replace(self._turnover(line, sale), revenue_account=account)

    def _turnover(self, line: OrderLine, sale: Sale) -> VatRule:
        where = _listed(sale)
        rule = self._rules.get((sale.kind, where, line.vat_rate))
        if rule is not None:
            return rule
        if sale.kind == SaleKind.INTERNATIONAL and line.vat_rate != ZERO:
            raise AskUser(
                "vat_charged_outside", rate=line.vat_rate, area=sale.area.code
            )
        no_vat = line.vat_rate == ZERO and sale.kind == SaleKind.COUNTRY
        if line.kind != LineKind.GOODS and no_vat and sale.rule != "small_business":
            if line.kind == LineKind.FEE:
                raise AskUser("fee_without_vat", line=line.description)
            raise AskUser("shipping_without_vat", country=sale.country)
        raise AskUser(
            "vat_rate_not_configured",
            rate=line.vat_rate,
            country=where or "-",
            kind=sale.kind.value,
            line=line.description,
        )


def _listed(sale: Sale) -> str:
    """Return the country that the configuration lists a sale under; ICP has none."""
    return sale.country if sale.kind == SaleKind.COUNTRY else ""
