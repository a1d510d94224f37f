"""A tenant with the plugin on and an access point connected, and its invoices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress
from core.models import Connection, LogEntry, Mail, SalesInvoice, Tenant
from core.plugin.connections import filled_in
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.settings import Settings
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.invoicing import sales_invoices, vat_codes
from core.services.linking import choosing
from core.services.mailing import mail
from core.services.people import accounts
from plugins.peppol.connector import PeppolConnector
from plugins.peppol.models import PeppolEvidence, PeppolSending
from plugins.peppol.sending import queue
from tests.contract.coupled import pointed_at
from tests.invoices import complete, customer, draft, line

BELGIAN = {
    "vat_number": "BE0428759497",
    "invoice_address": PostalAddress("Laan", "1", "", "1000", "Brussel", "BE"),
}
CODES = {"scheme": "0106", "number": "12345678", "token": "sandbox-token"}
SECRET = "geheim-adres"


def environ(url: str) -> dict[str, str]:
    return {
        "PEPPOL_ACCESS_POINT_URL": f"{url}/",
        "PEPPOL_LOOKUP_URL": f"{url}/",
        "PEPPOL_WEBHOOK_SECRET": SECRET,
    }


@dataclass
class World:
    """The tenant and what it does."""

    app: Flask
    tenant_id: int
    connection_id: int

    @property
    def connection(self) -> Connection:
        session().rollback()
        session().expire_all()
        return session().get_one(Connection, self.connection_id)

    def choose(self, how: str) -> None:
        """Say who sends, as the section of the plugin's page does."""
        with transaction():
            row = session().get_one(Connection, self.connection_id)
            connections.save_section(row, "sending", {"how": how})

    def invoice(
        self, sent_as: str = "other", *, credit: bool = False, **values: Any
    ) -> int:
        """Send an invoice to a Belgian business, or credit one whole."""
        reference = values.pop("reference", "Inkoop 7")
        with transaction(), tenant_scope(self.tenant_id):
            tenant = session().get_one(Tenant, self.tenant_id)
            given = {"debtor_number": "", **BELGIAN, **values}
            lines = line(tenant), line(tenant, "3", "0.3333", "NL9")
            row = draft(tenant, customer(**given), *lines, reference=reference)
            sales_invoices.send(row, sent_as)
            if credit:
                row = sales_invoices.credit(row, row.issued_on)
                sales_invoices.send(row, sent_as)
            return row.id

    def ask(self, invoice_id: int, *, too: bool = False) -> None:
        """Press *Versturen via Peppol*."""
        with transaction(), tenant_scope(self.tenant_id):
            row = session().get_one(SalesInvoice, invoice_id)
            queue.add(row, {}, mailed_too=too, user_id=1)

    def sending(self, invoice_id: int) -> PeppolSending:
        session().rollback()
        session().expire_all()
        found = session().scalar(
            select(PeppolSending).where(PeppolSending.invoice_id == invoice_id)
        )
        assert found is not None
        return found

    def sendings(self) -> list[PeppolSending]:
        session().rollback()
        session().expire_all()
        return list(session().scalars(select(PeppolSending).order_by(PeppolSending.id)))

    def change(self, invoice_id: int, **values: Any) -> None:
        """Set columns of a sending, as time would."""
        with transaction() as current:
            current.execute(
                update(PeppolSending)
                .where(PeppolSending.invoice_id == invoice_id)
                .values(**values)
            )

    def work(self, times: int = 1) -> None:
        """Do what is waiting, whenever it was to be done, so many times."""
        for _each in range(times):
            with transaction() as current:
                current.execute(
                    update(PeppolSending)
                    .where(PeppolSending.due_at.is_not(None))
                    .values(due_at=utcnow())
                )
            for row in self.sendings():
                jobs.run_task("peppol.send", row.id)
        session().rollback()

    def codes(self) -> list[str]:
        """The log's codes of this plugin, in order."""
        session().rollback()
        rows = session().scalars(select(LogEntry.code).order_by(LogEntry.id))
        return [code for code in rows if code.startswith("peppol")]

    def mails(self) -> list[str]:
        """The subjects and texts of mails of this plugin."""
        session().rollback()
        rows = session().scalars(select(Mail).where(Mail.kind.startswith("peppol")))
        return ["\n".join(mail.content_of(row)) for row in rows]

    def pieces(self, invoice_id: int) -> list[str]:
        """The kinds of evidence of a sending, in order."""
        key = self.sending(invoice_id).id
        rows = session().scalars(
            select(PeppolEvidence.kind)
            .where(PeppolEvidence.sending_id == key)
            .order_by(PeppolEvidence.sequence)
        )
        return list(rows)


@contextmanager
def connected(url: str, settings: Settings) -> Iterator[World]:
    """A tenant of Dutch invoices whose access point is the sandbox."""
    with pointed_at(environ(url), settings) as app:
        made = accounts.create_tenant_with_owner(
            name="Fietsen", email="f@example.com", password="een lang wachtwoord"
        )
        with transaction(), tenant_scope(made.id):
            tenant = session().get_one(Tenant, made.id)
            complete(tenant)
            vat_codes.make_defaults(tenant)
            connections.switch_plugin(tenant.id, "peppol", enabled=True)
            connection = connections.create(tenant.id, "peppol")
        found = PeppolConnector().check(CODES)
        choosing.settle(connection, found, filled_in(CODES))
        yield World(app, made.id, connection.id)


def later(moment: datetime | None) -> bool:
    """Tell whether a moment is still to come."""
    return moment is not None and moment > utcnow()
