"""From shop orders and the credits of refunds to rubrics, ICP rows and OSS. Pure.

Where a sale is taxed and how it is declared is what decided its booking
(`core.rules.sale_place`); which Dutch rubric a rate is of follows from the rates of the
day. A credit has the rates and the place of its sale, and the day of the refund.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, Decimal

from core.domain.declarations import (
    Box,
    Customer,
    Doubt,
    Entry,
    IcpKind,
    Rubric,
    customer_from,
)
from core.domain.errors import AskUser, Stop
from core.domain.money import total, vat_in
from core.domain.orders import LineKind, Order, OrderLine
from core.rules.sale_checks import GiftCards, VatRules, check_order, is_free
from core.rules.sale_place import NO_TURNOVER, Sale, Scheme, place_of
from core.rules.seller import Seller
from core.rules.vat_fit import is_rounding
from core.rules.vatrates import MEMBER_STATES, rates, vat_number_prefix
from plugins.belastingdienst.law import oss
from plugins.belastingdienst.law.oss_threshold import DistanceSale, counts

COUNTRY = "NL"
DISTANCE = ("distance_sale", "distance_sale_below_threshold")
"""Rules of sales to consumers in other member states."""
DOCUMENT = "document"
"""The value of a doubt that names its order."""
_COSTS = (LineKind.SHIPPING, LineKind.FEE)
_ROUNDINGS = 5
"""So many cents booking lets pass, whatever was sold (`core.rules.vat_fit`)."""
_PREFIXES = frozenset({*map(vat_number_prefix, MEMBER_STATES), "XI"})


@dataclass(frozen=True)
class Document:
    """A sale of a shop, or the credit of its refund (negative amounts)."""

    id: str
    """`order:` or `refund:` with the row's number."""
    order: Order
    rules: VatRules
    """What the shop's coupling says of lines; empty where it has none."""


@dataclass(frozen=True)
class Sold:
    """What a document adds at one rate in one place; euros."""

    rubric: Rubric | None
    """None: it stands in no Dutch return."""
    rate: Decimal
    amount_excl_vat: Decimal
    vat: Decimal
    pieces: int
    """How often it may have been rounded."""


