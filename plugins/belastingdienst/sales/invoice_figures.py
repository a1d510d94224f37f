"""From our own sent sales invoices to rubrics and ICP rows. Pure.

Only Dutch VAT codes count; what they are of a kind says decides the rubric. VAT is
that of the invoice: per VAT code, rounded once (`core.domain.invoices.VatTotal`). What
has VAT of another country is in the one stop shop while one is registered for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from core.domain.declarations import (
    Box,
    Customer,
    Doubt,
    Entry,
    Figures,
    IcpKind,
    Rubric,
    TaxPeriod,
)
from core.domain.money import ZERO, total, vat_on

COUNTRY = "NL"
EXEMPT = "exempt"
"""Stands nowhere in a return."""
RUBRICS: Mapping[str, Rubric] = MappingProxyType({
    "standard": Rubric.R1A,
    "reduced": Rubric.R1B,
    "zero": Rubric.R1E,
    "reverse_charged": Rubric.R1E,
    "export": Rubric.R3A,
    "intra_community": Rubric.R3B,
    "intra_services": Rubric.R3B,
})  # fmt: skip
"""By the kind of our VAT code."""
ICP_KINDS: Mapping[str, IcpKind] = MappingProxyType({
    "intra_community": IcpKind.GOODS,
    "intra_services": IcpKind.SERVICES,
})  # fmt: skip

TAXED = ("standard", "reduced")
"""Kinds that the one stop shop takes of another country."""
MAY_BE_LEFT_OUT = frozenset((
    "invoice_vat_foreign",
    "ledger_vat_code_without_rubric",
    "vat_movement_in_no_box",
    "vat_movement_differs",
))  # fmt: skip
"""Doubts that a person may settle: it belongs in no Dutch return."""


@dataclass(frozen=True)
class SoldUnderCode:
    """What stands on one invoice under one VAT code."""

    code: str
    kind: str
    country: str
    """The country the code is for, ISO alpha-2."""
    rate: Decimal
    amount_excl_vat: Decimal
    charged: Decimal | None = None
    """The VAT as a shop charged it, per line; None: it is rounded once for the code."""

    @property
    def vat(self) -> Decimal:
        """The VAT, in euros."""
        if self.charged is not None:
            return self.charged
        return vat_on(self.amount_excl_vat, self.rate)


@dataclass(frozen=True)
class Sale:
    """A sent sales invoice; amounts of a credit invoice are negative."""

    id: str
    number: str
    issued_on: date
    customer_name: str
    customer: Customer | None
    """As ICP names him; None without country or VAT number."""
    vat_amount: Decimal
    """The invoice's own total, to compare with."""
    sold: tuple[SoldUnderCode, ...]
    paid_on: date | None = None
    """The day all of it was paid, or paid back; None: it is open."""
    is_order: bool = False
    """A shop order that is a source too became this invoice: it counts there."""

    @property
    def is_reverse_charged(self) -> bool:
        """Tell whether any of it is reverse-charged within the country."""
        return any(one.kind == "reverse_charged" for one in self.sold)

    @property
    def is_exempt(self) -> bool:
        """Tell whether any of it is exempt, as all is under the KOR."""
        return any(one.kind == EXEMPT and one.country == COUNTRY for one in self.sold)

    @property
    def is_foreign(self) -> bool:
        """Tell whether any of it has VAT of another country."""
        return any(one.country != COUNTRY for one in self.sold)

    @property
    def amount_incl_vat(self) -> Decimal:
        """What the customer pays."""
        return total(one.amount_excl_vat + one.vat for one in self.sold)

    @property
    def foreign_incl_vat(self) -> Decimal:
        """What he pays of it with VAT of another country."""
        return total(
            one.amount_excl_vat + one.vat for one in self.sold if one.country != COUNTRY
        )


def _never(_day: date) -> bool:
    return False


def compute(
    period: TaxPeriod,
    sales: Iterable[Sale],
    in_oss: Callable[[date], bool] = _never,
) -> Figures:
    """Return the figures of a period, chosen by the day of the invoice.

    `in_oss` tells whether the taxpayer is registered for the one stop shop on a day.
    """
    entries: list[Entry] = []
    doubts: list[Doubt] = []
    for sale in sales:
        if sale.issued_on in period and not sale.is_order:
            entries += entries_of(sale)
            doubts += _doubts(sale, is_in_oss=in_oss(sale.issued_on))
    return Figures(period, tuple(entries), tuple(doubts))


def entries_of(sale: Sale) -> Iterator[Entry]:
    """Yield what an invoice adds to the boxes, on its own day."""
    for sold in sale.sold:
        rubric = RUBRICS.get(sold.kind)
        if rubric is None or sold.country != COUNTRY:
            continue
        icp_kind = ICP_KINDS.get(sold.kind)
        yield Entry(
            source_id=sale.id,
            booked_on=sale.issued_on,
            description=sale.customer_name,
            reference=sale.number,
            box=Box(sold.amount_excl_vat, sold.vat),
            rubric=rubric,
            customer=sale.customer if icp_kind else None,
            icp_kind=icp_kind,
        )


def _doubts(sale: Sale, *, is_in_oss: bool) -> Iterator[Doubt]:
    for sold in sale.sold:
        if sold.country != COUNTRY:
            if not is_in_oss or sold.kind not in TAXED:
                yield _doubt("invoice_vat_foreign", sale, vat_code=sold.code)
        elif sold.kind not in RUBRICS and sold.kind != EXEMPT:
            yield _doubt("invoice_vat_kind_unknown", sale, vat_code=sold.code)
        elif sold.kind in ICP_KINDS and sale.customer is None:
            yield _doubt("invoice_customer_unknown", sale, name=sale.customer_name)
    found = total(sold.vat for sold in sale.sold)
    if found != sale.vat_amount:
        yield _doubt(
            "invoice_vat_differs", sale, stated=sale.vat_amount, computed=found
        )


def _doubt(code: str, sale: Sale, **params: object) -> Doubt:
    values = {name: str(value) for name, value in params.items()}
    return Doubt(code, sale.id, {"number": sale.number, **values})


def together(lines: Iterable[SoldUnderCode]) -> tuple[SoldUnderCode, ...]:
    """Add the lines of an invoice up per VAT code, in their order."""
    found: dict[SoldUnderCode, list[SoldUnderCode]] = {}
    for line in lines:
        is_charged = line.charged is not None
        key = replace(line, amount_excl_vat=ZERO, charged=ZERO if is_charged else None)
        found.setdefault(key, []).append(line)
    return tuple(
        replace(
            key,
            amount_excl_vat=total(line.amount_excl_vat for line in of_code),
            charged=None if key.charged is None else total(x.vat for x in of_code),
        )
        for key, of_code in found.items()
    )
