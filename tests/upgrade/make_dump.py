"""Makes the dump of a release: run it in a working tree of the old commit.

    git worktree add --detach ../old cd31a2a && cd ../old
    PYTHONPATH=. python ../main/tests/upgrade/make_dump.py cd31a2a.json

The old release fills what it can by itself: it connects, reads the shop, books orders
and invoices, imports, mails. What stays empty gets a row made of its columns, so that
every table has one; long lists of reference data are cut. It imports the old
release's modules, not ours, and is no part of the test.
"""
# mypy: ignore-errors

import json
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from core.app import create_app
from core.services.database import session
from core.stack import EMAIL
from core.tenancy import system_scope
from flask_migrate import upgrade
from sqlalchemy import (
    Boolean,
    Date,
    Integer,
    LargeBinary,
    String,
    delete,
    func,
    select,
    text,
)

from core import jobs
from core.models import Base, Connection, Coupling
from core.models.base import Json, Money, UtcDateTime
from core.services.invoicing import sample_invoices
from tests.product import outside

KEYS = f"upgrade:{b64encode(bytes(range(32))).decode()}"
PASSWORD = "een lang wachtwoord"
MOMENT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MOST_ROWS = 25
VALUES = {
    ("backfill", "state"): "done",
    ("backfill_item", "verdict"): "booked",
    ("accountview_filing", "stage"): "accepted",
    ("accountview_filing", "kind"): "icp",
    ("accountview_filing", "channel"): "digipoort",
    ("accountview_filing", "starts_on"): date(2026, 7, 1),
    ("accountview_filing", "ends_on"): date(2026, 9, 30),
    ("accountview_period", "starts_on"): date(2026, 7, 1),
    ("accountview_period", "ends_on"): date(2026, 9, 30),
    ("accountview_evidence", "kind"): "message",
    ("accountview_user_access", "role"): "user",
    ("accountview_entry", "origin"): "manual",
    ("accountview_entry", "rubric"): "1a",
    ("eboekhouden_vat_mapping", "sale_kind"): "domestic",
    ("inbox_event", "state"): "done",
    ("licence", "state"): "trial",
    ("licence", "source_plugin"): "kmoshops",
    ("licence", "target_plugin"): "eaccounting",
    ("licence", "key"): "licence-key",
    ("mail", "state"): "sent",
    ("mail", "content"): None,
    ("one_time_link", "kind"): "password",
    ("plugin_right", "role"): "colleague",
    ("plugin_right", "plugin"): "relations",
    ("problem_report", "state"): "open",
    ("relation_import", "state"): "done",
    ("relation_import", "content"): None,
    ("relation_import_row", "verdict"): "made",
    ("relation_link", "role"): "customer",
    ("relation_run", "state"): "done",
    ("relation_trouble", "role"): "customer",
    ("relation_trouble", "code"): "relation_email_invalid",
    ("service_request", "kind"): "installation",
    ("service_request", "state"): "open",
    ("service_invoice", "customer"): {
        "name": "Webwinkel",
        "street": "Straat 1",
        "postal_code": "1000 AA",
        "city": "Amsterdam",
        "country": "NL",
        "language": "nl",
        "vat_number": "",
        "vat_proof": "",
    },
    ("service_invoice", "lines"): [
        {"text": "Licentie", "quantity": 1, "amount": "150.00"}
    ],
    ("vies_consultation", "outcome"): "valid",
    ("webhook_delivery", "state"): "done",
    ("webhook_delivery", "event"): "test",
    ("webhook_endpoint", "url"): "https://example.com/hook",
}
"""What a made row must hold to mean something."""


def make(folder):
    with outside(folder / "outside", secret_keys=KEYS) as stack:
        address = f"sqlite:///{folder / 'old.db'}"
        app = create_app(
            replace(stack.settings, database_url=address, var_dir=str(folder / "v"))
        )
        with app.app_context(), system_scope():
            upgrade(revision="heads")
            work(app, stack)
            for table in Base.metadata.sorted_tables:
                cut(table)
                fill(table)
            session().commit()
            return dumped()


