"""Customers and suppliers kept in step with the relations (manual 000, B, E and F).

What changed is read oldest change first and goes on behind the last change seen, so
that a record that changes while the list is read is met later, never skipped. A PUT
replaces a record, so it is the record as just read with our fields in it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from time import monotonic
from typing import Any

from core.domain.clock import utcnow
from core.domain.errors import AskUser, AuthenticationLost, Refused
from core.domain.relations import RelationData
from core.plugin.capabilities import RemotePage
from core.plugin.database import session, transaction
from core.plugin.tables import Connection
from core.rules.relation_fields import KIND, PERSON
from core.rules.sync import (
    CreateIn,
    CreateOut,
    Local,
    Remote,
    UpdateIn,
    UpdateOut,
    Ways,
)
from core.rules.sync.settings import SECTION, incoming, ways_of
from plugins.eaccounting import reference, wire
from plugins.eaccounting.client import PAGE, EAccounting
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.refusals import INVALID, NO_MODULE, NO_SCOPE, NOT_FOUND
from plugins.eaccounting.relations import checks as relation_checks
from plugins.eaccounting.relations import mapping as relation_mapping
from plugins.eaccounting.relations import values as relation_values
from plugins.eaccounting.relations.mapping import Defaults, PersonName, Role
from plugins.eaccounting.wire import Body

OVERLAP = timedelta(minutes=2)
"""By the vendor's own clock: a record may be committed a little after its moment."""
FRESH_SECONDS = 20.0
"""A record read longer ago is read again before it is replaced."""


_LACKS = {
    "name": "visma_relation_without_name",
    "postal_code": "visma_relation_without_postal_code",
    "city": "visma_relation_without_city",
}


@dataclass(frozen=True)
class Resource:
    """Where the package keeps a role, and what it calls the moment of a change."""

    path: str
    changed: str
    number: str


RESOURCES = {
    Role.DEBTOR: Resource("customers", "ChangedUtc", "CustomerNumber"),
    Role.CREDITOR: Resource("suppliers", "ModifiedUtc", "SupplierNumber"),
}


