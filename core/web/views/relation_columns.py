"""The columns of relations in a file: every field, as the import knows them."""

from typing import Any

from flask_babel import gettext as _

from core.rules import relation_fields
from core.rules.relation_fields import FIELDS
from core.services.crm import relation_lists, relations
from core.services.crm.relations import MANAGER
from core.services.reporting.export import Column
from core.texts.relations import GENDERS, KINDS, TYPES, label

_WORDS = {"kind": KINDS, "relation_type": TYPES, "gender": GENDERS}


def columns() -> list[Column]:
    """Return a column for every field and one for the relation manager."""
    names = dict(relation_lists.managers())
    seen: dict[int, dict[str, str]] = {}

    def value(row: Any, field: str) -> str:
        if row.id not in seen:
            seen.clear()  # a row's columns are asked one after another
            seen[row.id] = relation_fields.flat(relations.data_of(row))
        text = seen[row.id][field]
        return str(_WORDS.get(field, {}).get(text, text))

    return [
        *(Column(label(field), _of(value, field)) for field in FIELDS),
        Column(label(MANAGER), lambda row: names.get(row.manager_id, "")),
    ]


def _of(value: Any, field: str) -> Any:
    return lambda row: value(row, field)


def refused_columns(headers: list[str]) -> list[Column]:
    """Return the columns of the report of refused rows: theirs, then the reasons."""
    own = [
        Column(header or str(place + 1), _cell(place))
        for place, header in enumerate(headers)
    ]
    return [
        Column(_("Regel"), lambda line: line.number),
        *own,
        Column(_("Waarom geweigerd"), lambda line: " ".join(line.words)),
    ]


def _cell(place: int) -> Any:
    return lambda line: line.cells[place] if place < len(line.cells) else ""
