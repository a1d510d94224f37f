"""The tenant guard: no scope, no rows; a tenant's scope, only that tenant's rows."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from sqlalchemy import (
    Engine,
    create_engine,
    delete,
    exists,
    func,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from core.models import Base, Connection, Coupling, Tenant, TenantPlugin
from core.runtime.tenancy import (
    NoTenantScope,
    OutsideTenantScope,
    ScopedSession,
    current_scope,
    enter_scope,
    leave_scope,
    system_scope,
    tenant_scope,
)

OWN, FOREIGN = 1, 2


class Plain(ScopedSession):
    """The application's session without the application around it."""

    def __init__(self, engine: Engine) -> None:
        Session.__init__(self, engine, expire_on_commit=False)
        self.engine = engine

    def get_bind(self, *_: Any, **__: Any) -> Engine:
        return self.engine


@pytest.fixture
def session() -> Iterator[Session]:
    """Two tenants, each with two connections (ids 10 and 11, 20 and 21) coupled."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with system_scope(), Plain(engine) as filling:
        for tenant in (OWN, FOREIGN):
            filling.add(Tenant(id=tenant, name=str(tenant)))
            for place in (0, 1):
                filling.add(
                    Connection(
                        id=10 * tenant + place, tenant_id=tenant, plugin=f"p{place}"
                    )
                )
            filling.flush()
            filling.add(
                Coupling(
                    id=tenant,
                    tenant_id=tenant,
                    source_id=10 * tenant,
                    target_id=10 * tenant + 1,
                )
            )
        filling.commit()
    with Plain(engine) as empty:
        yield empty
    engine.dispose()


other = aliased(Connection)
of_tenant = Connection.tenant_id == Tenant.id
QUERIES: dict[str, tuple[Any, list[Any], list[Any]]] = {
    # statement, what a tenant's scope gives, what the system's gives
    "rows": (select(Connection.id), [10, 11], [10, 11, 20, 21]),
    "alias": (select(other.id), [10, 11], [10, 11, 20, 21]),
    "count of a column": (select(func.count(Connection.id)), [2], [4]),
    "count from": (select(func.count()).select_from(Connection), [2], [4]),
    "join": (select(Tenant.id).join(Connection, of_tenant), [1, 1], [1, 1, 2, 2]),
    "outer join": (
        select(Connection.id).select_from(Tenant).outerjoin(Connection, of_tenant),
        [10, 11, None],
        [10, 11, 20, 21],
    ),
    "second of a join": (
        select(Coupling.id).join(other, other.id == Coupling.target_id),
        [1],
        [1, 2],
    ),
    "named in where only": (select(Tenant.id).where(of_tenant), [1, 1], [1, 1, 2, 2]),
    "exists": (select(Tenant.id).where(exists().where(of_tenant)), [1], [1, 2]),
    "in": (
        select(Tenant.id).where(Tenant.id.in_(select(Connection.tenant_id))),
        [1],
        [1, 2],
    ),
    "subquery": (select(select(Coupling.id).subquery()), [1], [1, 2]),
    "cte": (select(select(Coupling.id).cte()), [1], [1, 2]),
    "union": (
        union_all(select(Coupling.id), select(Connection.id)),
        [1, 10, 11],
        [1, 2, 10, 11, 20, 21],
    ),
    "scalar subquery": (
        select(
            select(func.count(Connection.id))
            .where(of_tenant)
            .correlate(Tenant)
            .scalar_subquery()
        ).select_from(Tenant),
        [2, 0],
        [2, 2],
    ),
}


def rows(session: Session, statement: Any) -> list[Any]:
    """What a statement gives, in one order."""
    found = session.execute(statement).scalars().all()
    return sorted(found, key=lambda value: (value is None, value))


@pytest.mark.parametrize("name", QUERIES)
def test_a_tenants_scope_sees_its_own_rows_only(session: Session, name: str) -> None:
    statement, own, everything = QUERIES[name]
    with tenant_scope(OWN):
        assert sorted(rows(session, statement), key=str) == sorted(own, key=str)
    with system_scope():
        assert sorted(rows(session, statement), key=str) == sorted(everything, key=str)


@pytest.mark.parametrize("name", QUERIES)
def test_without_a_scope_every_such_query_raises(session: Session, name: str) -> None:
    with pytest.raises(NoTenantScope):
        session.execute(QUERIES[name][0])


def test_without_a_scope_other_rows_can_be_read(session: Session) -> None:
    assert rows(session, select(Tenant.id)) == [1, 2]


def test_the_legacy_query_is_filtered_as_well(session: Session) -> None:
    with tenant_scope(OWN):
        assert session.query(Connection).count() == 2
        assert session.query(Tenant).join(Connection, of_tenant).count() == 2


def reasons(session: Session) -> dict[int, str]:
    """The reason of every connection, as it stands in the database."""
    with system_scope():
        found = session.execute(select(Connection.id, Connection.reason))
        return {row.id: row.reason for row in found}


@pytest.mark.parametrize(
    "where",
    [
        Connection.plugin.in_(("p0", "p1")),
        Connection.id.in_((10, 11, 20, 21)),
        Connection.tenant_id == FOREIGN,
        exists().where(Coupling.source_id == Connection.id),
    ],
)
def test_an_update_reaches_own_rows_only(session: Session, where: Any) -> None:
    with tenant_scope(OWN):
        session.execute(
            update(Connection)
            .where(where)
            .values(reason="x")
            .execution_options(synchronize_session=False)
        )
    after = reasons(session)
    assert (after[20], after[21]) == ("", "")


def test_an_update_asks_only_own_rows(session: Session) -> None:
    """A condition on tenant rows is filtered where the table itself is nobody's."""
    with tenant_scope(OWN):
        session.execute(
            update(Tenant)
            .where(exists().where(of_tenant))
            .values(name="x")
            .execution_options(synchronize_session=False)
        )
    assert rows(session, select(Tenant.name)) == ["2", "x"]


