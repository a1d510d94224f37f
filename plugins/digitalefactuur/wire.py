"""The vendor's XML, typed: written with lxml, read without DTD, entities or network.

Rules (contract notes 1.1 to 1.3): a body that begins with three digits is an error,
whatever the HTTP status says; dates come as dd-mm-yyyy and yyyy-mm-dd and go out as
the latter; a line's VAT is a fraction (0.210), a product's a percentage (21). Here
every VAT rate is a percentage and every price euros, presumably excl VAT.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from defusedxml.ElementTree import fromstring
from lxml import etree

from core.domain.money import plain
from plugins.digitalefactuur import names

_CODE = re.compile(r"\s*(\d{3})(?!\d)[\s:;.,-]*")
_ID = re.compile(r"\s*(\d{4,})\s*")
_DATES = (
    re.compile(r"(?P<d>\d{2})-(?P<m>\d{2})-(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
)
_NO_DATE = ("", "0000-00-00", "00-00-0000")
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?encoding=["']([\w.-]{1,20})["']""")
_ENCODINGS = ("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252")
_OLD = "windows-1252"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HUNDRED = Decimal(100)
FRACTION = Decimal("0.001")
"""How exactly a line's VAT and price are written (samples: 0.190, 40.000)."""
QUANTITY = Decimal("0.01")
PRODUCT_PRICE = Decimal("0.01")


class Malformed(ValueError):
    """An answer is not what the samples show; the text names the tag, never a value."""


@dataclass(frozen=True)
class Customer:
    """A debtor or creditor (`klant`); texts, empty when absent."""

    id: str = ""
    number: str = ""
    kind: str = names.DEBTOR
    name: str = ""
    contact_name: str = ""
    contact_department: str = ""
    contact_email: str = ""
    address: str = ""
    """Street and house number on one line."""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    """As the vendor's screen shows it: a Dutch name."""
    fax: str = ""
    account_number: str = ""
    account_holder: str = ""
    iban: str = ""
    bic: str = ""
    chamber_number: str = ""
    vat_number: str = ""


@dataclass(frozen=True)
class Line:
    """One line of an invoice: price per piece in euros, VAT in percent."""

    quantity: Decimal
    description: str
    price: Decimal
    vat_rate: Decimal
    id: str = ""


@dataclass(frozen=True)
class Invoice:
    """An invoice (`factuur`); local dates."""

    id: str = ""
    customer_id: str = ""
    customer_name: str = ""
    customer_email: str = ""
    match_field: str = ""
    payment_status: str = ""
    prefix: str = ""
    number: str = ""
    direct_debit: bool | None = None
    issued_on: date | None = None
    due_on: date | None = None
    lines: tuple[Line, ...] = ()

    @property
    def full_number(self) -> str:
        """The number as people read it: prefix and number together."""
        return f"{self.prefix}{self.number}"


@dataclass(frozen=True)
class Product:
    """A product: price in euros, VAT in percent."""

    name: str
    price: Decimal
    vat_rate: Decimal
    number: str = ""
    description: str = ""
    id: str = ""


@dataclass(frozen=True)
class Refusal:
    """An error in the body: the vendor's code and text."""

    code: str
    text: str


