"""From our orders and invoices to the vendor's entries (AddMutatie). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import plain, total, vat_in
from core.domain.orders import Payment
from core.domain.strings import cut
from core.rules.vat_fit import is_rounding
from plugins.eboekhouden import rounding, wire
from plugins.eboekhouden.wire import Body

SALES_ENTRY = "sales_entry"
"""What an order or invoice becomes: an entry of the ledger (Mutatie)."""
PAYMENT = "payment"
"""What a credit document without lines becomes: the entry of a payment taken back."""
_ONE = Decimal(1)


@dataclass(frozen=True)
class CodedLine:
    """A line with the package's codes; amounts in euros for the whole quantity."""

    amount_incl_vat: Decimal
    vat_amount: Decimal
    vat_rate: Decimal
    """In percent, as it was sold."""
    vat_code: str
    revenue_account: str
    pieces: Decimal = Decimal(1)
    """How many were sold: a shop may round the VAT of each."""
    text: str = ""
    """What was sold, for the rows of REST; SOAP's lines have no text (4.2)."""

    @property
    def amount_excl_vat(self) -> Decimal:
        """The line's amount without VAT, in euros."""
        return self.amount_incl_vat - self.vat_amount


@dataclass(frozen=True)
class Header:
    """What an entry says beside its lines."""

    invoice_number: str
    booked_on: date
    """Local date."""
    debtor_code: str
    receivables_account: str
    payment_days: int
    description: str
    voucher: str = ""
    reference: str = ""


# --- lines -------------------------------------------------------------------------


def entry_lines(lines: Iterable[CodedLine]) -> list[Body]:
    """Return an entry's lines: the fewest per VAT code, account and rate that the
    vendor takes, with amount and VAT as they were sold (see `rounding`).

    Raises AskUser `eboekhouden_vat_wrong` for VAT that is not its rate's,
    `eboekhouden_vat_not_split` where no lines give it, and
    `eboekhouden_too_many_lines` over a hundred (contract 4.2).
    """
    groups: dict[tuple[str, str, Decimal], list[CodedLine]] = {}
    for line in lines:
        key = (line.vat_code, line.revenue_account, line.vat_rate)
        groups.setdefault(key, []).append(line)
    rows = [row for key, group in groups.items() for row in _rows(key, group)]
    if len(rows) > wire.MOST_LINES:
        raise AskUser(
            "eboekhouden_too_many_lines", count=len(rows), most=wire.MOST_LINES
        )
    return rows


def _rows(key: tuple[str, str, Decimal], group: list[CodedLine]) -> list[Body]:
    """Return the lines of one VAT code, account and rate."""
    rate = key[2]
    for line in group:
        _check_vat(line.amount_incl_vat, line.vat_amount, rate, line.pieces)
    incl = total(line.amount_incl_vat for line in group)
    vat = total(line.vat_amount for line in group)
    _check_vat(incl, vat, rate, total(max(line.pieces, _ONE) for line in group))
    pairs = rounding.planned(
        [(line.amount_excl_vat, line.vat_amount) for line in group], rate
    )
    if not pairs and (incl or vat):
        raise AskUser(
            "eboekhouden_vat_not_split", amount=incl, vat=vat, rate=plain(rate)
        )
    text = "; ".join(dict.fromkeys(line.text for line in group if line.text))
    return [_line(key, excl, vat, text) for excl, vat in pairs]


def _check_vat(incl: Decimal, vat: Decimal, rate: Decimal, pieces: Decimal) -> None:
    if not is_rounding(incl, vat, rate, pieces):
        raise AskUser(
            "eboekhouden_vat_wrong",
            amount=incl,
            vat=vat,
            rate=plain(rate),
            expected=vat_in(incl, rate),
        )


def _line(
    key: tuple[str, str, Decimal], excl: Decimal, vat: Decimal, text: str
) -> Body:
    code, account, rate = key
    return {
        "BedragInvoer": excl,
        "BedragExclBTW": excl,
        "BedragBTW": vat,
        "BedragInclBTW": excl + vat,
        "BTWCode": code,
        "BTWPercentage": rate,
        "TegenrekeningCode": account,
        "KostenplaatsID": 0,
        wire.LINE_TEXT: text[: wire.REST_DESCRIPTION],
    }


