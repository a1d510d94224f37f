"""Another administration is coupled: what was kept of the former one is not used.

An id, a code or a number of the one may be another's in the other; e-Boekhouden.nl
counts from 1 in each. What was booked stays for history, and says where it stands. How
relations are linked is met anew by `relation_administration`.
"""

from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import aliased

from core.domain.clock import utcnow
from core.models import (
    Base,
    Connection,
    ConnectionState,
    Coupling,
    LogLevel,
    OrderRefund,
    Step,
    Transfer,
    TransferState,
)
from core.models.base import OfAdministration
from core.runtime import log
from core.runtime.database import session

OTHER = "other_administration"
"""Code of a coupling whose configuration is to be looked at, and of what waits."""
BEGUN_ELSEWHERE = "begun_in_other_administration"
SALE_ELSEWHERE = "sale_in_other_administration"
NOT_CONFIGURED = "coupling_not_configured"
"""Code of what waits until a configuration is saved."""
_UNKNOWN = "?"
"""Of a connection that was ended before its administration was kept."""
_OPEN = (
    TransferState.WAITING,
    TransferState.QUEUED,
    TransferState.SENDING,
    TransferState.FAILED,
)


def take(connection: Connection, external_id: str) -> None:
    """Note whose administration is coupled; keep nothing of another in use.

    In the caller's transaction; safe to repeat.
    """
    former = connection.administration
    if not former and connection.state != ConnectionState.NEW:
        former = connection.external_id or _UNKNOWN
    connection.administration = external_id
    if not former or former == external_id:
        return
    connection.cursor = {}
    for model in Base.__subclasses__():
        if issubclass(model, OfAdministration):
            session().execute(delete(model).filter_by(connection_id=connection.id))
    _mark_booked(connection, former)
    _stop_begun(connection)
    _ask_to_look(connection)
    log.write(
        connection.tenant_id,
        OTHER,
        level=LogLevel.WARNING,
        connection_id=connection.id,
        plugin=connection.plugin,
        name=connection.external_name,
    )


def _mark_booked(connection: Connection, former: str) -> None:
    """Say of what was booked where it stands; coupled again it is the own once more."""
    own = Transfer.target_id == connection.id
    _set(own, Transfer.external_id != "", Transfer.administration == "",
         administration=former)  # fmt: skip
    _set(own, Transfer.administration == connection.administration, administration="")
    sale = aliased(Transfer)
    sold_elsewhere = exists().where(
        OrderRefund.id == Transfer.subject_id,
        sale.subject_id == OrderRefund.order_id,
        sale.subject == "order",
        sale.target_id == connection.id,
        sale.administration != "",
    )
    held = Transfer.state == TransferState.HELD
    not_booked = Transfer.external_id == ""
    _set(own, Transfer.subject == "credit", held, not_booked, sold_elsewhere,
         code=SALE_ELSEWHERE)  # fmt: skip


def _stop_begun(connection: Connection) -> None:
    """Let a person decide of what may stand there half; other orders wait for a look.

    Pressed again it begins anew, in the administration coupled then.
    """
    own = Transfer.target_id == connection.id, Transfer.state.in_(_OPEN)
    not_there = Transfer.external_id == ""
    begun = exists().where(
        Step.transfer_id == Transfer.id, ~Step.name.contains(":")
    )  # of debtors and articles, `kind:key`, nothing stands in the books
    _set(*own, not_there, begun, state=TransferState.FAILED, code=BEGUN_ELSEWHERE,
         params={"name": connection.external_name})  # fmt: skip
    _set(*own, Transfer.state == TransferState.SENDING, state=TransferState.QUEUED)
    shops = Transfer.coupling_id.in_(
        select(Coupling.id).where(Coupling.source_id.is_not(None))
    )
    queued = Transfer.state == TransferState.QUEUED
    _set(*own, queued, Transfer.subject == "order", shops,
         state=TransferState.WAITING, code=NOT_CONFIGURED)  # fmt: skip
    _set(*own, queued, Transfer.subject.in_(("invoice", "purchase")),
         state=TransferState.WAITING, code=OTHER)  # fmt: skip
    unbooked = select(Transfer.id).where(Transfer.target_id == connection.id, not_there)
    session().execute(delete(Step).where(Step.transfer_id.in_(unbooked)))


def _ask_to_look(connection: Connection) -> None:
    """Let nothing go by the accounts and VAT codes of the former administration."""
    own = Coupling.target_id == connection.id
    session().execute(update(Coupling).where(own).values(needs_look=True))
    session().execute(
        update(Coupling)
        .where(own, Coupling.source_id.is_not(None))
        .values(configured_at=None, confirmed=[])
    )


def _set(*which: ColumnElement[bool], **values: Any) -> None:
    """Change transfers; a worker that holds one loses its lease."""
    session().execute(
        update(Transfer)
        .where(*which)
        .values(changed_at=utcnow(), lease_token="", lease_until=None, **values)
        .execution_options(synchronize_session="fetch")
    )
