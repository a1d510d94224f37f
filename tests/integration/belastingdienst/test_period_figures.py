"""What is stored of a period, and the figures that are made of it."""

from decimal import Decimal

import pytest
from flask import Flask

from core.domain.declarations import Customer, IcpKind, Rubric
from core.runtime.tenancy import system_scope, tenant_scope
from plugins.belastingdienst.figures import period_figures
from plugins.belastingdienst.models.figures import EntryOrigin
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import stored_sums

DE = {"customer_country": "DE", "customer_number": "136695976"}


def test_a_period_gets_one_row(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        assert period_figures.find(made, samples.Q3) is None
        first = period_figures.of(made, samples.Q3)
        assert period_figures.of(made, samples.Q3) is first
        assert period_figures.find(made, samples.Q3) is first
        assert period_figures.period(first) == samples.Q3


def test_another_tenants_period_is_not_made(app: Flask) -> None:
    with system_scope():
        made = samples.administration(samples.tenant())
        other = samples.tenant(2)
    with tenant_scope(other.id), pytest.raises(RuntimeError):
        period_figures.of(made, samples.Q3)


def test_figures_are_made_of_the_entries(app: Flask) -> None:
    with system_scope():
        row = samples.period(samples.administration(samples.tenant()))
        samples.entry(row, "1a", "100.55", "21.12")
        samples.entry(row, "1a", "0.60", "0.13", origin=EntryOrigin.MANUAL)
        samples.entry(row, "3b", "50.90", icp_kind=IcpKind.GOODS, **DE)
        samples.entry(row, "3b", "7.20", icp_kind=IcpKind.ABC)
        found = stored_sums.stored(row)
    assert found.boxes[Rubric.R1A].turnover == Decimal("101.15")
    assert found.vat_return.box(Rubric.R1A).turnover == 101
    assert [(one.kind, one.customer, one.amount) for one in found.icp.rows] == [
        (IcpKind.GOODS, Customer("DE", "136695976"), 50)
    ]
    assert found.behind(Rubric.R3B)[1].customer is None


def test_a_correction_of_3b_is_no_row_of_this_icp(app: Flask) -> None:
    with system_scope():
        row = samples.period(samples.administration(samples.tenant()))
        samples.entry(
            row, "3b", "80", icp_kind=IcpKind.GOODS, origin=EntryOrigin.CORRECTION, **DE
        )
        found = stored_sums.stored(row)
        assert found.vat_return.box(Rubric.R3B).turnover == 80
        assert found.icp.rows == period_figures.summary(row).icp.rows == ()


def test_settled_doubts_do_not_hold_up(app: Flask) -> None:
    with system_scope():
        row = samples.period(samples.administration(samples.tenant()))
        doubt = {"code": "x", "entry_id": "1", "params": {"number": "1"}}
        row.doubts = [doubt, {**doubt, "entry_id": "2", "settled": True}]
        assert [one.entry_id for one in period_figures.doubts(row)] == ["1"]


def test_the_database_adds_up_as_the_pure_figures_do(app: Flask) -> None:
    with system_scope():
        row = samples.period(samples.administration(samples.tenant()))
        for number, rubric in enumerate(Rubric):
            samples.entry(row, rubric, f"{number}.37", f"-{number}.99")
            samples.entry(row, rubric, "-12.05", "0.01", icp_kind=IcpKind.ABC, **DE)
        found, added = stored_sums.stored(row), period_figures.summary(row)
        assert dict(found.boxes) == dict(added.boxes)
        assert set(added.counts.values()) == {2}
        assert found.icp == added.icp
        assert found.vat_return == added.vat_return
