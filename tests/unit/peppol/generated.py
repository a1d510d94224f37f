"""Invoices and credit notes of all kinds, the same for the same seed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from core.domain.invoices import InvoiceData, InvoiceLineData
from core.domain.money import cents, total
from core.domain.relations import PostalAddress, RelationData
from core.domain.structured_invoices import (
    Adjustment,
    EmbeddedFile,
    Payment,
    StructuredAddress,
    StructuredInvoice,
    StructuredLine,
    StructuredParty,
    VatCategory,
    vat_shares,
)
from core.rules.invoice_rules import vat_per_code
from core.rules.structured_invoices import (
    REASON_CODES,
    StructuredFacts,
    buyer_of,
    structured,
)

DAY = date(2026, 9, 1)
RATES = [Decimal(rate) for rate in ("21", "9", "6", "12", "5.5", "19", "2.1", "25.5")]
PDF = EmbeddedFile("Factuur-1.pdf", "application/pdf", b"%PDF-1.4 x", "De factuur")
SELLERS = (
    StructuredParty(
        "De Fietsenmaker B.V.",
        StructuredAddress("Dorpsstraat 1", "1234 AB", "Ons Dorp", "NL"),
        "NL123456782B90", "12345678", "info@fiets.example", "+31 20 123 45 67",
    ),
    StructuredParty(
        "Brouwerij & Zonen <NV>",
        StructuredAddress("Grote Markt 1", "2000", "Antwerpen", "BE"),
        "BE0403170701", "0403.170.701", "",
    ),
    StructuredParty(
        "Zonder KvK", StructuredAddress("Kade 2", "9711 AA", "Groningen", "NL"),
        "NL123456782B90", "",
    ),
)  # fmt: skip


def relation(name: str, country: str, vat: str, number: str = "") -> RelationData:
    """Return an organisation with a whole address."""
    address = PostalAddress("Hoofdstraat", "12", "a", "1000", "Stad", country)
    return RelationData(
        False, name, vat_number=vat, chamber_number=number, invoice_address=address
    )


BUYERS = (
    relation("Bakkerij De Korrel", "NL", "NL001234567B01", "87654321"),
    relation("Zonder KvK-nummer", "NL", "NL123456789B13"),
    relation("Slagerij Peeters BV", "BE", "BE0428759497"),
    relation("Müller GmbH", "DE", "DE136695976"),
    relation("Société Générale", "FR", "FR23334175221"),
    relation("Ελλάς", "GR", "EL094259216"),
    relation("Österreicher", "AT", "ATU13585627"),
)
KINDS = {
    "standard": None, "reduced": None, "zero": "0", "exempt": "0",
    "reverse_charged": "0", "intra_community": "0", "intra_services": "0",
    "export": "0",
}  # fmt: skip
REASONS = {
    "exempt": "Vrijgesteld van BTW (titel IX van richtlijn 2006/112/EG).",
    "reverse_charged": "BTW verlegd naar uw nummer.",
    "intra_community": "Intracommunautaire levering.",
    "intra_services": "BTW verlegd naar uw nummer (artikel 44 en 196).",
    "export": "Uitvoer van goederen buiten de EU.",
}


def documents(count: int, seed: int = 17) -> list[StructuredInvoice]:
    """Return invoices: our own as sent, and what a structured one can hold besides."""
    random = Random(seed)
    makers = (_own, _own_credit, _whole, _whole_credit, _outside)
    return [
        makers[position % len(makers)](random, f"2026-{position:05d}")
        for position in range(count)
    ]


def _own(random: Random, number: str) -> StructuredInvoice:
    return structured(
        _data(random, number), random.choice(SELLERS[:2]), _facts(random, number)
    )


def _own_credit(random: Random, number: str) -> StructuredInvoice:
    data = _data(random, number, sign=-1)
    facts = replace(_facts(random, number), payment_terms="Dit hoeft u niet te betalen")
    data = replace(data, credits_number="2026-1")
    return structured(data, random.choice(SELLERS), replace(facts, credits_on=DAY))


def _data(random: Random, number: str, sign: int = 1) -> InvoiceData:
    kinds = random.sample(sorted(KINDS), random.choice((1, 1, 2, 3)))
    codes = [(f"{kind}{copy}", kind) for kind in kinds for copy in (1, 2)]
    rates = {kind: Decimal(KINDS[kind] or random.choice(RATES)) for kind in kinds}
    lines = []
    for _each in range(random.choice((1, 2, 3, 9, 40))):
        code, kind = random.choice(codes)
        quantity, price = _quantity(random) * sign, _price(random)
        lines.append(
            InvoiceLineData(
                f"Regel <{code}> & meer", quantity, price, cents(quantity * price),
                code, rates[kind], kind,
            )
        )  # fmt: skip
    shares = vat_per_code(lines)
    return InvoiceData(
        number, DAY, DAY + timedelta(14), random.choice(BUYERS), tuple(lines), shares,
        total(each.amount_excl_vat for each in shares),
        total(each.vat_amount for each in shares),
        reference="Inkoop 7",
    )  # fmt: skip


def _quantity(random: Random) -> Decimal:
    places = random.choice((0, 0, 1, 4))
    found = Decimal(random.randint(1, 9 * 10**places)).scaleb(-places)
    return -found if random.random() < 0.1 else found


def _price(random: Random) -> Decimal:
    places = random.choice((2, 2, 3, 4))
    found = Decimal(random.randint(0, 300 * 10**places)).scaleb(-places)
    return -found if random.random() < 0.1 else found


def _facts(random: Random, number: str) -> StructuredFacts:
    return StructuredFacts(
        delivered_on=random.choice((None, DAY)),
        note=random.choice(("", "Bedankt voor uw\nbestelling")),
        payment=Payment("NL91 ABNA 0417 1643 00", "Fiets", "ABNANL2A", number),
        reasons=REASONS,
        files=(PDF,),
    )


def _whole(
    random: Random, number: str, *, is_credit: bool = False
) -> StructuredInvoice:
    categories = [
        VatCategory.CHARGED, VatCategory.ZERO_RATED, VatCategory.EXEMPT,
        VatCategory.REVERSE_CHARGED, VatCategory.INTRA_COMMUNITY, VatCategory.EXPORT,
    ]  # fmt: skip
    chosen = random.sample(categories, random.choice((1, 2, 3)))
    return whole(random, number, lambda: _taxed(random, chosen), is_credit=is_credit)


def _whole_credit(random: Random, number: str) -> StructuredInvoice:
    return _whole(random, number, is_credit=True)


def _outside(random: Random, number: str) -> StructuredInvoice:
    none = VatCategory.OUTSIDE_SCOPE, Decimal(0)
    made = whole(random, number, lambda: none)
    # without a VAT number, only the register says who the seller is (BR-CO-26)
    return replace(made, seller=random.choice(SELLERS[:2]))


def _taxed(random: Random, chosen: list[VatCategory]) -> tuple[VatCategory, Decimal]:
    category = random.choice(chosen)
    is_charged = category is VatCategory.CHARGED
    return category, random.choice(RATES[:4]) if is_charged else Decimal(0)


def whole(
    random: Random,
    number: str,
    taxed: Callable[[], tuple[VatCategory, Decimal]],
    *,
    is_credit: bool = False,
) -> StructuredInvoice:
    """Return one with discounts, surcharges, a prepayment and cash rounding."""
    lines = tuple(_line(random, *taxed()) for _each in range(random.choice((1, 3, 8))))
    adjustments = []
    for reason in ("Korting", "Verzending")[: random.choice((0, 1, 2))]:
        amount = Decimal(random.randint(-900, 900)).scaleb(-2)
        line = random.choice(lines)
        adjustments.append(Adjustment(amount, reason, line.category, line.rate))
    reasons = {
        category: ("Geen BTW, om een reden", REASON_CODES.get(category, ""))
        for category in VatCategory
        if category not in (VatCategory.CHARGED, VatCategory.ZERO_RATED)
    }
    made = StructuredInvoice(
        number, DAY, random.choice(SELLERS), buyer_of(random.choice(BUYERS)), lines,
        vat_shares(lines, adjustments, reasons), is_credit=is_credit,
        due_on=None if is_credit else DAY + timedelta(30),
        payment_terms="Betaling binnen 30 dagen, 2% korting binnen 8 dagen",
        buyer_reference=random.choice(("", "Inkoop")), order_number="PO-1",
        preceding=("2026-1", DAY) if is_credit else None, delivered_on=DAY,
        deliver_to=random.choice(("DE", "CH")), adjustments=tuple(adjustments),
        payment=Payment("BE68539007547034", "Fiets"),
        files=(PDF,),
    )  # fmt: skip
    due = made.amount_incl_vat
    prepaid = random.choice((Decimal(0), cents(due / 3), due))
    left = due - prepaid
    rounded = (left * 20).quantize(Decimal(1)) / 20
    rounding = random.choice((Decimal(0), rounded - left))
    return replace(made, prepaid=prepaid, rounding=rounding)


def _line(random: Random, category: VatCategory, rate: Decimal) -> StructuredLine:
    quantity, price = _quantity(random), abs(_price(random))
    adjustments = tuple(
        Adjustment(Decimal(random.randint(-500, 500)).scaleb(-2), "Staffelkorting")
        for _each in range(random.choice((0, 0, 1, 2)))
    )
    amount = cents(quantity * price) + total(each.amount for each in adjustments)
    return StructuredLine(
        "Artikel", quantity, price, amount, category, rate, adjustments
    )
