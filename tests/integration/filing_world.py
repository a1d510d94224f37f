"""A tenant that files for real with the running sandbox, and a worker to drive it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from sqlalchemy import func, select, update

from core.domain.clock import utcnow
from core.domain.declarations import DeclarationKind, IcpKind, Rubric, TaxPeriod
from core.kit.sandbox.server import server_for
from core.main.app import create_app
from core.models import Role, Tenant, TenantPlugin, User
from core.runtime import jobs
from core.runtime.database import session, shared_now
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.people import accounts
from plugins.accountview import undertakings
from plugins.accountview.models import (
    Activation,
    Undertaking,
    VismaUser,
    VismaUserAccess,
)
from plugins.accountview.route import NAME as AUTOREPORT
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.filing import filings
from plugins.belastingdienst.icp import supplies, vat_numbers
from plugins.belastingdienst.icp.vat_numbers import NumberCheck
from plugins.belastingdienst.models import (
    Administration,
    Entry,
    Evidence,
    Filing,
    FilingProfile,
)
from plugins.belastingdienst.models.administration import (
    DIGIPOORT,
    INVOICES,
    CertificateSource,
)
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.sending import turn
from plugins.belastingdienst.setup import certificate_store
from tests.contract.belastingdienst.conftest import World
from tests.database import empty_database
from tests.declaration_sandboxes import create_app as create_sandbox

PASSWORD = "een lang wachtwoord"
NUMBERS = ("001000044B37", "123456782B01", "111222333B44")
Q3 = TaxPeriod.quarter(2026, 3)
RETURN, ICP = DeclarationKind.VAT_RETURN, DeclarationKind.ICP
MONTHS = [
    TaxPeriod.month(year, month)
    for year in (2022, 2023, 2024, 2025, 2026)
    for month in range(1, 13)
][:50]
REFERENCES = {
    DIGIPOORT: "aanleverkenmerk",
    AUTOREPORT: "reference",
}
DELIVERY = {
    DIGIPOORT: "aanleverservice",
    AUTOREPORT: "autoreport/v1/reports$",
}
LEDGERS = {DIGIPOORT: "delivery", AUTOREPORT: "report"}


def pointed(settings: Settings, url: str) -> Settings:
    """Settings of an application whose outside systems are the sandbox."""
    return settings.with_environ(
        {
            "DIGIPOORT_ANSWER_HASH": "sha1",
            "DIGIPOORT_DELIVERY_URL": f"{url}/wus/2.0/aanleverservice/1.2",
            "DIGIPOORT_STATUS_URL": f"{url}/wus/2.0/statusinformatieservice/1.2",
            "AUTOREPORT_URL": f"{url}/autoreport/v1/",
            "AUTOREPORT_TOKEN_URL": f"{url}/visma-connect/connect/token",
            "AUTOREPORT_CLIENT_ID": "koppelwerk-sandbox",
            "AUTOREPORT_CLIENT_SECRET": "sandbox-secret",
            "AUTOREPORT_SCOPE": "autoreport",
            "TAX_VENDOR_NUMBER": "SWO12345",
        }
    )


@contextmanager
def running_sandbox(path: Path) -> Iterator[World]:
    """Serve a sandbox in a thread of this process."""
    app = create_sandbox(path)
    server = server_for(app, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    world = World(
        app, url, requests.get(f"{url}/_control/authority", timeout=20).json()
    )
    world.certificate = world.issued()
    yield world
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Files:
    """The tenant, what it files for, and the sandbox that it files at."""

    app: Flask
    sandbox: World
    tenant: Tenant
    user: User
    profiles: dict[str, FilingProfile]
    undertaking: Undertaking
    made: list[Administration] = field(default_factory=list)

    @classmethod
    def found(cls, app: Flask, sandbox: World) -> "Files":
        """Read the tenant that was made before, in this context's session."""
        profiles = session().scalars(select(FilingProfile)).all()
        return cls(
            app,
            sandbox,
            session().scalars(select(Tenant)).one(),
            session().scalars(select(User).where(User.role == Role.OWNER)).one(),
            {one.channel: one for one in profiles},
            session().scalars(select(Undertaking)).one(),
            list(session().scalars(select(Administration))),
        )

    def administration(
        self, kind: str = DIGIPOORT, number: str = NUMBERS[0]
    ) -> Administration:
        """Add an administration that files by a channel."""
        row = Administration(
            tenant_id=self.tenant.id,
            code=f"A{len(self.made) + 1}",
            description="De Fietsenmaker",
            source=INVOICES,
            profile=self.profiles[kind],
            tax_number=number,
            contact_initials="A.B.",
            contact_surname="Jansen",
            contact_phone="0201234567",
        )
        session().add(row)
        session().flush()
        undertakings.assign(row.id, self.undertaking.id)
        session().commit()
        self.made.append(row)
        return row

    def figures(
        self,
        administration: Administration,
        period: TaxPeriod = Q3,
        turnover: str = "1000.50",
        icp: str = "0",
    ) -> None:
        """Store what was sold in a period, at 21 % and to Germany."""
        row = period_figures.of(administration, period)
        row.read_at = utcnow()
        amount = Decimal(turnover)
        vat = round(amount * 21 / 100, 2)
        session().add(_entry(row, Rubric.R1A, amount, vat))
        if Decimal(icp):
            sold = _entry(row, Rubric.R3B, Decimal(icp), Decimal(0))
            sold.icp_kind = IcpKind.GOODS
            sold.customer_country, sold.customer_number = "DE", "136695976"
            session().add(sold)
        session().commit()

    def prepare(
        self,
        administration: Administration,
        period: TaxPeriod = Q3,
        kind: DeclarationKind = RETURN,
    ) -> Filing:
        """Prepare a declaration as its owner."""
        numbers = valid_numbers(administration, period) if kind is ICP else ()
        made = filings.prepare(
            administration, period, kind, user_id=self.user.id, numbers=numbers
        )
        session().commit()
        return made

    def approve(self, filing: Filing, without: Sequence[int] = ()) -> Filing:
        """Approve what was prepared."""
        filings.approve(
            filing, filing.content_hash, user_id=self.user.id, without=without
        )
        session().commit()
        return filing

    def approved(self, administration: Administration, period: TaxPeriod = Q3) -> int:
        """Store figures, prepare and approve a return; return its id."""
        self.figures(administration, period)
        return self.approve(self.prepare(administration, period)).id

    def work(self, *ids: int, rounds: int = 1) -> None:
        """Be the worker, with everything due."""
        for _ in range(rounds):
            for filing_id in ids:
                self.make_due(filing_id)
                jobs.run_task(filings.TASK, filing_id)

    def make_due(self, filing_id: int) -> None:
        """Let the pauses pass."""
        session().execute(
            update(Filing)
            .where(Filing.id == filing_id, Filing.stage.in_(turn.WORKING))
            .values(due_at=shared_now() - timedelta(seconds=1))
        )
        session().commit()

    def let_time_pass(self, filing_id: int, minutes: int = 5) -> None:
        """Move what a declaration remembers into the past: leases, sends, pauses."""
        past = shared_now() - timedelta(minutes=minutes)
        row = self.row(filing_id)
        if row.sent_at is not None:
            row.sent_at = row.sent_at - timedelta(minutes=minutes)
        if row.lease_until is not None:
            row.lease_until = past
        session().commit()

    def row(self, filing_id: int) -> Filing:
        """A declaration, fresh from the database."""
        session().rollback()
        session().expire_all()
        return session().get_one(Filing, filing_id)

    def stage(self, filing_id: int) -> tuple[FilingStage, str]:
        """Where a declaration stands, and why."""
        row = self.row(filing_id)
        return FilingStage(row.stage), row.code

    def kinds(self, filing_id: int) -> list[str]:
        """The kinds of evidence there are."""
        found = select(Evidence.kind).where(Evidence.filing_id == filing_id)
        return list(session().scalars(found.order_by(Evidence.sequence)))

    def arrived(self, kind: str = DIGIPOORT) -> list[dict[str, Any]]:
        """What the sandbox's own ledger says came in."""
        return self.sandbox.ledger(LEDGERS[kind])

    def count(self, model: Any) -> int:
        """How many rows there are."""
        return session().scalar(select(func.count()).select_from(model)) or 0


