"""What a contact person's fields must look like. Pure.

The rules of a relation's own fields hold (`core.rules.relation_rules`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from core.rules import relation_rules
from core.rules.relation_fields import KIND
from core.rules.relation_rules import LONGEST, Problems, tidy

_OF_PERSON = (
    "name", "first_name", "initials", "name_prefix", "email", "phone", "mobile",
)  # fmt: skip
FLAGS = ("gets_invoices", "gets_copies")
MOST = {
    **{name: LONGEST[name] for name in _OF_PERSON},
    "function": 100,
    "note": 500,
}
"""What the table holds."""
YES, NO = "1", ""
"""How a flag stands in a flat row and in the history."""


@dataclass(frozen=True)
class ContactData:
    """A contact person; `name` is the last name."""

    name: str
    first_name: str = ""
    initials: str = ""
    name_prefix: str = ""
    function: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    gets_invoices: bool = False
    gets_copies: bool = False
    note: str = ""


FIELDS = tuple(each.name for each in fields(ContactData))


def flat(data: ContactData) -> dict[str, str]:
    """Return every field as text."""
    found = {name: getattr(data, name) for name in FIELDS}
    return {
        name: (YES if value else NO) if name in FLAGS else value
        for name, value in found.items()
    }


def unflat(row: Mapping[str, str]) -> ContactData:
    """Return the contact of a flat row; what it lacks is empty."""
    texts = {name: row.get(name, "") for name in MOST}
    flags = {name: row.get(name, NO) == YES for name in FLAGS}
    return ContactData(**texts, **flags)  # type: ignore[arg-type]  # by the tables above


def checked(
    data: ContactData, home_country: str = "NL"
) -> tuple[ContactData, Problems]:
    """Return a contact in one way of writing, and what is wrong with it."""
    person = {name: getattr(data, name) for name in _OF_PERSON}
    read, problems = relation_rules.checked({KIND: "person", **person}, home_country)
    texts = {name: getattr(read, name) for name in _OF_PERSON}
    texts |= {name: tidy(getattr(data, name)) for name in ("function", "note")}
    problems |= {
        name: "relation_text_too_long"
        for name, text in texts.items()
        if len(text) > MOST[name]
    }
    if not texts["name"]:
        problems["name"] = "contact_name_missing"
    if (data.gets_invoices or data.gets_copies) and not texts["email"]:
        problems["email"] = "contact_email_missing"
    return replace(data, **texts), problems
