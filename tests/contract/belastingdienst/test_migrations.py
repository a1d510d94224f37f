"""What was filed when declarations were AccountView's is here, and can go back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text

from core.models import Mail, PluginRight, TenantPlugin
from core.runtime.database import session
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from plugins.accountview import undertakings
from plugins.belastingdienst.models import (
    Administration,
    Certificate,
    Entry,
    Evidence,
    Filing,
    FilingProfile,
)
from plugins.belastingdienst.models.administration import CertificateSource
from plugins.belastingdienst.setup import certificate_store
from tests.migrating import emptied, fresh_database, insert

MOVED = (
    "administration", "certificate", "profile", "period", "entry", "filing",
    "filing_event", "evidence",
)  # fmt: skip
LAST = "accountview_0003"
NUMBER = "001000044B37"


@contextmanager
def before(request: pytest.FixtureRequest, folder: Path) -> Iterator[None]:
    """A database as it was when declarations were AccountView's, with rows in all."""
    with (
        fresh_database(request, request.param) as address,
        emptied(folder, address),
    ):
        upgrade(revision="core@head")
        upgrade(revision=LAST)
        with db.engine.begin() as connection:
            for name, values in ROWS:
                insert(connection, name, **values)
        yield


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def moved(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    quicker: None,
) -> Iterator[None]:
    """That database, upgraded; tests leave it as it is."""
    with before(request, tmp_path_factory.mktemp("var")):
        upgrade(revision="heads")
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def not_moved(
    request: pytest.FixtureRequest, tmp_path: Path, quicker: None
) -> Iterator[None]:
    """That database, before it is upgraded."""
    with before(request, tmp_path):
        yield


ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tenant", {"id": 1, "name": "W"}),
    ("tenant", {"id": 2, "name": "V"}),
    ("tenant_plugin", {"tenant_id": 1, "plugin": "accountview", "enabled": True}),
    ("tenant_plugin", {"tenant_id": 2, "plugin": "accountview", "enabled": False}),
    (
        "plugin_right",
        {"tenant_id": 1, "plugin": "accountview", "role": "colleague"},
    ),
    ("mail", {"tenant_id": 1, "kind": "accountview_filing"}),
    ("accountview_undertaking", {"id": 7, "tenant_id": 1, "code": "FIETS"}),
    ("accountview_certificate", {"id": 5, "tenant_id": 1, "secret": b"sealed"}),
    (
        "accountview_profile",
        {
            "id": 3, "tenant_id": 1, "name": "AutoReport", "kind": "autoreport",
            "visma_tenant": "T1", "certificate_source": "visma",
        },
    ),
    (
        "accountview_profile",
        {
            "id": 4, "tenant_id": 1, "name": "Eigen", "kind": "digipoort",
            "certificate_id": 5, "certificate_source": "own",
        },
    ),
    (
        "accountview_administration",
        {
            "id": 9, "tenant_id": 1, "code": "A", "source": "accountview",
            "undertaking_id": 7, "profile_id": 3, "certificate_source": "visma",
            "tax_number": NUMBER, "period_kind": "quarter",
        },
    ),
    (
        "accountview_administration",
        {
            "id": 10, "tenant_id": 1, "code": "B", "source": "invoices",
            "profile_id": 4, "tax_number": NUMBER, "period_kind": "month",
        },
    ),
    ("accountview_period", {"id": 2, "tenant_id": 1, "administration_id": 9}),
    (
        "accountview_entry",
        {
            "id": 8, "tenant_id": 1, "period_id": 2, "origin": "ledger",
            "rubric": "1a", "vat": 21005,
        },
    ),
    (
        "accountview_filing",
        {
            "id": 6, "tenant_id": 1, "administration_id": 9, "profile_id": 3,
            "tax_number": NUMBER, "kind": "vat_return", "version": 1,
            "starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30),
            "channel": "autoreport", "stage": "accepted", "content": b"<xbrl/>",
            "payable": 21000,
        },
    ),
    ("accountview_filing_event", {"id": 1, "tenant_id": 1, "filing_id": 6}),
    (
        "accountview_evidence",
        {"id": 11, "tenant_id": 1, "filing_id": 6, "content": b"receipt"},
    ),
)  # fmt: skip


