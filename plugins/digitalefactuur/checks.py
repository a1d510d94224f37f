"""What must hold before anything goes to DigitaleFactuur. Pure."""

from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceData
from core.domain.money import cents, total, vat_on
from core.domain.relations import RelationData
from plugins.digitalefactuur import wire


def relation(relation: RelationData) -> None:
    """Raise AskUser when a relation cannot be a debtor or creditor."""
    if not relation.name.strip():
        raise AskUser("df_name_missing")


def invoice(data: InvoiceData, mapped: wire.Invoice) -> None:
    """Raise AskUser when an invoice cannot be made as it is, to the cent."""
    if not data.number[-1:].isdecimal() or not data.number.isascii():
        raise AskUser("df_no_number", number=data.number)
    if not data.lines:
        raise AskUser("df_lines")
    for line in data.lines:
        _rate(line.vat_rate)
    found = total(cents(line.quantity * line.price) for line in mapped.lines)
    if found != data.amount_excl_vat:
        expected = str(data.amount_excl_vat)
        raise AskUser("df_total_differs", expected=expected, found=found)
    # The vendor works VAT out by itself: what a shop rounded per line may differ.
    vat = total(vat_on(one.amount_excl_vat, one.vat_rate) for one in data.totals)
    if vat != data.vat_amount:
        raise AskUser(
            "df_total_differs", expected=data.amount_incl_vat, found=found + vat
        )


def _rate(rate: Decimal) -> None:
    """A fraction of three decimals holds one decimal of a percentage (0.055)."""
    if not 0 <= rate < 100 or rate * 10 != (rate * 10).to_integral_value():
        raise AskUser("df_vat_rate", rate=f"{rate.normalize():f}")
