"""What a row of a file would do: which relation it is, and what changes there.

A row is matched on debtor number, else creditor number, else e-mail address (brief of
the import). A row without any of them is new, unless a relation of that name has all
of it already: reading a file again makes no duplicates.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from core.domain.relations import RelationData
from core.models import Relation, RowChoice, RowVerdict
from core.rules import (
    cell_faults,
    parties,
    relation_fields,
    relation_headers,
    relation_rules,
)
from core.rules.relation_fields import KIND
from core.rules.relation_headers import MANAGER
from core.runtime.database import session
from core.runtime.tenancy import current_scope
from core.services.crm import relation_words, relations
from core.services.crm.relation_lists import managers

IDENTIFYING = ("name", KIND, "debtor_number", "creditor_number")
"""What says whose row it is: one that cannot be read refuses the row."""
Reason = list[Any]
"""Of a refused row: field, code and params; of a change: field, old value and new."""


@dataclass(frozen=True)
class Defaults:
    """What a new relation is when the file does not say; the tenant's country."""

    kind: str = relation_fields.ORGANISATION
    relation_type: str = "to_review"
    home_country: str = "NL"


@dataclass(frozen=True)
class Given:
    """A row of a file, what reading it found, and what a person said of it."""

    cells: Sequence[str]
    remarks: Sequence[Sequence[Any]] = ()
    choice: str = ""


@dataclass(frozen=True)
class Judged:
    """A row's outcome before anything is written."""

    verdict: RowVerdict
    key: str = ""
    reasons: list[Reason] = field(default_factory=list)
    data: RelationData | None = None
    relation: Relation | None = None
    manager_id: int | None = relations.KEEP
    notes: list[Reason] = field(default_factory=list)
    """What a person should see of it: field, code and params."""


@dataclass
class _Row:
    """A row's values by flat field, while it is judged."""

    values: dict[str, str]
    notes: list[Reason]
    choice: str

    def leave_out(self, name: str, code: str, params: Mapping[str, Any]) -> None:
        """Take no notice of a field of no consequence for whose row it is; tell so."""
        self.values.pop(name, None)
        self.notes.append([name, code, {**params, "left_out": "1"}])


@dataclass(frozen=True)
class _Known:
    """Relations that rows may be about."""

    by_debtor: Mapping[str, Relation]
    by_creditor: Mapping[str, Relation]
    by_email: Mapping[str, Sequence[Relation]]
    by_name: Mapping[str, Sequence[Relation]]


class _Unusable(Exception):
    """A row cannot be read in; holds field, code and params."""

    def __init__(self, name: str, code: str, **params: str) -> None:
        super().__init__(code)
        self.reason: Reason = [name, code, params]


def judge(
    rows: Sequence[Given],
    columns: Sequence[str],
    defaults: Defaults,
    next_number: Callable[[str], str],
) -> list[Judged]:
    """Judge rows together, with a fixed number of queries; nothing is written.

    `next_number` gives the number of a new relation that cannot keep its own, for
    `debtor_number` or `creditor_number`.
    """
    given = [relation_headers.values_of(row.cells, columns) for row in rows]
    known = _known(given)
    judging = _Judging(columns, known, _people(), defaults, next_number)
    return [judging.judge(row, values) for row, values in zip(rows, given, strict=True)]


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
        column.in_(values),  # type: ignore[attr-defined]  # any column of the class
    )
    return list(session().scalars(wanted.order_by(Relation.id)))


@dataclass(frozen=True)
class _Judging:
    columns: Sequence[str]
    known: _Known
    people: Mapping[str, int]
    defaults: Defaults
    next_number: Callable[[str], str]

    def judge(self, given: Given, values: Mapping[str, str]) -> Judged:
        row = _Row(dict(values), [], given.choice)
        key = _key(values)
        try:
            _heed(row, given.remarks, self.columns)
            return replace(self._outcome(row, key), key=key, notes=row.notes)
        except _Unusable as refused:
            return Judged(RowVerdict.REFUSED, key, [refused.reason])

    def _outcome(self, row: _Row, key: str) -> Judged:
        if row.choice == RowChoice.LEAVE:
            return Judged(RowVerdict.LEFT)
        manager_id = _manager(row, self.people)
        relation, by = _match(row.values, self.known)
        if row.choice == RowChoice.OTHER:
            relation = None
            self._renumber(row)
        data = _joined(row, relation, self.defaults)
        same = None if relation or key else _same_of_name(data, row.values, self.known)
        if same is not None:
            return Judged(RowVerdict.SAME, relation=same, data=relations.data_of(same))
        before = relations.data_of(relation) if relation else None
        changes = relation_fields.changes(before, data)
        old_manager = relation.manager_id if relation else None
        if manager_id not in (relations.KEEP, old_manager):
            changes[MANAGER] = (str(old_manager or ""), str(manager_id))
        reasons = [[name, *pair] for name, pair in changes.items()]
        verdict = RowVerdict.MADE
        if before is not None:
            verdict = RowVerdict.CHANGED if changes else RowVerdict.SAME
            is_open = changes and row.choice != RowChoice.SAME
            if is_open and _is_another(row.values, data, before):
                said = {"name": before.full_name, "text": row.values.get(by, "")}
                row.notes.append(["", f"import_conflict_{by}", said])
                verdict = RowVerdict.CONFLICT
        return Judged(verdict, "", reasons, data, relation, manager_id)

    def _renumber(self, row: _Row) -> None:
        """Give a row the next number where another relation has its own."""
        taken = {
            "debtor_number": self.known.by_debtor,
            "creditor_number": self.known.by_creditor,
        }
        for name, holders in taken.items():
            number = relation_rules.tidy(row.values.get(name, ""))
            if number in holders:
                row.values[name] = self.next_number(name)
                given = {"text": number, "number": row.values[name]}
                row.notes.append([name, "import_renumbered", given])