def work(app, stack):
    tenant = stack.prepare(PASSWORD)
    sample_invoices.make(tenant)
    session().commit()
    for number in range(4):
        place(stack, number)
    coupling = session().scalars(select(Coupling)).one()
    source_id = coupling.source_id
    session().rollback()
    run("poll", source_id)
    place(stack, 5)
    run("drain", 0)
    run("poll", source_id)  # one order stays queued
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client().post("/wachtwoord/vergeten", data={"email": EMAIL})


def place(stack, number):
    order = {
        "email": f"klant{number % 2}@example.com",
        "billing": {
            "name": f"Klant {number % 2}",
            "street": "Stationstraat 12",
            "postalCode": "1012 AB",
            "city": "Amsterdam",
            "countryCode": "NL",
        },
        "lines": [
            {
                "sku": "SKU-1", "name": "Artikel 1", "price": "12.10", "quantity": 1,
                "vat_rate": "21",
            }
        ],
    }  # fmt: skip
    address = f"{stack.addresses['kmoshops']}/_control/orders?silent=1"
    requests.post(address, json=order, timeout=30).raise_for_status()


def run(task, argument):
    if task == "poll":
        session().get_one(Connection, argument).cursor = {}
        session().commit()
    jobs.run_task(task, argument)
    session().rollback()


def cut(table):
    """Keep the first rows of a long list that nothing refers to."""
    count = session().scalar(select(func.count()).select_from(table))
    if count > MOST_ROWS and "id" in table.c:
        kept = select(table.c.id).order_by(table.c.id).limit(MOST_ROWS)
        session().execute(delete(table).where(table.c.id.not_in(kept)))


def fill(table):
    if session().execute(select(func.count()).select_from(table)).scalar():
        return
    session().execute(table.insert().values({c.name: value(table, c) for c in table.c}))


def value(table, column):
    if (table.name, column.name) in VALUES:
        return VALUES[table.name, column.name]
    for key in column.foreign_keys:
        there = key.column
        return session().execute(select(there).order_by(there).limit(1)).scalar()
    if column.default is not None:
        default = column.default
        return default.arg(None) if default.is_callable else default.arg
    return (
        1 if column.primary_key and isinstance(column.type, Integer) else made(column)
    )


def made(column):
    if column.nullable:
        return None
    kind = column.type
    for type_, example in (
        (UtcDateTime, MOMENT), (Date, MOMENT.date()), (Json, {}), (Boolean, False),
        (LargeBinary, b"x"), (String, "x"), (Integer, 1), (Money, Decimal("1.00")),
    ):  # fmt: skip
        if isinstance(kind, type_):
            return example
    return Decimal(1)


def dumped():
    rows = session().execute(text("SELECT version_num FROM alembic_version"))
    revisions = sorted(row[0] for row in rows)
    tables = {}
    for table in Base.metadata.sorted_tables:
        found = session().execute(text(f'SELECT * FROM "{table.name}"')).mappings()
        tables[table.name] = [
            {name: plain(each) for name, each in row.items()} for row in found
        ]
    empty = [name for name, rows in tables.items() if not rows]
    assert not empty, f"nothing in {empty}"
    return {"revisions": revisions, "keys": KEYS, "tables": tables}


def plain(each):
    if isinstance(each, bytes):
        return {"bytes": b64encode(each).decode()}
    return each.isoformat() if isinstance(each, date) else each


if __name__ == "__main__":
    with TemporaryDirectory() as made_in:
        told = json.dumps(make(Path(made_in)), ensure_ascii=False)
    lines = told.replace("}, {", "},\n{").replace('], "', '],\n"')
    Path(sys.argv[1]).write_text(f"{lines}\n", encoding="utf-8")
