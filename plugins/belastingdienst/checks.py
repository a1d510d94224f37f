"""Own rules before a message may go: what the taxonomy does not catch. Pure.

Source: contract section 5, "What Arelle catches and what it does not", header facets
and sums. The last check reads the bytes that are sent, not what they were made of.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from stdnum.eu import vat as eu_vat
from stdnum.nl import bsn

from core.domain.declarations import DeclarationKind, IcpKind, Rubric, TaxPeriod
from core.domain.errors import AskUser
from core.domain.money import ZERO, total
from plugins.belastingdienst.law import purchases
from plugins.belastingdienst.law.boxes import Box
from plugins.belastingdienst.law.icp import Declaration
from plugins.belastingdienst.law.returns import (
    OWED_RUBRICS,
    TURNOVER_ONLY,
    Contact,
    Header,
    VatReturn,
)
from plugins.belastingdienst.law.taxonomies import (
    Taxonomy,
    has_reduction,
    taxonomy_for,
)
from plugins.belastingdienst.xbrl import icp, ob
from plugins.belastingdienst.xbrl.instance import SCHEME
from plugins.belastingdienst.xbrl.reader import Fact, Message

TURNOVER_DIGITS = 10
VAT_DIGITS = 9
REDUCTION_DIGITS = 4
RATES = {Rubric.R1A: Decimal(21), Rubric.R1B: Decimal(9)}
"""Percent since 2019; a rubric whose VAT is far from it is probably wrong."""
_RATE_MARGIN = Decimal("0.01")
EU_COUNTRIES = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "PL", "PT", "RO", "SE", "SI", "SK",
))  # fmt: skip
BREXIT = 2021
_TAX_NUMBER = re.compile(r"\d{9}B\d{2}")
_CUSTOMER_NUMBER = re.compile(r"[0-9A-Z]{1,12}")
_VENDOR = re.compile(r"SWO\d{5}")
_CONSULTANT = re.compile(r"\d{6}")
_MOMENT = re.compile(r"\d{12}")
_WHOLE = re.compile(r"-?\d{1,10}")
_CONTACT = ("ContactInitials", "ContactSurname", "ContactTelephoneNumber")
_HEADER = (*_CONTACT, "DateTimeCreation", "SoftwarePackageName",
           "SoftwarePackageVersion", "SoftwareVendorAccountNumber")  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Something that is wrong or looks wrong; the code has words in `texts.py`."""

    code: str
    params: dict[str, str] = field(default_factory=dict)
    blocks: bool = True
    """False: a warning, a person may go on."""
    about: str = ""
    """The box, where a person may say that it is right as it is."""


def _problem(code: str, **params: object) -> Problem:
    return Problem(code, {name: str(value) for name, value in params.items()})


def _warning(code: str, **params: object) -> Problem:
    return Problem(code, {name: str(value) for name, value in params.items()}, False)


def header_problems(header: Header) -> list[Problem]:
    """Return what is wrong with who files, whom to call, and the program."""
    return [
        *tax_number_problems(header.tax_number),
        *contact_problems(header.contact),
        *_length_problems(header),
        *_software_problems(header),
    ]


def tax_number_problems(number: str) -> Iterator[Problem]:
    """Yield what is wrong with an omzetbelastingnummer."""
    if not number:
        yield _problem("tax_number_missing")
    elif number[:2].upper() == "NL":
        yield _problem("tax_number_prefix", number=number)
    elif not _TAX_NUMBER.fullmatch(number):
        yield _problem("tax_number_form", number=number)
    elif not bsn.is_valid(number[:9]):
        # a sole trader's btw-id looks the same and is another number
        yield _warning("tax_number_check", number=number)


def contact_problems(contact: Contact) -> Iterator[Problem]:
    """Yield what is wrong with whom the tax office calls."""
    if not (contact.surname and contact.initials and contact.telephone):
        yield _problem("contact_missing")
    number = contact.consultant_number
    if contact.is_intermediary and not number:
        yield _problem("consultant_missing")
    if number and not _CONSULTANT.fullmatch(number):
        yield _problem("consultant_form", number=number)


def _length_problems(header: Header) -> Iterator[Problem]:
    contact, software = header.contact, header.software
    for name, value, limit in (
        ("initials", contact.initials, 10),
        ("prefix", contact.prefix, 10),
        ("surname", contact.surname, 200),
        ("telephone", contact.telephone, 14),
        ("reference", header.reference, 20),
        ("software", software.name, 30),
        ("version", software.version, 20),
        ("association", header.association, 20),
    ):
        if len(value) > limit:
            yield _problem("header_too_long", field=name, limit=limit)


