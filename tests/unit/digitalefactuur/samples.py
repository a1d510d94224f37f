"""Relations and invoices with every field filled, in our words."""

from datetime import date
from decimal import Decimal

from core.domain.invoices import InvoiceData, InvoiceLineData, VatTotal
from core.domain.relations import PostalAddress, RelationData

INVOICE_ADDRESS = PostalAddress("Voorbeeldstraat", "1", "a", "2311 AA", "Leiden", "NL")
OTHER = PostalAddress("Elders", "99", "", "9999 ZZ", "Nergens", "DE")

ORGANISATION = RelationData(
    is_person=False,
    name="Bakkerij Jansen B.V.",
    relation_type="client",
    debtor_number="1001",
    creditor_number="2001",
    phone="071 555 01 23",
    fax="071 555 01 24",
    email="info@example.nl",
    chamber_number="01234567",
    vat_number="NL123456782B90",
    iban="NL91 ABNA 0417 1643 00",
    bic="abnanl2a",
    visiting_address=OTHER,
    postal_address=OTHER,
    invoice_address=INVOICE_ADDRESS,
    delivery_address=OTHER,
)
PERSON = RelationData(
    is_person=True,
    name="Vries",
    relation_type="private_client",
    first_name="Anna",
    name_prefix="de",
    debtor_number="1002",
    fax="010 555 01 25",
    iban="NL91ABNA0417164300",
    bic="ABNANL2A",
    chamber_number="01234567",
    vat_number="NL123456782B90",
    home_address=INVOICE_ADDRESS,
    invoice_address=OTHER,
)


def line(
    quantity: str, price: str, rate: str = "21", amount: str = ""
) -> InvoiceLineData:
    exact = Decimal(quantity) * Decimal(price)
    return InvoiceLineData(
        description="Hosting",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        amount_excl_vat=Decimal(amount) if amount else round(exact, 2),
        vat_code="hoog",
        vat_rate=Decimal(rate),
    )


def invoice(*lines: InvoiceLineData, number: str = "2026-0012") -> InvoiceData:
    amount = sum((one.amount_excl_vat for one in lines), Decimal(0))
    vat = round(amount * Decimal("0.21"), 2)
    return InvoiceData(
        number=number,
        issued_on=date(2026, 6, 2),
        due_on=date(2026, 7, 2),
        relation=ORGANISATION,
        lines=lines,
        totals=(VatTotal("hoog", Decimal(21), amount, vat),),
        amount_excl_vat=amount,
        vat_amount=vat,
    )
