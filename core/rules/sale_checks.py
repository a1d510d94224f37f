"""Checks before booking that hold for every package (manual 004, Controle vooraf).

Pure: the caller brings the order and the configuration, and gets an answer or an
error that says what the user can do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.domain.orders import Order, OrderLine, SaleKind
from core.rules.vatrates import is_member_state

CURRENCY = "EUR"


@dataclass(frozen=True)
class VatRule:
    """One configured line: what a rate of a kind of sale becomes in the package."""

    sale_kind: SaleKind
    country: str
    """ISO code; empty for ICP and International."""
    rate: Decimal
    vat_code: str
    """The package's id."""
    revenue_account: str


def check_order(order: Order) -> None:
    """Check what needs no configuration.

    Raises AskUser `currency_not_eur`, `order_empty`, `total_mismatch`, `zero_total`,
    `negative_line` or `country_unknown`.
    """
    if order.currency != CURRENCY:
        raise AskUser("currency_not_eur", currency=order.currency or "?")
    if not order.lines:
        raise AskUser("order_empty")
    if order.lines_total_incl_vat != order.total_incl_vat:
        raise AskUser(
            "total_mismatch",
            total=order.total_incl_vat,
            lines=order.lines_total_incl_vat,
        )
    if order.total_incl_vat == ZERO:
        raise AskUser("zero_total")
    if any(line.amount_incl_vat * order.total_incl_vat < ZERO for line in order.lines):
        raise AskUser("negative_line")
    if not order.country:
        raise AskUser("country_unknown")


def sale_kind(order: Order, home_country: str) -> SaleKind:
    """Tell how VAT treats an order: a country's own rates, ICP or International.

    ICP: goods go to another member state, no VAT was charged and the buyer is a
    business (a VAT number, a company name, or the shop reversed the charge).
    """
    if not is_member_state(order.country, order.ordered_at.date()):
        return SaleKind.INTERNATIONAL
    is_business = bool(order.vat_number or order.reverse_charged or order.company)
    if order.country != home_country and order.vat_amount == ZERO and is_business:
        return SaleKind.ICP
    return SaleKind.COUNTRY


def check_business(order: Order, kind: SaleKind, home_country: str) -> None:
    """Ask for a VAT number where a business sale in the EU needs one (manual 004)."""
    abroad = kind != SaleKind.INTERNATIONAL and order.country != home_country
    if abroad and (kind == SaleKind.ICP or order.company) and not order.vat_number:
        raise AskUser("vat_number_missing", company=order.company or order.number)


class VatRules:
    """A coupling's VAT configuration, ready to be asked."""

    def __init__(self, rules: Iterable[VatRule]) -> None:
        self._rules = {
            (rule.sale_kind, rule.country, rule.rate): rule
            for rule in rules
            if rule.vat_code and rule.revenue_account
        }

    def find(self, line: OrderLine, kind: SaleKind, country: str) -> VatRule:
        """Return a line's rule; raise AskUser `vat_rate_not_configured` without one.

        `shipping_without_vat` names the commonest cause: shipping at 0 %.
        """
        where = country if kind == SaleKind.COUNTRY else ""
        rule = self._rules.get((kind, where, line.vat_rate))
        if rule is not None:
            return rule
        if line.vat_rate == ZERO and line.kind != "goods" and kind == SaleKind.COUNTRY:
            raise AskUser("shipping_without_vat", country=country)
        raise AskUser(
            "vat_rate_not_configured",
            rate=line.vat_rate,
            country=where or "-",
            kind=kind.value,
            line=line.description,
        )
