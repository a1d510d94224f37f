"""Downloading and erasing: no secret leaves, no name stays, booked totals do."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import Connection as Database
from sqlalchemy import LargeBinary, select, text

from core.domain.clock import utcnow
from core.kit.mailcatcher.store import Store
from core.models import (
    Base,
    Credential,
    InboxEvent,
    InboxState,
    Link,
    LinkKind,
    LogEntry,
    Mail,
    OAuthState,
    OneTimeLink,
    ProblemReport,
    ShopOrder,
    StepState,
    Tenant,
    Transfer,
    TransferState,
    User,
)
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from core.services.mailing import mail
from core.services.mailing.smtp import message_id
from core.services.people import accounts, takeout
from plugins.eaccounting.models import EAccountingRecord
from tests.web import samples
from tests.web.accounts import row
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_profile import _invoice

CANARY = "Zebedeus"
EMAIL = "zebedeus@canary.nl"
SECRET = "geheimkanarie"
WHO = {"name": f"{CANARY} Vogel", "email": EMAIL, "description": f"Kooi van {CANARY}"}


def _fill(site: Site, sample: Sample) -> dict[str, int]:
    """Plant a customer's name wherever one may stand; return the orders' ids."""
    with site.data() as session:
        booked = samples.transfer(
            sample, "B-1", TransferState.DONE, order_values=dict(WHO),
            external_number="2026-7", booked_at=utcnow(), params={"name": CANARY},
        )  # fmt: skip
        failed = samples.transfer(
            sample, "F-1", TransferState.FAILED, "order_empty",
            order_values=dict(WHO), params={"name": CANARY},
        )  # fmt: skip
        samples.step(booked, StepState.CONFIRMED, f"POST customer {CANARY}")
        samples.step(failed, StepState.REJECTED, f"POST customer {CANARY}")
        other = samples.transfer(sample, "O-1", TransferState.DONE, booked_at=utcnow())
        samples.note(sample, "transfer_done", transfer_id=booked.id, number=CANARY)
        tenant_id = sample.tenant.id
        session.add_all(
            (
                Link(tenant_id=tenant_id, connection_id=sample.package.id,
                     kind="debtor", key=EMAIL, external_id="9"),
                ProblemReport(tenant_id=tenant_id, transfer_id=failed.id,
                              message=f"Van {CANARY}", content={"a": CANARY}),
                EAccountingRecord(
                    tenant_id=tenant_id, connection_id=sample.package.id,
                    kind="customer", external_id="9", key=EMAIL, name=CANARY,
                    data={"email": EMAIL}, read_at=utcnow()),
            )
        )  # fmt: skip
        return {
            name: one.subject_id
            for name, one in (("booked", booked), ("failed", failed), ("other", other))
        }


def _everything(site: Site) -> str:
    """Return all that stands in the database, as text."""
    with site.app.app_context(), system_scope(), db.engine.connect() as connection:
        return "\n".join(_dump(connection, table) for table in Base.metadata.tables)


def _dump(connection: Database, table: str) -> str:
    found = connection.execute(text(f'SELECT * FROM "{table}"'))
    return "\n".join(f"{table}: {tuple(one)}" for one in found)


def _zip(site: Site, email: str) -> dict[str, str]:
    answer = site.client(email).post("/profiel/privacy/export")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    with ZipFile(BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


# Download


def _plant_secrets(site: Site, sample: Sample) -> None:
    """Put a word in every place that opens something."""
    sealed = SECRET.encode()
    with site.data() as session:
        user = session.scalar(select(User).where(User.email == sample.colleague))
        user.password_hash = user.session_key = SECRET
        user.totp_secret, user.recovery_hashes = sealed, [SECRET]
        shop = session.merge(sample.shop)
        shop.drain_token = SECRET
        shop.settings = {"api_key": SECRET, "deep": [{"password": SECRET, "a": 1}]}
        now = utcnow()
        session.add_all(
            (
                Credential(tenant_id=sample.tenant.id, connection_id=shop.id,
                           secret=sealed, refresh_owner=SECRET),
                OAuthState(tenant_id=sample.tenant.id, state_hash=SECRET,
                           connection_id=shop.id, plugin="kmoshops",
                           session_hash=SECRET, expires_at=now),
                OneTimeLink(tenant_id=sample.tenant.id, token_hash=SECRET,
                            kind=LinkKind.INVITE, user_id=user.id, expires_at=now),
            )
        )  # fmt: skip
        mail.queue("x@shop.nl", "password", language="nl",
                   tenant_id=sample.tenant.id, token=SECRET)  # fmt: skip


def test_the_download_holds_everything_of_the_tenant_and_of_no_other(
    site: Site,
) -> None:
    sample, other = site.sample("Eigen"), site.sample("Vreemd", 2)
    ids = _fill(site, sample)
    with site.data():
        samples.transfer(other, "X-9", TransferState.FAILED, "order_empty")
    files = _zip(site, sample.owner)
    assert "Vreemd" not in "".join(files.values())
    assert "X-9" not in "".join(files.values())
    orders = json.loads(files["shop_order.json"])
    assert {one["id"] for one in orders} == set(ids.values())
    assert orders[0]["payload"]["billing"]["name"] == WHO["name"]
    assert orders[0]["total_incl_vat"] == 72.8
    assert [one["email"] for one in json.loads(files["user.json"])] == [
        sample.owner,
        sample.colleague,
    ]
    assert json.loads(files["tenant.json"])[0]["name"] == "Eigen"
    assert json.loads(files["eaccounting_record.json"])[0]["key"] == EMAIL
    assert json.loads(files["backfill.json"]) == []


def test_no_secret_is_in_the_download(site: Site) -> None:
    sample = site.sample()
    _plant_secrets(site, sample)
    assert SECRET in _everything(site)
    files = _zip(site, sample.owner)
    assert SECRET not in "".join(files.values())
    shop = json.loads(files["connection.json"])[0]
    assert shop["settings"] == {"deep": [{"a": 1}]}


def test_without_the_guard_the_secrets_would_be_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = site.sample()
    _plant_secrets(site, sample)
    monkeypatch.setattr(
        takeout, "_is_open", lambda column: not isinstance(column.type, LargeBinary)
    )
    assert SECRET in _zip(site, sample.owner)["user.json"]


def test_a_long_table_comes_in_batches(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeout, "BATCH", 2)
    sample = site.sample()
    with site.data():
        for number in range(5):
            samples.transfer(sample, str(number), TransferState.DONE)
    files = _zip(site, sample.owner)
    numbers = [one["number"] for one in json.loads(files["shop_order.json"])]
    assert numbers == ["0", "1", "2", "3", "4"]
    assert len(json.loads(files["tenant_plugin.json"])) == 2


# One customer


def test_one_customer_can_be_downloaded(site: Site) -> None:
    sample = site.sample()
    _fill(site, sample)
    client = site.client(sample.owner)
    found = client.post("/profiel/privacy/klant", data={"email": EMAIL.upper()})
    assert "2 bestellingen van" in found.text
    answer = client.post("/profiel/privacy/klant/export", data={"email": EMAIL})
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    data = json.loads(answer.data)
    assert [one["number"] for one in data["orders"]] == ["B-1", "F-1"]
    assert [one["number"] for one in data["transfers"]] == ["B-1", "F-1"]
    assert len(data["steps"]) == 2
    assert data["link"][0]["key"] == EMAIL
    assert data["eaccounting_record"][0]["name"] == CANARY


def test_one_customer_can_be_erased(site: Site) -> None:
    sample, other = site.sample(), site.sample("De Bakker", 2)
    ids = _fill(site, sample)
    with site.data():
        samples.transfer(other, "X-9", TransferState.FAILED, order_values=dict(WHO))
    client = site.client(sample.owner)
    answer = client.post("/profiel/privacy/klant/wissen", data={"email": EMAIL})
    assert answer.status_code == 303
    with site.data() as session:
        mine = select(ShopOrder).where(ShopOrder.tenant_id == sample.tenant.id)
        kept = {one.id: one for one in session.scalars(mine)}
        theirs = session.scalars(
            select(ShopOrder).where(ShopOrder.tenant_id == other.tenant.id)
        ).one()
        assert theirs.payload["billing"]["name"] == WHO["name"]
        session.delete(
            session.scalars(
                select(Transfer).where(Transfer.tenant_id == other.tenant.id)
            ).one()
        )
        session.delete(theirs)  # fmt: skip
    assert set(kept) == {ids["booked"], ids["other"]}
    assert str(kept[ids["booked"]].total_incl_vat) == "72.80"
    assert kept[ids["other"]].payload["billing"]["name"] == "Sophie Fischer"
    left = _everything(site)
    assert CANARY not in left
    assert EMAIL not in left
    assert client.get("/rapportage").status_code == 200
    detail = client.get("/bestelling/1")
    assert detail.status_code == 200


@pytest.mark.parametrize("email", ["", "geen adres", "%", "@"])
def test_what_is_no_address_finds_nobody(site: Site, email: str) -> None:
    sample = site.sample()
    _fill(site, sample)
    client = site.client(sample.owner)
    for path in ("klant", "klant/export", "klant/wissen"):
        answer = client.post(f"/profiel/privacy/{path}", data={"email": email})
        assert answer.status_code == 422, path


def test_a_part_of_an_address_is_not_that_customer(site: Site) -> None:
    sample = site.sample()
    ids = _fill(site, sample)
    client = site.client(sample.owner)
    client.post("/profiel/privacy/klant/wissen", data={"email": EMAIL[3:]})
    with site.data() as session:
        assert session.get(ShopOrder, ids["failed"]) is not None
        assert session.query(Link).count() == 1


# Everything


def test_erasing_leaves_totals_and_invoices_and_no_names(site: Site) -> None:
    sample, other = site.sample(f"{CANARY} BV"), site.sample("De Bakker", 2)
    ids = _fill(site, sample)
    invoice = _invoice(site, other)
    own = _invoice(site, sample)
    with site.data() as session:
        user = session.scalar(select(User).where(User.email == sample.colleague))
        user.name = CANARY
        accounts.note(user, "logged_in")
        mail.to_tenant(sample.tenant.id, "account_changed", code="two_factor_on",
                       name=CANARY)  # fmt: skip
        told = session.scalars(select(Mail)).all()
        assert told
        mails = Store(site.app.extensions["koppelwerk"].settings.mails)
        for number in (*map(message_id, told), "<1.1@another>"):
            mails.add(f"Message-ID: {number}\n\n{CANARY}".encode(), ["x@example.com"])
    client = site.client(sample.owner)
    wrong = client.post("/profiel/privacy/wissen", data={"name": "De Bakker"})
    assert wrong.status_code == 422
    form = {"name": f"{CANARY} BV"}
    assert client.post("/profiel/privacy/wissen", data=form).location == "/login"
    with site.data() as session:
        orders = session.scalars(select(ShopOrder)).all()
        assert {one.id for one in orders} == {ids["booked"], ids["other"]}
        assert [str(one.total_incl_vat) for one in orders] == ["72.80", "72.80"]
        lines = orders[0].payload["lines"]
        assert [line["vat_rate"] for line in lines] == ["21", "21"]
        transfers = session.scalars(select(Transfer)).all()
        assert {one.external_number for one in transfers} == {"2026-7", ""}
        kept = session.get(type(own), own.id)
        assert kept.amount_excl_vat == invoice.amount_excl_vat
        assert kept.customer["name"] == f"{CANARY} BV"
        kept.customer = {}
        tenant = session.get(Tenant, sample.tenant.id)
        assert not tenant.active
        log = select(LogEntry.code).where(LogEntry.tenant_id == sample.tenant.id)
        assert session.scalars(log).all() == ["data_erased"]
    assert [one.message_id for one in mails.all()] == ["<1.1@another>"]
    left = _everything(site)
    for gone in (CANARY, EMAIL, sample.owner, sample.colleague, "Sophie"):
        assert gone not in left
    assert client.get("/open").status_code == 303
    wrong_login = {"email": sample.owner, "password": samples.PASSWORD}
    assert site.client().post("/login", data=wrong_login).status_code == 401
    assert site.client(other.owner).get("/open").status_code == 200


def test_every_table_with_a_tenant_is_known_to_both(site: Site) -> None:
    tables = {takeout.name_of(one) for one in takeout.tables()}
    owned = {name for name, table in Base.metadata.tables.items()
             if "tenant_id" in table.c}  # fmt: skip
    closed = {takeout.name_of(one) for one in takeout.CLOSED}
    assert tables == (owned | {"tenant"}) - closed


def test_the_inbox_goes_too(site: Site) -> None:
    sample = site.sample()
    with site.data() as session:
        session.add(
            InboxEvent(tenant_id=sample.tenant.id, connection_id=sample.shop.id,
                       event_id="e", kind="order", source_id="s", state=InboxState.NEW)
        )  # fmt: skip
    form = {"name": sample.tenant.name}
    site.client(sample.owner).post("/profiel/privacy/wissen", data=form)
    with site.data() as session:
        assert session.query(InboxEvent).count() == 0
    assert row(site, sample.owner) is None