def _heed(row: _Row, remarks: Sequence[Sequence[Any]], columns: Sequence[str]) -> None:
    """Refuse a row, or leave a field out, for what reading the file found."""
    for column, code, params in remarks:
        if column == cell_faults.WHOLE:
            if code in cell_faults.LOST:
                raise _Unusable("", code, **params)
            row.notes.append(["", code, params])
            continue
        name = columns[column] if column < len(columns) else ""
        is_lost = code in cell_faults.LOST
        if not name:
            continue
        if name in IDENTIFYING and (is_lost or code == cell_faults.SEPARATORS):
            raise _Unusable(name, code, **params)
        if is_lost:
            role, _, part = name.partition(".")
            line = (f"{role}.{each}" for each in relation_headers.LINE_PARTS)
            for each in line if part == relation_headers.LINE else (name,):
                row.values.pop(each, None)
            row.leave_out(name, code, params)
        elif code != cell_faults.SEPARATORS:
            row.notes.append([name, code, params])


def _key(values: Mapping[str, str]) -> str:
    """Return what a row is matched by, to find it twice in one file.

    Others may share an e-mail address: the name is looked at as well.
    """
    for name in ("debtor_number", "creditor_number", "email"):
        if text := relation_rules.tidy(values.get(name, "")).casefold():
            whose = relation_headers.plain(values.get("name", ""))
            text = f"{text}|{whose}" if name == "email" else text
            return f"{name[0]}:{text}"[:300]
    return ""


def _manager(row: _Row, people: Mapping[str, int]) -> int | None:
    name = row.values.pop(MANAGER, "")
    if not name:
        return relations.KEEP
    found = people.get(relation_headers.plain(name))
    if found is None:
        row.leave_out(MANAGER, "import_manager_unknown", {"text": name})
        return relations.KEEP
    return found


def _match(values: Mapping[str, str], known: _Known) -> tuple[Relation | None, str]:
    """Return the relation that a row is about, and the field that says so."""
    debtor, creditor, email = (
        relation_rules.tidy(values.get(name, ""))
        for name in ("debtor_number", "creditor_number", "email")
    )
    one, other = known.by_debtor.get(debtor), known.by_creditor.get(creditor)
    if one is not None and other is not None and one is not other:
        raise _Unusable("creditor_number", "import_numbers_disagree")
    if one is not None:
        return one, "debtor_number"
    if other is not None:
        return other, "creditor_number"
    name = values.get("name", "")
    return _by_email(email, name, (debtor, creditor), known), "email"


def _by_email(
    email: str, name: str, numbers: tuple[str, str], known: _Known
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
        named = [
            row
            for row in fitting
            if parties.names_alike(name, row.name)
            or parties.names_alike(name, relations.data_of(row).full_name)
        ]
        if len(named) != 1:
            raise _Unusable("email", "import_email_not_unique")
        fitting = named
    return fitting[0] if fitting else None


def _is_another(
    values: Mapping[str, str], data: RelationData, before: RelationData
) -> bool:
    """Tell whether a row may be about another party than the relation it matches.

    Compared is what the row itself says; without a name it has only the number.
    """
    given = {
        name: text
        for name, text in relation_fields.flat(data).items()
        if name in values or name == KIND or not values.get("name")
    }
    theirs = parties.party_of(relation_fields.unflat(given))
    own = parties.party_of(before)
    return parties.likeness(theirs, own) is not parties.Likeness.SAME


def _joined(row: _Row, known: Relation | None, defaults: Defaults) -> RelationData:
    """Return the relation as it would be; what is odd in a minor field stays out.

    An address whose country is not known stays out whole: in another country it would
    be another address. Raises _Unusable for a field that says whose row it is.
    """
    while True:
        data, problems = _checked(row.values, known, defaults)
        for name, code in problems.items():
            if name in IDENTIFYING or name not in row.values:
                raise _Unusable(name, code)
        if not problems:
            return data
        for name, code in problems.items():
            text = row.values.get(name, "")
            role, _, part = name.partition(".")
            if part == "country":
                for each in [key for key in row.values if key.startswith(f"{role}.")]:
                    del row.values[each]
            row.leave_out(name, code, {"text": text})


def _checked(
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
