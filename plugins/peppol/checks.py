"""What must hold of an e-invoice before it is made, and who must have one. Pure.

Sources: the Peppol policy for the use of identifiers and its list of schemes (EAS); the
release notes of Peppol BIS Billing 3.0 of May 2026, mandatory since 24 August 2026; the
Belgian act of 6 February 2024 (article 53 of the VAT code, e-invoices between
businesses from 1 January 2026), by the explanations of the FPS Finance.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.be import vat as kbo
from stdnum.eu import vat as eu_vat

from core.domain.errors import AskUser
from core.domain.structured_invoices import (
    Identifier,
    StructuredInvoice,
    StructuredParty,
    VatCategory,
)
from core.rules.vatrates import NUMBER_PREFIXES

KBO, KVK, OIN, BE_VAT, NL_VAT = "0208", "0106", "0190", "9925", "9944"
VAT_SCHEMES: Mapping[str, str] = {
    "AT": "9914", "BG": "9926", "CY": "9928", "CZ": "9929", "DE": "9930", "EE": "9931",
    "ES": "9920", "FR": "9957", "GR": "9933", "HR": "9934", "HU": "9910", "IE": "9935",
    "IT": "0211", "LT": "9937", "LU": "9938", "LV": "9939", "MT": "9943", "NL": NL_VAT,
    "PL": "9945", "PT": "9946", "RO": "9947", "SI": "9949", "SK": "9950",
}  # fmt: skip
"""Where a party has its VAT number for an address, by country. Belgium is not among
them: there 0208 is the one that everybody has. Danes, Finns and Swedes are found by
other numbers, which we do not have."""
BELGIAN_DUTY = date(2026, 1, 1)
NEW_RULES = date(2026, 8, 24)
"""From when the release of May 2026 holds."""
REMOVED = frozenset((
    "0037", "0147", "0170", "0193", "0194", "0202", "0203", "0205", "0212", "0213",
    "0215", "0217",
))  # fmt: skip
"""Schemes that release took off the list: the twelve of fourteen that were found."""
LONGEST_NUMBER = 50
_FORMS: Mapping[str, re.Pattern[str]] = {
    KVK: re.compile(r"\d{8}", re.ASCII),
    OIN: re.compile(r"\d{20}", re.ASCII),
    NL_VAT: re.compile(r"NL\d{9}B\d{2}", re.ASCII),
    BE_VAT: re.compile(r"BE\d{10}", re.ASCII),
    KBO: re.compile(r"\d{10}", re.ASCII),
}
_NL_NUMBER = _FORMS[NL_VAT]


class Duty(StrEnum):
    """Whether an invoice goes as an e-invoice."""

    MUST = "must"
    MAY = "may"
    NOT = "not"


@dataclass(frozen=True)
class Verdict:
    """Whether it must, may or does not go, and why."""

    duty: Duty
    reason: str
    """A code of `texts.REASONS`."""


def verdict_of(invoice: StructuredInvoice) -> Verdict:
    """Tell whether an invoice must go as an e-invoice, by what is known of both.

    By the address and the VAT number of each; whether a party has an establishment
    besides, or is of a VAT group, is not known here.
    """
    if not invoice.buyer.vat_number and invoice.buyer.is_person:
        return Verdict(Duty.NOT, "consumer")
    if not _is_belgian(invoice.seller):
        is_dutch = {invoice.seller.address.country, invoice.buyer.address.country}
        return Verdict(Duty.MAY, "netherlands" if is_dutch == {"NL"} else "abroad")
    if not _is_belgian(invoice.buyer):
        has_number = bool(invoice.buyer.vat_number)
        return Verdict(Duty.MAY, "abroad" if has_number else "no_vat_number")
    if invoice.issued_on < BELGIAN_DUTY:
        return Verdict(Duty.MAY, "before_duty")
    if {share.category for share in invoice.shares} <= {VatCategory.EXEMPT}:
        return Verdict(Duty.MAY, "exempt")
    return Verdict(Duty.MUST, "belgium")


def _is_belgian(party: StructuredParty) -> bool:
    number = vat_number_of(party)
    return party.address.country == "BE" and number.startswith("BE")


def endpoint_of(party: StructuredParty) -> Identifier | None:
    """Return where a party receives (BT-34, BT-49); None: it is not known by any.

    Belgians by their KBO number, the Dutch by KvK, else by their VAT number.
    """
    country = party.address.country
    registered = _registered(party)
    if registered is not None:
        return registered
    scheme = VAT_SCHEMES.get(country)
    number = _vat_number(party)
    return Identifier(scheme, number) if scheme and number else None


def legal_identifier(party: StructuredParty) -> Identifier | None:
    """Return a party's number in the register of businesses (BT-30, BT-47).

    Of the Dutch a KvK number or nothing (NL-R-003, NL-R-005).
    """
    registered = _registered(party)
    if registered is not None or party.address.country in ("NL", "BE"):
        return registered
    number = "".join(party.legal_number.split())
    return Identifier("", number) if number else None


def _registered(party: StructuredParty) -> Identifier | None:
    digits = re.sub(r"[\s.]", "", party.legal_number)
    if party.address.country == "NL" and _FORMS[KVK].fullmatch(digits):
        return Identifier(KVK, digits)
    if party.address.country == "BE":
        for text in (party.legal_number, party.vat_number):
            if _is_short(text) and kbo.is_valid(text):
                return Identifier(KBO, kbo.compact(text))
    return None


def vat_number_of(party: StructuredParty) -> str:
    """Return a party's VAT number without spaces and points, as documents have it."""
    return re.sub(r"[\s.-]", "", party.vat_number.upper())


