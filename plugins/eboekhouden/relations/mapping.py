"""Relations between the CRM and e-Boekhouden.nl, both ways (manual 001, E). Pure.

The two tables of the manual stand here as data: 13 fields of an organisation, 15 of a
person; and what both interfaces have besides (4.1, 8.3): countries, VAT and chamber of
commerce number. Those are never wiped: empty here is unknown here. Contact persons are
not synchronised. UpdateRelatie wipes what is sent empty (contract 10), so a change is
merged into the whole record that was read before.

House number and suffix are joined as everywhere in the core (12a, 12-2, 12 bis): the
manual only says that street, number and suffix make one line. A line that comes in
keeps its own writing (`Kade 12 A`), and no call is spent where only that differs. A
country is compared as its code; none is the company's own.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from babel import Locale

from core.domain import addresses, countries
from core.domain.relations import PostalAddress, RelationData
from core.domain.strings import cut
from core.rules import person_names
from core.rules.parties import Party, party_of
from core.rules.relation_fields import in_own_places, moved_along
from core.rules.sync import Local, Remote, Values
from plugins.eboekhouden import wire
from plugins.eboekhouden.mapping import check_lengths
from plugins.eboekhouden.wire import Body

DEBTOR = "debtor"
"""The one role there is: neither interface tells customers from suppliers."""
KIND, ORGANISATION, PERSON = "kind", "organisation", "person"
"""What a record says it is (BP)."""
MORE_FIELDS = (
    ("country", "Land"),
    ("other_country", "Land2"),
    ("chamber_number", "KvkNummer"),
    ("vat_number", "BTWNummer"),
)
"""Beside the manual's tables: what a foreign or reverse-charged sale needs."""
ORGANISATION_FIELDS = (
    ("debtor_number", "Code"),
    ("name", "Bedrijf"),
    ("address", "Adres"),
    ("postal_code", "Postcode"),
    ("city", "Plaats"),
    ("other_address", "Adres2"),
    ("other_postal_code", "Postcode2"),
    ("other_city", "Plaats2"),
    ("iban", "IBAN"),
    ("bic", "BIC"),
    ("phone", "Telefoon"),
    ("email", "Email"),
    ("website", "Site"),
)
"""[1] to [13] of the manual's first table: ours, theirs."""
PERSON_FIELDS = (
    ("debtor_number", "Code"),
    ("name", "Bedrijf"),
    ("gender", "Geslacht"),
    ("address", "Adres"),
    ("postal_code", "Postcode"),
    ("city", "Plaats"),
    ("other_address", "Adres2"),
    ("other_postal_code", "Postcode2"),
    ("other_city", "Plaats2"),
    ("iban", "IBAN"),
    ("bic", "BIC"),
    ("phone", "Telefoon"),
    ("mobile", "GSM"),
    ("email", "Email"),
    ("website", "Site"),
)
"""[1] to [15] of the manual's second table."""
_EVERY_FIELD = (*PERSON_FIELDS, *MORE_FIELDS)
_PLACES = {
    False: {"": "visiting_address", "other_": "postal_address"},
    True: {"": "home_address", "other_": "alternative_address"},
}
"""Which two addresses go along, by whether it is a person."""
_GENDERS = {"m": "m", "f": "v"}
_LONGEST = {
    "name": 100, "address": 150, "other_address": 150, "postal_code": 10,
    "other_postal_code": 10, "city": 50, "other_city": 50, "iban": 34, "bic": 11,
    "phone": 50, "mobile": 50, "email": 150, "website": 50,
}  # fmt: skip
"""What fits on both sides (4.1, and the CRM's own tables)."""
_LINES = ("address", "other_address")
_NEVER_WIPED = frozenset(name for name, _ in MORE_FIELDS)
_POSTAL_CODE = re.compile("([0-9]{4})([A-Z]{2})")


@dataclass(frozen=True)
class Wanted:
    """Which records the user lets become relations."""

    kind: str = ""
    """`organisation` or `person`; empty: both."""
    first: int | None = None
    last: int | None = None
    """The range of codes; with either, a code that is no number stays out."""

    def has(self, record: Body) -> bool:
        """Tell whether a relation may be made of a record."""
        if self.kind and kind_of(record) != self.kind:
            return False
        if self.first is None and self.last is None:
            return True
        code = _text(record, "Code")
        if not (code.isascii() and code.isdigit()):
            return False
        first = 0 if self.first is None else self.first
        return first <= int(code) and (self.last is None or int(code) <= self.last)


