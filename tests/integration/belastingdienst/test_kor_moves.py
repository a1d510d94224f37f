"""What was said of the KOR at a taxpayer moves to the tenant's VAT status, once."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from core.models import Tenant
from core.runtime.database import session
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from tests.migrating import emptied, fresh_database, insert

OSS = {"starts_on": "2025-01-01", "distance_sales": "oss", "small_business": False}
SAID = {"starts_on": "2024-01-01", "distance_sales": "", "small_business": True}
JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)
TENANTS = (
    (1, [], JANUARY, None, [("2026-01-01", "", True)]),
    (
        2, [OSS], JANUARY, date(2026, 6, 30),
        [("2025-01-01", "oss", False), ("2026-01-01", "oss", True),
         ("2026-07-01", "oss", False)],
    ),
    (
        3, [{**OSS, "starts_on": "2026-03-01"}], JANUARY, None,
        [("2026-01-01", "", True), ("2026-03-01", "oss", True)],
    ),
    (4, [SAID], JULY, None, [("2024-01-01", "", True)]),
    (5, [OSS], None, None, [("2025-01-01", "oss", False)]),
)  # fmt: skip
"""Tenant, statuses, first and last day of the KOR, and what stands there afterwards."""


@pytest.fixture(params=["sqlite", "postgresql"])
def moved(
    request: pytest.FixtureRequest, tmp_path: Path, quicker: None
) -> Iterator[Flask]:
    with (
        fresh_database(request, request.param) as address,
        emptied(tmp_path, address) as app,
    ):
        upgrade(revision="core@head")
        upgrade(revision="belastingdienst_0007")
        with db.engine.begin() as connection:
            for key, statuses, first, last, _wanted in TENANTS:
                insert(
                    connection, "tenant", id=key, name="W",
                    vat_statuses=json.dumps(statuses),
                )  # fmt: skip
                insert(
                    connection, "belastingdienst_taxpayer", tenant_id=key,
                    tax_number="001000044B37", small_business_since=first,
                    small_business_until=last,
                )  # fmt: skip
        upgrade(revision="heads")
        yield app


def test_it_moves_where_nothing_was_said_there(moved: Flask) -> None:
    with system_scope():
        for key, _statuses, _first, _last, wanted in TENANTS:
            tenant = session().get_one(Tenant, key)
            assert [
                (one["starts_on"], one["distance_sales"], one["small_business"])
                for one in tenant.vat_statuses
            ] == wanted, key


def test_it_can_go_back(moved: Flask) -> None:
    downgrade(revision="belastingdienst_0007")
    upgrade(revision="heads")
    with system_scope():
        assert len(session().scalars(select(Tenant)).all()) == len(TENANTS)
