"""Debtors and creditors: klanten, klant_aanmaken, klant_updaten, klant_verwijderen."""

from typing import Any

from stdnum import bic, iban

from core.kit.sandbox.app import sandbox
from plugins.digitalefactuur.sandbox.documents import (
    Record,
    choice,
    flat,
    posted,
    required,
)
from plugins.digitalefactuur.sandbox.errors import EXISTS, NOT_FOUND, Refusal, invalid

TAGS = (
    "id", "relatienummer", "type", "naam", "contactpersoon_naam",
    "contactpersoon_afdeling", "contactpersoon_email", "adres", "postcode", "plaats",
    "land", "faxnummer", "rekeningnummer", "tenaamstelling", "iban", "bic",
    "kvk_nummer", "btw_nummer",
)  # fmt: skip
"""The samples' tags, and guessed ones for the other fields of manual 002's screen."""
FIRST_NUMBER = {"debiteur": 1001, "crediteur": 2001}
FIRST_ID = 133366


def every() -> list[Record]:
    """All customers, in order of arrival; there are no pages."""
    return sandbox().store.list("klant")


def create(xml: str | None) -> Record:
    """Add a customer; without a number it gets the next of its range."""
    fields = _checked(posted(xml, "klant"))
    fields.pop("id", None)
    if not fields.get("relatienummer"):
        fields["relatienummer"] = _next_number(fields["type"])
    _refuse_taken(fields["relatienummer"], "")
    key = str(sandbox().store.next_number("klant", FIRST_ID))
    return _keep({**dict.fromkeys(TAGS, ""), **fields, "id": key})


def update(xml: str | None) -> Record:
    """Replace a customer: what is left out is emptied (own choice: the strict one)."""
    fields = _checked(posted(xml, "klant"))
    required(fields, "id")
    known = find(fields["id"])
    fields["relatienummer"] = fields.get("relatienummer") or known["relatienummer"]
    _refuse_taken(fields["relatienummer"], fields["id"])
    return _keep({**dict.fromkeys(TAGS, ""), **fields})


def delete(key: str) -> None:
    """Remove a customer."""
    find(key)
    sandbox().store.delete("klant", key)
    sandbox().store.record("klant_verwijderd", key, {"id": key})


def find(key: str) -> Record:
    """Return a customer by id; refuse an unknown one."""
    found = sandbox().store.get("klant", key)
    if found is None:
        raise Refusal(NOT_FOUND, f"Klant {key} bestaat niet")
    return found


def of_invoice(name: str, email: str, by_email: bool) -> Record:
    """Return the customer of an invoice without klant_id: matched, or made."""
    for known in every():
        if by_email and email and known["contactpersoon_email"] == email:
            return known
    number = _next_number("debiteur")
    key = str(sandbox().store.next_number("klant", FIRST_ID))
    new = {"id": key, "relatienummer": number, "type": "debiteur", "naam": name,
           "contactpersoon_email": email}  # fmt: skip
    return _keep({**dict.fromkeys(TAGS, ""), **new})


def _checked(element: Any) -> dict[str, str]:
    fields = flat(element, TAGS)
    required(fields, "type", "naam")
    choice(fields, "type", *FIRST_NUMBER)
    if fields.get("iban") and not iban.is_valid(fields["iban"]):
        raise invalid("iban", "ongeldig")
    if fields.get("bic") and not bic.is_valid(fields["bic"]):
        raise invalid("bic", "ongeldig")
    return fields


def _refuse_taken(number: str, own_id: str) -> None:
    for known in every():
        if known["relatienummer"] == number and known["id"] != own_id:
            raise Refusal(EXISTS, f"Relatienummer {number} is al in gebruik")


def _next_number(kind: str) -> str:
    taken = {known["relatienummer"] for known in every()}
    number = FIRST_NUMBER[kind]
    while str(number) in taken:
        number += 1
    return str(number)


def _keep(record: Record) -> Record:
    sandbox().store.put("klant", record["id"], record)
    sandbox().store.record("klant", record["id"], record)
    return record
