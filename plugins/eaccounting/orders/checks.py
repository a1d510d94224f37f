"""What a kind of document can hold of an order, before anything is written. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import ZERO, total, vat_in
from core.domain.orders import LineKind, Order, SaleKind
from core.rules.sale_checks import VatRule
from core.rules.vat_fit import is_rounding
from core.rules.vatrates import is_member_state
from plugins.eaccounting import wire
from plugins.eaccounting.mapping import RuledLine, TargetKind
from plugins.eaccounting.orders.rounding import (
    DocumentPlan,
    entry_difference,
    plan_entry,
)

_NO_TURNOVER = (LineKind.GIFT_CARD, LineKind.DEPOSIT)


@dataclass(frozen=True)
class Debtor:
    """The debtor an order is booked under, by what decides its VAT in Visma."""

    id: str
    """Empty while it is yet to be made."""
    is_private: bool
    country: str = ""
    """Empty: the company's own."""
    has_vat_number: bool = False
    is_by_delivery: bool = False
    """Its VAT follows the delivery address (`DeliveryBasedVat`, contract 3.2)."""
    delivery_country: str = ""
    keeps_vat: bool = False
    """VAT is booked though it is outside the EU (`ForceBookkeepVat`)."""
    is_northern_irish: bool = False
    is_fixed: bool = False

    def vat_country(self, home: str, delivery_country: str) -> str:
        """Return the country whose VAT Visma reckons with on a draft or order."""
        if self.is_by_delivery:
            return delivery_country or self.delivery_country or self.country or home
        return self.country or home


@dataclass(frozen=True)
class Area:
    """Where Visma puts a draft or order, by debtor and delivery."""

    kind: SaleKind
    country: str
    is_free: bool
    """No VAT on any row, whatever the articles say."""


def area_of(debtor: Debtor, home: str, delivery_country: str, day: date) -> Area:
    """Return how Visma treats a sale to a debtor (contract 3.2, 3.5)."""
    country = debtor.vat_country(home, delivery_country)
    if country == home:
        return Area(SaleKind.COUNTRY, country, is_free=False)
    is_eu = is_member_state(country, day) or debtor.is_northern_irish
    if is_eu and debtor.has_vat_number and not debtor.is_private:
        return Area(SaleKind.ICP, country, is_free=True)
    if is_eu:
        return Area(SaleKind.COUNTRY, country, is_free=False)
    return Area(SaleKind.INTERNATIONAL, country, is_free=not debtor.keeps_vat)


def check_vat(lines: Sequence[RuledLine]) -> None:
    """Check that each line's VAT is its rate's, but for rounding.

    Raises AskUser `vat_without_rate` or `vat_unfit`.
    """
    for item in lines:
        line = item.line
        if not line.vat_rate and line.vat_amount:
            # There is no account for it, and without a row the voucher lacks balance.
            raise AskUser(
                "vat_without_rate", amount=line.vat_amount, line=line.description
            )
        if not is_rounding(
            line.amount_incl_vat, line.vat_amount, line.vat_rate, line.pieces
        ):
            raise AskUser(
                "vat_unfit",
                line=line.description,
                rate=line.vat_rate,
                vat=line.vat_amount,
                expected=vat_in(line.amount_incl_vat, line.vat_rate),
            )


def planned_entry(order: Order, lines: Sequence[RuledLine]) -> tuple[RuledLine, ...]:
    """Return a sales entry's lines as the vendor takes them (contract 3.11).

    Raises AskUser `total_too_large` or `vat_rounding_too_large`.
    """
    if abs(order.total_incl_vat) > wire.TOTAL:
        raise AskUser("total_too_large", total=order.total_incl_vat)
    planned = plan_entry(lines)
    if planned is None:
        off = abs(entry_difference(lines))
        raise AskUser(
            "vat_rounding_too_large", difference=off.quantize(Decimal("0.01"))
        )
    return planned


def check_document(
    order: Order, target: TargetKind, lines: Sequence[RuledLine]
) -> None:
    """Check what no draft or order can hold, whoever the debtor is.

    Raises AskUser `document_without_vat` or `order_negative`.
    """
    if order.total_incl_vat < ZERO and target == TargetKind.ORDER:
        raise AskUser("order_negative", total=order.total_incl_vat)
    for item in lines:
        if item.is_outside_vat or item.line.kind in _NO_TURNOVER:
            raise AskUser("document_without_vat", line=item.line.description)


def check_area(
    lines: Sequence[RuledLine], kind: SaleKind, area: Area,
    rate_of: Callable[[VatRule], Decimal],
) -> None:  # fmt: skip
    """Check that Visma gives each line the VAT, of the country, that it was sold with.

    `rate_of`: the rate of the article coding that a rule gets. Raises AskUser
    `document_other_area`.
    """
    for item in lines:
        rate = ZERO if area.is_free else rate_of(item.rule)
        is_there = area.country == item.rule.country or not item.line.vat_rate
        fits = area.kind == kind and (kind != SaleKind.COUNTRY or is_there)
        if not fits or rate != item.line.vat_rate:
            raise AskUser(
                "document_other_area",
                rate=item.line.vat_rate,
                country=item.rule.country or "-",
                visma_rate=rate,
                visma_country=area.country,
            )


def check_plan(
    order: Order, plan: DocumentPlan, target: TargetKind, *, may_differ: bool
) -> None:
    """Check that a draft or order comes to the shop's total and VAT.

    An order's VAT is ours to give (contract 3.9), a draft's is Visma's own;
    `may_differ`: the user lets it differ by the few cents of rounding. Raises AskUser
    `document_total_differs` or `document_vat_differs`.
    """
    amount, vat = abs(order.total_incl_vat), abs(order.vat_amount)
    if plan.total != amount:
        raise AskUser("document_total_differs", total=amount, visma_total=plan.total)
    if plan.vat != vat and target == TargetKind.DRAFT_INVOICE and not may_differ:
        raise AskUser("document_vat_differs", vat=vat, visma_vat=plan.vat)


def moved(order: Order, lines: Sequence[RuledLine]) -> bool:
    """Tell whether an entry's VAT is another than the shop's."""
    return total(item.line.vat_amount for item in lines) != order.vat_amount
