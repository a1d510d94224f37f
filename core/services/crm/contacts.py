"""The only writer of contact persons; what changed stands in the relation's history.

Everything happens in the caller's transaction. A contact that changes gives its
relation a new version, so that nobody's change is lost; no package is told.
"""

from collections.abc import Mapping

from sqlalchemy import Text, select, type_coerce
from sqlalchemy import delete as remove

from core.domain.errors import AskUser
from core.domain.strings import all_sendable
from core.models import Relation, RelationChange, RelationContact, RelationKind
from core.rules import contact_rules
from core.rules.contact_rules import FIELDS, ContactData
from core.runtime.database import session
from core.services import events
from core.services.crm import relation_history, relation_words, relations
from core.services.crm.merged import refuse_merged

KEY = "contacts"
"""In the history a contact's field is `contacts.<id>.<field>`."""
MOST = 200
"""Contact persons of one relation."""


def of_relation(relation_id: int) -> list[RelationContact]:
    """Return a relation's contact persons, by name."""
    rows = session().scalars(
        select(RelationContact)
        .where(RelationContact.relation_id == relation_id)
        .order_by(RelationContact.name, RelationContact.id)
    )
    return list(rows)


def data_of(row: RelationContact) -> ContactData:
    """Return a stored contact person as plain data."""
    return ContactData(**{name: getattr(row, name) for name in FIELDS})


def save(
    relation: Relation,
    data: ContactData,
    row: RelationContact | None = None,
    *,
    user_id: int | None = None,
    action: str = "edited",
) -> RelationContact:
    """Make or change a contact person.

    Raises AskUser `contact_of_person` (only organisations have them),
    `contacts_too_many`, `relation_merged` and `relation_changed_meanwhile`.
    """
    refuse_merged(relation)
    data = all_sendable(data)
    before = contact_rules.flat(data_of(row)) if row else {}
    if row is None:
        _refuse_new(relation)
        row = RelationContact(tenant_id=relation.tenant_id, relation_id=relation.id)
    after = contact_rules.flat(data)
    changes = {
        name: (before.get(name, ""), text)
        for name, text in after.items()
        if before.get(name, "") != text
    }
    if not changes:
        return row
    for name in FIELDS:
        setattr(row, name, getattr(data, name))
    session().add(row)
    _changed(relation, row, changes, action, user_id)
    return row


def _refuse_new(relation: Relation) -> None:
    if relation.kind != RelationKind.ORGANISATION:
        name = relations.data_of(relation).full_name
        raise AskUser("contact_of_person", name=name)
    if len(of_relation(relation.id)) >= MOST:
        raise AskUser("contacts_too_many", count=MOST)


def delete(
    relation: Relation,
    row: RelationContact,
    *,
    user_id: int | None = None,
    action: str = "edited",
) -> None:
    """Delete a contact person; the history keeps what there was, to be put back."""
    refuse_merged(relation)
    was = contact_rules.flat(data_of(row))
    key = row.id
    session().delete(row)
    changes = {name: (text, "") for name, text in was.items() if text}
    _changed(relation, None, changes, action, user_id, key)


def _changed(
    relation: Relation,
    row: RelationContact | None,
    changes: Mapping[str, tuple[str, str]],
    action: str,
    user_id: int | None,
    key: int = 0,
) -> None:
    session().flush()
    relations.touch(relation)
    key = row.id if row else key
    named = {f"{KEY}.{key}.{name}": pair for name, pair in changes.items()}
    relation_history.keep_change(relation, action, named, user_id)
    relation_words.keep(relation, relations.data_of(relation))
    events.relation_changed.send(relation, fields=frozenset({KEY}), deleted=False)


def is_of_contact(change: RelationChange) -> bool:
    """Tell whether a change of a relation is one of a contact person."""
    return any(name.startswith(f"{KEY}.") for name in change.changes)


def is_making(change: RelationChange) -> bool:
    """Tell whether a change is the one that made its contact person."""
    return any(
        name.startswith(f"{KEY}.") and name.endswith(".name") and not pair[0]
        for name, pair in change.changes.items()
    )


def put_back(change: RelationChange, *, user_id: int | None = None) -> Relation:
    """*Terugzetten* of a contact person's change; one that was deleted is made anew.

    Raises AskUser `contact_change_is_first` for the change that made it,
    `contact_gone` where it was deleted since, and what `save` raises.
    """
    relation = session().get_one(Relation, change.relation_id)
    key = int(next(iter(change.changes)).split(".")[1])
    pairs = {name.split(".")[2]: pair for name, pair in change.changes.items()}
    row = session().get(RelationContact, key)
    was_deleted = bool(pairs.get("name", ("", "-"))[0]) and not pairs["name"][1]
    if is_making(change):
        raise AskUser("contact_change_is_first")
    if row is None and not was_deleted:
        raise AskUser("contact_gone")
    now = contact_rules.flat(data_of(row)) if row else {}
    old = {name: str(pair[0]) for name, pair in pairs.items()}
    wanted = contact_rules.unflat({**now, **old})
    save(relation, wanted, row, user_id=user_id, action="put_back")
    return relation


def recipients(relation_id: int, own: str) -> tuple[str, list[str]]:
    """Return to whom invoices are mailed, and who is in cc.

    Without a contact person who gets them it is the relation's own address.
    """
    rows = of_relation(relation_id)
    first = [row.email for row in rows if row.gets_invoices and row.email] or [own]
    also = [row.email for row in rows if row.gets_copies and row.email]
    copies = dict.fromkeys([*first[1:], *also])
    return first[0], [each for each in copies if each != first[0]]


def forget(row: RelationContact) -> None:
    """Erase a contact person with its history (a customer's right to be forgotten)."""
    session().execute(
        remove(RelationChange)
        .where(
            RelationChange.relation_id == row.relation_id,
            type_coerce(RelationChange.changes, Text).contains(
                f'"{KEY}.{row.id}.', autoescape=True
            ),
        )
        .execution_options(synchronize_session=False)
    )
    session().delete(row)
