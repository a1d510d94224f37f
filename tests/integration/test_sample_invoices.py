"""The demo's relations and invoices are made once."""

from flask import Flask
from sqlalchemy import select

from core.models import Relation, SalesInvoice
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope
from core.services.invoicing import sample_invoices
from core.services.people import accounts


def test_the_samples_are_made_once(app: Flask) -> None:
    with system_scope():
        with transaction():
            tenant = accounts.create_tenant_with_owner(
                name="Demo", email="a@example.com", password="x" * 20
            )
        for _ in range(2):
            sample_invoices.make(tenant)
        assert len(session().scalars(select(Relation)).all()) == 3
        states = session().scalars(select(SalesInvoice.state).order_by(SalesInvoice.id))
        assert list(states) == ["sent", "sent", "draft"]