def fields_of(is_person: bool) -> tuple[tuple[str, str], ...]:
    """Return the manual's table for a kind of relation, and what goes besides."""
    table = PERSON_FIELDS if is_person else ORGANISATION_FIELDS
    return (*table, *MORE_FIELDS)


def kind_of(record: Body) -> str:
    """Return what a record is: a person when it is private (BP)."""
    return PERSON if _text(record, "BP") == wire.PRIVATE else ORGANISATION


# --- out ---------------------------------------------------------------------------


def relation_body(relation: RelationData, *, full_names: bool = False) -> Body:
    """Return what the CRM says of a relation, in the vendor's fields.

    What is not known here of `MORE_FIELDS` is left out, and so is a chamber of commerce
    number that is not of digits alone, which REST refuses (8.3). `full_names`: a person
    is known there by the full name instead of the last name.
    Raises AskUser `eboekhouden_code_too_long`, `eboekhouden_text_too_long`.
    """
    ours = _ours(relation, full_names)
    body: Body = {
        theirs: country_name(ours[name]) if name.endswith("country") else ours[name]
        for name, theirs in fields_of(relation.is_person)
        if ours[name] or name not in _NEVER_WIPED
    }
    if relation.is_person:
        body["Geslacht"] = _GENDERS.get(relation.gender, "")
    body["BP"] = wire.PRIVATE if relation.is_person else wire.BUSINESS
    check_lengths(body)
    return body


def local(
    key: str, relation: RelationData, *, full_names: bool = False, home: str = "NL"
) -> Local:
    """Return a relation for the sync: a debtor when it has a debtor number.

    `home`: the country of the package's company.
    """
    ours = _ours(relation, full_names)
    names = [name for name, _ in fields_of(relation.is_person)[1:]]
    number = relation.debtor_number.strip()
    numbers = {DEBTOR: number} if number else {}
    values = {name: _in_one_spelling(name, ours[name], home) for name in names}
    values[KIND] = PERSON if relation.is_person else ORGANISATION
    held = frozenset(name for name in _NEVER_WIPED if not ours[name])
    return Local(key, values, numbers, party_of(relation), held=held)


def merged(record: Body, wanted: Body, home: str = "NL") -> Body:
    """Return the whole record to send: what was read, with the CRM's fields over it.

    The CRM wins: a field of its own that is empty there becomes empty here. What says
    the same in another spelling stays as it is, and so does all that the CRM does not
    know (notes, free fields, the contact person).
    """
    ours = {theirs: name for name, theirs in _EVERY_FIELD}
    changed = {
        name: value
        for name, value in wanted.items()
        if not _is_same(ours.get(name, ""), record.get(name), value, home)
    }
    return {**record, **changed}


def _is_same(name: str, theirs: Any, ours: Any, home: str) -> bool:
    """Tell whether two values say the same; a line also in another way of writing."""
    left, right = (
        _in_one_spelling(name, str(text or ""), home) for text in (theirs, ours)
    )
    if name in _LINES:
        left, right = _address(left), _address(right)
    return left == right


def _ours(relation: RelationData, full_names: bool) -> dict[str, str]:
    """Return every field of both tables as the CRM has it."""
    relation = in_own_places(relation)
    ours = {
        "debtor_number": relation.debtor_number.strip(),
        "name": relation.full_name if full_names else relation.last_name,
        "gender": relation.gender if relation.gender in _GENDERS else "",
    }
    for prefix, place in _PLACES[relation.is_person].items():
        address: PostalAddress = getattr(relation, place)
        ours[f"{prefix}address"] = address.line
        ours[f"{prefix}postal_code"] = address.postal_code
        ours[f"{prefix}city"] = address.city
        ours[f"{prefix}country"] = "" if address.is_empty else address.country
    digits = re.fullmatch("[0-9]+", relation.chamber_number)
    ours["chamber_number"] = relation.chamber_number if digits else ""
    plain = ("iban", "bic", "phone", "mobile", "email", "website", "vat_number")
    return ours | {name: getattr(relation, name) for name in plain}


# --- in ----------------------------------------------------------------------------


def remote(record: Body, wanted: Wanted, home: str = "NL") -> Remote:
    """Return a record for the sync; its key is the package's ID."""
    if wire.UNREADABLE in record:
        key, number = _text(record, "ID"), _text(record, "Code")
        names = {"name": _text(record, "Bedrijf") or key or "-"}
        return Remote(key, DEBTOR, number, names, may_come_in=False, is_unreadable=True)
    genders = {theirs: ours for ours, theirs in _GENDERS.items()}
    values = {
        name: _in_one_spelling(name, _text(record, theirs), home)
        for name, theirs in _EVERY_FIELD[1:]
    }
    values["gender"] = genders.get(_text(record, "Geslacht"), "")
    return Remote(
        key=_text(record, "ID"),
        role=DEBTOR,
        number=_text(record, "Code"),
        values={**values, KIND: kind_of(record)},
        may_come_in=wanted.has(record),
        party=party(record),
    )