def _software_problems(header: Header) -> Iterator[Problem]:
    if not _VENDOR.fullmatch(header.software.vendor_number):
        yield _problem("vendor_number_missing")
    if not (header.reference and header.software.name and header.software.version):
        yield _problem("header_incomplete")
    if not _MOMENT.fullmatch(header.created_on):
        yield _problem("creation_moment", moment=header.created_on)


def return_problems(
    vat_return: VatReturn, confirmed: Collection[str] = ()
) -> list[Problem]:
    """Return what is wrong with a return's figures.

    `confirmed` are boxes with transferred VAT that a person called right as they are.
    """
    found = [
        problem
        for rubric in Rubric
        for problem in _box_problems(vat_return, rubric)
    ]  # fmt: skip
    for name, amount, digits in (
        ("5a", vat_return.owed, TURNOVER_DIGITS),
        ("5d", vat_return.small_business_reduction, REDUCTION_DIGITS),
        ("5g", vat_return.payable, VAT_DIGITS),
    ):
        found += _amount_problems(name, amount, digits)
    taxonomy = _taxonomy(vat_return.period, DeclarationKind.VAT_RETURN)
    if vat_return.small_business_reduction and not (
        taxonomy and has_reduction(taxonomy)
    ):
        found.append(_problem("reduction_ended", year=vat_return.period.end.year))
    return [*found, *_transferred(vat_return, confirmed)]


def _transferred(
    vat_return: VatReturn, confirmed: Collection[str]
) -> Iterator[Problem]:
    """Yield what looks wrong with 2a, 4a and 4b beside their VAT and 5b."""
    boxes = {
        rubric.value: Box(box.turnover, box.vat)
        for rubric, box in vat_return.boxes.items()
    }
    for one in purchases.form_doubts(boxes, vat_return.period.end, confirmed):
        yield Problem(one.code, one.params, one.blocks, one.about)


def _box_problems(vat_return: VatReturn, rubric: Rubric) -> Iterator[Problem]:
    box = vat_return.box(rubric)
    yield from _amount_problems(rubric, box.turnover, TURNOVER_DIGITS)
    digits = TURNOVER_DIGITS if rubric is Rubric.R5B else VAT_DIGITS
    yield from _amount_problems(rubric, box.vat, digits)
    if rubric in TURNOVER_ONLY and box.vat:
        yield _problem("vat_in_untaxed_rubric", rubric=rubric)
    if rubric is Rubric.R5B and box.turnover:
        yield _problem("turnover_in_input", rubric=rubric)
    rate = RATES.get(rubric)
    if rate is not None:
        expected = box.turnover * rate / 100
        margin = max(Decimal(2), abs(expected) * _RATE_MARGIN)
        if abs(box.vat - expected) > margin:
            yield _warning("vat_not_at_rate", rubric=rubric, rate=rate)


def _amount_problems(name: str, amount: Decimal, digits: int) -> Iterator[Problem]:
    if amount != amount.to_integral_value():
        yield _problem("amount_has_cents", rubric=name, amount=amount)
    elif abs(amount) >= 10**digits:
        yield _problem("amount_too_large", rubric=name, digits=digits)


def icp_problems(
    declaration: Declaration, stated: Decimal | None = None
) -> list[Problem]:
    """Return what is wrong with an ICP declaration.

    `stated` is what the VAT return says in 3b of the same days, without corrections.
    """
    found: list[Problem] = []
    for row in declaration.rows:
        customer = f"{row.customer.country} {row.customer.vat_number}"
        found += _customer_problems(declaration, row.kind, customer)
        found += _amount_problems(customer, row.amount, TURNOVER_DIGITS)
        if not row.amount:
            found.append(_problem("icp_zero", customer=customer))
    counts = Counter((row.kind, row.customer, row.corrects) for row in declaration.rows)
    found += [
        _problem("icp_twice", customer=f"{customer.country} {customer.vat_number}")
        for (_kind, customer, _corrects), count in counts.items()
        if count > 1
    ]
    if stated is not None:
        found += _gap_problems(declaration, stated)
    return found


def _customer_problems(
    declaration: Declaration, kind: IcpKind, customer: str
) -> Iterator[Problem]:
    country, _, number = customer.partition(" ")
    since_brexit = declaration.period.start.year >= BREXIT
    allowed = EU_COUNTRIES | ({"XI"} if since_brexit else {"GB"})
    if country not in allowed:
        yield _problem("icp_country", customer=customer, country=country)
    elif country == "XI" and kind is IcpKind.SERVICES:
        yield _problem("icp_northern_ireland_services", customer=customer)
    if not _CUSTOMER_NUMBER.fullmatch(number):
        yield _problem("icp_vat_number", customer=customer)
    elif country in allowed and not eu_vat.is_valid(country + number):
        yield _warning("icp_vat_number_check", customer=customer)


