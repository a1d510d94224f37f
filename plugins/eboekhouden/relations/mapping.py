"""Relations between the CRM and e-Boekhouden.nl, both ways (manual 001, E). Pure.

The two tables of the manual stand here as data: 13 fields of an organisation, 15 of a
person. Contact persons are not synchronised. UpdateRelatie wipes what is sent empty
(contract 10), so a change is merged into the whole record that was read before.

House number and suffix are joined as everywhere in the core (12a, 12-2, 12 bis): the
manual only says that street, number and suffix make one line. An address is compared
in that one spelling, so that `Kade 12 A` there is no change of `Kade 12A` here.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from core.domain import jsontext
from core.domain.relations import PostalAddress, RelationData, split_line
from core.domain.strings import cut
from core.rules.parties import Party, party_of
from core.rules.sync import Local, Remote, Values
from plugins.eboekhouden import wire
from plugins.eboekhouden.mapping import check_lengths
from plugins.eboekhouden.wire import Body

DEBTOR = "debtor"
"""The one role there is: neither interface tells customers from suppliers."""
KIND, ORGANISATION, PERSON = "kind", "organisation", "person"
"""What a record says it is (BP); not synchronised, it decides what comes in as."""
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
_STREET, _HOUSE_NUMBER = 100, 10
_POSTAL_CODE = re.compile(r"(\d{4})([A-Z]{2})")


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
    """Return the manual's table for a kind of relation."""
    return PERSON_FIELDS if is_person else ORGANISATION_FIELDS


def kind_of(record: Body) -> str:
    """Return what a record is: a person when it is private (BP)."""
    return PERSON if _text(record, "BP") == wire.PRIVATE else ORGANISATION


# --- out ---------------------------------------------------------------------------


def relation_body(relation: RelationData, *, full_names: bool = False) -> Body:
    """Return what the CRM says of a relation, in the vendor's fields.

    `full_names`: a person is known there by the full name instead of the last name.
    Raises AskUser `eboekhouden_code_too_long`, `eboekhouden_text_too_long`.
    """
    ours = _ours(relation, full_names)
    body: Body = {theirs: ours[name] for name, theirs in fields_of(relation.is_person)}
    if relation.is_person:
        body["Geslacht"] = _GENDERS.get(relation.gender, "")
    body["BP"] = wire.PRIVATE if relation.is_person else wire.BUSINESS
    check_lengths(body)
    return body


def local(key: str, relation: RelationData, *, full_names: bool = False) -> Local:
    """Return a relation for the sync: a debtor when it has a debtor number."""
    ours = _ours(relation, full_names)
    names = [name for name, _ in fields_of(relation.is_person)[1:]]
    number = relation.debtor_number.strip()
    numbers = {DEBTOR: number} if number else {}
    values = {name: _in_one_spelling(name, ours[name]) for name in names}
    return Local(key, values, numbers, party_of(relation))


def merged(record: Body, wanted: Body) -> Body:
    """Return the whole record to send: what was read, with the CRM's fields over it.

    The CRM wins: a field of its own that is empty there becomes empty here. What says
    the same in another spelling stays as it is, and so does all that the CRM does not
    know (notes, free fields, the contact person).
    """
    ours = {theirs: name for name, theirs in PERSON_FIELDS}
    changed = {
        name: value
        for name, value in wanted.items()
        if not _is_same(ours.get(name, ""), record.get(name), value)
    }
    return {**record, **changed}


def fingerprint(record: Body) -> str:
    """Return a hash of a record's synchronised fields, in any spelling of theirs."""
    values = [
        _in_one_spelling(name, _text(record, theirs)) for name, theirs in PERSON_FIELDS
    ]
    return sha256(jsontext.dumps(values).encode()).hexdigest()[:32]


def _is_same(name: str, theirs: Any, ours: Any) -> bool:
    return _in_one_spelling(name, str(theirs or "")) == _in_one_spelling(
        name, str(ours or "")
    )


