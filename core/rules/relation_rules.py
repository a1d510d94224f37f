"""What a relation's fields must look like together, and how they are written. Pure.

The same rules hold for the form, a file, the API and what a package tells; what becomes
of a value that they do not understand, who calls decides. The rules of single values
stand in `value_rules`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.domain import addresses, countries
from core.domain.relations import PostalAddress, RelationData
from core.domain.strings import sendable
from core.rules import relation_fields, value_rules
from core.rules.relation_fields import ADDRESSES, KIND, ORGANISATION, PERSON
from core.rules.value_rules import email_address, vat_number

__all__ = [
    "GENDERS", "LONGEST", "SEVERAL", "TYPES", "Problems", "checked", "email_address",
    "split_number", "tidy", "vat_number",
]  # fmt: skip

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
    "iban": 34,
    "bic": 11,
    "street": 100,
    "house_number": 10,
    "house_number_suffix": 10,
    "postal_code": 10,
    "city": 100,
}
"""What the tables hold."""
ENOUGH = 1000
"""Characters by which a value is judged: what is longer is too long for any field, and
some rules take their time over it, or refuse to read it at all."""
MAY_BE_NONE = ("website", "phone", "mobile", "fax", "vat_number", "chamber_number",
               "email")  # fmt: skip
"""Where a file's word for "none" (n.v.t., geen btw) says nothing."""
Problems = dict[str, str]
"""By flat field: the code of what is wrong with it."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")
_NUMBER = re.compile(r"[^\s'=@][^\s]*")
SEVERAL = "relation_email_several"
"""The problem of a second e-mail address: the first is one."""


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
    row = {name: tidy(text)[:ENOUGH] for name, text in values.items()}
    problems = _choices(row)
    data = relation_fields.unflat(row)
    places: dict[str, Any] = {}
    for role in ADDRESSES:
        places[role], wrong = _address(getattr(data, role), home_country)
        problems |= {f"{role}.{part}": code for part, code in wrong.items()}
    data = replace(data, **places)
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
        "website": value_rules.website,
        "phone": value_rules.phone,
        "mobile": value_rules.phone,
        "fax": value_rules.phone,
        "debtor_number": _number,
        "creditor_number": _number,
        "iban": value_rules.iban_number,
        "bic": value_rules.bic_code,
        "vat_number": lambda text: vat_number(text, country),
        "chamber_number": lambda text: value_rules.chamber_number(text, country),
    }
    written, problems = _email(data.email)
    for name, rule in rules.items():
        text = getattr(data, name)
        found = rule(text) if text else ""
        if found is None:
            problems[name] = f"relation_{name}_wrong"
        else:
            written[name] = found
    return relation_fields.with_values(data, written), problems


def _email(text: str) -> tuple[dict[str, str], Problems]:
    """Return the first address and, when there are more, that problem."""
    if not text:
        return {}, {}
    found = value_rules.email_addresses(text)
    if not found:
        return {}, {"email": "relation_email_wrong"}
    return {"email": found[0]}, {"email": SEVERAL} if len(found) > 1 else {}


def _number(text: str) -> str | None:
    return text if _NUMBER.fullmatch(text) else None


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
        given,
        country=country,
        house_number=number,
        house_number_suffix=suffix,
        written=given.written
        or (
            f"{given.street} {given.house_number}"
            if number != given.house_number
            else ""
        ),
    )
    code = given.postal_code and value_rules.postal_code(given.postal_code, country)
    if code is None:
        return address, {"postal_code": "relation_postal_code_wrong"}
    return replace(address, postal_code=code), {}


def split_number(number: str, suffix: str) -> tuple[str, str]:
    """Return house number and suffix apart, when they were written as one."""
    street, own, its_suffix = addresses.parts_of(f"Xx {number}")
    if suffix or street != "Xx":
        return number, suffix
    return own, its_suffix
