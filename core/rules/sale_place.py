"""Where a sale takes place for VAT, and under which scheme. Pure.

A judgement names its rule by a stable code, the rule's source and what was assumed
where nothing is known: it is kept with the document that is booked by it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.domain.orders import Address, LineKind, Order, OrderLine, SaleKind
from core.rules.seller import DistanceSales, Seller
from core.rules.vat_areas import area_of, country_of, number_prefix, whole_country
from core.rules.vat_areas_data import Area
from core.rules.vatrates import MEMBER_STATES, NUMBER_PREFIXES

NO_TURNOVER = (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.TIP)
"""Kinds of lines that are no supply by themselves: each has an account of its own."""
_PREFIXES = frozenset((*MEMBER_STATES, "EL", "XI", "GB", "CHE", "NO"))


class Scheme(StrEnum):
    """How the VAT of a sale is declared."""

    DOMESTIC = "domestic"
    OSS = "oss"
    HOME = "home"
    """Home VAT on a distance sale below the threshold."""
    ICP = "icp"
    EXPORT = "export"
    KOR = "kor"
    """No VAT: the seller is under the scheme for small enterprises."""


SOURCES = {
    "collected": "2006/112/EC art. 31",
    "at_home": "2006/112/EC art. 32",
    "leaves_the_area": "2006/112/EC art. 146(1)(a)",
    "intra_community_supply": "2006/112/EC art. 138(1)",
    "distance_sale": "2006/112/EC art. 33(a), 369a-369k",
    "distance_sale_below_threshold": "2006/112/EC art. 59c",
    "no_turnover": "2006/112/EC art. 30b(2), 73",
    "small_business": "2006/112/EC art. 284; Wet OB art. 25",
}
"""Where each rule stands."""


@dataclass(frozen=True)
class Sale:
    """How VAT treats an order."""

    kind: SaleKind
    country: str
    """Whose rates apply (`XI` for Northern Ireland); for an export where it goes."""
    scheme: Scheme
    rule: str
    """A key of `SOURCES`."""
    area: Area
    """Where the goods are handed over or go."""
    on: date
    """The local day whose rates and areas apply."""
    number_prefix: str = ""
    """What a VAT number of the buyer begins with when it names no country."""
    assumed: str = ""
    """Code of what was taken for granted; empty: nothing."""

    @property
    def source(self) -> str:
        """Where the rule stands in the law."""
        return SOURCES[self.rule]

    @property
    def is_abroad(self) -> bool:
        """Tell whether the goods go to another member state."""
        return self.rule in (
            "intra_community_supply", "distance_sale", "distance_sale_below_threshold",
        )  # fmt: skip


def place_of(order: Order, seller: Seller) -> Sale:
    """Judge where an order is sold and under which scheme.

    Raises AskUser `vat_area_unclear`, `collected_by_foreign_buyer`,
    `vat_number_of_own_country` or `vat_charged_by_small_business`.
    """
    on = seller.day(order.taxed_at)
    home = country_of(seller.home_country)
    status = seller.status(on)
    if status.small_business and order.taxed_vat == ZERO:
        return _small_business(order, home, on)
    if order.taxed_vat == ZERO and not any(map(_is_turnover, order.lines)):
        return Sale(
            SaleKind.COUNTRY, home, Scheme.DOMESTIC, "no_turnover",
            whole_country(home), on,
        )  # fmt: skip
    if order.is_collected:
        sale = _collected(order, home, on)
    else:
        area, assumed = _destination(order, on)
        sale = _sent(order, area, home, on, status.distance_sales, assumed)
    if status.small_business and sale.scheme != Scheme.OSS:
        raise AskUser("vat_charged_by_small_business", amount=order.taxed_vat)
    return sale


def _is_turnover(line: OrderLine) -> bool:
    return line.amount_incl_vat != ZERO and line.kind not in NO_TURNOVER


def _destination(order: Order, on: date) -> tuple[Area, str]:
    address = _where(order)
    try:
        return area_of(address, on), ""
    except AskUser:
        if order.taxed_vat == ZERO:
            raise
        # VAT that was charged is due (art. 203), so the area is the country itself
        return whole_country(country_of(address.country)), "inside_because_charged"


def _where(order: Order) -> Address:
    """Return the address that tells where the goods go: billing where it says more."""
    to, buyer = order.delivery, order.billing
    says_less = not to.postal_code and not to.city and to.country == buyer.country
    return to if to.country and not says_less else buyer


def _collected(order: Order, home: str, on: date) -> Sale:
    buyer = country_of(order.billing.country)
    prefix = _prefix(order.vat_number, home)
    is_foreign = buyer not in ("", home) or prefix not in ("", _of(home))
    if order.taxed_vat == ZERO and order.total_incl_vat != ZERO and is_foreign:
        raise AskUser("collected_by_foreign_buyer", country=buyer or prefix)
    area = whole_country(home)
    return Sale(SaleKind.COUNTRY, home, Scheme.DOMESTIC, "collected", area, on)


def _sent(
    order: Order,
    area: Area,
    home: str,
    on: date,
    distance_sales: DistanceSales,
    assumed: str,
) -> Sale:
    def sale(kind: SaleKind, country: str, scheme: Scheme, rule: str) -> Sale:
        prefix = number_prefix(area)
        return Sale(kind, country, scheme, rule, area, on, prefix, assumed)

    if not area.is_inside(on):
        where = area.country
        return sale(SaleKind.INTERNATIONAL, where, Scheme.EXPORT, "leaves_the_area")
    if area.country == home:
        return sale(SaleKind.COUNTRY, home, Scheme.DOMESTIC, "at_home")
    if order.taxed_vat == ZERO and _is_business(order):
        _check_number(order, home)
        rule = "intra_community_supply"
        return sale(SaleKind.ICP, area.country, Scheme.ICP, rule)
    if distance_sales == DistanceSales.HOME:
        rule = "distance_sale_below_threshold"
        return sale(SaleKind.COUNTRY, home, Scheme.HOME, rule)
    if distance_sales == DistanceSales.UNKNOWN:
        assumed = assumed or "oss_assumed"
    return sale(SaleKind.COUNTRY, area.country, Scheme.OSS, "distance_sale")


def _is_business(order: Order) -> bool:
    return bool(
        order.vat_number or order.reverse_charged or order.company or order.is_business
    )


def _check_number(order: Order, home: str) -> None:
    """Ask about a number of the state that the goods leave from (art. 138(1)(b))."""
    if is_of_country(order.vat_number, home):
        raise AskUser(
            "vat_number_of_own_country", number=order.vat_number, country=home
        )


def _small_business(order: Order, home: str, on: date) -> Sale:
    try:
        area = area_of(_where(order), on)
    except AskUser:
        area = whole_country(country_of(order.country))
    return Sale(SaleKind.COUNTRY, home, Scheme.KOR, "small_business", area, on)


def is_of_country(number: str, country: str) -> bool:
    """Tell whether a VAT number names a country: EL is of GR, XI not of GB."""
    return _prefix(number, "") == _of(country_of(country))


def _of(country: str) -> str:
    """Return what VAT numbers of a country begin with."""
    return NUMBER_PREFIXES.get(country, country)


def _prefix(number: str, expected: str) -> str:
    """Return the country a VAT number names; the expected one when it names none."""
    plain = "".join(number.split()).upper()
    if not plain:
        return ""
    for length in (3, 2):
        if plain[:length] in _PREFIXES:
            return _of(plain[:length])
    return expected
