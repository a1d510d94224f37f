"""Erasing a customer erases him everywhere: tables, files, backups made afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from secrets import token_hex
from typing import Any
from zlib import decompress

import pytest
from redis import Redis
from sqlalchemy import Date, DateTime, LargeBinary, select, text
from sqlalchemy.orm import Session

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.redact import redact
from core.kit.mailcatcher.store import Store
from core.main import database_copies
from core.main.stack import Stack
from core.models import (
    Base,
    InvoiceState,
    LogEntry,
    Mail,
    MailState,
    Relation,
    SalesInvoice,
    Step,
    StepState,
    TransferState,
)
from core.models.base import Json, Money, Quantity, Rate, UtcDateTime
from core.rules.keeping import kept_until
from core.runtime import jobs, log
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope, tenant_scope
from core.runtime.worker import work
from core.services.crm import relations
from core.services.invoicing import sales_invoices
from core.services.mailing.smtp import message_id
from core.services.people import customers, takeout, traces
from core.services.people.traces import Then
from tests.api.conftest import Program, token
from tests.invoices import draft
from tests.web import samples
from tests.web.conftest import Site
from tests.web.samples import Sample

NAME = "Zebedeus"
EMAIL = "zebedeus.vogel@canary.nl"
WHO = {"name": f"{NAME} Vogel", "email": EMAIL, "description": f"Kooi van {NAME}"}


@pytest.mark.usefixtures("app")
def test_each_column_with_text_is_declared() -> None:
    """A new one is red here: say in `traces` whether it may name a customer."""
    columns = {
        name: {one.name for one in table.columns if traces.holds_text(one)}
        for name, table in Base.metadata.tables.items()
        if name in {takeout.name_of(model) for model in _core()}
    }
    declared = {name: set(one.columns) for name, one in traces.TABLES.items()}
    assert declared == {name: found for name, found in columns.items() if found}
    for one in traces.TABLES.values():
        assert bool(one.personal) is (one.then != Then.NONE)
        assert not one.personal_columns & set(one.other.split())


def _core() -> Iterator[Any]:
    for mapper in Base.registry.mappers:
        if mapper.class_.__module__.startswith("core."):
            yield mapper.class_


def test_what_a_plugin_keeps_counts_as_naming_him(site: Site) -> None:
    from plugins.eaccounting.models import EAccountingRecord

    with site.app.app_context():
        assert "name" in traces.of(EAccountingRecord).personal_columns


def _value(column: Any, personal: bool) -> Any:
    """Return something for a column; where he may stand: his name or address."""
    kind = column.type
    length = getattr(kind, "length", None) or 300
    if isinstance(kind, Json):
        return {"who": f"{NAME} <{EMAIL}>"} if personal else {}
    if isinstance(kind, Money | Rate | Quantity):
        return Decimal(1)
    if isinstance(kind, LargeBinary):
        return b"-"
    if traces.holds_text(column):
        long = EMAIL if length > len(EMAIL) else NAME[:length]
        return long if personal else "-"[:length]
    if isinstance(kind, UtcDateTime | DateTime):
        return datetime(2026, 11, 1, tzinfo=UTC)
    return date(2026, 11, 1) if isinstance(kind, Date) else 1


def _plant(session: Session, model: Any, given: dict[str, Any]) -> None:
    personal = traces.of(model).personal_columns
    values = {
        column.key: _value(column, column.name in personal)
        for column in model.__table__.columns
        if column.name != "id"
    }
    values |= {name: each for name, each in given.items() if name in values}
    for column in model.__table__.columns:  # its own kind of row, or none
        if column.foreign_keys and column.nullable and column.name not in given:
            values[column.key] = None
    session.execute(model.__table__.insert().values(values))


def _fill(site: Site, sample: Sample) -> list[str]:
    """Plant him in every place that may name him; return the tables."""
    planted = []
    with site.data() as session, tenant_scope(sample.tenant.id):
        booked = samples.transfer(
            sample, "B-1", TransferState.DONE, order_values=dict(WHO),
            external_number="2026-7", booked_at=utcnow(), params={"name": NAME},
            reasoning={"rule": "home", "lines": [{"line": NAME, "rate": "21"}]},
        )  # fmt: skip
        failed = samples.transfer(
            sample, "F-1", TransferState.FAILED, "order_empty",
            order_values=dict(WHO), params={"name": NAME},
        )  # fmt: skip
        for state, of in ((StepState.CONFIRMED, booked), (StepState.REJECTED, failed)):
            samples.step(of, state, f"POST customer {NAME}")
        for step in session.scalars(select(Step)):
            step.name, step.reference = f"debtor:{EMAIL}", EMAIL  # K7
        another = samples.transfer(sample, "A-1", TransferState.DONE)
        samples.step(another, StepState.CONFIRMED, f"GET customers {NAME} Vogel")
        masked = samples.transfer(sample, "A-2", TransferState.DONE)
        samples.step(masked, StepState.CONFIRMED, f"GET customers {redact(EMAIL)}")
        samples.note(sample, "transfer_done", transfer_id=booked.id, number=NAME)
        samples.note(sample, "relation_deleted", name=WHO["name"], number="1")
        data = relations.RelationData(False, WHO["name"], email=EMAIL, phone=NAME)
        row = relations.save(data, None)
        for state in (MailState.QUEUED, MailState.SENT, MailState.FAILED):
            session.add(
                Mail(tenant_id=sample.tenant.id, recipient=EMAIL, kind="x", state=state,
                     due_at=utcnow(), dedup_key=f"m{state}", content=b"-")
            )  # fmt: skip
        session.add(_mail_to_the_owner(sample))
        session.commit()
        for one in session.scalars(select(Mail)):
            _catch(site, one, NAME)
        given = {"tenant_id": sample.tenant.id, "relation_id": row.id,
                 "connection_id": sample.package.id, "kept_id": row.id,
                 "merged_id": row.id, "coupling_id": sample.coupling.id}  # fmt: skip
        raw = session.connection()
        is_lite = raw.dialect.name == "sqlite"
        session.rollback()
        off = "PRAGMA foreign_keys=OFF" if is_lite else ""
        with system_scope(), db.engine.connect() as connection:
            if off:
                connection.connection.cursor().execute(off)
            else:
                connection.execute(text("SET session_replication_role = replica"))
            for model in _planted_tables():
                _plant(connection, model, given)
                planted.append(takeout.name_of(model))
            connection.commit()
            connection.invalidate()
    return planted


def _mail_to_the_owner(sample: Sample) -> Mail:
    return Mail(
        tenant_id=sample.tenant.id,
        recipient=sample.owner,
        kind="x",
        state=MailState.SENT,
        due_at=utcnow(),
        dedup_key=token_hex(4),
    )


def _catch(site: Site, row: Mail, text: str) -> str:
    """Let the local catcher keep a mail as it went out; return its id there."""
    said = EmailMessage(policy=SMTP)
    said["Message-ID"], said["To"], said["Subject"] = (
        message_id(row),
        row.recipient,
        text,
    )
    said.set_content(f"{text} <{EMAIL}>" if text == NAME else text, cte="base64")
    store = Store(site.app.extensions["koppelwerk"].settings.mails)
    store.add(bytes(said), [row.recipient])
    return next(store.all()).id


def _planted_tables() -> list[Any]:
    own = {"relation", "relation_address", "relation_word"}
    return [
        model
        for then in (Then.DELETED, Then.EMPTIED)
        for model in customers._gone(then)  # not the tenant's own administration
        if model not in (LogEntry, Mail)
        and traces.of(model).personal
        and takeout.name_of(model) not in own
        and any(_is_long(column) for column in traces.personal(model))
    ]


def _is_long(column: Any) -> bool:
    """Tell whether an address fits; where none does, a year or a code stands."""
    return (getattr(column.type, "length", None) or 300) > len(EMAIL)


def _rows() -> dict[str, str]:
    """Return what stands in each table, as text."""
    with system_scope(), db.engine.connect() as connection:
        return {
            name: "\n".join(
                map(str, connection.execute(text(f'SELECT * FROM "{name}"')))
            )
            for name in Base.metadata.tables
        }


def _naming() -> set[str]:
    return {
        name
        for name, rows in _rows().items()
        if NAME.lower() in rows.lower() or EMAIL in rows
    }


def _files(site: Site, tmp_path: Path) -> set[str]:
    """Return the files that hold him: of var/, the database's, a new backup's."""
    with site.app.app_context():
        url = db.engine.url
        if url.get_backend_name() == "sqlite":
            backup = tmp_path / "later.backup"
            backup.touch(mode=0o600)
            database_copies.of(url).save(backup)
            db.engine.dispose()
    return {
        str(path)
        for path in tmp_path.rglob("*")
        if path.is_file()
        and any(
            word in path.read_bytes().lower()
            for word in (NAME.lower().encode(), EMAIL.encode())
        )
    }


def _erase(site: Site, sample: Sample) -> str:
    client = site.client(sample.owner)
    form = {"email": EMAIL.upper()}
    asked = client.post("/profiel/privacy/klant", data=form)
    assert asked.status_code == 200
    answer = client.post("/profiel/privacy/klant/wissen", data=form)
    assert answer.status_code == 303, answer.text
    return asked.text


def test_nothing_of_him_is_left_anywhere(site: Site, tmp_path: Path) -> None:
    sample = site.sample()
    planted = _fill(site, sample)
    assert len(planted) > 20
    with site.app.app_context():
        assert set(planted) <= _naming()
    with site.app.app_context():
        is_file = db.engine.dialect.name == "sqlite"
    assert bool(_files(site, tmp_path)) is is_file  # a server keeps them elsewhere
    with site.data() as session:
        session.add(other := _mail_to_the_owner(sample))
        session.flush()
        kept = _catch(site, other, "Over iets anders")
    _erase(site, sample)
    with site.app.app_context():
        assert _naming() == set()
        assert redact(EMAIL) not in _rows()["step"]
    assert _files(site, tmp_path) == set()
    mails = Store(site.app.extensions["koppelwerk"].settings.mails)
    assert [one.id for one in mails.all()] == [kept]
    with site.data() as session:
        mails = session.scalars(select(Mail)).all()
        told = sorted((one.state, one.recipient) for one in mails)
        assert told == [(MailState.SENT, ""), *2 * [(MailState.SENT, sample.owner)]]
        assert session.query(LogEntry).count() > 2  # they stay, without his name


def test_a_step_is_found_by_another_name_afterwards(site: Site) -> None:
    """A transfer has one step of a name: two addresses of his may be two steps."""
    sample = site.sample()
    _fill(site, sample)
    _erase(site, sample)
    with site.app.app_context():
        steps = _rows()["step"]
    assert "debtor:" not in steps
    assert "#1" in steps


@pytest.mark.parametrize("column", ["step", "transfer", "mail"])
def test_without_its_traces_he_is_found(
    site: Site, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    off = {
        "step": ("_forget_trail", lambda *_all: None),
        "transfer": ("_without_lines", lambda reasoning: reasoning),
        "mail": ("_forget_mails", lambda _email: None),
    }
    sample = site.sample()
    _fill(site, sample)
    monkeypatch.setattr(customers, *off[column])
    _erase(site, sample)
    with site.app.app_context():
        assert column in _naming()


def test_an_invoice_stays_is_named_and_its_relation_blocked(site: Site) -> None:
    sample = site.sample()
    _fill(site, sample)
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.scalars(select(Relation)).one()
        invoice = draft(sample.tenant, row)
        waiting = draft(sample.tenant, row)
        session.flush()
        sales_invoices.send(invoice, "other")
        number, unsent = invoice.number, waiting.id
        until = kept_until(invoice.issued_on, "NL")
    page = _erase(site, sample)
    assert f"Factuur {number}: met naam en adres, tot en met" in page
    assert f"{until.year}" in page
    assert "Geboekte bestelling B-1: bedragen en btw zonder naam" in page
    client = site.client(sample.owner)
    with site.data() as session:
        relation = session.scalars(select(Relation)).one()
        assert relation.name == WHO["name"]
        assert (relation.email, relation.phone) == ("", "")
        assert session.scalars(select(SalesInvoice.state)).all() == [InvoiceState.SENT]
        assert session.get(SalesInvoice, unsent) is None
        kept = relation.id
    with site.app.app_context():
        naming = _naming()
    assert naming <= {"sales_invoice", "sales_invoice_line", "relation",
                      "relation_address"}  # fmt: skip
    assert NAME not in client.get("/relaties").text
    for path in ("", "/wijzigen", "/geschiedenis"):
        assert client.get(f"/relaties/{kept}{path}").status_code == 404
    for path in ("/facturen", "/verwijderen", "/samenvoegen", "/contactpersonen/nieuw"):
        assert client.get(f"/relaties/{kept}{path}").status_code == 404
    program = Program(site, sample, token(site, sample))
    for path in ("", "/contacts"):
        assert program.get(f"/relations/{kept}{path}").status_code == 404
    with site.data() as session, tenant_scope(sample.tenant.id):
        sent = session.scalars(select(SalesInvoice)).one()
        credit = sales_invoices.credit(sent, sent.issued_on)
        assert credit.credits_id == sent.id
        with pytest.raises(AskUser, match="relation_blocked"):
            draft(sample.tenant, sent.relation)
        session.delete(credit)
    again = _erase(site, sample)  # again: he is not found by his address any more
    assert "Factuur" not in again


def test_another_of_the_same_beginning_stays(site: Site) -> None:
    sample = site.sample()
    with site.data(), tenant_scope(sample.tenant.id):
        longer = f"x{EMAIL}"
        relations.save(relations.RelationData(False, "Ander", email=longer), None)
        log.write(sample.tenant.id, "relation_deleted", name="Ander", number="1")
    _erase(site, sample)
    with site.data() as session:
        assert session.scalars(select(Relation.email)).all() == [longer]
        said = session.scalars(
            select(LogEntry).where(LogEntry.code == "relation_deleted")
        )
        assert said.one().personal == {"name": "Ander"}


@pytest.mark.parametrize(
    ("country", "year"), [("NL", 2033), ("BE", 2036), ("DE", 2033)]
)
def test_how_long_the_law_keeps(country: str, year: int) -> None:
    assert kept_until(date(2026, 1, 1), country) == date(year, 12, 31)


def test_redis_is_not_told_why_a_task_failed(site: Site, sandboxes: Stack) -> None:
    """An error may name him; the log, which has no such words, tells of it."""

    def fail(_argument: int) -> None:
        raise ValueError(f"{NAME} <{EMAIL}>")

    parts = site.app.extensions["koppelwerk"]
    own = replace(parts.settings, redis_url=sandboxes.settings.redis)
    site.app.extensions["koppelwerk"] = replace(
        parts, settings=own, tasks={"fail": fail}
    )
    with Redis.from_url(own.redis) as redis:
        redis.flushall()
        with site.app.app_context():
            jobs.wake("clock", "fail")
            work(site.app, "clock", burst=True)
            queue = jobs.queue("clock", redis)
            (failed,) = map(queue.fetch_job, queue.failed_job_registry.get_job_ids())
            assert failed is not None
            result = failed.latest_result()
            assert result is not None
            assert result.exc_string == ""
            # JSON, and ids: whoever writes to Redis runs nothing of his own (D15, D16)
            said = decompress(redis.hget(failed.key, "data"))
            assert jsontext.loads(said) == [
                "core.runtime.jobs.run", None, ["clock", "fail", 0], {},
            ]  # fmt: skip
