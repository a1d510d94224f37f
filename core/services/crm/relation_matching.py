"""What a row of a file would do: which relation it is, and what changes there.

A row is matched on debtor number, else creditor number, else e-mail address (brief of
the import). A row without any of them is new, unless a relation of that name has all
of it already: reading a file again makes no duplicates.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

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
from core.services.crm import relations
from core.services.crm.relation_lists import managers
from core.services.crm.relation_lookup import (
    NUMBERS,
    ZEROS,
    Known,
    Unusable,
    known_of,
    match,
)

IDENTIFYING = ("name", KIND, *NUMBERS)
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
    known = known_of(given)
    judging = _Judging(columns, known, _people(), defaults, next_number)
    return [judging.judge(row, values) for row, values in zip(rows, given, strict=True)]


def _people() -> dict[str, int]:
    return {relation_headers.plain(name): user_id for user_id, name in managers()}


@dataclass(frozen=True)
class _Judging:
    columns: Sequence[str]
    known: Known
    people: Mapping[str, int]
    defaults: Defaults
    next_number: Callable[[str], str]

    def judge(self, given: Given, values: Mapping[str, str]) -> Judged:
        row = _Row(dict(values), [], given.choice)
        key = _key(values)
        try:
            _heed(row, given.remarks, self.columns)
            return replace(self._outcome(row, key), key=key, notes=row.notes)
        except Unusable as refused:
            return Judged(RowVerdict.REFUSED, key, [refused.reason])

    def _outcome(self, row: _Row, key: str) -> Judged:
        if row.choice == RowChoice.LEAVE:
            return Judged(RowVerdict.LEFT)
        manager_id = _manager(row, self.people)
        relation, by = match(row.values, self.known)
        given = ", ".join(row.values[name] for name in NUMBERS if name in row.values)
        if row.choice == RowChoice.OTHER:
            relation = None
            self._renumber(row)
        elif by == ZEROS:
            for name in NUMBERS:
                row.values.pop(name, None)  # the relation keeps its own
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
            if is_open and (by == ZEROS or _is_another(row.values, data, before)):
                said = {"name": before.full_name, "text": row.values.get(by, given)}
                row.notes.append(["", f"import_conflict_{by}", said])
                verdict = RowVerdict.CONFLICT
        return Judged(verdict, "", reasons, data, relation, manager_id)

    def _renumber(self, row: _Row) -> None:
        """Give a row the next number where another relation has its own."""
        taken = (self.known.by_debtor, self.known.by_creditor)
        for name, holders in zip(NUMBERS, taken, strict=True):
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
                raise Unusable("", code, **params)
            row.notes.append(["", code, params])
            continue
        name = columns[column] if column < len(columns) else ""
        is_lost = code in cell_faults.LOST
        if not name:
            continue
        if name in IDENTIFYING and (is_lost or code == cell_faults.SEPARATORS):
            raise Unusable(name, code, **params)
        if is_lost:
            role, _, part = name.partition(".")
            parts = (*relation_headers.LINE_PARTS, relation_fields.WRITTEN)
            line = (f"{role}.{each}" for each in parts)
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
    be another address. Raises Unusable for a field that says whose row it is.
    """
    while True:
        data, problems = _checked(row.values, known, defaults)
        for name, code in problems.items():
            if name in IDENTIFYING or name not in row.values:
                raise Unusable(name, code)
        if not problems:
            return data
        for name, code in problems.items():
            text = row.values.get(name, "")
            role, _, part = name.partition(".")
            if code == relation_rules.SEVERAL:
                row.values[name] = data.email
                row.notes.append([name, code, {"text": text}])
                continue
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
        data, problems = relation_rules.checked(
            {**start, **values}, defaults.home_country
        )
        return data, _as_given(problems, values)
    before = relation_fields.flat(relations.data_of(row))
    data, problems = relation_rules.checked({**before, **values}, defaults.home_country)
    roles = {name.partition(".")[0] for name in values}
    touched = {
        name: text
        for name, text in relation_fields.flat(data).items()
        if name.partition(".")[0] in roles
    }
    found = _as_given(problems, values)
    wrong = {name: code for name, code in found.items() if name in values}
    joined = relation_fields.unflat({**before, **touched})
    return relation_fields.with_written(joined, data), wrong


def _as_given(
    problems: relation_rules.Problems, values: Mapping[str, str]
) -> relation_rules.Problems:
    """Return problems by what the row gave: a suffix may come from a house number."""
    return {
        name if name in values else name.removesuffix("_suffix"): code
        for name, code in problems.items()
    }


def _same_of_name(
    data: RelationData, values: Mapping[str, str], known: Known
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