@pytest.mark.usefixtures("moved")
def test_everything_moves_and_nothing_else_stays() -> None:
    tables = inspect(db.engine).get_table_names()
    assert not {f"accountview_{name}" for name in MOVED} & set(tables)
    with system_scope():
        first, second = session().scalars(
            select(Administration).order_by(Administration.id)
        )
        assert (first.source, second.source) == ("accountview", "invoices")
        assert first.profile is not None
        assert (first.profile.channel, first.profile.account) == ("autoreport", "T1")
        assert first.certificate_source == CertificateSource.CHANNEL
        filing = session().scalars(select(Filing)).one()
        assert (filing.id, filing.channel, filing.content) == (
            6, "autoreport", b"<xbrl/>",
        )  # fmt: skip
        entry = session().scalars(select(Entry)).one()
        assert (entry.id, entry.period_id, entry.vat) == (8, 2, Decimal("210.05"))
        evidence = session().scalars(select(Evidence)).one()
        assert (evidence.filing_id, evidence.content) == (6, b"receipt")


@pytest.mark.usefixtures("moved")
def test_an_administration_keeps_its_undertaking() -> None:
    with system_scope():
        kept = undertakings.of_administration(9)
        assert kept is not None
        assert kept.code == "FIETS"
        assert undertakings.of_administration(10) is None


@pytest.mark.usefixtures("moved")
def test_a_certificate_that_was_sealed_before_is_opened_by_the_same_words() -> None:
    with system_scope():
        row = session().scalars(select(Certificate)).one()
        assert row.secret == b"sealed"
        assert certificate_store._context(row) == (
            "tenant:1/accountview_certificate/5/secret"
        )


@pytest.mark.usefixtures("moved")
def test_who_had_it_on_has_it_on_and_mails_that_wait_find_their_template() -> None:
    with system_scope():
        on = select(TenantPlugin.tenant_id, TenantPlugin.enabled).where(
            TenantPlugin.plugin == "belastingdienst"
        )
        assert set(map(tuple, session().execute(on))) == {(1, True), (2, False)}
        rights = select(PluginRight.role, PluginRight.allowed).where(
            PluginRight.plugin == "belastingdienst"
        )
        assert [tuple(row) for row in session().execute(rights)] == [
            ("colleague", False)
        ]
        assert session().scalars(select(Mail.kind)).all() == ["belastingdienst_filing"]


@pytest.mark.usefixtures("moved")
def test_new_rows_are_numbered_after_those_that_moved() -> None:
    with system_scope():
        made = FilingProfile(tenant_id=1, name="Nieuw", channel="digipoort")
        session().add(made)
        session().flush()
        assert made.id > 4
        session().rollback()


@pytest.mark.usefixtures("not_moved")
def test_it_can_go_back_and_come_again() -> None:
    rows = _rows("accountview")
    assert all(rows.values())
    upgrade(revision="heads")
    moved = _rows("belastingdienst")
    downgrade(revision="belastingdienst@base")
    assert _rows("accountview") == rows
    with db.engine.connect() as connection:
        left = text("SELECT count(*) FROM tenant_plugin WHERE plugin = :name")
        found = connection.execute(left, {"name": "belastingdienst"})
        assert found.scalar_one() == 0
    upgrade(revision="heads")
    assert _rows("belastingdienst") == moved


def _rows(owner: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of the tables that move, as the database has them."""
    with db.engine.connect() as connection:
        return {
            name: [
                dict(row)
                for row in connection.execute(
                    text(f"SELECT * FROM {owner}_{name} ORDER BY id")
                ).mappings()
            ]
            for name in MOVED
        }