def _ours(relation: RelationData, full_names: bool) -> dict[str, str]:
    """Return every field of both tables as the CRM has it."""
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
    plain = ("iban", "bic", "phone", "mobile", "email", "website")
    return ours | {name: getattr(relation, name) for name in plain}


# --- in ----------------------------------------------------------------------------


def remote(record: Body, wanted: Wanted) -> Remote:
    """Return a record for the sync; its key is the package's ID."""
    genders = {theirs: ours for ours, theirs in _GENDERS.items()}
    values = {
        name: _in_one_spelling(name, _text(record, theirs))
        for name, theirs in PERSON_FIELDS[1:]
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
    """Return of our fields those whose values are among `names`, and the code.

    What is neither (the kind) goes along.
    """
    ours = {theirs: name for name, theirs in PERSON_FIELDS}
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
    """Return a relation with what comes in; other fields stay."""
    names = {name for name, _ in fields_of(relation.is_person)}
    given = {name: text for name, text in changed.items() if name in names}
    if "name" in given and relation.is_person:
        relation = _renamed(relation, given.pop("name"), full_names)
    known: dict[str, Any] = {
        name: text for name, text in given.items() if hasattr(relation, name)
    }
    for prefix, place in _PLACES[relation.is_person].items():
        known[place] = _placed(getattr(relation, place), given, prefix)
    number = numbers.get(DEBTOR, relation.debtor_number)
    return replace(relation, **known, debtor_number=number)


def _renamed(relation: RelationData, name: str, full_names: bool) -> RelationData:
    """Give a person another name; what is known to stand before it stays apart."""
    first = relation.first_name or relation.initials
    if full_names and first and name.startswith(f"{first} "):
        name = name.removeprefix(f"{first} ")
    elif full_names:
        relation = replace(relation, first_name="", initials="")
    prefix = relation.name_prefix
    if prefix and name.startswith(f"{prefix} "):
        return replace(relation, name=name.removeprefix(f"{prefix} "))
    return replace(relation, name=name, name_prefix="")


def _placed(
    address: PostalAddress, given: Mapping[str, str], prefix: str
) -> PostalAddress:
    """Return an address with the parts that come in."""
    if f"{prefix}address" in given:
        street, number, suffix = _parts(given[f"{prefix}address"])
        address = replace(
            address, street=street, house_number=number, house_number_suffix=suffix
        )
    return replace(
        address,
        postal_code=given.get(f"{prefix}postal_code", address.postal_code),
        city=given.get(f"{prefix}city", address.city),
    )


def _parts(line: str) -> tuple[str, str, str]:
    """Split a line into what fits in the CRM's fields."""
    street, number, suffix = split_line(line)
    if len(number) > _HOUSE_NUMBER:
        street, number, suffix = line, "", ""
    return cut(street, _STREET), number, suffix


# --- one spelling ------------------------------------------------------------------


def _in_one_spelling(name: str, text: str) -> str:
    """Return a value in the one spelling that both sides are compared in."""
    spell = _SPELLINGS.get(name, _spaced)
    limit = _LONGEST.get(name, len(text))
    return cut(spell(text), limit) if limit else ""


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _compact(text: str) -> str:
    return "".join(text.split()).upper()


def _address(line: str) -> str:
    return PostalAddress(*split_line(line)).line


def _postal_code(text: str) -> str:
    """Write a Dutch postal code as 1234 AB; leave any other."""
    found = _POSTAL_CODE.fullmatch(_compact(text))
    return f"{found[1]} {found[2]}" if found else _spaced(text).upper()


_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "address": _address,
    "other_address": _address,
    "postal_code": _postal_code,
    "other_postal_code": _postal_code,
    "iban": _compact,
    "bic": _compact,
    "email": lambda text: _spaced(text).lower(),
}


def _text(record: Body, name: str) -> str:
    return str(record.get(name) or "").strip()
