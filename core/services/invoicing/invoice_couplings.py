"""Couplings without a source: the CRM's own invoices feeding a package (manual 000, C).

A package has at most one; it is made when the user switches booking on.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.domain.invoices import InvoiceVatRule
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InvoiceVatMapping,
    TenantVatCode,
)
from core.plugin.capabilities import Choices, Invoices
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.connections import administrations


def offer_of(connection: Connection) -> Invoices | None:
    """Return what a connection's package offers for invoices; None: it takes none."""
    return koppelwerk().registry.brought(Invoices).get(connection.plugin)


def target_of(coupling: Coupling) -> Invoices:
    """Return what the coupling's package offers; LookupError when it takes none."""
    offer = offer_of(coupling.target)
    if offer is None:
        raise LookupError(f"{coupling.target.plugin} takes no invoices")
    return offer


def of_connection(connection_id: int) -> Coupling | None:
    """Return the invoice coupling of a connection in scope, if it was ever made."""
    return session().scalar(
        select(Coupling)
        .where(
            Coupling.target_id == connection_id,
            Coupling.source_id.is_(None),
            Coupling.purchases.is_(False),
        )
        .options(joinedload(Coupling.target))
    )


def enabled_of(tenant_id: int, plugin: str) -> Sequence[Coupling]:
    """Return a tenant's invoice couplings with a plugin that are switched on."""
    return (
        session()
        .scalars(
            select(Coupling)
            .join(Connection, Connection.id == Coupling.target_id)
            .where(
                Coupling.tenant_id == tenant_id,
                Coupling.source_id.is_(None),
                Coupling.purchases.is_(False),
                Coupling.enabled,
                Connection.plugin == plugin,
                Connection.enabled,
                Connection.state != ConnectionState.ENDED,
            )
            .options(joinedload(Coupling.target))
            .order_by(Coupling.id)
        )
        .all()
    )


def reading(tenant_id: int) -> Sequence[Coupling]:
    """Return a tenant's invoice couplings whose payments are read, as they decide
    whether an invoice is paid: the chosen one first, then as they were coupled."""
    return (
        session()
        .scalars(
            select(Coupling)
            .where(
                Coupling.tenant_id == tenant_id,
                Coupling.source_id.is_(None),
                Coupling.purchases.is_(False),
                Coupling.enabled,
                Coupling.reads_open_items,
            )
            .options(joinedload(Coupling.target))
            .order_by(Coupling.decides_paid.desc(), Coupling.id)
        )
        .all()
    )


def choices_of(coupling: Coupling) -> Choices:
    """Return what the package offers to choose from; nothing before it is connected."""
    if coupling.target.external_id is None:
        return Choices()
    return target_of(coupling).choices(coupling.target)


def problems_of(coupling: Coupling) -> list[str]:
    """Return the codes of what is still missing; empty: invoices may go.

    That every VAT code is mapped is asked of each invoice by itself.
    """
    if coupling.target.state == ConnectionState.NEW:
        return ["target_not_connected"]
    missing = target_of(coupling).problems(coupling)
    if coupling.needs_look:
        missing = [administrations.OTHER, *missing]
    if target_of(coupling).maps_vat and not rules_of([coupling.id])[coupling.id]:
        missing = [*missing, "vat_not_configured"]
    return missing


def rules_of(coupling_ids: Iterable[int]) -> dict[int, dict[str, InvoiceVatRule]]:
    """Return by coupling what each VAT code of the tenant becomes, in one query.

    Only codes whose line is wholly filled in.
    """
    found: dict[int, dict[str, InvoiceVatRule]] = {key: {} for key in coupling_ids}
    rows = session().execute(
        select(InvoiceVatMapping, TenantVatCode.code)
        .join(TenantVatCode, TenantVatCode.id == InvoiceVatMapping.vat_code_id)
        .where(
            InvoiceVatMapping.coupling_id.in_(found),
            InvoiceVatMapping.package_vat_code != "",
            InvoiceVatMapping.revenue_account != "",
        )
    )
    for row, code in rows:
        rule = InvoiceVatRule(row.package_vat_code, row.revenue_account)
        found[row.coupling_id][code] = rule
    return found