def _vat_number(party: StructuredParty) -> str:
    """Return a party's VAT number when it is one of its country; else nothing."""
    country = party.address.country
    prefix = NUMBER_PREFIXES.get(country, country)
    number = vat_number_of(party)
    if number.startswith(prefix) and _is_vat_number(number):
        return number
    return ""


def _is_vat_number(text: str) -> bool:
    return _is_short(text) and bool(eu_vat.is_valid(text))


def _is_short(text: str) -> bool:
    """Tell whether a number can be checked: what is far too long raises there."""
    return len(text) <= LONGEST_NUMBER


def own_participant(scheme: str, number: str) -> Identifier | None:
    """Return what a user says he is registered as; None when it cannot be so."""
    value = re.sub(r"[\s.-]", "", number.upper())
    if scheme == KBO:
        value = kbo.compact(value) if _is_short(value) and kbo.is_valid(value) else ""
    elif scheme in (NL_VAT, BE_VAT) and not _is_vat_number(value):
        value = ""
    form = _FORMS.get(scheme)
    return Identifier(scheme, value) if form and form.fullmatch(value) else None


def is_participant_of(participant: Identifier, party: StructuredParty) -> bool:
    """Tell whether a participant may be this party, by the numbers that we know.

    Of an OIN nothing is known here.
    """
    if participant.scheme in (NL_VAT, BE_VAT):
        return participant.value == vat_number_of(party)
    if participant.scheme == OIN:
        return party.address.country == "NL"
    return participant == _registered(party)


def problems(invoice: StructuredInvoice) -> list[AskUser]:
    """Return what keeps an invoice from being an e-invoice, in our own words.

    What the official rules would say less clearly, or do not say yet.
    """
    return [error for check in _CHECKS for error in check(invoice)]


def _addressed(invoice: StructuredInvoice) -> Iterator[AskUser]:
    if endpoint_of(invoice.seller) is None:
        yield AskUser("peppol_seller_unknown")
    if endpoint_of(invoice.buyer) is None:
        yield AskUser("peppol_buyer_unknown", name=invoice.buyer.name)


def _complete(invoice: StructuredInvoice) -> Iterator[AskUser]:
    for code, party in (
        ("peppol_seller_address", invoice.seller),
        ("peppol_buyer_address", invoice.buyer),
    ):
        address = party.address
        if not all((address.line, address.postal_code, address.city, address.country)):
            yield AskUser(code, name=party.name)


def _referenced(invoice: StructuredInvoice) -> Iterator[AskUser]:
    """PEPPOL-EN16931-R003."""
    if not invoice.buyer_reference.strip() and not invoice.order_number.strip():
        yield AskUser("peppol_reference_missing")


def _added_up(invoice: StructuredInvoice) -> Iterator[AskUser]:
    """What is charged is what its parts say: BR-CO-10, BR-CO-13 to BR-CO-15."""
    parts = sum(share.taxable for share in invoice.shares)
    if parts != invoice.amount_excl_vat:
        yield AskUser("peppol_total_differs")


def _numbered(invoice: StructuredInvoice) -> Iterator[AskUser]:
    """The Dutch numbers of the release of May 2026: a warning now, fatal later."""
    if invoice.issued_on < NEW_RULES:
        return
    for party in (invoice.seller, invoice.buyer):
        number = vat_number_of(party)
        if number.startswith("NL") and not _NL_NUMBER.fullmatch(number):
            yield AskUser("peppol_vat_number", number=party.vat_number, name=party.name)


def _listed(invoice: StructuredInvoice) -> Iterator[AskUser]:
    """A scheme that is no longer on the list, or a number that is none of it."""
    for party in (invoice.seller, invoice.buyer):
        found = endpoint_of(party)
        if found is None:
            continue
        form = _FORMS.get(found.scheme)
        is_removed = invoice.issued_on >= NEW_RULES and found.scheme in REMOVED
        if is_removed or (form and not form.fullmatch(found.value)):
            yield AskUser("peppol_address", name=party.name, number=found.value)


_CHECKS: tuple[Callable[[StructuredInvoice], Iterator[AskUser]], ...] = (
    _complete,
    _addressed,
    _referenced,
    _added_up,
    _numbered,
    _listed,
)
