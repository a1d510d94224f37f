"""Another number for a relation whose own is another party's in the package."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import count

from core.domain.errors import AskUser
from core.models import Relation, RelationDecision
from core.plugin.capabilities import AT_ONCE
from core.rules import relation_fields
from core.rules.sync.settings import ROLES
from core.runtime.database import session
from core.services.crm import relations
from core.services.syncing import relation_decisions
from core.services.syncing.relation_stretch import Stretch

Taken = Callable[[str, Sequence[str]], Collection[str]]
"""Tell which numbers of a role records have."""


def give(stretch: Stretch, taken: Taken) -> None:
    """Give every relation that waits for one a number that is free on both sides.

    The next of the CRM's own series: one above its highest. No transaction is open
    while the package is asked.
    """
    if stretch.foresees:
        return
    for role in ROLES:
        while waiting := _waiting(stretch, role):
            free = _free(role, len(waiting), taken)
            stretch.check()
            with stretch.work() as tally:
                for decision_id, number in zip(waiting, free, strict=True):
                    tally["changed_here"] += _given(decision_id, number)


def _waiting(stretch: Stretch, role: str) -> list[int]:
    rows = relation_decisions.waiting(stretch.connection_id, role, AT_ONCE)
    found = [row.id for row in rows]
    session().rollback()
    return found


def _free(role: str, size: int, taken: Taken) -> list[str]:
    found: list[str] = []
    series = _series(role)
    while len(found) < size:
        proposed = [next(series) for _each in range(AT_ONCE)]
        held = set(taken(role, proposed))
        found += [number for number in proposed if number not in held]
    return found[:size]


def _series(role: str) -> Iterator[str]:
    propose = {
        "debtor": relations.next_debtor_number,
        "creditor": relations.next_creditor_number,
    }[role]
    first = propose()
    session().rollback()
    return (str(number).zfill(len(first)) for number in count(int(first)))


def _given(decision_id: int, number: str) -> bool:
    decision = session().get(RelationDecision, decision_id)
    if decision is None:
        return False
    row = session().get_one(Relation, decision.relation_id)
    has = getattr(row, f"{decision.role}_number")
    relation_decisions.forget([decision_id])
    if has != decision.number:
        return False  # somebody gave it another one meanwhile
    new = {f"{decision.role}_number": number}
    data = relation_fields.with_values(relations.data_of(row), new)
    try:
        relations.save(data, row, user_id=decision.user_id)
    except AskUser:  # somebody took it meanwhile: it is asked again
        return False
    return True
