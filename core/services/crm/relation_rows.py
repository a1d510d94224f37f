"""A relation as a row: how it is read, and how it is written."""

from typing import Any

from core.domain import addresses
from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData, relation_hash
from core.models import (
    AddressRole,
    Relation,
    RelationAddress,
    RelationKind,
    RelationType,
)
from core.rules import relation_fields
from core.rules.relation_fields import PARTS, PLAIN, WRITTEN
from core.runtime.database import session

KEEP = -1
"""As `manager_id`: leave the relation manager as it is."""
Marks = tuple[dict[str, str] | None, list[str] | None]
"""A relation's doubts, and what is assumed of it."""
_COLUMNS = tuple(name for name in PLAIN if name not in ("relation_type",))
OPTIONAL = ("debtor_number", "creditor_number")
"""Unique columns, so empty is NULL."""


def data_of(row: Relation) -> RelationData:
    """Return a stored relation as plain data."""
    values: dict[str, Any] = {name: getattr(row, name) or "" for name in _COLUMNS}
    for address in row.addresses:
        values[f"{address.role}_address"] = PostalAddress(
            **{part: getattr(address, part) for part in (*PARTS, WRITTEN)}
        )
    return RelationData(
        is_person=row.kind == RelationKind.PERSON,
        relation_type=str(row.relation_type),
        **values,
    )


def as_kept(
    values: RelationData, before: RelationData | None, action: str
) -> RelationData:
    """Return a relation with its lines as they were written, its addresses in place.

    A package's lines are its own: another way of writing one comes in.
    """
    if before is None:
        return values
    if values.is_person != before.is_person:
        values = relation_fields.moved_along(values)
    if action == "synced":
        return values
    return relation_fields.with_written(values, before)


def keep_beside(row: Relation, values: RelationData, marks: Marks) -> None:
    """Keep what is no change of the relation: how a line is written, what is marked."""
    row.doubts, row.assumed = marks
    for role in AddressRole:
        _store_address(row, role, getattr(values, f"{role}_address"))
    session().flush()


def store(
    row: Relation, values: RelationData, manager_id: int | None, marks: Marks
) -> None:
    for name in _COLUMNS:
        text = getattr(values, name)
        setattr(row, name, (text or None) if name in OPTIONAL else text)
    row.kind = RelationKind.PERSON if values.is_person else RelationKind.ORGANISATION
    row.relation_type = RelationType(values.relation_type)
    row.sort_name = values.name.casefold()[:200]
    row.content_hash = relation_hash(values)
    row.doubts, row.assumed = marks
    row.changed_at = utcnow()
    if manager_id != KEEP:
        row.manager_id = manager_id
    for role in AddressRole:
        _store_address(row, role, getattr(values, f"{role}_address"))


def _store_address(row: Relation, role: AddressRole, address: PostalAddress) -> None:
    known = next((each for each in row.addresses if each.role == role), None)
    if address == PostalAddress():
        if known is not None:
            row.addresses.remove(known)
        return
    if known is None:
        known = RelationAddress(tenant_id=row.tenant_id, role=role)
        row.addresses.append(known)
    for part in PARTS:
        setattr(known, part, getattr(address, part))
    known.written = address.line[: addresses.LONGEST] if address.is_as_written else ""
