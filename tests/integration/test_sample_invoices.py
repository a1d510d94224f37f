"""The demo's relations and invoices are made once."""

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Relation, SalesInvoice
from core.plugin.capabilities import VatCheck, VatRegister
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import system_scope
from core.services.invoicing import sample_invoices
from core.services.people import accounts
from tests.capabilities import bringing


@pytest.mark.parametrize(
    ("answer", "states"),
    [(True, ["sent", "sent", "draft"]), (None, ["sent", "draft", "draft"])],
)
def test_the_samples_are_made_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, answer: bool | None, states: list[str]
) -> None:
    """Without an answer of VIES the one without VAT waits, and the demo starts."""

    def check(_tenant: int, text: str, _country: str, _own: str) -> VatCheck:
        return VatCheck(text, answer, checked_at=utcnow())

    registry = koppelwerk().registry
    plugin = bringing(registry.get("vies"), VatRegister(check))
    monkeypatch.setitem(registry.plugins, "vies", plugin)
    with system_scope():
        with transaction():
            tenant = accounts.create_tenant_with_owner(
                name="Demo", email="a@example.com", password="x" * 20
            )
        for _ in range(2):
            sample_invoices.make(tenant)
        assert len(session().scalars(select(Relation)).all()) == 3
        found = session().scalars(select(SalesInvoice.state).order_by(SalesInvoice.id))
        assert list(found) == states
