"""What a row of a file would do: which relation it is, and what changes there.

A row is matched on debtor number, else creditor number, else e-mail address (brief of
the import). A row without any of them is new, unless a relation of that name has all
of it already: reading a file again makes no duplicates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.domain.relations import RelationData
from core.models import Relation, RowVerdict
from core.rules import relation_fields, relation_headers, relation_rules
from core.rules.relation_fields import KIND
from core.rules.relation_headers import MANAGER
from core.runtime.database import session
from core.runtime.tenancy import current_scope
from core.services.crm import relation_words, relations
from core.services.crm.merged import is_current
from core.services.crm.relation_lists import managers

Reason = list[Any]
"""Of a refused row: field and code; of a change: field, old value and new value."""


@dataclass(frozen=True)
class Defaults:
    """What a new relation is when the file does not say; the tenant's country."""

    kind: str = relation_fields.ORGANISATION
    relation_type: str = "to_review"
    home_country: str = "NL"


@dataclass(frozen=True)
class Judged:
    """A row's outcome before anything is written."""

    verdict: RowVerdict
    key: str = ""
    reasons: list[Reason] = field(default_factory=list)
    data: RelationData | None = None
    relation: Relation | None = None
    manager_id: int | None = relations.KEEP


@dataclass(frozen=True)
class _Known:
    """Relations that rows may be about."""

    by_debtor: Mapping[str, Relation]
    by_creditor: Mapping[str, Relation]
    by_email: Mapping[str, Sequence[Relation]]
    by_name: Mapping[str, Sequence[Relation]]


class _UnusableValue(Exception):
    """A row cannot be read in; holds the field and the code."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(code)
        self.reason = [name, code]


def judge(
    rows: Sequence[Sequence[str]], columns: Sequence[str], defaults: Defaults
) -> list[Judged]:
    """Judge rows together, with a fixed number of queries; nothing is written."""
    given = [relation_headers.values_of(cells, columns) for cells in rows]
    known = _known(given)
    people = _people()
    return [_judge(values, known, people, defaults) for values in given]


def _people() -> dict[str, int]:
    return {relation_headers.plain(name): user_id for user_id, name in managers()}


def _known(given: Sequence[Mapping[str, str]]) -> _Known:
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
    return _Known(
        by_debtor={
            str(row.debtor_number): row
            for row in _rows(Relation.debtor_number, texts("debtor_number"))
        },
        by_creditor={
            str(row.creditor_number): row
            for row in _rows(Relation.creditor_number, texts("creditor_number"))
        },
        by_email={
            email: [by_id[each] for each in found] for email, found in emails.items()
        },
        by_name=by_name,
    )


def _rows(column: object, values: Sequence[object]) -> list[Relation]:
    if not values:
        return []
    wanted = select(Relation).where(
        Relation.tenant_id == current_scope(),
        is_current(),
        column.in_(values),  # type: ignore[attr-defined]  # any column of the class
    )
    return list(session().scalars(wanted.order_by(Relation.id)))


def _judge(
    given: Mapping[str, str],
    known: _Known,
    people: Mapping[str, int],
    defaults: Defaults,
) -> Judged:
    values = {name: text for name, text in given.items() if name != MANAGER}
    key = _key(values)
    try:
        manager_id = _manager(given.get(MANAGER, ""), people)
        row = _match(values, known)
    except _UnusableValue as refused:
        return Judged(RowVerdict.REFUSED, key, [refused.reason])
    data, problems = _joined(values, row, defaults)
    if problems:
        reasons = [[name, code] for name, code in problems.items()]
        return Judged(RowVerdict.REFUSED, key, reasons)
    same = None if row or key else _same_of_name(data, values, known)
    if same is not None:
        return Judged(RowVerdict.SAME, key, [], relations.data_of(same), same)
    before = relations.data_of(row) if row else None
    changes = relation_fields.changes(before, data)
    if row is not None and manager_id not in (relations.KEEP, row.manager_id):
        changes[MANAGER] = (str(row.manager_id or ""), str(manager_id))
    if row is None:
        return Judged(RowVerdict.MADE, key, [], data, None, manager_id)
    verdict = RowVerdict.CHANGED if changes else RowVerdict.SAME
    reasons = [[name, *pair] for name, pair in changes.items()]
    return Judged(verdict, key, reasons, data, row, manager_id)


def _key(values: Mapping[str, str]) -> str:
    """Return what a row is matched by, to find it twice in one file."""
    for name in ("debtor_number", "creditor_number", "email"):
        if text := relation_rules.tidy(values.get(name, "")).casefold():
            return f"{name[0]}:{text}"[:300]
    return ""


def _manager(name: str, people: Mapping[str, int]) -> int | None:
    if not name:
        return relations.KEEP
    found = people.get(relation_headers.plain(name))
    if found is None:
        raise _UnusableValue(MANAGER, "import_manager_unknown")
    return found


def _match(values: Mapping[str, str], known: _Known) -> Relation | None:
    debtor, creditor, email = (
        relation_rules.tidy(values.get(name, ""))
        for name in ("debtor_number", "creditor_number", "email")
    )
    one, other = known.by_debtor.get(debtor), known.by_creditor.get(creditor)
    if one is not None and other is not None and one is not other:
        raise _UnusableValue("creditor_number", "import_numbers_disagree")
    found = one or other
    return found or _by_email(email, (debtor, creditor), known)


def _by_email(email: str, numbers: tuple[str, str], known: _Known) -> Relation | None:
    """Return the one relation with an address and no other number than the row's."""
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
        raise _UnusableValue("email", "import_email_not_unique")
    return fitting[0] if fitting else None


def _joined(
    values: Mapping[str, str], row: Relation | None, defaults: Defaults
) -> tuple[RelationData, relation_rules.Problems]:
    """Return the relation as it would be, and what is wrong with the row's cells.

    An empty cell leaves what is there. What a known relation holds besides is not
    looked at: it may have come from a package.
    """
    if row is None:
        start = {KIND: defaults.kind, "relation_type": defaults.relation_type}
        return relation_rules.checked({**start, **values}, defaults.home_country)
    before = relation_fields.flat(relations.data_of(row))
    data, problems = relation_rules.checked({**before, **values}, defaults.home_country)
    roles = {name.partition(".")[0] for name in values}
    touched = {
        name: text
        for name, text in relation_fields.flat(data).items()
        if name.partition(".")[0] in roles
    }
    wrong = {name: code for name, code in problems.items() if name in values}
    return relation_fields.unflat({**before, **touched}), wrong


def _same_of_name(
    data: RelationData, values: Mapping[str, str], known: _Known
) -> Relation | None:
    """Return a relation of this name that has everything the row says already."""
    wanted = {
        name: text
        for name, text in relation_fields.flat(data).items()
        if name in values or name == KIND
    }
    for row in known.by_name.get(data.name.casefold(), ()):
        own = relation_fields.flat(relations.data_of(row))
        if all(own[name] == text for name, text in wanted.items()):
            return row
    return None
