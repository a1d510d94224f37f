"""What of a relation came in and is not believed, and what the package left open."""

from collections.abc import Mapping
from typing import NamedTuple

from core.domain.relations import RelationData
from core.models import Connection, Relation, Tenant
from core.rules import received, relation_fields
from core.rules.relation_fields import KIND
from core.rules.relation_rules import SEVERAL, Problems
from core.runtime.database import session

_ON_INVOICES = frozenset(("vat_number", "chamber_number", "email"))


class Doubts(NamedTuple):
    """What others may not be told of a relation."""

    names: frozenset[str] = frozenset()
    """Flat fields whose value is in doubt, and the kind when nobody told it."""


def of(row: Relation) -> Doubts:
    """Return what of a relation is in doubt."""
    kind = {KIND} & set(row.assumed or ())
    return Doubts(frozenset(row.doubts or {}) | kind)


def codes(row: Relation) -> Problems:
    """Return by flat field the code of what is wrong with it."""
    return dict(row.doubts or {})


def on_invoice(row: Relation, data: RelationData) -> RelationData:
    """Return a relation as its invoices have it.

    A VAT number in doubt is none, nor is such an e-mail address, where it is not the
    first of several.
    """
    wrong = {name for name, code in codes(row).items() if code != SEVERAL}
    return received.without(data, frozenset(wrong) & _ON_INVOICES)


def home_country(tenant_id: int, connection_id: int | None) -> str:
    """Return the country of a package's company; the tenant's where it tells none."""
    connection = session().get(Connection, connection_id) if connection_id else None
    known = str(connection.facts.get("country") or "") if connection else ""
    return known or session().get_one(Tenant, tenant_id).home_country


def noted(
    row: Relation | None,
    before: RelationData | None,
    after: RelationData,
    came: received.Received | None,
    home: str,
) -> tuple[dict[str, str] | None, list[str] | None]:
    """Return the doubts and the assumed fields of a relation that becomes `after`.

    A mark stays as long as its value does and is still wrong; None: there are none.
    """
    changed = relation_fields.changes(before, after)
    doubts = codes(row) if row is not None else {}
    assumed = set(row.assumed or ()) if row is not None else set()
    if doubts:
        wrong = {**received.problems_of(after, home), **_of_the_name(doubts)}
        doubts = {
            name: code
            for name, code in doubts.items()
            if name not in changed and name in wrong
        }
    assumed -= set(changed)
    if came is not None:
        doubts |= came.doubts
        assumed |= came.assumed & {*changed, *assumed}
    return doubts or None, sorted(assumed) or None


def _of_the_name(doubts: Mapping[str, str]) -> dict[str, str]:
    return {"name": doubts["name"]} if "name" in doubts else {}