# --- entries -----------------------------------------------------------------------


def entry(header: Header, lines: Iterable[CodedLine]) -> Body:
    """Return a sales entry (contract 4.2); every field is sent, as the manual asks."""
    return {
        "MutatieNr": 0,
        "Soort": wire.SALES_INVOICE,
        "Datum": header.booked_on,
        "Rekening": header.receivables_account,
        "RelatieCode": header.debtor_code,
        "Factuurnummer": header.invoice_number,
        "Boekstuk": header.voucher[: wire.VOUCHER],
        "Omschrijving": header.description[: wire.DESCRIPTION],
        "Betalingstermijn": str(header.payment_days),
        "Betalingskenmerk": header.reference[: wire.REFERENCE],
        "InExBTW": wire.EXCL_VAT,
        "MutatieRegels": entry_lines(lines),
    }


def entry_total(body: Body) -> Decimal:
    """Return what an entry's debtor owes, incl VAT."""
    return total(line["BedragInclBTW"] for line in body["MutatieRegels"])


# --- relations ---------------------------------------------------------------------


UNCUT = frozenset(("Code", "Email", "Site", "BTWNummer", "KvkNummer", "IBAN", "BIC"))
"""What says something else, or nothing, without its end."""


def check_lengths(body: Body, names: Iterable[str] = wire.RELATION_LIMITS) -> None:
    """Check texts of a relation that are ours or go back as they were read.

    Raises AskUser `eboekhouden_code_too_long` and `eboekhouden_text_too_long`, which
    names the field: cut it would be another text, and nobody would know.
    """
    for name in names:
        text, most = str(body.get(name) or ""), wire.RELATION_LIMITS[name]
        if len(text) <= most:
            continue
        if name == "Code":
            raise AskUser("eboekhouden_code_too_long", number=text, most=most)
        raise AskUser(
            "eboekhouden_text_too_long", field=name, length=len(text), most=most
        )


def limited(body: Body) -> Body:
    """Cut a buyer's texts to the vendor's lengths at a word; never what is in `UNCUT`.

    Raises the errors of `check_lengths`.
    """
    check_lengths(body, UNCUT)
    return {
        name: cut(value, wire.RELATION_LIMITS[name])
        if name in wire.RELATION_LIMITS and isinstance(value, str)
        else value
        for name, value in body.items()
    }


def payment_entry(
    payment: Payment,
    *,
    reference: str,
    invoice_number: str,
    debtor_code: str,
    receivables_account: str,
    clearing_account: str,
    booked_on: date,
    text: str = "",
) -> Body:
    """Return the entry of a payment on an invoice; money paid back is negative.

    Header on the money account, line on the debtors account, outside VAT, with one
    line (contract 4.2, 8.3, CMUT021 to 028). `reference` is what it is found by.
    """
    return {
        "MutatieNr": 0,
        "Soort": wire.PAYMENT_IN,
        "Datum": booked_on,
        "Rekening": clearing_account,
        "RelatieCode": debtor_code,
        "Factuurnummer": invoice_number,
        "Boekstuk": reference,
        "Omschrijving": (text or f"{PAYMENT} {invoice_number}")[: wire.DESCRIPTION],
        "Betalingstermijn": "",
        "Betalingskenmerk": "",
        "InExBTW": wire.EXCL_VAT,
        "MutatieRegels": [
            {
                "BedragInvoer": payment.amount,
                "BedragExclBTW": payment.amount,
                "BedragBTW": Decimal(0),
                "BedragInclBTW": payment.amount,
                "BTWCode": wire.NO_VAT,
                "BTWPercentage": Decimal(0),
                "TegenrekeningCode": receivables_account,
                "KostenplaatsID": 0,
                wire.LINE_TEXT: payment.method[: wire.REST_DESCRIPTION],
            }
        ],
    }