def party(record: Body) -> Party:
    """Return who a record is, also by fields that are not synchronised."""
    return Party(
        names=(_text(record, "Bedrijf"),),
        vat_number=_text(record, "BTWNummer"),
        chamber_number=_text(record, "KvkNummer"),
        emails=(_text(record, "Email"),),
        postal_codes=(_text(record, "Postcode"), _text(record, "Postcode2")),
        cities=(_text(record, "Plaats"), _text(record, "Plaats2")),
    )


def sent(body: Body, names: Collection[str], *, with_number: bool) -> Body:
    """Return of our fields those whose values are among `names`, and the code."""
    ours = {theirs: name for name, theirs in _EVERY_FIELD} | {"BP": KIND}
    wanted = {*names, *(["debtor_number"] if with_number else [])}
    return {
        theirs: value
        for theirs, value in body.items()
        if theirs not in ours or ours[theirs] in wanted
    }


def relation_of(theirs: Values, number: str, relation_type: str) -> RelationData:
    """Return the relation that a record becomes; its code is the debtor number."""
    is_person = theirs.get(KIND) == PERSON
    empty = RelationData(is_person=is_person, name="", relation_type=relation_type)
    return updated(empty, theirs, {DEBTOR: number})


def updated(
    relation: RelationData,
    changed: Mapping[str, str],
    numbers: Mapping[str, str],
    *,
    full_names: bool = False,
) -> RelationData:
    """Return a relation with what comes in; other fields stay.

    One that became a person there, or an organisation, takes its addresses along.
    """
    relation = _of_kind(in_own_places(relation), changed.get(KIND))
    names = {name for name, _ in fields_of(relation.is_person)}
    given = {name: text for name, text in changed.items() if name in names}
    if "name" in given and relation.is_person:
        relation = person_names.renamed(relation, given.pop("name"), full=full_names)
    known: dict[str, Any] = {
        name: text for name, text in given.items() if hasattr(relation, name)
    }
    for prefix, place in _PLACES[relation.is_person].items():
        known[place] = _placed(getattr(relation, place), given, prefix)
    number = numbers.get(DEBTOR, relation.debtor_number)
    return replace(relation, **known, debtor_number=number)


def _of_kind(relation: RelationData, kind: str | None) -> RelationData:
    if kind is None or (kind == PERSON) == relation.is_person:
        return relation
    return moved_along(replace(relation, is_person=kind == PERSON))


def _placed(
    address: PostalAddress, given: Mapping[str, str], prefix: str
) -> PostalAddress:
    """Return an address with the parts that come in."""
    line = given.get(f"{prefix}address")
    if line is not None and line != _spaced(address.line):
        address = address.with_line(line)
    return replace(
        address,
        postal_code=given.get(f"{prefix}postal_code", address.postal_code),
        city=given.get(f"{prefix}city", address.city),
        country=given.get(f"{prefix}country", address.country),
    )


# --- one spelling ------------------------------------------------------------------


def _in_one_spelling(name: str, text: str, home: str = "") -> str:
    """Return a value in the one spelling that both sides are compared in."""
    if name.endswith("country"):
        code = countries.code_of(text) or _spaced(text)
        return "" if code == home else code
    spell = _SPELLINGS.get(name, _spaced)
    limit = _LONGEST.get(name, len(text))
    return cut(spell(text), limit) if limit else ""


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _compact(text: str) -> str:
    return "".join(text.split()).upper()


def _address(line: str) -> str:
    return addresses.joined(*addresses.parts_of(line))


def _postal_code(text: str) -> str:
    """Write a Dutch postal code as 1234 AB; leave any other."""
    found = _POSTAL_CODE.fullmatch(_compact(text))
    return f"{found[1]} {found[2]}" if found else _spaced(text).upper()


def country_name(code: str) -> str:
    """Return a country as the package's screen shows it; other texts as they are."""
    return str(Locale("nl").territories.get(code, code)) if len(code) == 2 else code


_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "postal_code": _postal_code,
    "other_postal_code": _postal_code,
    "iban": _compact,
    "bic": _compact,
    "vat_number": _compact,
    "chamber_number": _compact,
    "email": lambda text: _spaced(text).lower(),
}


def _text(record: Body, name: str) -> str:
    return str(record.get(name) or "").strip()
