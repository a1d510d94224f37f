"""What may be typed on an invoice, and which files may go with it. Pure.

Amounts are typed as the Dutch do, with a comma, or with a point where that cannot be
misread.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceLineData, VatTotal
from core.domain.money import total, vat_on
from core.domain.relations import PostalAddress, RelationData
from core.rules.vatrates import MEMBER_STATES, NUMBER_PREFIXES

LARGEST = Decimal(10_000_000)
"""No quantity, price or line reaches it: a typing mistake, or a test of our limits."""
DECIMALS = 4
"""Of a quantity and of a price per piece."""
MOST_LINES = 100
_GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)
_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
_POINT = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_EITHER = re.compile(r"-?\d{1,3}\.\d{3}", re.ASCII)

LARGEST_FILE = 4_500_000
"""Bytes of one file; a request may hold five million."""
"""The same in MB, as people read it."""
LARGEST_TOTAL = 10_000_000
"""Bytes of all files of an invoice: what mail servers usually take."""
MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xml": "application/xml",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BEGINS: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "xml": (b"<", b"\xef\xbb\xbf<"),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
LONGEST_NAME = 120
_DUTCH = ("NL", "BE", "")
"""Countries whose relations get a Dutch invoice; empty: their own."""


_OTHER_WAY = str.maketrans(",.", ".,")


def number_of(text: str, *, english: bool = False) -> Decimal:
    """Read a quantity or a price: 1.234,50 or 1234.5; at most four decimals.

    `english`: comma and point the other way round. Raises AskUser `number_wrong`,
    `number_ambiguous` (1.234 may be either), `number_too_precise` or
    `number_too_large`.
    """
    given = text.strip().removeprefix("€").replace(" ", "").replace("\u2212", "-")
    given = given.translate(_OTHER_WAY) if english else given
    if _EITHER.fullmatch(given):
        part = given.replace(".", ",")
        raise AskUser(
            "number_ambiguous",
            whole=given.replace(".", ""),
            part=part.translate(_OTHER_WAY) if english else part,
        )
    if _GROUPED.fullmatch(given) or _COMMA.fullmatch(given):
        given = given.replace(".", "").replace(",", ".")
    if not _POINT.fullmatch(given):
        raise AskUser("number_wrong")
    found = Decimal(given)
    if abs(found) >= LARGEST:
        raise AskUser("number_too_large")
    if found != round(found, DECIMALS):
        raise AskUser("number_too_precise", decimals=DECIMALS)
    return found


def vat_per_code(lines: Iterable[InvoiceLineData]) -> tuple[VatTotal, ...]:
    """Return amount and VAT per VAT code, in the order of the lines; euros.

    VAT is rounded once per code, over the sum of its lines; what a shop charged on a
    line stays as it is.
    """
    found: dict[str, list[InvoiceLineData]] = {}
    for line in lines:
        found.setdefault(line.vat_code, []).append(line)
    return tuple(
        VatTotal(
            code,
            of_code[0].vat_rate,
            total(line.amount_excl_vat for line in of_code),
            _vat(of_code),
            of_code[0].vat_kind,
        )
        for code, of_code in found.items()
    )


def _vat(lines: Sequence[InvoiceLineData]) -> Decimal:
    """Return the VAT of lines of one code."""
    charged = total(line.vat_amount for line in lines if line.vat_amount is not None)
    rest = total(line.amount_excl_vat for line in lines if line.vat_amount is None)
    return charged + vat_on(rest, lines[0].vat_rate)


def typed(number: Decimal, decimals: int = 0, *, english: bool = False) -> str:
    """Write a number as it is typed, so many decimals at least: 1234,5, or 1234.5."""
    shown = number.normalize()
    count = max(-int(shown.as_tuple().exponent), decimals)
    text = f"{shown:.{count}f}"
    return text if english else text.replace(".", ",")


def media_type_of(filename: str, content: bytes) -> str:
    """Return a file's type by its name, which its first bytes must confirm.

    Raises AskUser `file_empty`, `file_too_large`, `file_type` or `file_content`.
    """
    if not content:
        raise AskUser("file_empty")
    if len(content) > LARGEST_FILE:
        raise AskUser("file_too_large")
    ending = filename.rpartition(".")[2].lower()
    if "." not in filename or ending not in MEDIA_TYPES:
        raise AskUser("file_type")
    if not content.lstrip(b" \t\r\n").startswith(_BEGINS[ending]):
        raise AskUser("file_content", ending=ending)
    return MEDIA_TYPES[ending]


def safe_name(filename: str) -> str:
    """Return a file's name without folders and without what a header cannot hold."""
    name = _UNSAFE.sub(" ", filename.replace("\\", "/").rpartition("/")[2])
    name = " ".join(name.split()).strip(". ") or "bestand"
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending)]}{dot}{ending}" if dot else name


def is_of_register(number: str, *, goods_only: bool) -> bool:
    """Tell whether VIES can know a VAT number: it has those of the EU, no others.

    Northern Ireland's (XI) count for goods alone (protocol on Ireland and Northern
    Ireland, article 8). A number without a prefix may be of the customer's country.
    """
    prefix = number[:2].upper()
    if not prefix.isalpha():
        return True
    states = {NUMBER_PREFIXES.get(code, code) for code in MEMBER_STATES}
    return prefix in states or (prefix == "XI" and goods_only)


def language_for(relation: RelationData) -> str:
    """Return the language of a relation's invoices: Dutch in NL and BE."""
    return "nl" if invoice_address(relation).country in _DUTCH else "en"


def invoice_address(relation: RelationData) -> PostalAddress:
    """Return where invoices go: the invoice address, else the first there is."""
    addresses = (
        relation.invoice_address,
        relation.postal_address,
        relation.visiting_address,
        relation.home_address,
        relation.alternative_address,
    )
    return next((one for one in addresses if not one.is_empty), PostalAddress())
