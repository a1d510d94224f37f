"""An invoice as other people's software reads it: EN 16931 in our words. Pure.

EN 16931-1:2017 is the European norm of what an electronic invoice says; BT and BG
numbers below are its terms. Which syntax carries it (UBL, CII) is a plugin's matter.

Amounts are in the invoice's currency and as on paper: what the buyer owes is positive
on an invoice, what he gets back is positive on a credit note.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.money import ZERO, total, vat_on


class VatCategory(StrEnum):
    """Why VAT is charged, or not (BT-118; codes of UNCL5305 that EN 16931 takes)."""

    CHARGED = "S"
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGED = "AE"
    INTRA_COMMUNITY = "K"
    """Goods to a business in another member state."""
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"
    """Not subject to VAT at all; nothing else stands on the same invoice."""


@dataclass(frozen=True)
class Identifier:
    """A number and the list that it is of."""

    scheme: str
    """ISO 6523 ICD, or a code of the Peppol list of schemes; empty: of no list."""
    value: str


@dataclass(frozen=True)
class StructuredAddress:
    """Where a party is (BG-5, BG-8, BG-15); texts are empty when unknown."""

    line: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True)
class StructuredParty:
    """The seller (BG-4) or the buyer (BG-7)."""

    name: str
    address: StructuredAddress
    vat_number: str = ""
    """With its country's prefix."""
    legal_number: str = ""
    """In the register of businesses (BT-30, BT-47): KvK, KBO."""
    email: str = ""
    phone: str = ""
    contact: str = ""
    """Whom or where to ask (BT-41, BT-56)."""
    is_person: bool = False
    """A person, who is taken for a consumer unless there is a VAT number."""


@dataclass(frozen=True)
class Adjustment:
    """A discount or a surcharge (BG-20, BG-21, BG-27, BG-28).

    The sign says which: an amount below zero is a discount. So a discount of a
    negative amount is a surcharge, and never an invalid document.
    """

    amount: Decimal
    """Excl VAT, in cents."""
    reason: str
    category: VatCategory = VatCategory.CHARGED
    """Of no use on a line, which has its own."""
    rate: Decimal = ZERO


@dataclass(frozen=True)
class StructuredLine:
    """A line (BG-25); amounts excl VAT."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    """Never below zero (BR-27): what is taken back has a quantity below zero."""
    amount: Decimal
    """Its net amount (BT-131), with its adjustments, in cents."""
    category: VatCategory
    rate: Decimal
    """In percent; zero unless VAT is charged."""
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True)
class VatShare:
    """What falls under one category and rate (BG-23)."""

    category: VatCategory
    rate: Decimal
    taxable: Decimal
    vat: Decimal
    reason: str = ""
    """Why none is charged (BT-120)."""
    reason_code: str = ""
    """The same, of the VATEX list (BT-121)."""


@dataclass(frozen=True)
class Payment:
    """How it is to be paid: a SEPA credit transfer (BG-16, BG-17).

    On a credit note, the account that it is settled with.
    """

    iban: str
    name: str
    bic: str = ""
    reference: str = ""
    """What the payer repeats (BT-83)."""


@dataclass(frozen=True)
class EmbeddedFile:
    """A file that goes inside (BG-24)."""

    filename: str
    media_type: str
    content: bytes
    description: str = ""


@dataclass(frozen=True)
class StructuredInvoice:
    """An invoice, or a credit note, with all that EN 16931 asks for."""

    number: str
    issued_on: date
    seller: StructuredParty
    buyer: StructuredParty
    lines: tuple[StructuredLine, ...]
    shares: tuple[VatShare, ...]
    is_credit: bool = False
    due_on: date | None = None
    currency: str = "EUR"
    note: str = ""
    payment_terms: str = ""
    buyer_reference: str = ""
    """What the buyer wants to find it by (BT-10)."""
    order_number: str = ""
    """The buyer's (BT-13)."""
    preceding: tuple[str, date | None] | None = None
    """Number and date of the invoice that it credits (BG-3)."""
    delivered_on: date | None = None
    deliver_to: str = ""
    """The country that goods go to (BT-80)."""
    adjustments: tuple[Adjustment, ...] = ()
    """Of the whole document."""
    prepaid: Decimal = ZERO
    rounding: Decimal = ZERO
    """What cash rounding adds to the amount due (BT-114)."""
    payment: Payment | None = None
    files: tuple[EmbeddedFile, ...] = ()

    @property
    def lines_total(self) -> Decimal:
        """The sum of the lines (BT-106)."""
        return total(line.amount for line in self.lines)

    @property
    def discounts_total(self) -> Decimal:
        """What is taken off the whole (BT-107), as a positive amount."""
        return -total(one.amount for one in self.adjustments if one.amount < 0)

    @property
    def surcharges_total(self) -> Decimal:
        """What is put on the whole (BT-108)."""
        return total(one.amount for one in self.adjustments if one.amount > 0)

    @property
    def amount_excl_vat(self) -> Decimal:
        """The total without VAT (BT-109)."""
        return self.lines_total - self.discounts_total + self.surcharges_total

    @property
    def vat_amount(self) -> Decimal:
        """The total VAT (BT-110): of the shares, each rounded once."""
        return total(share.vat for share in self.shares)

    @property
    def amount_incl_vat(self) -> Decimal:
        """The total with VAT (BT-112)."""
        return self.amount_excl_vat + self.vat_amount

    @property
    def amount_due(self) -> Decimal:
        """What is still to be paid (BT-115)."""
        return self.amount_incl_vat - self.prepaid + self.rounding


def vat_shares(
    lines: Iterable[StructuredLine],
    adjustments: Iterable[Adjustment] = (),
    reasons: Mapping[VatCategory, tuple[str, str]] | None = None,
) -> tuple[VatShare, ...]:
    """Return what falls under each category and rate; VAT is rounded once for each.

    `reasons` has words and VATEX code of the categories without VAT.
    """
    sums: dict[tuple[VatCategory, Decimal], Decimal] = {}
    parts: tuple[StructuredLine | Adjustment, ...] = (*lines, *adjustments)
    for one in parts:
        key = one.category, one.rate
        sums[key] = sums.get(key, ZERO) + one.amount
    return tuple(
        VatShare(
            category,
            rate,
            taxable,
            vat_on(taxable, rate),
            *(reasons or {}).get(category, ("", "")),
        )
        for (category, rate), taxable in sums.items()
    )
