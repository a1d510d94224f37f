"""What a relation's fields must look like, and how they are written. Pure.

The same rules hold for the form, a file and the API. Sources: python-stdnum for VAT
numbers (the check of each country), IBAN (ISO 13616), BIC (ISO 9362) and Dutch postal
codes; a Dutch KvK number has eight digits, a Belgian enterprise number is its VAT
number; a Belgian postal code has four digits from 1000.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from stdnum import bic, get_cc_module, iban
from stdnum.be import vat as belgian
from stdnum.exceptions import ValidationError
from stdnum.nl import postcode

from core.domain import countries
from core.domain.relations import PostalAddress, RelationData
from core.domain.strings import sendable
from core.rules import relation_fields
from core.rules.relation_fields import ADDRESSES, KIND, ORGANISATION, PARTS, PERSON

TYPES = ("suspect", "prospect", "client", "private_client", "vendor", "to_review")
GENDERS = ("", "m", "f", "x")
LONGEST = {
    "name": 200,
    "first_name": 100,
    "initials": 20,
    "name_prefix": 20,
    "debtor_number": 20,
    "creditor_number": 20,
    "phone": 50,
    "mobile": 50,
    "fax": 50,
    "email": 255,
    "website": 255,
    "chamber_number": 20,
    "vat_number": 20,
    "street": 100,
    "house_number": 10,
    "house_number_suffix": 10,
    "postal_code": 10,
    "city": 100,
}
"""What the tables hold."""
Problems = dict[str, str]
"""By flat field: the code of what is wrong with it."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")
_NUMBER = re.compile(r"[^\s'=@][^\s]*")
_PHONE = re.compile(r"\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*")
_WEBSITE = re.compile(r"(https?://)?([\w\-]+\.)+[^\W\d_][\w\-]+(:\d+)?(/\S*)?", re.I)
_NUMBER_AND_SUFFIX = re.compile(r"(\d+)[\s\-]*(.*)")
_VAT_PREFIX = {"GR": "EL"}
_VAT_COUNTRY = {"EL": "GR", "XI": "GB"}
_BOX = r"(?:bus|bte|bis|ap+)\.?\s*\S+"
_LINES = (
    re.compile(r"(.*\D (?:1[5-9]|20)\d\d)\s+(\d+)[\s\-]*(\S{0,10})"),
    re.compile(rf"(.*?\D)\s+(\d+)[\s\-]*({_BOX})", re.I),
    re.compile(r"(.*\D)\s+(\d+)[\s\-]*(\S{0,10})"),
)
"""One line: a street named after a year, a Belgian box number, and all others."""
_BELGIAN_POSTCODE = re.compile(r"(?:B-?)?([1-9]\d{3})", re.I)


def tidy(text: str) -> str:
    """Return a text in one form: composed characters, single spaces, none unseen."""
    seen = _CONTROL.sub(" ", unicodedata.normalize("NFC", text))
    return " ".join(sendable(seen).split())


def checked(
    values: Mapping[str, str], home_country: str = "NL"
) -> tuple[RelationData, Problems]:
    """Return the relation that a flat row stands for, and what is wrong with it.

    A field with a problem stands as it was given. An address without a country is in
    the tenant's own, `home_country`.
    """
    row = {name: tidy(text) for name, text in values.items()}
    problems = _choices(row)
    data = relation_fields.unflat(row)
    for role in ADDRESSES:
        address, wrong = _address(getattr(data, role), home_country)
        parts = {f"{role}.{part}": getattr(address, part) for part in PARTS}
        data = relation_fields.with_values(data, parts)
        problems |= {f"{role}.{part}": code for part, code in wrong.items()}
    if not data.is_person:
        data = relation_fields.without_persons_fields(data)
    country = relation_fields.home_of(data).country or home_country
    data, wrong = _texts(data, country)
    return data, {**_too_long(data), **wrong, **problems}


def _choices(row: Mapping[str, str]) -> Problems:
    problems = {}
    if row.get(KIND) not in (ORGANISATION, PERSON):
        problems[KIND] = "relation_kind_unknown"
    if row.get("relation_type", "") not in ("", *TYPES):
        problems["relation_type"] = "relation_type_unknown"
    if row.get(KIND) == PERSON and row.get("gender", "") not in GENDERS:
        problems["gender"] = "relation_gender_unknown"
    if not row.get("name"):
        problems["name"] = "relation_name_missing"
    return problems


def _too_long(data: RelationData) -> Problems:
    return {
        name: "relation_text_too_long"
        for name, text in relation_fields.flat(data).items()
        if len(text) > LONGEST.get(name.rpartition(".")[2], 100)
    }