def _gap_problems(declaration: Declaration, stated: Decimal) -> Iterator[Problem]:
    """Goods, services and ABC together are 3b; rounding makes less than 1 a row."""
    gap = stated - declaration.amount
    if gap:
        rounding = abs(gap) <= len(declaration.rows)
        code = "icp_rounding_gap" if rounding else "icp_differs_from_3b"
        yield _warning(code, icp=declaration.amount, return_3b=stated, gap=gap)


def message_problems(message: Message, kind: DeclarationKind) -> list[Problem]:
    """Check the very message that would be sent, once more and by itself."""
    amounts = [fact for fact in message.facts if fact.is_amount]
    found = [
        *_frame_problems(message, kind),
        *(problem for fact in amounts for problem in _fact_problems(fact)),
        *(_problem("fact_missing", name=name) for name in _missing(message, kind)),
    ]
    if any(message.value(name) in (None, "") for name in _CONTACT):
        found.append(_problem("contact_missing"))
    if kind is DeclarationKind.ICP:
        rows = [fact for fact in amounts if _decimal(fact.value) == ZERO]
        found += [_problem("icp_zero", customer=fact.name) for fact in rows]
    else:
        found += _sum_problems(message, kind)
    return found


def _frame_problems(message: Message, kind: DeclarationKind) -> Iterator[Problem]:
    for context in message.contexts.values():
        yield from tax_number_problems(context.identifier)
        if context.scheme != SCHEME:
            yield _problem("message_frame", detail=context.scheme)
    stretches = {(each.start, each.end) for each in message.contexts.values()}
    taxonomies = [_named(start, end, kind) for start, end in stretches]
    if [taxonomy.schema(kind) if taxonomy else None for taxonomy in taxonomies] != [
        message.schema
    ]:
        yield _problem("message_frame", detail=message.schema)


def _named(start: str, end: str, kind: DeclarationKind) -> Taxonomy | None:
    """Return the version for a stretch as a message writes it."""
    try:
        period = TaxPeriod(date.fromisoformat(start), date.fromisoformat(end))
    except ValueError:
        return None
    return _taxonomy(period, kind)


def _taxonomy(period: TaxPeriod, kind: DeclarationKind) -> Taxonomy | None:
    try:
        return taxonomy_for(period, kind)
    except AskUser:
        return None


def _fact_problems(fact: Fact) -> Iterator[Problem]:
    if fact.unit != "EUR":
        yield _problem("message_currency", name=fact.name, currency=fact.unit)
    if fact.decimals != "INF":
        yield _problem("message_decimals", name=fact.name, decimals=fact.decimals)
    if not _WHOLE.fullmatch(fact.value):
        yield _problem("amount_has_cents", rubric=fact.name, amount=fact.value)


def _missing(message: Message, kind: DeclarationKind) -> Iterable[str]:
    """Every element of the official sample must be there (contract: safe rule)."""
    wanted = set(_HEADER) - set(_CONTACT)
    if kind is DeclarationKind.ICP:
        wanted |= {icp.REFERENCE}
    else:
        wanted |= {"ContactType", ob.REFERENCE, ob.OWED, *ob.TURNOVER.values()}
        wanted |= {*ob.VAT.values()}
        totals = {ob.TOTAL_NEW, ob.TOTAL_OLD, ob.ADDITIONAL}
        is_return = kind is DeclarationKind.VAT_RETURN
        wanted |= {ob.PAYABLE} if is_return else totals
    return sorted(wanted - {fact.name for fact in message.facts})


def _sum_problems(message: Message, kind: DeclarationKind) -> Iterator[Problem]:
    def amount(name: str) -> Decimal:
        return _decimal(message.value(name) or "0")

    owed = total(amount(ob.VAT[rubric]) for rubric in OWED_RUBRICS)
    payable = owed - amount(ob.VAT[Rubric.R5B]) - amount(ob.REDUCTION)
    sums = {ob.OWED: owed}
    if kind is DeclarationKind.VAT_RETURN:
        sums[ob.PAYABLE] = payable
    else:
        sums[ob.TOTAL_NEW] = payable
        sums[ob.ADDITIONAL] = payable - amount(ob.TOTAL_OLD)
    for name, expected in sums.items():
        if amount(name) != expected:
            yield _problem("sum_wrong", name=name, expected=expected)


def _decimal(text: str) -> Decimal:
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else Decimal("NaN")
