"""A draft invoice of a webshop order by a business, where it is invoiced from here.

Only of an order that nobody booked, that is paid wholly or not at all, and of which
nothing went back. Its transfers are set aside, so that the sale is booked once: as the
invoice. The draft has the VAT of each line as the shop charged it and comes to the same
amount to the cent, or is not made.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser, Stop
from core.domain.money import ZERO, total
from core.domain.orders import (
    LineKind,
    Order,
    OrderLine,
    OrderState,
    Payment,
    SaleKind,
    payments_to_data,
)
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    Relation,
    SalesInvoice,
    ShopOrder,
    Tenant,
    TenantVatCode,
    Transfer,
    VatKind,
)
from core.plugin.setups import seller_of
from core.rules.parties import Likeness, likeness, party_of
from core.rules.sale_checks import check_order
from core.rules.sale_place import place_of
from core.rules.value_rules import vat_number
from core.runtime import log
from core.runtime.database import session
from core.services.crm import relations
from core.services.invoicing import (
    invoice_settings,
    invoiced_orders,
    sales_invoices,
    vat_codes,
)
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.transfer import orders, setting_aside

_SOLD = (LineKind.GOODS, LineKind.SHIPPING, LineKind.FEE)
_KINDS = {
    SaleKind.COUNTRY: (VatKind.STANDARD, VatKind.REDUCED),
    SaleKind.ICP: (VatKind.INTRA_COMMUNITY,),
    SaleKind.INTERNATIONAL: (VatKind.EXPORT,),
}
"""Which VAT codes the lines of a sale may have: what a shop sends are goods."""
_MOST_ALIKE = 50
"""Relations with one e-mail address that are compared."""
_PAID = "PAID"
_BACK = ("PARTIALLY_REFUNDED", "REFUNDED")


def may_be_made(transfer: Transfer) -> bool:
    """Tell whether an invoice may be made of a transfer's order."""
    if transfer.subject != orders.SUBJECT or not setting_aside.may_set_aside(transfer):
        return False
    row = session().get_one(ShopOrder, transfer.subject_id)
    order = orders.load(row)
    return (
        row.state == OrderState.READY
        and order.is_for_business
        and not (order.refunds or order.refunded_amount)
        and order.payment_status.upper() not in _BACK
        and total(each.amount for each in _payments(order))
        in (ZERO, order.total_incl_vat)
    )


def _payments(order: Order) -> tuple[Payment, ...]:
    """Return what was paid; all of it at once where a shop says no more than that."""
    if order.payments or order.payment_status.upper() != _PAID:
        return order.payments
    return (Payment(order.payment_method, order.total_incl_vat, order.ordered_at),)


def make(transfer: Transfer, *, user_id: int) -> SalesInvoice:
    """Make the draft, in the caller's transaction, and set the order's transfers aside.

    Raises AskUser `order_not_invoiced` where `may_be_made` says no or a package has it,
    `order_invoice_vat` for what no VAT code of ours is for, and `order_invoice_differs`
    where the amounts would not be the order's.
    """
    if not may_be_made(transfer):
        raise AskUser("order_not_invoiced", number=transfer.number)
    kept = session().get_one(ShopOrder, transfer.subject_id)
    order = orders.load(kept)
    tenant = session().get_one(Tenant, transfer.tenant_id)
    row = sales_invoices.save_draft(tenant.id, _draft(order, tenant))
    if (row.amount_incl_vat, row.vat_amount) != (
        order.total_incl_vat,
        order.vat_amount,
    ):
        raise AskUser(
            "order_invoice_differs",
            number=order.number,
            total=order.total_incl_vat,
            found=row.amount_incl_vat,
        )
    row.order_id, row.prepayments = kept.id, payments_to_data(_payments(order))
    invoiced_orders.set_aside(kept, user_id=user_id)
    log.write(
        tenant.id, "invoice_of_order", invoice_id=row.id, user_id=user_id,
        number=order.number,
    )  # fmt: skip
    return row


def _draft(order: Order, tenant: Tenant) -> Draft:
    today = local_date(utcnow(), tenant.timezone)
    term = 0 if _payments(order) else invoice_settings.of(tenant.id).term_days
    codes = _codes(order, tenant)
    return Draft(
        relation_id=_relation(order).id,
        issued_on=today,
        due_on=today + timedelta(term),
        lines=[_line(line, codes, order) for line in order.lines],
        reference=order.number,
    )


def _codes(order: Order, tenant: Tenant) -> dict[Decimal, TenantVatCode]:
    """Return the tenant's VAT codes for such a sale, by rate.

    Raises the AskUser of `sale_checks.check_order` and `sale_place.place_of`, by which
    an order of these amounts is not booked either.
    """
    try:
        check_order(order)
    except Stop as error:
        raise AskUser("order_not_invoiced", number=order.number) from error
    place = place_of(order, seller_of(tenant))
    is_at_home = place.country == tenant.home_country and not order.reverse_charged
    if place.kind == SaleKind.COUNTRY and not is_at_home:
        return {}  # of another country's VAT there are no codes here
    offered = vat_codes.offered(tenant)
    kinds = _KINDS[place.kind]
    return {code.rate: code for code in offered if code.kind in kinds}


def _line(
    line: OrderLine, codes: dict[Decimal, TenantVatCode], order: Order
) -> DraftLine:
    """Return a line with the shop's own amounts; how many were sold stands in its
    words, since a price a piece may not be whole cents."""
    if line.kind not in _SOLD or line.vat_rate not in codes:
        raise AskUser("order_invoice_vat", number=order.number)
    count = f"{line.quantity.normalize():f} × " if line.quantity != 1 else ""
    return DraftLine(
        f"{count}{line.description}".strip() or order.number,
        Decimal(1),
        line.amount_excl_vat,
        codes[line.vat_rate].id,
        line.vat_amount,
    )


def _relation(order: Order) -> Relation:
    """Return the one relation that is surely the buyer, or make one of what the shop
    has. A VAT number may be of all in a fiscal unity, info@ of several parties."""
    buyer = _buyer(order)
    number = vat_number(order.vat_number, order.billing.country) or order.vat_number
    by_email = func.lower(Relation.email) == buyer.email.lower()
    found = _alike(Relation.vat_number == number) if number else []
    found = [row for row in found if _is_same(row, buyer) or _has_email(row, buyer)]
    if not found and buyer.email:
        found = [row for row in _alike(by_email) if _is_same(row, buyer)]
    if len(found) == 1:
        return found[0]
    number = relations.next_debtor_number()
    return relations.save(replace(buyer, debtor_number=number), None)


def _alike(condition: ColumnElement[bool]) -> Sequence[Relation]:
    query = select(Relation).where(
        condition, Relation.merged_into_id.is_(None), Relation.blocked_at.is_(None)
    )
    return session().scalars(query.order_by(Relation.id).limit(_MOST_ALIKE)).all()


def _has_email(row: Relation, buyer: RelationData) -> bool:
    return bool(buyer.email) and row.email.lower() == buyer.email.lower()


def _is_same(row: Relation, buyer: RelationData) -> bool:
    one, other = party_of(relations.data_of(row)), party_of(buyer)
    return likeness(one, other) is Likeness.SAME


def _buyer(order: Order) -> RelationData:
    billing = order.billing
    address = replace(
        PostalAddress.of_line(billing.street),
        postal_code=billing.postal_code,
        city=billing.city,
        country=billing.country,
    )
    return RelationData(
        is_person=False,
        name=order.company or billing.name or billing.company,
        relation_type="client",
        email=order.email,
        phone=billing.phone,
        vat_number=order.vat_number,
        visiting_address=address,
    )
