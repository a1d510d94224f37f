"""The package opened for one run that keeps relations in step (`core.rules.sync`).

Calls are counted, so all records come in one (SOAP) and are kept for as long as the
package is open: a change is merged into what that call gave, and costs one more.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from core.domain.errors import AskUser, OutcomeUnknown
from core.domain.relations import RelationData
from core.plugin.capabilities import RemotePage
from core.plugin.database import session
from core.plugin.relation_form import FULL, incoming, ways_of
from core.plugin.tables import Connection, Tenant
from core.rules.sync import (
    CreateIn,
    CreateOut,
    Local,
    Remote,
    UpdateIn,
    UpdateOut,
    Ways,
)
from core.rules.sync.settings import SECTION
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.mapping import check_lengths
from plugins.eboekhouden.reference import Index
from plugins.eboekhouden.relations.mapping import (
    DEBTOR,
    Wanted,
    local,
    merged,
    relation_body,
    relation_of,
    remote,
    sent,
    updated,
)
from plugins.eboekhouden.wire import Body


@contextmanager
def open_relations(connection: Connection) -> Iterator["Relations"]:
    """Open the administration of a connection for one run (`Relations.open`)."""
    settings = dict(connection.settings.get(SECTION, {}))
    home = session().get_one(Tenant, connection.tenant_id).home_country
    with open_client(connection, for_booking=False) as client:
        yield Relations(client, Index(connection, client), settings, home)


def shows_full_names(connection: Connection) -> bool:
    """Tell whether persons stand in the package by their full name."""
    return bool(connection.settings.get(SECTION, {}).get("person_name") == FULL)


def wanted_of(settings: Mapping[str, Any]) -> Wanted:
    """Return which records the user lets come in."""
    first, last = settings.get("first_code"), settings.get("last_code")
    return Wanted(
        str(settings.get("kinds_in") or ""),
        None if first is None else int(first),
        None if last is None else int(last),
    )


class Relations:
    """One administration's relations; see `RelationPackage` of the border."""

    whole = True

    def __init__(
        self,
        client: EBoekhouden,
        index: Index,
        settings: Mapping[str, Any],
        home: str = "NL",
    ) -> None:
        """Bind to an open administration; `settings` is the user's own section.

        `home`: the company's country (ISO), which the interface does not tell.
        """
        self._home = home
        self._client = client
        self._index = index
        self._settings = settings
        self._wanted = wanted_of(settings)
        self._full_names = settings.get("person_name") == FULL
        self._records: dict[str, Body] = {}
        self._is_read = False
        self._unsure: set[str] = set()
        self.ways: Mapping[str, Ways] = {DEBTOR: ways_of(settings)[DEBTOR]}

    def local(self, key: str, relation: RelationData) -> Local:
        """Return a relation as it would stand in the package."""
        return local(key, relation, full_names=self._full_names, home=self._home)

    def read(self, cursor: Mapping[str, Any]) -> Iterator[RemotePage]:
        """Yield all records as one page; the index for orders is brought up to date."""
        self._load()
        remotes = [
            remote(row, self._wanted, self._home) for row in self._records.values()
        ]
        yield RemotePage(remotes, {}, len(remotes))

    def records(self, role: str, keys: Sequence[str]) -> Sequence[Remote]:
        """Return records by their ids."""
        found = (self._record(key) for key in keys)
        return [
            remote(row, self._wanted, self._home) for row in found if row is not None
        ]

    def find(self, role: str, numbers: Sequence[str]) -> Sequence[Remote]:
        """Return the records with one of these codes, as of this opening.

        A code whose record may have been made without our knowing is asked again.
        """
        unsure = bool(self._unsure.intersection(numbers))
        if (not self._is_read or unsure) and self._client.lists_whole:
            self._load()
        elif not self._is_read or unsure:
            for number in numbers:
                self._keep(self._client.relations(code=number))
        return [
            remote(row, self._wanted, self._home)
            for row in self._records.values()
            if row.get("Code") in numbers
        ]

    def create(self, relation: RelationData, action: CreateOut) -> Remote:
        """Make a record under the debtor number.

        Raises AskUser `eboekhouden_code_taken`, `eboekhouden_code_too_long`,
        `eboekhouden_text_too_long`.
        """
        body = self._new(relation, action)
        try:
            made = self._client.add_relation(body)
        except OutcomeUnknown:
            self._unsure.add(str(body["Code"]))
            raise
        return self._noted({**body, "ID": made})

    def update(self, relation: RelationData, action: UpdateOut) -> Remote:
        """Merge what changed of a relation into its record and write it.

        No call is spent when nothing differs. Raises AskUser `record_gone`, and
        `eboekhouden_text_too_long` for what stands there longer than may be sent.
        """
        record = self._record(action.remote)
        if record is None:
            raise AskUser("record_gone")
        body = self._changed(relation, action, record)
        if body == record:
            return remote(record, self._wanted, self._home)
        try:
            self._client.update_relation(body)
        except OutcomeUnknown:
            self._records.pop(action.remote, None)
            self._is_read = False
            raise
        return self._noted(body)

    def check(self, relation: RelationData, action: CreateOut | UpdateOut) -> None:
        """Raise what `create` or `update` would, by the records as read last."""
        if isinstance(action, CreateOut):
            self._new(relation, action)
        elif record := self._records.get(action.remote):
            self._changed(relation, action, record)

    def _new(self, relation: RelationData, action: CreateOut) -> Body:
        whole = relation_body(relation, full_names=self._full_names)
        return {"BP": whole["BP"], **sent(whole, action.values, with_number=True)}

    def _changed(self, relation: RelationData, action: UpdateOut, record: Body) -> Body:
        """Return the record with what changed of ours in it."""
        whole = relation_body(relation, full_names=self._full_names)
        wanted = sent(whole, action.changed, with_number=bool(action.number))
        body = merged(record, wanted, self._home)
        if body != record:
            check_lengths(body)  # a contact person may be longer when added (4.1)
        return body

    def relation(self, action: CreateIn) -> RelationData:
        """Return the relation to make of a record; what it is, the record says (BP)."""
        how = incoming(self._settings, DEBTOR)
        return relation_of(action.values, action.number, how.relation_type)

    def updated(self, known: RelationData, action: UpdateIn) -> RelationData:
        """Return a relation with what comes in from its record."""
        return updated(
            known, action.changed, action.numbers, full_names=self._full_names
        )

    def _load(self) -> None:
        rows = self._client.relations()
        self._records = {}
        self._unsure.clear()
        self._keep(rows)
        self._is_read = True
        self._index.replace_relations(rows)
        session().rollback()

    def _keep(self, rows: Sequence[Body]) -> None:
        for row in rows:
            self._records[str(row["ID"] or "")] = row

    def _record(self, key: str) -> Body | None:
        """Return a record by its ID: of this opening, else asked for."""
        if key not in self._records and not self._is_read:
            if self._client.lists_whole:
                self._load()
            else:
                self._keep(self._client.relations(external_id=key))
        return self._records.get(key)

    def _noted(self, body: Body) -> Remote:
        self._records[str(body["ID"])] = body
        self._index.add(body)
        return remote(body, self._wanted, self._home)
