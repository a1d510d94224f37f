"""Figures of a tax period: the pages, for owner, colleague and stranger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.models import LogEntry, TenantPlugin
from core.tenancy import system_scope
from plugins.accountview import period_figures
from plugins.accountview.models import Entry, PeriodFigures
from plugins.accountview.models.administration import FigureSource
from plugins.accountview.models.figures import EntryOrigin
from plugins.accountview.models.filing import FilingStage
from plugins.accountview.returns import IcpKind, TaxPeriod
from tests.integration.accountview import figure_samples as samples
from tests.web.conftest import Site

DE = {"customer_country": "DE", "customer_number": "136695976"}
Q2 = TaxPeriod.quarter(2026, 2)


@dataclass
class Books:
    """A tenant with an administration and some entries of a quarter."""

    site: Site
    owner: str
    colleague: str
    tenant_id: int
    administration_id: int
    period_id: int

    def path(self, rest: str = "", period: str = "/2026-Q3") -> str:
        return f"/aangifte/cijfers/{self.administration_id}{period}{rest}"

    def client(self) -> FlaskClient:
        return self.site.client(self.owner)


def books(site: Site, number: int, **values: Any) -> Books:
    sample = site.sample(f"Handel {number}", number)
    with site.data() as session:
        session.add(TenantPlugin(tenant_id=sample.tenant.id, plugin="accountview"))
        made = samples.administration(
            sample.tenant, **{"code": f"A{number}", **values}
        )
        row = samples.period(made)
        samples.entry(row, "1a", "12500.55", "2625.12", description="Bakkerij")
        samples.entry(row, "1a", "0.60", "0.13")
        samples.entry(row, "3b", "8200.90", icp_kind=IcpKind.GOODS, **DE)
        samples.entry(row, "3b", "0.40", icp_kind=IcpKind.ABC, **DE)
        samples.entry(row, "5b", vat="420.10")
        row.read_at = samples.MOMENT
        return Books(
            site, sample.owner, sample.colleague, sample.tenant.id, made.id, row.id
        )


@pytest.fixture
def own(site: Site) -> Books:
    return books(site, 1)


def test_exact_and_rounded_stand_side_by_side(own: Books) -> None:
    text = own.client().get(own.path()).text
    for amount in ("12.501,15", "12.501", "2.625,25", "2.625", "420,10", "421", "2.204"):
        assert amount in text, amount
    assert "Goederen" in text
    assert "ABC-leveringen" in text
    assert "vervalt (nul)" in text
