"""What a relation lacks before an invoice to it is sent."""

from core.domain.errors import AskUser, KoppelwerkError
from core.domain.relations import RelationData
from core.plugin.tables import Connection
from plugins.digitalefactuur import checks
from plugins.digitalefactuur.relations import mapping


def needs_of(_: Connection, relation: RelationData) -> list[KoppelwerkError]:
    """Return what keeps an invoice to a relation from being made, and that its debtor
    has no address there: only the invoice address goes (manual 002, C)."""
    found: list[KoppelwerkError] = []
    if not relation.debtor_number.strip():
        found.append(AskUser("debtor_number_missing", relation=relation.full_name))
    try:
        checks.relation(relation)
    except AskUser as error:
        found.append(error)
    if mapping.is_without_address(relation):
        found.append(AskUser("df_without_address", relation=relation.full_name))
    return found
