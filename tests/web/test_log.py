"""The log: narrowed down, who and what, only added to, as a file."""

import csv
import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from core.domain.clock import utcnow
from core.models import ActorKind, LogEntry, LogLevel, TenantVatCode
from core.models import TransferState as State
from core.runtime import log
from core.runtime.log import Actor, AppendOnly
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import vat_codes
from core.services.people import customers
from core.services.reporting import log_lists
from tests.web import samples
from tests.web.accounts import codes
from tests.web.conftest import Site
from tests.web.samples import Sample


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


@pytest.fixture
def owner(site: Site, sample: Sample) -> FlaskClient:
    with site.data():
        failed = samples.transfer(sample, "A-1", State.FAILED, "order_empty")
        samples.note(
            sample, "order_empty", LogLevel.ERROR, transfer_id=failed.id, number="A-1"
        )
        samples.note(sample, "plugin_enabled", plugin="kmoshops")
        samples.note(
            sample, "connected", connection_id=sample.package.id,
            plugin="eaccounting", name="Administratie",
        )  # fmt: skip
    return site.client(sample.owner)


def _lines(client: FlaskClient, query: str) -> list[str]:
    text = client.get(f"/log.csv?{query}").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    return [row["Wat er gebeurde"] for row in rows]


CONNECTED = "Visma eAccounting is verbonden met ‘Administratie’."
ENABLED = "KMO Shops is aangezet."
EMPTY = "Bestelling A-1 heeft geen regels."
LOGGED_IN = "owner1@example.com heeft ingelogd."
YESTERDAY = (utcnow() - timedelta(days=2)).date().isoformat()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("koppeling=kmoshops", {ENABLED}), ("koppeling=onzin&niveau=error", {"fout"}),
        ("niveau=error", {"fout"}), ("onderwerp=order", {"fout"}),
        ("onderwerp=login", {LOGGED_IN}), ("zoek=A-1", {"fout"}),
        ("zoek=aangezet", {ENABLED}), ("zoek=Administratie", {CONNECTED}),
        ("zoek=%25", set()), (f"tot={YESTERDAY}", set()),
        ("koppeling=eaccounting&onderwerp=connection", {CONNECTED}),
    ],
)  # fmt: skip
def test_it_is_narrowed_by_plugin_subject_level_date_and_text(
    site: Site, owner: FlaskClient, query: str, wanted: set[str]
) -> None:
    page = owner.get(f"/log?{query}").text
    found = [line for line in _lines(owner, query) if "gedownload" not in line]
    fault = next(iter(_lines(owner, "niveau=error")))
    assert set(found) == {fault if one == "fout" else one for one in wanted}
    assert all(line.partition("‘")[0] in page for line in found)
    if not wanted:
        assert "Geen regels gevonden" in page


def test_logging_in_does_not_stand_among_documents(owner: FlaskClient) -> None:
    assert "heeft ingelogd" not in owner.get("/log").text
    assert "heeft ingelogd" not in owner.get("/").text
    assert "heeft ingelogd" in owner.get("/log?onderwerp=login").text


