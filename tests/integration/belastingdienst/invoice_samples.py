"""Sent sales invoices of a tenant, with its VAT codes."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from core.domain.money import total
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    InvoiceState,
    Relation,
    RelationKind,
    RelationType,
    SalesInvoice,
    SalesInvoiceLine,
    Tenant,
    TenantVatCode,
    VatKind,
)
from core.runtime.database import session

CODES = (
    ("H", VatKind.STANDARD, "NL", "21"),
    ("L", VatKind.REDUCED, "NL", "9"),
    ("V", VatKind.EXEMPT, "NL", "0"),
    ("ICP", VatKind.INTRA_COMMUNITY, "NL", "0"),
    ("ICD", VatKind.INTRA_COMMUNITY_SERVICES, "NL", "0"),
    ("EX", VatKind.EXPORT, "NL", "0"),
    ("BE", VatKind.STANDARD, "BE", "21"),
)


def german() -> RelationData:
    """Return a business customer in Germany."""
    return RelationData(
        False, "Müller GmbH", vat_number="DE136695976",
        invoice_address=PostalAddress(country="DE"),
    )  # fmt: skip


def maker(owner: Tenant) -> Callable[..., SalesInvoice]:
    """Give a tenant VAT codes and a customer; return what makes its invoices."""
    codes = {
        code: TenantVatCode(
            tenant_id=owner.id, code=code, label=code, kind=kind, country=country,
            rate=Decimal(rate),
        )
        for code, kind, country, rate in CODES
    }  # fmt: skip
    relation = Relation(
        tenant_id=owner.id, kind=RelationKind.ORGANISATION,
        relation_type=RelationType.CLIENT, name="Klant", sort_name="klant",
    )  # fmt: skip
    session().add_all([*codes.values(), relation])
    session().flush()

    def invoice(
        number: str,
        *lines: tuple[str, str],
        on: date = date(2026, 8, 10),
        state: InvoiceState = InvoiceState.SENT,
        vat: str = "0",
        customer: RelationData | None = None,
        **values: Any,
    ) -> SalesInvoice:
        made = SalesInvoice(
            tenant_id=owner.id, number=number, state=state, relation_id=relation.id,
            issued_on=on, due_on=on, vat_amount=Decimal(vat),
            amount_excl_vat=total(Decimal(amount) for _code, amount in lines),
            customer=asdict(customer or RelationData(False, "Klant")), **values,
        )  # fmt: skip
        made.lines = [
            SalesInvoiceLine(
                tenant_id=owner.id, position=index, description="x",
                quantity=Decimal(1), unit_price=Decimal(amount),
                amount_excl_vat=Decimal(amount), vat_code_id=codes[code].id,
            )
            for index, (code, amount) in enumerate(lines)
        ]  # fmt: skip
        session().add(made)
        session().flush()
        return made

    return invoice