def valid_numbers(
    administration: Administration, period: TaxPeriod
) -> list[NumberCheck]:
    """What VIES says when all customers of a stretch are registered."""
    rows = supplies.of(administration, period).rows
    return [
        NumberCheck(vat_numbers.number_of(customer), is_valid=True, proof="WAPI1")
        for customer in {row.customer for row in rows}
    ]


def _entry(row: Any, rubric: Rubric, turnover: Decimal, vat: Decimal) -> Entry:
    return Entry(
        tenant_id=row.tenant_id,
        period_id=row.id,
        origin=EntryOrigin.MANUAL,  # stays when the invoices are read again
        booked_on=date(row.starts_on.year, row.starts_on.month, 15),
        rubric=rubric,
        turnover=turnover,
        vat=vat,
    )


@contextmanager
def filing_tenant(settings: Settings, sandbox: World) -> Iterator[Files]:
    """Make a tenant with a certificate and a profile per channel."""
    sandbox.control("reset")
    sandbox.control("options", {"pace": 0})
    app = create_app(pointed(settings, sandbox.url))
    with app.app_context(), system_scope():
        empty_database()
        yield _made(app, sandbox)
        db.session.remove()
        db.engine.dispose()


def _made(app: Flask, sandbox: World) -> Files:
    tenant = accounts.create_tenant_with_owner(
        name="De Fietsenmaker", email="owner@example.com", password=PASSWORD
    )
    accounts.create_user(
        tenant, email="colleague@example.com", password=PASSWORD, role=Role.COLLEAGUE
    )
    for plugin in ("accountview", "belastingdienst"):
        session().add(TenantPlugin(tenant_id=tenant.id, plugin=plugin))
    user = session().scalars(select(User).where(User.role == Role.OWNER)).one()
    certificate = certificate_store.store(
        tenant.id,
        sandbox.certificate,
        user_id=user.id,
        pins=sandbox.authority["fingerprint"],
        roots=sandbox.authority["root"],
    )
    profiles = {
        DIGIPOORT: FilingProfile(
            tenant_id=tenant.id,
            name="Eigen certificaat",
            channel=DIGIPOORT,
            certificate=certificate,
        ),
        AUTOREPORT: FilingProfile(
            tenant_id=tenant.id,
            name="AutoReport",
            channel=AUTOREPORT,
            account="demo-tenant",
            certificate_source=CertificateSource.CHANNEL,
        ),
    }
    undertaking = Undertaking(
        tenant_id=tenant.id,
        code="FIETS",
        description="De Fietsenmaker",
        is_blocked=False,
        visma_id=70001,
    )
    reader = VismaUser(tenant_id=tenant.id, email="a@example.com", name="A. Jansen")
    activation = Activation(tenant_id=tenant.id, step=7, authorised_at=utcnow())
    session().add_all((*profiles.values(), undertaking, reader, activation))
    session().flush()
    session().add(
        VismaUserAccess(
            tenant_id=tenant.id, user_id=reader.id, undertaking_id=undertaking.id
        )
    )
    session().commit()
    activate(sandbox)
    return Files(app, sandbox, tenant, user, profiles, undertaking)


def activate(sandbox: World) -> None:
    """Choose Visma's certificate at AutoReport, as the wizard does."""
    from plugins.accountview import configuration

    configuration.autoreport("demo-tenant", "70001").activate_certificate("visma")