def test_it_says_who_changed_what_from_which_value(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    owner.post(f"/connections/{sample.shop.id}/interval", data={"minuten": "15"})
    with site.data() as session:
        entry = session.scalars(
            select(LogEntry).where(LogEntry.code == "settings_saved")
        ).one()
        assert entry.changes == [["interval", "60", "15"]]
        assert (entry.actor, entry.personal["by"]) == ("user", sample.owner)
        assert entry.personal["from"] == "127.0.0.1"
    page = owner.get("/log?onderwerp=configuration").text
    assert "Minuten tussen twee keer uitvoeren: <del>60</del> → <ins>15</ins>" in page
    assert f"door {sample.owner}" in page


def test_what_is_taken_out_is_written_down(site: Site, owner: FlaskClient) -> None:
    owner.get("/rapportage.csv")
    assert "De lijst ‘Rapportage’ is gedownload" in owner.get("/log").text


def test_a_key_of_the_interface_and_an_operator_are_named(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    with site.data():
        with log.acting(Actor(ActorKind.TOKEN, name="Kassa")):
            samples.note(sample, "plugin_disabled", plugin="vies")
        with log.acting(Actor(ActorKind.OPERATOR, name="Ilse")):
            samples.note(sample, "plugin_enabled", plugin="vies")
    page = owner.get("/log?koppeling=vies").text
    assert "API-sleutel ‘Kassa’" in page
    assert "Ilse, medewerker van Koppelwerk" in page


def test_it_is_only_added_to(site: Site, owner: FlaskClient) -> None:
    changes = (
        update(LogEntry).values(code="x"), update(LogEntry).values(personal={}),
        delete(LogEntry),
    )  # fmt: skip
    for statement in changes:
        with site.data() as session, pytest.raises(AppendOnly):
            session.execute(statement)
    with site.data() as session:
        row = session.scalars(select(LogEntry)).first()
        row.code = "x"
        with pytest.raises(AppendOnly):
            session.flush()
        session.rollback()
    with site.data() as session:
        session.delete(session.scalars(select(LogEntry)).first())
        with pytest.raises(AppendOnly):
            session.flush()
        session.rollback()


def test_the_database_refuses_a_change_by_itself(
    site: Site, owner: FlaskClient
) -> None:
    with site.data() as session:
        changed = update(LogEntry.metadata.tables["log_entry"]).values(code="x")
        with pytest.raises(DBAPIError, match="only added to"):
            session.connection().execute(changed)
        session.rollback()


def test_erasing_a_customer_leaves_the_entry_without_him(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    with site.data() as session, tenant_scope(1):
        samples.note(sample, "user_removed", name="x", address="sophie@example.com")
        before = len(session.scalars(select(LogEntry.id)).all())
        customers.erase("sophie@example.com")
        session.commit()
        rows = session.scalars(select(LogEntry)).all()
    assert len(rows) == before
    fault = next(row for row in rows if row.code == "order_empty")
    assert (fault.transfer_id, fault.personal) == (None, {})
    assert "sophie" not in str([row.values for row in rows])


def test_a_text_is_looked_for_further_back(
    site: Site, sample: Sample, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_lists, "SCANNED", 2)
    first = owner.get("/log?zoek=A-1").text
    assert "Kies ‘Volgende’" in first
    assert len(_lines(owner, "zoek=A-1")) == 1


def test_another_tenant_sees_nothing_of_it(site: Site, owner: FlaskClient) -> None:
    other = site.client(site.sample("De Buren", 2).owner)
    assert "A-1" not in other.get("/log").text
    assert [line for line in _lines(other, "") if "gedownload" not in line] == []


def test_the_number_of_queries_is_fixed(
    site: Site, sample: Sample, owner: FlaskClient
) -> None:
    with site.queries() as few:
        owner.get("/log?zoek=e")
    with site.data():
        for place in range(120):
            samples.note(sample, "order_empty", LogLevel.ERROR, number=str(place))
    for query in ("zoek=e", "niveau=error", "koppeling=eaccounting", ""):
        with site.queries() as many:
            owner.get(f"/log?{query}")
        assert len(many) <= len(few), query


def test_settings_of_invoices_are_told(site: Site, owner: FlaskClient) -> None:
    for days in ("30", "21"):
        form = {"iban": "NL91ABNA0417164300", "term_days": days, "email": "",
                "chamber_number": "1", "phone": "2", "bic": ""}  # fmt: skip
        assert owner.post("/instellingen/facturen", data=form).status_code == 303
    with site.data() as session:
        found = session.scalars(
            select(LogEntry).where(LogEntry.code == "invoice_settings_saved")
        ).all()
    assert any(["term_days", "30", "21"] in each.changes for each in found)


def test_what_somebody_sets_is_written_down(site: Site) -> None:
    """Of any request that a test of pages makes: see `_hold_to_log`."""
    sample = site.sample()
    client = site.client(sample.owner)
    form = {"code": "EIGEN", "label": "Negen", "kind": "reduced", "rate": "9"}
    client.post("/instellingen/btw-codes", data=form)
    with site.data() as session:
        key = session.scalar(
            select(TenantVatCode.id).where(TenantVatCode.code == "EIGEN")
        )
    place = f"/instellingen/btw-codes/{key}"
    client.post(place, data={**form, "label": "Laag"})
    client.post(f"{place}/aan-of-uit")
    client.post(f"{place}/verwijderen")
    client.post("/profiel/gegevens", data={"self-name": "An", "self-language": "nl"})
    assert codes(site)[-5:] == [
        *["vat_code_saved"] * 3, "vat_code_deleted", "own_data_saved",
    ]  # fmt: skip
    text = client.get("/log").text
    assert "BTW-code EIGEN is opgeslagen" in text
    assert "Laag" in text


def test_what_is_set_and_not_written_down_is_seen(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = site.sample()
    monkeypatch.setattr(vat_codes, "_note", lambda *_: None)
    with site.data() as session:
        key = session.scalar(select(TenantVatCode.id))
    site.client(sample.owner).post(f"/instellingen/btw-codes/{key}/aan-of-uit")
    assert site.untold == ["invoice_settings.switch_code"]
    site.untold.clear()
