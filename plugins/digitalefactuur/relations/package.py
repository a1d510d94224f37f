"""Debtors and creditors kept in step with the relations (manual 002, B and C)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.plugin import log
from core.plugin.capabilities import RemotePage
from core.plugin.database import session, transaction
from core.plugin.tables import Connection, LogLevel
from core.rules.sync import (
    CreateIn,
    CreateOut,
    Local,
    Remote,
    UpdateIn,
    UpdateOut,
    Ways,
)
from core.rules.sync.settings import CREDITOR, DEBTOR, SECTION, incoming, ways_of
from plugins.digitalefactuur import checks, wire
from plugins.digitalefactuur.client import DigitaleFactuur
from plugins.digitalefactuur.connector import open_client
from plugins.digitalefactuur.relations import mapping


@contextmanager
def open_relations(connection: Connection) -> "Iterator[Relations]":
    """Open the account for a run of relations."""
    settings = dict(connection.settings.get(SECTION, {}))
    tenant_id, connection_id = connection.tenant_id, connection.id
    with open_client(connection) as client:
        yield Relations(client, settings, tenant_id, connection_id)


class Relations:
    """One account during one run. The list has no pages: one call reads it all."""

    whole: bool = True

    def __init__(
        self,
        client: DigitaleFactuur,
        settings: Mapping[str, Any],
        tenant_id: int,
        connection_id: int,
    ) -> None:
        self._tenant_id, self._connection_id = tenant_id, connection_id
        self.ways: Mapping[str, Ways] = ways_of(settings)
        self._client = client
        self._settings = settings
        self._known: dict[str, wire.Customer] = {}

    def local(self, key: str, relation: RelationData) -> Local:
        """Return a relation as it would stand in the account."""
        return mapping.local(key, relation)

    def read(self, cursor: Mapping[str, Any]) -> Iterator[RemotePage]:
        """Yield all debtors and creditors as one page."""
        remotes = self._read()
        yield RemotePage(remotes, {}, len(remotes))

    def _read(self) -> list[Remote]:
        self._known = {one.id: one for one in self._client.customers()}
        return [mapping.remote(one) for one in self._known.values()]

    def records(self, role: str, keys: Sequence[str]) -> Sequence[Remote]:
        """Read records afresh: by the whole list, since there is nothing less."""
        return [one for one in self._read() if one.role == role and one.key in keys]

    def find(self, role: str, numbers: Sequence[str]) -> Sequence[Remote]:
        """Read afresh which records have one of these numbers."""
        return [
            one for one in self._read() if one.role == role and one.number in numbers
        ]

    def create(self, relation: RelationData, action: CreateOut) -> None:
        """Make a debtor or creditor; AskUser `df_name_missing` without a name."""
        checks.relation(relation)
        new = mapping.customer(action.role, action.number, action.values)
        self._client.create_customer(new)
        if mapping.loses_address(relation):
            self._remark(relation)

    def _remark(self, relation: RelationData) -> None:
        """Tell that a record has no address although one is known (manual 002, C)."""
        with transaction():
            log.write(
                self._tenant_id,
                "df_without_address",
                level=LogLevel.WARNING,
                connection_id=self._connection_id,
                relation=relation.full_name,
            )

    def update(self, relation: RelationData, action: UpdateOut) -> None:
        """Write what changed of our fields among what the account had.

        Raises AskUser `record_gone`.
        """
        checks.relation(relation)
        known = self._known.get(action.remote)
        if known is None:
            raise AskUser("record_gone")
        sent = mapping.customer(action.role, action.number, action.changed, known)
        self._client.update_customer(sent)

    def check(self, relation: RelationData, _action: CreateOut | UpdateOut) -> None:
        """Raise what `create` or `update` would."""
        checks.relation(relation)

    def relation(self, action: CreateIn) -> RelationData:
        """Return the relation that a debtor or creditor becomes."""
        how = incoming(self._settings, action.role)
        return mapping.relation(action.values, action.role, action.number, how)

    def updated(self, known: RelationData, action: UpdateIn) -> RelationData:
        """Return a relation with what comes in."""
        changed = mapping.updated(known, action.changed)
        return mapping.with_numbers(changed, action.numbers)


def count_relations(connection: Connection) -> None:
    """Read debtors and creditors and note how many there are.

    Proves that the account still answers; a refused login pauses the connection.
    """
    connection_id = connection.id
    with open_client(connection) as client:
        roles = [mapping.remote(one).role for one in client.customers()]
    counts = {f"{role}s": roles.count(role) for role in (DEBTOR, CREDITOR)}
    with transaction():
        connection = session().get_one(Connection, connection_id)
        connection.facts = {**connection.facts, **counts}