@dataclass(frozen=True)
class Judged:
    """A document with what was decided on it."""

    document: Document
    on: date
    """The local day it counts in the Dutch return: of the order, or of the refund."""
    place: Sale | None = None
    """None: it could not be placed, or is nothing."""
    sold: tuple[Sold, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    customer: Customer | None = None
    """As ICP names him; None without a number."""
    kept_out: str = field(default="")
    """Code of why it is in no Dutch box, where that needs no answer."""


def judge(document: Document, seller: Seller, in_oss: Callable[[date], bool]) -> Judged:
    """Place a document; what cannot be placed is a doubt and counts nowhere.

    `in_oss` tells whether the taxpayer is registered for the one stop shop on a day.
    """
    order = document.order
    on = seller.day(order.ordered_at)
    try:
        place = _place(document, seller)
    except Stop:
        return Judged(document, on)
    except AskUser as error:
        return Judged(document, on, doubts=(_doubt(document, error),))
    sold: list[Sold] = []
    doubts: list[Doubt] = []
    for line in order.lines:
        if is_free(line):
            continue
        try:
            if not _is_no_turnover(line, document.rules):
                sold.append(_sold(line, place, document.rules))
        except AskUser as error:
            doubts.append(_doubt(document, error))
    customer = _customer(order, place) if place.scheme is Scheme.ICP else None
    if place.scheme is Scheme.ICP and customer is None:
        asked = AskUser("order_customer_unknown", name=_name(order))
        doubts.append(_doubt(document, asked))
    doubts += _oss_doubts(document, place, is_in_oss=in_oss(place.on))
    kept_out = _KEPT_OUT.get(place.scheme, "")
    return Judged(document, on, place, tuple(sold), tuple(doubts), customer, kept_out)


def _oss_doubts(document: Document, place: Sale, *, is_in_oss: bool) -> Iterator[Doubt]:
    """Yield where the seller's status and the registration say another thing.

    What is kept out of this return has to be in the other one, and in one only.
    """
    if place.scheme is Scheme.OSS and not is_in_oss:
        # the same for all of them, so that it is asked once
        yield Doubt("order_oss_unsaid", document.id)
    if place.scheme is Scheme.HOME and is_in_oss:
        said = {DOCUMENT: document.order.number}
        yield Doubt("order_oss_contradicted", document.id, said)


_KEPT_OUT = {Scheme.OSS: "own_sales_oss", Scheme.KOR: "own_sales_small_business"}


def _place(document: Document, seller: Seller) -> Sale:
    order = document.order
    check_order(order)
    if not order.credits:  # a credit takes back what was charged, rounded as it was
        _check_vat(order)
    place = place_of(order, seller)
    document.rules.check_redeemed(order)
    is_home = place.scheme in (Scheme.DOMESTIC, Scheme.HOME, Scheme.KOR)
    if seller.home_country != COUNTRY or (is_home and place.country != COUNTRY):
        raise AskUser("order_of_other_country", country=place.country)
    return place


def _check_vat(order: Order) -> None:
    """Ask about VAT that is not its rate's, as far off as packages refuse to book.

    Costs that go with the goods may be rounded once for each line of goods.
    """
    goods = sum(line.kind not in _COSTS for line in order.lines)
    for line in order.lines:
        pieces = Decimal(max(goods, 1)) if line.kind in _COSTS else line.quantity
        incl, vat, rate = line.amount_incl_vat, line.vat_amount, line.vat_rate
        if not is_rounding(incl, vat, rate, pieces):
            raise AskUser(
                "vat_off_rate",
                line=line.description,
                vat=vat,
                rate=rate,
                expected=vat_in(incl, rate),
            )


def _doubt(document: Document, error: AskUser) -> Doubt:
    params = {name: str(value) for name, value in error.params.items()}
    return Doubt(error.code, document.id, {**params, DOCUMENT: document.order.number})


def _sold(line: OrderLine, place: Sale, rules: VatRules) -> Sold:
    pieces = line.pieces.to_integral_value(ROUND_CEILING)
    return Sold(
        rubric=_rubric(line, place, rules),
        rate=line.vat_rate,
        amount_excl_vat=line.amount_excl_vat,
        vat=line.vat_amount,
        pieces=max(1, int(pieces)),
    )


def _rubric(line: OrderLine, place: Sale, rules: VatRules) -> Rubric | None:
    if place.scheme in _KEPT_OUT:
        return None
    if place.scheme is Scheme.ICP:
        return Rubric.R3B
    if place.scheme is Scheme.EXPORT:
        if line.vat_rate or line.vat_amount:
            raise AskUser(
                "vat_charged_outside", rate=line.vat_rate, area=place.area.code
            )
        return Rubric.R3A
    return _of_rate(line, place, rules)


def _is_no_turnover(line: OrderLine, rules: VatRules) -> bool:
    """Tell whether a line is no supply: a gift card, deposit or tip without VAT."""
    said = rules.no_turnover
    kind = said.kind_of(line)
    if kind not in NO_TURNOVER:
        return False
    if kind is LineKind.GIFT_CARD:
        if said.gift_cards is GiftCards.ONE:
            return False
        if line.vat_amount:
            raise AskUser("gift_card_with_vat", line=line.description)
        if said.gift_cards is GiftCards.UNKNOWN:
            raise AskUser("order_gift_card_unsaid", line=line.description)
    return not line.vat_amount


def _of_rate(line: OrderLine, place: Sale, rules: VatRules) -> Rubric:
    if not line.vat_rate:
        try:
            rules.find(line, place)
        except AskUser as error:
            raise AskUser("order_without_vat", line=line.description) from error
        return Rubric.R1E
    known = rates(COUNTRY, place.on)
    if line.vat_rate == known.standard:
        return Rubric.R1A
    if line.vat_rate in known.all_rates:
        return Rubric.R1B
    raise AskUser("order_rate_not_dutch", rate=line.vat_rate, line=line.description)


def _customer(order: Order, place: Sale) -> Customer | None:
    number = "".join(sign for sign in order.vat_number.upper() if sign.isalnum())
    if number and number[:2] not in _PREFIXES and not number.startswith("GR"):
        number = place.number_prefix + number  # letters may be a key: French numbers
    return customer_from(place.number_prefix, number)


def _name(order: Order) -> str:
    return order.company or order.billing.name or order.delivery.name or order.number


def entries(judged: Judged) -> Iterator[Entry]:
    """Yield what a document adds to the Dutch return: a booking per rubric."""
    order = judged.document.order
    for rubric in Rubric:
        sold = [one for one in judged.sold if one.rubric is rubric]
        if not sold:
            continue
        is_icp = rubric is Rubric.R3B
        yield Entry(
            source_id=judged.document.id,
            booked_on=judged.on,
            description=_name(order),
            reference=order.number,
            box=Box(
                total(one.amount_excl_vat for one in sold),
                total(one.vat for one in sold),
            ),
            rubric=rubric,
            customer=judged.customer,
            icp_kind=IcpKind.GOODS if is_icp else None,
        )


def oss_sales(judged: Judged) -> Iterator[oss.Sale]:
    """Yield what a document adds to the one stop shop: a sale per rate.

    Of the day of its sale, also for a refund. Shops sell goods from the home country.
    """
    place = judged.place
    if place is None or place.scheme is not Scheme.OSS:
        return
    found: dict[Decimal, list[Sold]] = {}
    for one in judged.sold:
        found.setdefault(one.rate, []).append(one)
    for rate, sold in found.items():
        yield oss.Sale(
            id=judged.document.order.number,
            on=place.on,
            country=place.country,
            kind=oss.Kind.GOODS,
            rate=rate,
            amount_excl_vat=total(one.amount_excl_vat for one in sold),
            vat=total(one.vat for one in sold),
            dispatched_from=COUNTRY,
            lines=max(sum(one.pieces for one in sold), _ROUNDINGS),
            own_rates=place.area.own_rates(place.on),
        )


def distance_sale(judged: Judged) -> DistanceSale | None:
    """Return what a document counts for the 10,000 euros; None: nothing.

    Whatever VAT was charged: also where that is asked.
    """
    place, amount = judged.place, distance_amount(judged)
    if place is None or amount is None or not counts(place.on, judged.on):
        return None
    return DistanceSale(judged.document.order.number, judged.on, amount, COUNTRY)


def distance_amount(judged: Judged) -> Decimal | None:
    """Return the turnover of a distance sale, excl VAT; None: it is none."""
    place, order = judged.place, judged.document.order
    if place is None or place.rule not in DISTANCE:
        return None
    kind_of = judged.document.rules.no_turnover.kind_of
    return total(
        line.amount_excl_vat for line in order.lines if kind_of(line) not in NO_TURNOVER
    )
