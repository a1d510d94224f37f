"""Files that are small on disk and large when read: they cost nobody but themselves."""

import io
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from flask import Flask
from openpyxl import Workbook

from core.domain.errors import AskUser, RetryLater
from core.kit import confined
from core.models import (
    ImportState,
    InvoiceState,
    Mark,
    RelationImport,
    RelationImportRow,
    SalesInvoice,
    Tenant,
)
from core.plugin.engine import wake_due
from core.runtime import quota, throttle
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.crm import relation_file, relation_import
from core.services.invoicing import invoice_files
from core.texts import explain
from core.web.api import problems
from plugins.belastingdienst.setup import certificate_store

NS = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET, TYPES = "xl/worksheets/sheet1.xml", "[Content_Types].xml"
SHARED = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.'
    b'openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
CELL, STRING = b"<c><v>1</v></c>", b"<si><t>a</t></si>"


@pytest.fixture
def tenant_id(app: Flask) -> Iterator[int]:
    with system_scope():
        row = Tenant(name="Winkel")
        session().add(row)
        session().commit()
        yield row.id


def _xlsx(rows: bytes, strings: bytes = b"") -> bytes:
    """A workbook with these rows and shared strings in place of its own."""
    made, out = io.BytesIO(), io.BytesIO()
    book = Workbook()
    book.active.append(["Naam"])
    book.save(made)
    with (
        zipfile.ZipFile(made) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        parts = {name: source.read(name) for name in source.namelist()}
        parts[SHEET] = b"<worksheet %b><sheetData>%b</sheetData></worksheet>" % (
            NS, rows
        )  # fmt: skip
        parts["xl/sharedStrings.xml"] = b"<sst %b>%b</sst>" % (NS, strings)
        parts[TYPES] = parts[TYPES].replace(b"</Types>", SHARED + b"</Types>")
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


def cells_in_one_row() -> bytes:
    """K2 a: 12 MB of cells."""
    return _xlsx(b"<row>%b</row>" % (CELL * 800_000))


def shared_strings() -> bytes:
    """K2 b: 55 MB of texts."""
    return _xlsx(b"<row>%b</row>" % CELL, STRING * 3_200_000)


def cells_in_rows() -> bytes:
    """K2 c: 55 MB of cells."""
    return _xlsx(b"<row>%b</row>" % (CELL * 50) * 73_000)


def _received(tenant_id: int, content: bytes) -> int:
    with tenant_scope(tenant_id), transaction():
        row = relation_import.receive("x.xlsx", content, user_id=None)
    return row.id


def _row(import_id: int) -> RelationImport:
    session().expire_all()
    found = session().get_one(RelationImport, import_id)
    session().commit()
    return found


@contextmanager
def _beside(app: Flask, work: Callable[[], Any]) -> Iterator[Any]:
    """Do something in another thread, as a worker of its own."""

    def do() -> Any:
        with app.app_context(), system_scope():
            try:
                return work()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(do)


def _others_can_write(name: str) -> float:
    """Write as another tenant's webhook does; return the seconds it took."""
    began = monotonic()
    with transaction() as current:
        current.add(Mark(name=name, read_at=shared_now()))
    return monotonic() - began


@pytest.mark.parametrize("make", [cells_in_one_row, shared_strings, cells_in_rows])
def test_a_small_file_that_is_large_inside_ends_in_words(
    tenant_id: int, make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make()
    assert len(content) < 300_000
    monkeypatch.setattr(relation_file, "LIMITS", confined.Limits(cpu_seconds=2))
    import_id = _received(tenant_id, content)
    relation_import.advance(import_id)
    row = _row(import_id)
    assert row.state == ImportState.FAILED
    assert row.error in ("import_too_many_cells", "file_takes_too_much")
    words = explain(row.error)
    assert words.what
    assert words.action
    assert row.content is None


class Halted:
    """A child that is at work until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_busy, self.may_end = Event(), Event()
        run = confined._run

        def halted(*args: Any) -> int:
            self.is_busy.set()
            assert self.may_end.wait(30)
            return run(*args)

        monkeypatch.setattr(confined, "_run", halted)


def test_others_write_while_a_file_is_read(
    app: Flask, tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = _received(tenant_id, b"Naam;Plaats\nA;B\n")
    child = Halted(monkeypatch)
    with _beside(app, lambda: relation_import.advance(import_id)):
        assert child.is_busy.wait(30)
        try:
            seconds = _others_can_write("import")
        finally:
            child.may_end.set()
    assert seconds < 5  # a held writer lock is waited for 20 seconds
    assert _row(import_id).state == ImportState.READ


def test_others_write_while_a_certificate_is_read(
    app: Flask, tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Halted(monkeypatch)

    def upload() -> str:
        session().get_one(Tenant, tenant_id)  # as a request has looked up its user
        read = certificate_store.read(_certificate(), "pw", tenant_id=tenant_id)
        return read.subject

    with _beside(app, upload) as done:
        assert child.is_busy.wait(30)
        try:
            seconds = _others_can_write("certificate")
        finally:
            child.may_end.set()
    assert seconds < 5
    assert done.result() == "Demo"


def _certificate(rounds: int = 1000) -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Demo")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    locked = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(rounds)
        .build(b"pw")
    )
    return pkcs12.serialize_key_and_certificates(None, key, made, None, locked)


def test_a_certificate_that_takes_long_to_open_is_refused(
    tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file says itself how much work its password is.

    Two seconds on a fast machine, where half as much was done within the second.
    """
    slow = _certificate(8_000_000)
    limits = confined.Limits(cpu_seconds=1, output_bytes=1_000_000)
    monkeypatch.setattr(certificate_store, "LIMITS", limits)
    with pytest.raises(AskUser) as refused:
        certificate_store.read(slow, "pw", tenant_id=tenant_id)
    assert refused.value.code == "file_takes_too_much"


# --- tries ----------------------------------------------------------------------------


def _times_read(
    monkeypatch: pytest.MonkeyPatch, end: Callable[[], Exception | BaseException]
) -> list[int]:
    tried: list[int] = []

    def reads(*_: Any) -> Any:
        tried.append(1)
        raise end()

    monkeypatch.setattr(confined, "results", reads)
    return tried


@pytest.mark.parametrize(
    "end", [lambda: RetryLater("file_reader_ended"), lambda: ValueError("a bug")]
)
def test_a_poison_import_ends_after_a_few_tries(
    tenant_id: int, monkeypatch: pytest.MonkeyPatch, end: Callable[[], Exception]
) -> None:
    import_id = _received(tenant_id, b"x")
    tried = _times_read(monkeypatch, end)
    for _ in range(5):
        relation_import.advance(import_id)
    assert len(tried) == relation_import.MOST_TRIES
    row = _row(import_id)
    assert (row.state, row.error) == (ImportState.FAILED, "import_gave_up")
    assert explain(row.error).action


def test_one_that_kills_its_worker_ends_as_well(
    tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed worker notes nothing and gives nothing back: its lease runs out."""
    import_id = _received(tenant_id, b"x")
    killed: list[int] = []

    def dies(lease: Any) -> None:
        killed.append(lease.attempt)
        raise SystemExit

    monkeypatch.setitem(relation_import._STEPS, ImportState.READING, dies)
    for _ in range(5):
        with pytest.MonkeyPatch.context() as gone:
            gone.setattr(relation_import.Lease, "release", lambda _: None)
            try:
                relation_import.advance(import_id)
            except SystemExit:
                session().rollback()
        with transaction():
            past = shared_now() - timedelta(seconds=1)
            session().get_one(RelationImport, import_id).lease_until = past
    assert killed == list(range(1, relation_import.MOST_TRIES + 1))
    assert _row(import_id).error == "import_gave_up"


def test_a_try_that_gets_on_starts_the_count_anew(
    tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = _received(tenant_id, b"Naam;Plaats\nA;B\n")
    with pytest.MonkeyPatch.context() as broken:
        _times_read(broken, lambda: RetryLater("file_reader_ended"))
        relation_import.advance(import_id)
    assert _row(import_id).tries == 1
    relation_import.advance(import_id)
    row = _row(import_id)
    assert (row.state, row.tries, row.rows) == (ImportState.READ, 0, 1)


def test_a_try_that_stored_half_leaves_nothing_behind(
    tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(f"A{number};B\n" for number in range(9))
    import_id = _received(tenant_id, f"Naam;Plaats\n{lines}".encode())
    monkeypatch.setattr(relation_file, "STORED", 4)
    with pytest.MonkeyPatch.context() as broken:
        kept = relation_file.islice

        def breaks(rows: Any, size: int) -> Any:
            if session().query(RelationImportRow).count():
                session().rollback()
                raise ValueError("half way")
            session().rollback()
            return kept(rows, size)

        broken.setattr(relation_file, "islice", breaks)
        relation_import.advance(import_id)
    assert session().query(RelationImportRow).count() == 4
    session().rollback()
    relation_import.advance(import_id)
    assert _row(import_id).rows == 9
    assert session().query(RelationImportRow).count() == 9


# --- quota ----------------------------------------------------------------------------


def test_a_tenant_has_a_few_files_at_a_time(tenant_id: int) -> None:
    for _ in range(3):
        _received(tenant_id, b"Naam;Plaats\nA;B\n")
    with pytest.raises(AskUser) as refused:
        _received(tenant_id, b"x")
    assert refused.value.code == "files_at_once"
    wake_due([relation_import.DUE], shared_now())
    relation_import.advance(1)  # one is read: there is room for another
    assert _received(tenant_id, b"x")


def test_a_tenant_gives_so_many_bytes_a_day(
    tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 200_000_000
    with transaction():
        quota.admit(tenant_id, most - 10)
    for size in (11, most + 1):
        with pytest.raises(AskUser) as refused, transaction():
            quota.admit(tenant_id, size)
        assert refused.value.code == "files_per_day"
    with transaction():
        quota.admit(tenant_id, 10)  # what was refused was not counted
        quota.admit(tenant_id + 1, most)
    later = shared_now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(throttle, "utcnow", lambda: later)
    with transaction():
        quota.admit(tenant_id, most)


def test_so_many_certificates_are_read_at_a_time(tenant_id: int) -> None:
    with (
        quota.reading(tenant_id, 1),
        quota.reading(tenant_id, 1),
        quota.reading(tenant_id, 1),
    ):
        with pytest.raises(AskUser) as refused, quota.reading(tenant_id, 1):
            pass
        assert refused.value.code == "files_at_once"
        with quota.reading(tenant_id + 1, 1):
            pass
    with quota.reading(tenant_id, 1):
        pass


def test_attachments_count_as_well(
    app: Flask, tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = SalesInvoice(tenant_id=tenant_id, state=InvoiceState.DRAFT)
    monkeypatch.setattr(invoice_files.sales_invoices, "hold_draft", lambda _: None)
    monkeypatch.setattr(invoice_files, "size_of", lambda _: 0)
    throttle.spend(f"files:{tenant_id}", 200_000_000, 200_000_000, quota.DAY)
    with pytest.raises(AskUser) as refused:
        invoice_files.add(invoice, "x.pdf", b"%PDF-1.7")
    assert refused.value.code == "files_per_day"
    assert problems.of_error(refused.value).status == 429
