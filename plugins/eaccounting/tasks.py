"""RQ tasks: sending orders, relations, and keeping the local index up to date.

The only place that joins tables, mapping and client.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from core.domain.errors import AskUser
from core.plugin.database import session
from core.plugin.tables import Connection, Coupling, Tenant
from plugins.eaccounting import reference
from plugins.eaccounting.invoice_sender import InvoiceSender
from plugins.eaccounting.readback import read_documents
from plugins.eaccounting.relation_mapping import Defaults, PersonName, Role
from plugins.eaccounting.relations import Relations
from plugins.eaccounting.sender import OrderSender
from plugins.eaccounting.setup import Setups
from plugins.eaccounting.wire import Body


@contextmanager
def order_sender(connection: Connection) -> Iterator[OrderSender]:
    """Open the package for a batch of orders."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    tenant = session().get_one(Tenant, tenant_id)
    client = reference.open_client(connection)
    with client.http:
        index = reference.Index(connection_id, tenant_id, client)
        yield OrderSender(client, index, connection_id, Setups(tenant))


@contextmanager
def invoice_sender(connection: Connection) -> Iterator[InvoiceSender]:
    """Open the package for a batch of invoices."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    shown_as = connection.settings.get("relations", {}).get("person_name")
    tenant = session().get_one(Tenant, tenant_id)
    client = reference.open_client(connection)
    with client.http:
        index = reference.Index(connection_id, tenant_id, client)
        yield InvoiceSender(
            client,
            index,
            connection_id,
            Setups(tenant),
            PersonName(shown_as or PersonName.LAST),
        )


@contextmanager
def relation_package(connection: Connection) -> Iterator[Relations]:
    """Open the package for a turn that keeps relations in step."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    chosen = dict(connection.settings.get("relations", {}))
    country = str(connection.facts.get("country") or "NL")
    client = reference.open_client(connection)
    index = reference.Index(connection_id, tenant_id, client)

    def defaults() -> Defaults:
        terms = str(chosen.get("payment_terms") or "")
        if not terms:
            company = reference.by_id(
                connection_id, reference.COMPANY, reference.COMPANY
            )
            session().rollback()
            known = company.data if company else client.company_settings()
            terms = str(known.get("TermsOfPaymentId") or "")
        if not terms:
            raise AskUser("payment_terms_missing")
        return Defaults(terms, country)

    def keep(role: Role, bodies: Sequence[Body]) -> None:
        if role == Role.DEBTOR:
            index.keep(reference.CUSTOMER, bodies)

    with client.http:
        yield Relations(client, chosen, cache(defaults), keep)


def documents(coupling: Coupling) -> list[dict[str, Any]]:
    """Return what stands in the package, for `flask reconcile`."""
    connection = session().get_one(Connection, coupling.target_id)
    client = reference.open_client(connection)
    with client.http:
        return read_documents(client, coupling)
