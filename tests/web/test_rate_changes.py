"""A change of rates known ahead is told once, to those whom it concerns."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.domain.orders import SaleKind
from core.models import Coupling, LogEntry, Mail, Mark, ShopOrder, Tenant
from core.rules.vatrates import RateChange
from core.services.linking import configuration, couplings, rate_changes
from plugins.eaccounting.models import EAccountingVatMapping
from tests.web.conftest import Site

NOW = datetime(2026, 12, 5, 9, tzinfo=UTC)
CHANGE = RateChange("LV", date(2027, 1, 1), (Decimal(12),), (Decimal("11.5"),))


def _sells_to(site: Site, coupling: Coupling, country: str, rate: str) -> None:
    with site.data() as session:
        session.add(
            EAccountingVatMapping(
                tenant_id=coupling.tenant_id, coupling_id=coupling.id,
                sale_kind=SaleKind.COUNTRY, country=country, rate=Decimal(rate),
                vat_code="x", revenue_account="8000",
            )
        )  # fmt: skip


def _told(site: Site) -> tuple[list[int], int]:
    with site.data() as session:
        entries = session.scalars(
            select(LogEntry.tenant_id).where(LogEntry.code == rate_changes.CODE)
        ).all()
        mails = session.scalars(select(Mail).where(Mail.kind == rate_changes.CODE))
        return list(entries), len(mails.all())


def test_only_whom_it_concerns_is_told_and_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sells, other = site.sample(), site.sample("De Boekhandel", 2)
    _sells_to(site, sells.coupling, "LV", "12")
    _sells_to(site, other.coupling, "EE", "24")
    periods = []

    def known(first: date, last: date) -> list[RateChange]:
        periods.append((first, last))
        return [CHANGE]

    monkeypatch.setattr(rate_changes, "changes_between", known)
    for days in (0, 0, 1, 2):
        with site.data():
            rate_changes.tick(NOW + timedelta(days=days))
    assert len(periods) == 3
    assert periods[0] == (date(2026, 12, 5), date(2027, 1, 4))
    entries, mails = _told(site)
    assert entries == [sells.tenant.id]
    assert mails >= 1
    with site.data() as session:
        assert session.get(Mark, rate_changes.CODE) is not None


def test_the_rates_of_the_period_of_the_orders_are_offered(site: Site) -> None:
    sample = site.sample()
    _sells_to(site, sample.coupling, "EE", "24")
    today = date(2026, 11, 28)
    with site.data() as session:
        coupling = session.get(Coupling, sample.coupling.id)
        coupling.starts_on = date(2026, 1, 1)

        def offered() -> dict[str, list[tuple[str, bool]]]:
            target = couplings.target_of(coupling)
            return {
                group.key: [(str(line.rate), line.saved) for line in group.lines]
                for group in configuration.vat_groups(coupling, target, "NL", today)
            }

        found = offered()
        assert found["EE"] == [("24", True), ("13", False), ("9", False)]
        assert "GB" not in found
        session.add(
            ShopOrder(
                tenant_id=coupling.tenant_id, connection_id=coupling.source_id,
                source_id="old", number="old", payload={}, state="ready",
                ordered_at=datetime(2020, 3, 1, tzinfo=UTC), updated_at=NOW,
                total_incl_vat=Decimal(1), vat_amount=Decimal(0), content_hash="x",
            )
        )  # fmt: skip
        session.flush()
        tenant = session.get(Tenant, coupling.tenant_id)
        assert "0" not in dict(offered()["NL"])
        tenant.vat_statuses = [{"starts_on": "2026-01-01", "small_business": True}]
        assert dict(offered()["NL"])["0"] is False
        rates = [rate for rate, _ in offered()["EE"]]
        assert rates == ["24", "22", "20", "13", "9", "5"]
        assert [rate for rate, _ in offered()["GB"]] == ["20", "5"]
