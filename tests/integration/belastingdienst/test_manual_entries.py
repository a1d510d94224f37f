"""Entries that people fill in: checked, changed, removed, and told in the log."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.declarations import IcpKind, Rubric
from core.domain.errors import AskUser
from core.models import LogEntry, User
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from plugins.belastingdienst.figures import manual_entries
from plugins.belastingdienst.figures.manual_entries import FilledIn
from tests.integration.belastingdienst import figure_samples as samples
from tests.integration.belastingdienst import stored_sums

DAY = date(2026, 9, 30)
INPUT = FilledIn(Rubric.R5B, DAY, "Kantoorartikelen", vat=Decimal("21.07"))
GOODS = FilledIn(
    Rubric.R3B, DAY, "ABC", Decimal(90), icp_kind=IcpKind.ABC,
    customer_country="DE", customer_number="136695976",
)  # fmt: skip


def test_an_entry_counts_until_it_is_removed(app: Flask) -> None:
    with system_scope():
        row = samples.period(samples.administration(samples.tenant()))
        user = session().scalars(select(User.id)).one()
        entry = manual_entries.add(row, INPUT, user_id=user)
        manual_entries.add(row, GOODS, user_id=user)
        found = stored_sums.stored(row)
        assert found.vat_return.input_vat == 22
        assert [one.kind for one in found.icp.rows] == [IcpKind.ABC]
        more = FilledIn(Rubric.R5B, DAY, "Kantoor", vat=Decimal("22.01"))
        manual_entries.change(row, entry, more, user_id=user)
        assert stored_sums.stored(row).vat_return.input_vat == 23
        manual_entries.remove(row, entry, user_id=user)
        assert stored_sums.stored(row).vat_return.input_vat == 0
        codes = list(session().scalars(select(LogEntry.code).order_by(LogEntry.id)))
    assert [code for code in codes if "entry" in code] == [
        "figures_entry_added",
        "figures_entry_added",
        "figures_entry_changed",
        "figures_entry_removed",
    ]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (FilledIn(Rubric.R5B, date(2026, 10, 1), "x", vat=Decimal(1)), "entry_day"),
        (FilledIn(Rubric.R5B, DAY, "x"), "entry_empty"),
        (FilledIn(Rubric.R1E, DAY, "x", vat=Decimal(1)), "vat_in_untaxed_rubric"),
        (FilledIn(Rubric.R5B, DAY, "x", Decimal(1)), "turnover_in_input"),
        (FilledIn(Rubric.R3B, DAY, "x", Decimal(1)), "entry_icp"),
        (FilledIn(Rubric.R1A, DAY, "x", Decimal(1), icp_kind=IcpKind.GOODS,
                  customer_country="DE", customer_number="1"), "entry_icp"),
    ],
)  # fmt: skip
def test_what_cannot_be_so_is_refused(app: Flask, values: FilledIn, code: str) -> None:
    with system_scope():
        row = samples.period(samples.administration(samples.tenant()))
        user = session().scalars(select(User.id)).one()
        with pytest.raises(AskUser) as refused:
            manual_entries.add(row, values, user_id=user)
        assert refused.value.code == code
        assert stored_sums.stored(row).figures.entries == ()