def decoded(content: bytes) -> str:
    """Return an answer's text: as it declares itself, else UTF-8, else Windows-1252.

    The samples are from 2010 and say nothing of it.
    """
    found = _ENCODING.match(content)
    name = found[1].decode().lower() if found else "utf-8"
    if name in _ENCODINGS and name != "utf-8":
        return content.decode(name, "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(_OLD, "replace")


def refusal(body: str) -> Refusal | None:
    """Return the error a body holds; None when it does not begin with a code."""
    found = _CODE.match(body)
    return Refusal(found[1], body[found.end() :].strip()) if found else None


def written_id(body: str) -> str:
    """Return the id a write's answer gives; empty when it gives none.

    What the vendor answers is not documented: a bare number of more than three digits,
    or an `id` in XML, is taken as the id. Malformed when it is a page or broken XML.
    """
    found = _ID.fullmatch(body)
    if found:
        return found[1]
    if not body.lstrip().startswith("<"):
        return ""
    root = parse(body)
    if root.tag.lower() == "html":
        raise Malformed("html")
    return _text(root.find(".//id"))


def parse(body: str) -> Any:
    """Return a document's root; Malformed for anything but plain XML."""
    try:
        return fromstring(body.strip(), forbid_dtd=True)
    except (ValueError, SyntaxError) as error:
        cause = type(error).__name__
    raise Malformed(cause)


def items(body: str, action: str) -> list[Any]:
    """Return the records of a list; none when the body or its root is empty."""
    if not body.strip():
        return []
    root = parse(body)
    if root.tag.lower() == "html":
        raise Malformed("html")
    found = [child for child in root if child.tag in names.ITEMS[action]]
    if len(found) != len(root):
        raise Malformed(action)
    return found


def read_customer(element: Any) -> Customer:
    """Read a `klant`; it must have an id, and no type that we do not know."""
    customer = Customer(**_texts(element, names.CUSTOMER_TAGS))
    if not customer.id:
        raise Malformed("id")
    if customer.kind not in (names.DEBTOR, names.CREDITOR, ""):
        raise Malformed(names.CUSTOMER_TAGS["kind"])
    return customer


def read_invoice(element: Any) -> Invoice:
    """Read a `factuur` with its lines; it must have an id."""
    values: dict[str, Any] = dict(_texts(element, names.INVOICE_TAGS))
    if not values["id"]:
        raise Malformed("id")
    for name in ("issued_on", "due_on"):
        values[name] = read_date(values[name])
    values["direct_debit"] = _read_yes(values["direct_debit"])
    lines = tuple(_read_line(line) for line in element.iter(names.LINE))
    return Invoice(**values, lines=lines)


def _read_line(element: Any) -> Line:
    values = _texts(element, names.LINE_TAGS)
    return Line(
        quantity=number(values["quantity"]),
        description=values["description"],
        price=number(values["price"]),
        vat_rate=line_rate(values["vat_rate"]),
        id=values["id"],
    )


def read_product(element: Any) -> Product:
    """Read a `product`; it must have an id."""
    values = _texts(element, names.PRODUCT_TAGS)
    if not values["id"]:
        raise Malformed("id")
    return Product(
        name=values["name"],
        price=number(values["price"]),
        vat_rate=product_rate(values["vat_rate"]),
        number=values["number"],
        description=values["description"],
        id=values["id"],
    )


def read_date(text: str) -> date | None:
    """Read dd-mm-yyyy or yyyy-mm-dd; None when empty or all zeros."""
    if text in _NO_DATE:
        return None
    for pattern in _DATES:
        found = pattern.fullmatch(text)
        if found:
            return _date(int(found["y"]), int(found["m"]), int(found["d"]))
    raise Malformed("date")


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Malformed("date") from None


def number(text: str) -> Decimal:
    """Read a number with a point; Malformed for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Malformed("number") from None
    if not value.is_finite():
        raise Malformed("number")
    return value


def line_rate(text: str) -> Decimal:
    """Return a line's VAT in percent: 0.210 is 21."""
    return _percentage(number(text))


def product_rate(text: str) -> Decimal:
    """Return a product's VAT in percent: 21 is 21."""
    return _percentage(number(text))


def _percentage(value: Decimal) -> Decimal:
    """Return percent of a fraction or a percentage, told apart by size.

    The vendor mixes the two. No VAT rate is 1 percent or less but zero, and none is
    100 percent or more, so only 1 itself could be either: it is refused.
    """
    if value < 0 or value == 1 or value >= _HUNDRED:
        raise Malformed("btw")
    return value * _HUNDRED if value < 1 else value


def _read_yes(text: str) -> bool | None:
    if text not in (names.YES, names.NO, ""):
        raise Malformed("ja/nee")
    return text == names.YES if text else None


def _texts(element: Any, tags: Mapping[str, str]) -> dict[str, str]:
    return {field: _text(element.find(tag)) for field, tag in tags.items()}


def _text(element: Any) -> str:
    return (element.text or "").strip() if element is not None else ""


def customer_xml(customer: Customer, *, with_empty: bool = False) -> str:
    """Write a `klant`; `with_empty` for an update that has to clear fields."""
    root = etree.Element(names.CUSTOMER)
    for field, tag in names.CUSTOMER_TAGS.items():
        value = getattr(customer, field)
        if value or (with_empty and field != "id"):
            _add(root, tag, value)
    return _document(root)


def invoice_xml(invoice: Invoice) -> str:
    """Write a `factuur` with its lines; ISO dates, VAT as a fraction."""
    root = etree.Element(names.INVOICE)
    for field, tag in names.INVOICE_TAGS.items():
        text = _written(getattr(invoice, field))
        if text:
            _add(root, tag, text)
    for line in invoice.lines:
        element = etree.SubElement(root, names.LINE)
        for field, text in _line_texts(line).items():
            if text:
                _add(element, names.LINE_TAGS[field], text)
    return _document(root)


def _line_texts(line: Line) -> dict[str, str]:
    return {
        "id": line.id,
        "quantity": exactly(line.quantity, QUANTITY),
        "description": line.description,
        "price": exactly(line.price, FRACTION),
        "vat_rate": exactly(line.vat_rate / _HUNDRED, FRACTION),
    }


def product_xml(product: Product) -> str:
    """Write a `product`; VAT as a percentage."""
    root = etree.Element(names.PRODUCT)
    texts = {
        "id": product.id,
        "name": product.name,
        "number": product.number,
        "description": product.description,
        "price": exactly(product.price, PRODUCT_PRICE),
        "vat_rate": plain(product.vat_rate),
    }
    for field, tag in names.PRODUCT_TAGS.items():
        if texts[field]:
            _add(root, tag, texts[field])
    return _document(root)


def record_xml(root_tag: str, values: Mapping[str, str]) -> str:
    """Write a flat record of tags and texts, in the given order."""
    root = etree.Element(root_tag)
    for tag, text in values.items():
        _add(root, tag, text)
    return _document(root)


def exactly(value: Decimal, step: Decimal) -> str:
    """Write a number in steps; ValueError when that would change it."""
    written = value.quantize(step)
    if written != value:
        raise ValueError(f"a number has more decimals than {step}")
    return f"{written:f}"


def _written(value: str | bool | date | None) -> str:
    if isinstance(value, bool):
        return names.YES if value else names.NO
    if isinstance(value, date):
        return value.isoformat()
    return value or ""


def _add(parent: Any, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = _NOT_XML.sub("", text)


def _document(root: Any) -> str:
    return str(etree.tostring(root, encoding="unicode"))