@contextmanager
def open_relations(connection: Connection) -> "Iterator[Relations]":
    """Open the package for a turn that keeps relations in step."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    chosen = dict(connection.settings.get(SECTION, {}))
    country = str(connection.facts.get("country") or "NL")

    def defaults() -> Defaults:
        terms = str(chosen.get("payment_terms") or "")
        if not terms:
            company = reference.by_id(
                connection_id, reference.COMPANY, reference.COMPANY
            )
            session().rollback()
            known = company.data if company else client.company_settings()
            terms = str(known.get("TermsOfPaymentId") or "")
        if not terms:
            raise AskUser("payment_terms_missing")
        return Defaults(terms, country)

    def keep(role: Role, bodies: Sequence[Body]) -> None:
        if role == Role.DEBTOR:
            index.keep(reference.CUSTOMER, bodies)

    with open_client(connection) as client:
        index = reference.Index(connection_id, tenant_id, client)
        yield Relations(client, chosen, cache(defaults), keep)


def retire(connection: Connection, role: str, key: str) -> None:
    """Set a customer or supplier inactive (`IsActive`); nothing else of it changes."""
    path = RESOURCES[Role(role)].path
    with open_client(connection) as client:
        session().rollback()
        record = client.record(path, key)
        if record is not None and record.get("IsActive") is not False:
            client.replace(path, key, {**record, "IsActive": False})


class Relations:
    """One company's customers and suppliers, open for one turn of a run."""

    whole = False

    def __init__(
        self,
        client: EAccounting,
        settings: Mapping[str, Any],
        defaults: Callable[[], Defaults],
        keep: Callable[[Role, Sequence[Body]], None],
    ) -> None:
        """`defaults`: what a new record needs, asked when the first is made; `keep`
        is told of every record read or written, in a transaction."""
        self._client = client
        self._settings = settings
        self._defaults = defaults
        self._keep = keep
        self._name = PersonName(settings.get("person_name") or PersonName.LAST)
        self._bodies: dict[str, tuple[float, Body]] = {}
        self.ways: Mapping[str, Ways] = ways_of(settings)

    def local(self, key: str, relation: RelationData) -> Local:
        """Return a relation as it would stand in the package."""
        return relation_values.local(key, relation, self._name)

    # --- reading -------------------------------------------------------------------

    def read(self, cursor: Mapping[str, Any]) -> Iterator[RemotePage]:
        """Yield what changed since the cursor: customers, then suppliers."""
        state = {role: dict(own) for role, own in cursor.items()}
        before = 0
        for role in Role:
            ways = self.ways[role]
            if not (ways.into_crm or ways.out):
                continue
            total = 0
            for page, own in self._changes(role, state.get(role.value, {})):
                state[role.value] = own
                total = max(total, page.total)
                remotes = self.seen(role, page.items, keep_old=False)
                yield RemotePage(remotes, {**state}, before + total)
            before += total

    def _changes(
        self, role: Role, own: dict[str, Any]
    ) -> Iterator[tuple[wire.Page, dict[str, Any]]]:
        """Yield pages, each with where reading goes on behind it.

        Between runs `since` is the vendor's time at which the last one began to read;
        within one, `at` is the last change seen and `page` the page of those.
        """
        while True:
            page = self._page(role, _literal(own), int(own.get("page", 1)))
            began = str(own.get("began") or page.server_time or utcnow().isoformat())
            if len(page.items) < PAGE:
                yield page, {"since": began}
                return
            own = _behind(own, page.items[-1].get(RESOURCES[role].changed), began)
            yield page, own

    def _page(self, role: Role, since: str, number: int) -> wire.Page:
        resource = RESOURCES[role]
        try:
            return self._client.changed(resource.path, resource.changed, since, number)
        except AuthenticationLost as error:
            if error.code == NO_SCOPE and role == Role.CREDITOR:
                # The grant dates from before creditors were kept: orders still go.
                raise AskUser("visma_suppliers_scope_missing") from error
            raise
        except Refused as refused:
            if refused.code == NO_MODULE and role == Role.CREDITOR:
                return wire.Page((), 0)  # an invoicing licence has no suppliers
            raise

    def records(self, role: str, keys: Sequence[str]) -> Sequence[Remote]:
        """Read records by their ids in one call; one by one if that is refused."""
        of = Role(role)
        query = " or ".join(f"Id eq {key}" for key in keys)
        try:
            found = list(self._client.all(RESOURCES[of].path, query))
        except Refused as refused:
            if refused.code != INVALID:
                raise
            one_by_one = (self._client.record(RESOURCES[of].path, k) for k in keys)
            found = [body for body in one_by_one if body is not None]
        return self.seen(of, found)

    def find(self, role: str, numbers: Sequence[str]) -> Sequence[Remote]:
        """Read the records with one of these numbers in one call."""
        of = Role(role)
        resource = RESOURCES[of]
        query = " or ".join(
            f"{resource.number} eq {wire.quoted(number)}" for number in numbers
        )
        try:
            found = list(self._client.all(resource.path, query))
        except Refused as refused:
            if refused.code != INVALID:
                raise
            every = self._client.all(resource.path)
            found = [body for body in every if body[resource.number] in numbers]
        return self.seen(of, found)

    def seen(
        self, role: Role, bodies: Sequence[Body], *, keep_old: bool = True
    ) -> list[Remote]:
        """Remember records as just read; those of the last page only."""
        if not keep_old:
            self._bodies.clear()
        with transaction():
            return self._remembered(role, bodies)

    def _remembered(self, role: Role, bodies: Sequence[Body]) -> list[Remote]:
        now = monotonic()
        self._bodies.update((str(body["Id"]), (now, body)) for body in bodies)
        self._keep(role, bodies)
        return [relation_values.remote(body, role) for body in bodies]

    # --- writing -------------------------------------------------------------------

    def create(self, relation: RelationData, action: CreateOut) -> Remote:
        """Add a customer or supplier."""
        role = Role(action.role)
        new = self.new_record(relation, action)
        return self._written(role, self._client.create(RESOURCES[role].path, new))

    def new_record(self, relation: RelationData, action: CreateOut) -> Body:
        """Return the record that `create` sends. Raises as it does."""
        role = Role(action.role)
        body = self._new(relation, action, role)
        return relation_mapping.new_record(relation, body, role, self._defaults())

    def update(self, relation: RelationData, action: UpdateOut) -> Remote:
        """Replace a record by itself with what changed of our fields in it.

        Raises AskUser `visma_text_too_long` for what stands there longer than may be
        sent, and as `create`.
        """
        role = Role(action.role)
        body = self._of_change(relation, action, role)
        record = self._fresh(role, action.remote)
        merged = self._merged(relation, action, body, record)
        path = RESOURCES[role].path
        try:
            return self._written(
                role, self._client.replace(path, action.remote, merged)
            )
        except Refused as refused:
            if refused.code == NOT_FOUND:
                raise _gone(relation) from refused
            raise

    def check(self, relation: RelationData, action: CreateOut | UpdateOut) -> None:
        """Raise what `create` or `update` would, by the records as read last."""
        role = Role(action.role)
        if isinstance(action, CreateOut):
            self._new(relation, action, role)
            return
        body = self._of_change(relation, action, role)
        _read_at, record = self._bodies.get(action.remote, (0.0, None))
        if record is not None:
            self._merged(relation, action, body, record)

    def _new(self, relation: RelationData, action: CreateOut, role: Role) -> Body:
        body = self._ours(relation, role, action.values, with_number=True)
        self._check_filled(relation, body, role)
        return body

    def _of_change(self, relation: RelationData, action: UpdateOut, role: Role) -> Body:
        number = bool(action.number)
        return self._ours(relation, role, action.changed, with_number=number)

    def _merged(
        self, relation: RelationData, action: UpdateOut, body: Body, record: Body
    ) -> Body:
        """Return the record with what changed of ours in it."""
        role = Role(action.role)
        became = role == Role.DEBTOR and KIND in action.changed
        is_person = relation.is_person if became else None
        merged = relation_mapping.merged(record, body, is_person=is_person)
        self._check_filled(relation, merged, role)
        relation_checks.check_lengths(merged, role)
        return merged

    def remove(self, role: str, key: str) -> None:
        """Delete a customer or supplier that nothing was booked on.

        Raises Refused `visma_in_use` for one that was.
        """
        self._client.delete(RESOURCES[Role(role)].path, key)
        self._bodies.pop(key, None)

    def _check_lengths(
        self, relation: RelationData, role: Role, names: Collection[str]
    ) -> None:
        """Raise AskUser for a text of ours that would be cut; it names the field."""
        long = relation_mapping.too_long(relation, role, self._name, names)
        if long:
            field, text, most = long
            raise AskUser(
                "visma_own_text_too_long",
                name=relation.full_name,
                field=field,
                length=len(text),
                most=most,
            )

    def _ours(
        self,
        relation: RelationData,
        role: Role,
        names: Collection[str],
        *,
        with_number: bool,
    ) -> Body:
        """Return what is sent of our fields; AskUser for what would be cut."""
        number = {
            Role.DEBTOR: relation.debtor_number, Role.CREDITOR: relation.creditor_number
        }[role]  # fmt: skip
        if len(number) > relation_mapping.NUMBER:
            raise AskUser("visma_number_too_long", number=number)
        self._check_lengths(relation, role, names)
        body = relation_mapping.body_of(relation, role, self._name)
        return relation_values.sent(body, role, names, with_number=with_number)

    @staticmethod
    def _check_filled(relation: RelationData, body: Body, role: Role) -> None:
        lacks = relation_mapping.missing(body, role)
        if lacks:
            raise AskUser(_LACKS[lacks[0]], name=relation.full_name)

    def _fresh(self, role: Role, key: str) -> Body:
        read_at, record = self._bodies.get(key, (0.0, None))
        if record is None or monotonic() - read_at > FRESH_SECONDS:
            record = self._client.record(RESOURCES[role].path, key)
        if record is None:
            raise AskUser("record_gone", name=key)
        return record

    def _written(self, role: Role, body: Body) -> Remote:
        """Remember a record, in the transaction that will store its link."""
        return self._remembered(role, [body])[0]

    # --- in ------------------------------------------------------------------------

    def relation(self, action: CreateIn) -> RelationData:
        """Return the relation that a customer or supplier becomes here."""
        how = incoming(self._settings, action.role)
        kind = action.values.get(KIND)
        is_person = how.is_person if kind is None else kind == PERSON
        bare = RelationData(is_person, "", relation_type=how.relation_type)
        numbers = {action.role: action.number}
        return relation_values.updated(bare, action.values, numbers, self._name)

    def updated(self, known: RelationData, action: UpdateIn) -> RelationData:
        """Return a relation with what changed in the package."""
        return relation_values.updated(
            known, action.changed, action.numbers, self._name
        )


def _gone(relation: RelationData) -> AskUser:
    return AskUser("record_gone", name=relation.full_name)


def _literal(own: Mapping[str, Any]) -> str:
    """Return from which change on to read; empty: from the beginning."""
    if own.get("at"):
        return wire.utc_literal(wire.moment(str(own["at"])))
    if own.get("since"):
        return wire.utc_literal(wire.moment(str(own["since"])) - OVERLAP)
    return ""


def _behind(own: dict[str, Any], last: Any, began: str) -> dict[str, Any]:
    """Return where reading goes on behind a full page.

    Behind its last change; where all of it changed in one second (or at no moment the
    package tells), on the next page of those.
    """
    going = {**own, "began": began}
    at = wire.utc_literal(wire.moment(str(last))) if last else ""
    if at and at != _literal(own):
        return {**going, "at": at, "page": 1}
    return {**going, "page": int(own.get("page", 1)) + 1}
