"""A tenant with a token and a program that uses it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from core.domain.clock import utcnow
from core.domain.packages import Identity
from core.models import Connection, Tenant, TenantPlugin, TenantVatCode, VatKind
from core.plugin.connections import filled_in
from core.runtime.tenancy import tenant_scope
from core.services.api import api_tokens
from core.services.api.api_tokens import SCOPES
from core.services.connections import connections
from core.services.people import accounts
from tests.invoices import complete
from tests.web.conftest import Site, site, strict_site
from tests.web.samples import Sample

__all__ = ["site", "strict_site"]
BOOT = {
    "kind": "organisation",
    "name": "Bakkerij Zoet",
    "invoice_address": {
        "street": "Kade", "house_number": "1", "postal_code": "3011 AA",
        "city": "Rotterdam", "country": "NL",
    },
}  # fmt: skip


@dataclass
class Program:
    """A program of a tenant, with its token."""

    site: Site
    sample: Sample
    token: str

    def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> TestResponse:
        """Ask the API; header names are written with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("Authorization", f"Bearer {self.token}")
        client = self.site.app.test_client()
        options: dict[str, Any] = {"json": body} if body is not None else {}
        return client.open(f"/api/v1{path}", method=method, headers=given, **options)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call("POST", path, body, **headers)

    def relation(self, **values: Any) -> int:
        """Make a relation and return its id."""
        answer = self.post("/relations", {**BOOT, **values})
        assert answer.status_code == 201, answer.json
        return int(answer.json["id"])


def token(site: Site, sample: Sample, *scopes: str) -> str:
    """Make a token of a tenant; without scopes it may do everything."""
    with site.data():
        user = accounts.find_by_email(sample.owner)
        assert user is not None
        return api_tokens.make(
            sample.tenant.id, "Ons CRM", scopes or SCOPES, user_id=user.id
        )


def vat_code(
    site: Site,
    sample: Sample,
    code: str = "NL21",
    rate: str = "21",
    kind: VatKind = VatKind.STANDARD,
) -> None:
    """Let a tenant make invoices: its own data, and a VAT code, mostly of 21 %."""
    with site.data() as session, tenant_scope(sample.tenant.id):
        complete(session.get_one(Tenant, sample.tenant.id))
        if session.query(TenantVatCode).filter_by(code=code).first():
            return
        session.add(
            TenantVatCode(
                tenant_id=sample.tenant.id, code=code, label=code, rate=Decimal(rate),
                kind=kind, country="NL",
            )
        )  # fmt: skip


def shop(site: Site, sample: Sample, name: str = "Onze winkel") -> int:
    """Connect a shop that sends its orders itself; return its id."""
    with site.data() as session, tenant_scope(sample.tenant.id):
        if not session.query(TenantPlugin).filter_by(plugin="ownshop").first():
            connections.switch_plugin(sample.tenant.id, "ownshop", enabled=True)
        made: Connection = connections.create(sample.tenant.id, "ownshop")
        identity = Identity(f"{sample.tenant.id}:{name}", name, {"currency": "EUR"})
        connections.complete(made, identity, filled_in({"name": name}))
        made.checked_at = utcnow()
        return made.id


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


@pytest.fixture
def program(site: Site, sample: Sample) -> Program:
    return Program(site, sample, token(site, sample))


@pytest.fixture
def other(site: Site) -> Program:
    """A program of another tenant."""
    foreign = site.sample("Canary", 2)
    return Program(site, foreign, token(site, foreign))