def _texts(data: RelationData, country: str) -> tuple[RelationData, Problems]:
    rules: Mapping[str, Callable[[str], str | None]] = {
        "email": email_address,
        "website": lambda text: _matching(_WEBSITE, text),
        "phone": _phone,
        "mobile": _phone,
        "fax": _phone,
        "debtor_number": lambda text: _matching(_NUMBER, text),
        "creditor_number": lambda text: _matching(_NUMBER, text),
        "iban": _iban,
        "bic": _bic,
        "vat_number": lambda text: vat_number(text, country),
        "chamber_number": lambda text: chamber_number(text, country),
    }
    problems: Problems = {}
    written: dict[str, str] = {}
    for name, rule in rules.items():
        text = getattr(data, name)
        found = rule(text) if text else ""
        if found is None:
            problems[name] = f"relation_{name}_wrong"
        else:
            written[name] = found
    return relation_fields.with_values(data, written), problems


def _matching(pattern: re.Pattern[str], text: str) -> str | None:
    return text if pattern.fullmatch(text) else None


def _phone(text: str) -> str | None:
    digits = sum(character.isdigit() for character in text)
    return _matching(_PHONE, text) if digits >= 3 else None


def email_address(text: str) -> str | None:
    """Return an address in lower case, or None; nobody is asked whether it exists."""
    # Its patterns of all Unicode letters are slow to compile.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def _iban(text: str) -> str | None:
    try:
        return str(iban.validate(text))
    except ValidationError:
        return None


def _bic(text: str) -> str | None:
    try:
        return str(bic.validate(text))
    except ValidationError:
        return None


def vat_number(text: str, country: str) -> str | None:
    """Return a VAT number with its prefix, or None when its check fails.

    A number without a prefix is one of the country given (ISO). Countries that
    python-stdnum knows no VAT number of are taken as they are written.
    """
    number = re.sub(r"[\s.\-]", "", text).upper()
    prefix = number[:2] if number[:2].isalpha() else _VAT_PREFIX.get(country, country)
    module = _vat_module(prefix)
    if module is None:
        return number if len(number) > 4 else None
    try:
        # The check of Northern Ireland's numbers is the British one.
        found = str(module.validate(number.removeprefix("XI")))
    except ValidationError:
        return None
    return prefix + found.removeprefix(prefix)


def _vat_module(prefix: str) -> Any:
    country = _VAT_COUNTRY.get(prefix, prefix)
    return get_cc_module(country, "vat") if country in countries.codes() else None


def chamber_number(text: str, country: str) -> str | None:
    """Return a chamber of commerce number as its country writes it, or None."""
    digits = re.sub(r"[\s.\-]", "", text)
    if country == "NL":
        return digits if re.fullmatch(r"\d{8}", digits) else None
    if country == "BE":
        try:
            return str(belgian.validate(digits))
        except ValidationError:
            return None
    return text


def _address(
    given: PostalAddress, home_country: str
) -> tuple[PostalAddress, dict[str, str]]:
    """Return an address in its country's way of writing, and its problems."""
    country = countries.code_of(given.country)
    if given.country and not country:
        return given, {"country": "relation_country_unknown"}
    if given.is_empty and not given.house_number:
        return PostalAddress(), {}  # a country alone is no address
    country = country or home_country
    number, suffix = split_number(given.house_number, given.house_number_suffix)
    address = replace(
        given, country=country, house_number=number, house_number_suffix=suffix
    )
    code = postal_code(given.postal_code, country) if given.postal_code else ""
    if code is None:
        return address, {"postal_code": "relation_postal_code_wrong"}
    return replace(address, postal_code=code), {}


def postal_code(text: str, country: str) -> str | None:
    """Return a postal code as its country writes it (1234 AB, 1000), or None."""
    if country == "NL":
        try:
            return str(postcode.validate(text))
        except ValidationError:
            return None
    if country == "BE":
        found = _BELGIAN_POSTCODE.fullmatch(text)
        return found[1] if found else None
    return text.upper()


def split_number(number: str, suffix: str) -> tuple[str, str]:
    """Return house number and suffix apart, when they were written as one."""
    found = _NUMBER_AND_SUFFIX.fullmatch(number)
    if suffix or not found:
        return number, suffix
    return found[1], found[2]


def split_line(line: str) -> tuple[str, str, str]:
    """Return street, house number and suffix of one line; all street when unclear."""
    tried = (pattern.fullmatch(line.strip()) for pattern in _LINES)
    found = next((match for match in tried if match), None)
    if found is None:
        return line.strip(), "", ""
    return found[1].strip(" ,"), found[2], found[3]