def test_a_delete_reaches_own_rows_only(session: Session) -> None:
    with tenant_scope(OWN):
        session.execute(delete(Coupling))
    with system_scope():
        assert rows(session, select(Coupling.id)) == [FOREIGN]


def test_get_does_not_return_a_foreign_row(session: Session) -> None:
    with tenant_scope(OWN):
        assert session.get(Connection, 20) is None
        with pytest.raises(NoResultFound):
            session.get_one(Connection, 20)
        assert session.get_one(Connection, 10).id == 10


def test_get_does_not_return_a_foreign_row_it_remembers(session: Session) -> None:
    with system_scope():
        remembered = [session.get_one(Connection, key) for key in (10, 20)]
    with tenant_scope(OWN):
        assert session.get(Connection, 20) is None
        with pytest.raises(NoResultFound):
            session.get_one(Connection, 20)
        assert session.get(Connection, 10) is remembered[0]
    with pytest.raises(NoTenantScope):
        session.get(Connection, 10)
    assert session.get_one(Tenant, FOREIGN).name == "2"


def test_relations_of_own_rows_are_loaded(session: Session) -> None:
    both = select(Coupling).options(
        joinedload(Coupling.source), selectinload(Coupling.target)
    )
    with tenant_scope(OWN):
        (eager,) = session.scalars(both)
        assert (eager.source.id, eager.target.id) == (10, 11)
        session.expunge_all()
        (lazy,) = session.scalars(select(Coupling))
        assert (lazy.source.id, lazy.target.id) == (10, 11)


def test_a_relation_to_a_foreign_row_is_empty(session: Session) -> None:
    with system_scope():
        session.execute(update(Coupling).where(Coupling.id == OWN).values(target_id=21))
        session.expunge_all()
    with tenant_scope(OWN):
        assert session.get_one(Coupling, OWN).target is None


@pytest.mark.parametrize(
    "statement",
    [
        select(Connection.__table__.c.id),
        update(Connection.__table__).values(reason="x"),
        delete(Connection.__table__),
        insert(Connection).values(tenant_id=FOREIGN, plugin="p2"),
        insert(Connection).values([{"tenant_id": FOREIGN, "plugin": "p2"}]),
    ],
)
def test_what_cannot_be_filtered_is_refused(session: Session, statement: Any) -> None:
    with tenant_scope(OWN), pytest.raises(OutsideTenantScope):
        session.execute(statement)
    with pytest.raises(NoTenantScope):
        session.execute(statement)


def test_bulk_statements_are_refused_too(session: Session) -> None:
    with tenant_scope(OWN):
        with pytest.raises(OutsideTenantScope):
            session.execute(update(Connection), [{"id": 20, "reason": "x"}])
        with pytest.raises(OutsideTenantScope):
            session.execute(insert(Coupling), [{"tenant_id": FOREIGN, "source_id": 20}])


def test_own_rows_can_be_inserted(session: Session) -> None:
    copied = select(Connection.tenant_id, Connection.plugin, Connection.enabled)
    with tenant_scope(OWN):
        session.execute(insert(Connection).values(tenant_id=OWN, plugin="p2"))
        session.execute(
            insert(TenantPlugin).from_select(["tenant_id", "plugin", "enabled"], copied)
        )
    with system_scope():
        assert set(rows(session, select(TenantPlugin.tenant_id))) == {OWN}


def _change(session: Session) -> None:
    with system_scope():
        row = session.get_one(Connection, 20)
    row.reason = "x"


def _remove(session: Session) -> None:
    with system_scope():
        session.delete(session.get_one(Connection, 20))


def _give_away(session: Session) -> None:
    with system_scope():
        row = session.get_one(Connection, 10)
    row.tenant_id = FOREIGN


def _add(session: Session) -> None:
    session.add(Connection(tenant_id=FOREIGN, plugin="p3"))


@pytest.mark.parametrize("write", [_change, _remove, _give_away, _add])
@pytest.mark.parametrize(
    ("scope", "error"),
    [(lambda: tenant_scope(OWN), OutsideTenantScope), (nullcontext, NoTenantScope)],
)
def test_a_foreign_row_is_never_written(
    session: Session,
    write: Callable[[Session], None],
    scope: Callable[[], AbstractContextManager[None]],
    error: type[Exception],
) -> None:
    with scope():
        write(session)
        with pytest.raises(error):
            session.flush()


def test_a_question_across_tenants_is_possible_on_purpose(session: Session) -> None:
    question = select(Connection.id).execution_options(all_tenants=True)
    with tenant_scope(OWN):
        assert rows(session, question) == [10, 11, 20, 21]
    with pytest.raises(NoTenantScope):
        session.execute(question)


def test_scopes_nest_and_end() -> None:
    assert current_scope() is None
    with system_scope():
        with tenant_scope(OWN):
            assert current_scope() == OWN
        assert current_scope() == 0
    enter_scope(FOREIGN)
    assert current_scope() == FOREIGN
    leave_scope()
    assert current_scope() is None
