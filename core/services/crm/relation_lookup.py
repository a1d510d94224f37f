"""Which relations the rows of a file may be about, looked up together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.models import Relation
from core.rules import parties, relation_rules
from core.runtime.database import session
from core.runtime.tenancy import current_scope
from core.services.crm import relation_words, relations
from core.services.crm.merged import is_current

NUMBERS = ("debtor_number", "creditor_number")
ZEROS = "zeros"
"""A number that is known with other zeros in front, by a relation of that name."""
_LONGEST_PADDED = 8


class Unusable(Exception):
    """A row cannot be read in; holds field, code and params."""

    def __init__(self, name: str, code: str, **params: str) -> None:
        super().__init__(code)
        self.reason: list[Any] = [name, code, params]


@dataclass(frozen=True)
class Known:
    """Relations that rows may be about."""

    by_debtor: Mapping[str, Relation]
    by_creditor: Mapping[str, Relation]
    by_email: Mapping[str, Sequence[Relation]]
    by_name: Mapping[str, Sequence[Relation]]


def known_of(given: Sequence[Mapping[str, str]]) -> Known:
    """Return what rows may be about, with a fixed number of queries."""

    def texts(name: str) -> list[str]:
        found = {relation_rules.tidy(values.get(name, "")) for values in given}
        return sorted(found - {""})

    emails = relation_words.by_email(current_scope() or 0, texts("email"))
    ids = [relation_id for found in emails.values() for relation_id in found]
    by_id = {row.id: row for row in _rows(Relation.id, ids)}
    names = sorted({name.casefold() for name in texts("name")})
    by_name: dict[str, list[Relation]] = {}
    for row in _rows(Relation.sort_name, names):
        by_name.setdefault(row.sort_name, []).append(row)
    return Known(
        by_debtor={
            str(row.debtor_number): row
            for row in _rows(Relation.debtor_number, _padded(texts("debtor_number")))
        },
        by_creditor={
            str(row.creditor_number): row
            for row in _rows(
                Relation.creditor_number, _padded(texts("creditor_number"))
            )
        },
        by_email={
            email: [by_id[each] for each in found if each in by_id]
            for email, found in emails.items()
        },
        by_name=by_name,
    )


def _padded(numbers: Sequence[str]) -> list[str]:
    """Return numbers, also with more and fewer zeros in front."""
    found = set(numbers)
    for number in numbers:
        if bare := _bare(number):
            found.update(bare.zfill(width) for width in range(1, _LONGEST_PADDED + 1))
    return sorted(found)


def _bare(number: str) -> str:
    """Return a number of digits without its zeros; empty when it is none."""
    return number.lstrip("0") if number.isascii() and number.isdigit() else ""


def _rows(column: object, values: Sequence[object]) -> list[Relation]:
    if not values:
        return []
    wanted = select(Relation).where(
        Relation.tenant_id == current_scope(),
        is_current(),
        column.in_(values),  # type: ignore[attr-defined]  # any column of the class
    )
    return list(session().scalars(wanted.order_by(Relation.id)))


def match(values: Mapping[str, str], known: Known) -> tuple[Relation | None, str]:
    """Return the relation that a row is about, and the field that says so."""
    debtor, creditor, email = (
        relation_rules.tidy(values.get(name, ""))
        for name in ("debtor_number", "creditor_number", "email")
    )
    one, other = known.by_debtor.get(debtor), known.by_creditor.get(creditor)
    if one is not None and other is not None and one is not other:
        raise Unusable("creditor_number", "import_numbers_disagree")
    if one is not None:
        return one, "debtor_number"
    if other is not None:
        return other, "creditor_number"
    name = values.get("name", "")
    for number, holders in ((debtor, known.by_debtor), (creditor, known.by_creditor)):
        found = _by_bare_number(number, name, holders)
        if found is not None:
            return found, ZEROS
    return _by_email(email, name, (debtor, creditor), known), "email"


def _by_bare_number(
    number: str, name: str, holders: Mapping[str, Relation]
) -> Relation | None:
    """Return the relation of this name whose number differs by its zeros alone."""
    bare = _bare(number)
    found = (
        row
        for own, row in holders.items()
        if bare and _bare(own) == bare and _is_named(row, name)
    )
    return next(found, None)


def _is_named(row: Relation, name: str) -> bool:
    full_name = relations.data_of(row).full_name
    return parties.names_alike(name, row.name) or parties.names_alike(name, full_name)


def _by_email(
    email: str, name: str, numbers: tuple[str, str], known: Known
) -> Relation | None:
    """Return the one relation with an address and no other number than the row's.

    Of several that share a mailbox it is the one of this name.
    """
    fitting = [
        row
        for row in known.by_email.get(email.casefold(), ())
        if all(
            not given or not own or given == own
            for given, own in zip(
                numbers, (row.debtor_number, row.creditor_number), strict=True
            )
        )
    ]
    if len(fitting) > 1:
        named = [row for row in fitting if _is_named(row, name)]
        if len(named) != 1:
            raise Unusable("email", "import_email_not_unique")
        fitting = named
    return fitting[0] if fitting else None
