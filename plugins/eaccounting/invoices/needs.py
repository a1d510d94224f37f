"""What a relation lacks before an invoice to it is sent."""

from core.domain.errors import AskUser, KoppelwerkError
from core.domain.relations import RelationData
from core.plugin.tables import Connection
from core.rules.sync.settings import SECTION
from plugins.eaccounting import reference
from plugins.eaccounting.relations import mapping
from plugins.eaccounting.relations.mapping import PersonName, Role


def person_name_of(connection: Connection) -> PersonName:
    """Return how persons are named in the package."""
    shown_as = connection.settings.get(SECTION, {}).get("person_name")
    return PersonName(shown_as or PersonName.LAST)


def needs_of(connection: Connection, relation: RelationData) -> list[KoppelwerkError]:
    """Return what keeps an invoice to a relation from being booked.

    A debtor that is there is taken as it is; a new one needs its address.
    """
    number = relation.debtor_number[: mapping.NUMBER]
    if not number:
        return [AskUser("debtor_number_missing", relation=relation.full_name)]
    if reference.by_number(connection.id, number) is not None:
        return []
    body = mapping.body_of(relation, Role.DEBTOR, person_name_of(connection))
    if mapping.missing(body, Role.DEBTOR):
        return [AskUser("relation_incomplete", relation=relation.full_name)]
    return []
