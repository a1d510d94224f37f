"""The statements that every document passes through, built once.

SQLAlchemy takes longer to build a statement than the database to run it; these are
run several times for each document by workers, so they stand ready with named
parameters. They address tables, which the tenant guard allows in system scope only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from core.models import (
    Base,
    Connection,
    ConnectionState,
    Counter,
    Coupling,
    Step,
    Tenant,
    Transfer,
    TransferState,
)


@dataclass(frozen=True)
class Guard:
    """What must hold of a transfer's subject right before each write.

    The conditions are built once and name their values in `params`.
    """

    conditions: Sequence[ColumnElement[bool]] = ()
    outdated: ColumnElement[bool] | None = None
    """True in the database when the subject changed since it was loaded."""
    params: Mapping[str, Any] = field(default_factory=dict)


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


_transfer, _connection, _step = _table(Transfer), _table(Connection), _table(Step)
_coupling, _tenant = _table(Coupling), _table(Tenant)
_LEASE = (
    _transfer.c.id == bindparam("lease_transfer"),
    _transfer.c.lease_token == bindparam("lease_of"),
    _transfer.c.attempt == bindparam("lease_attempt"),
    _transfer.c.state == TransferState.SENDING,
)
_ALIVE = and_(
    exists().where(
        _connection.c.id == bindparam("alive_connection"),
        _connection.c.version == bindparam("alive_version"),
        _connection.c.state == ConnectionState.CONNECTED,
        _connection.c.enabled,
    ),
    exists().where(
        _coupling.c.id == _transfer.c.coupling_id,
        _coupling.c.enabled,
        _coupling.c.licensed,
    ),
    exists().where(_tenant.c.id == _transfer.c.tenant_id, _tenant.c.active),
)
"""The package is as it was when the transfer was leased, and may still be sent to."""
ADD_STEP = insert(_step)
SET_STEP = (
    update(_step)
    .where(
        _step.c.transfer_id == bindparam("of_transfer"),
        _step.c.name == bindparam("of_name"),
    )
    .values(
        state=bindparam("state"),
        external_id=bindparam("external_id"),
        result=bindparam("result"),
        missed_at=bindparam("missed_at"),
        sends=bindparam("sends"),
        first_sent_at=bindparam("first_sent_at"),
        not_before=bindparam("not_before"),
        exchange=bindparam("exchange"),
    )
)


def not_aside() -> ColumnElement[bool]:
    """Return what keeps from being sent what the user set aside, whatever its state."""
    return _transfer.c.set_aside_at.is_(None)


@lru_cache(maxsize=32)
def start(conditions: tuple[ColumnElement[bool], ...]) -> Update:
    """Return: mark the attempt started, if all is as it was when it was leased."""
    wanted = (*_LEASE, not_aside(), _ALIVE, *conditions)
    return update(_transfer).where(*wanted).values(started=True)


@cache
def held() -> Select[tuple[int]]:
    """Return: the transfer, if the lease is still ours; nobody takes it meanwhile."""
    return select(_transfer.c.id).where(*_LEASE).with_for_update()


@lru_cache(maxsize=32)
def settle(columns: tuple[str, ...], outdated: ColumnElement[bool] | None) -> Update:
    """Return: write the end of an attempt, if the lease is still ours.

    With `outdated`, state and code have another value for a subject that changed
    meanwhile: the database chooses.
    """
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    if outdated is not None:
        for name in ("state", "code"):
            kind = _transfer.c[name].type
            changed = bindparam(f"outdated_{name}", type_=kind)
            values[name] = case((outdated, changed), else_=bindparam(name, type_=kind))
    return update(_transfer).where(*_LEASE).values(**values)


@cache
def draw(dialect: str) -> Any:
    """Return: draw the next number of a series, at least the value given."""
    maker = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = maker(_table(Counter))
    following, least = Counter.value + 1, statement.excluded.value
    return statement.on_conflict_do_update(
        index_elements=["connection_id", "name"],
        set_={"value": case((following > least, following), else_=least)},
    ).returning(Counter.value)
