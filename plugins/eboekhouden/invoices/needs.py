"""What a relation lacks before an invoice to it is sent."""

from core.domain.errors import AskUser, KoppelwerkError
from core.domain.relations import RelationData
from core.plugin.tables import Connection
from plugins.eboekhouden import checks


def needs_of(_: Connection, relation: RelationData) -> list[KoppelwerkError]:
    """Return what keeps an invoice to a relation from being booked."""
    try:
        checks.check_number(relation)
    except AskUser as error:
        return [error]
    return []
