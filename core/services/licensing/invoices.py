"""Our own invoices: which VAT, the number without gaps, and what is on them.

Sources: Dutch VAT act (Wet OB 1968) articles 34g to 35b on invoices; VAT directive
2006/112/EC articles 44 and 196 (services between businesses: reverse charge) and 58
(electronic services to others: VAT of the customer's country, by the OSS scheme).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from core.domain.clock import local_date, utcnow
from core.domain.money import ZERO, total, vat_on
from core.models import Licence, ServiceInvoice, Tenant
from core.plugin.capabilities import VatCheck, VatRegister
from core.rules.vatrates import is_member_state, rates, vat_number_prefix
from core.runtime import log
from core.runtime.database import insert_for, session
from core.runtime.extensions import koppelwerk, settings
from core.runtime.tenancy import system_scope
from core.services.licensing import invoice_pdf, licences

TIMEZONE = "Europe/Amsterdam"
"""Ours: it decides the date and the year of an invoice."""
DAYS_TO_PAY = 14


class OpenInvoice(ValueError):
    """There is an invoice of this licence that waits for its payment."""


@dataclass(frozen=True)
class Customer:
    """Whom an invoice is for, as on the day it was made."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    """ISO code."""
    language: str
    vat_number: str = ""
    vat_proof: str = ""
    """VIES's consultation number, when it gave one."""


@dataclass(frozen=True)
class Line:
    """One line; the amount in euros excl VAT for the whole quantity."""

    text: str
    quantity: int
    amount: Decimal


@dataclass(frozen=True)
class Vat:
    """What VAT is charged: the rate in percent."""

    rate: Decimal
    is_reverse_charged: bool = False


@dataclass(frozen=True)
class Quote:
    """What ordering a year would cost, before it is ordered."""

    customer: Customer
    line: Line
    vat: Vat
    vat_amount: Decimal
    note: str = ""
    """Code of why VAT is charged to a company that gave a VAT number."""

    @property
    def amount_incl_vat(self) -> Decimal:
        """Euros to be paid."""
        return self.line.amount + self.vat_amount


def vat_for(country: str, seller_country: str, on: date, *, is_valid: bool) -> Vat:
    """Return the VAT on an electronic service to a customer in a country.

    `is_valid`: the register of that country confirmed the customer's VAT number.
    What nobody confirmed is charged as without a number. Outside the EU: none.
    """
    if not is_member_state(country, on):
        return Vat(ZERO)
    if country != seller_country and is_valid:
        return Vat(ZERO, is_reverse_charged=True)
    return Vat(rates(country, on).standard)


def check_number(tenant: Tenant) -> VatCheck | None:
    """Ask the register about a tenant's VAT number where it matters; else None.

    Not within our own country, nor outside the EU. Commits by itself.
    """
    own, country = settings().seller_country, tenant.home_country
    if not tenant.vat_number or country == own or not is_member_state(country, today()):
        return None
    for register in koppelwerk().registry.brought(VatRegister).values():
        return register.check(
            tenant.id, tenant.vat_number, country, settings().seller_vat_number
        )
    return VatCheck(tenant.vat_number, None)


def quote(tenant: Tenant, licence: Licence, check: VatCheck | None) -> Quote:
    """Return what a year costs this tenant; `check` comes from `check_number`."""
    country = tenant.home_country
    is_own = check is not None and check.number.startswith(_prefix(country))
    is_valid = check is not None and check.is_valid is True and is_own
    vat = vat_for(country, settings().seller_country, today(), is_valid=is_valid)
    note = ""
    if check is not None and not is_valid:
        note = "vat_unconfirmed" if check.is_valid is None else "vat_number_refused"
    with force_locale(tenant.language):
        text = _(
            "Licentie %(title)s (%(key)s), één jaar",
            title=licences.title(licence),
            key=licence.key,
        )
    line = Line(text, 1, settings().price_year)
    customer = _customer(tenant, check if is_valid else None)
    return Quote(customer, line, vat, vat_on(line.amount, vat.rate), note)


def _prefix(country: str) -> str:
    return vat_number_prefix(country) if is_member_state(country, today()) else country


def _customer(tenant: Tenant, confirmed: VatCheck | None) -> Customer:
    address = tenant.address
    return Customer(
        name=tenant.name,
        street=address.get("street", ""),
        postal_code=address.get("postal_code", ""),
        city=address.get("city", ""),
        country=tenant.home_country,
        language=tenant.language,
        vat_number=confirmed.number if confirmed else tenant.vat_number,
        vat_proof=confirmed.proof if confirmed else "",
    )


def order(licence: Licence, agreed: Quote, *, user_id: int | None) -> ServiceInvoice:
    """Make the invoice of a year in the caller's transaction.

    Raises OpenInvoice while an earlier one of this licence waits for payment.
    """
    held = select(Licence).where(Licence.id == licence.id).with_for_update()
    session().scalar(held)
    if open_of(licence) is not None:
        raise OpenInvoice(licence.key)
    return issue(
        licence.tenant_id,
        agreed.customer,
        (agreed.line,),
        agreed.vat,
        licence_id=licence.id,
        user_id=user_id,
    )


def open_of(licence: Licence) -> ServiceInvoice | None:
    """Return a licence's invoice that waits for its payment."""
    return session().scalar(
        select(ServiceInvoice).where(
            ServiceInvoice.licence_id == licence.id, ServiceInvoice.paid_at.is_(None)
        )
    )


def of_licence(licence: Licence) -> list[ServiceInvoice]:
    """Return a licence's invoices, newest first."""
    rows = session().scalars(
        select(ServiceInvoice)
        .where(ServiceInvoice.licence_id == licence.id)
        .order_by(ServiceInvoice.id.desc())
    )
    return list(rows)


def unpaid(limit: int = 200) -> list[tuple[ServiceInvoice, Tenant]]:
    """Return the invoices of all tenants that wait for payment, oldest first."""
    with system_scope():
        rows = session().execute(
            select(ServiceInvoice, Tenant)
            .join(Tenant, Tenant.id == ServiceInvoice.tenant_id)
            .where(ServiceInvoice.paid_at.is_(None))
            .order_by(ServiceInvoice.id)
            .limit(limit)
        )
        return [(invoice, tenant) for invoice, tenant in rows]


def issue(
    tenant_id: int,
    customer: Customer,
    lines: Sequence[Line],
    vat: Vat,
    *,
    licence_id: int | None = None,
    user_id: int | None = None,
) -> ServiceInvoice:
    """Make an invoice with the next number in the caller's transaction."""
    on = today()
    amount = total(line.amount for line in lines)
    values: dict[str, object] = {
        "tenant_id": tenant_id,
        "licence_id": licence_id,
        "year": on.year,
        "issued_on": on,
        "due_on": on + timedelta(days=DAYS_TO_PAY),
        "customer": asdict(customer),
        "lines": [{**asdict(line), "amount": str(line.amount)} for line in lines],
        "amount_excl_vat": amount,
        "vat_rate": vat.rate,
        "vat_amount": vat_on(amount, vat.rate),
        "is_reverse_charged": vat.is_reverse_charged,
    }
    invoice = session().get_one(ServiceInvoice, _insert(values))
    log.write(tenant_id, "invoice_made", invoice=invoice.number, user_id=user_id)
    return invoice


def _insert(values: dict[str, object]) -> int:
    """Add the row under the first free number of its year.

    Two at the same moment want the same number: the second waits for the first one's
    commit at the unique key and then takes the next, so that no number is skipped.
    """
    numbers = ServiceInvoice.sequence
    last = select(func.max(numbers)).where(ServiceInvoice.year == values["year"])
    with system_scope():
        while True:
            sequence = (session().scalar(last) or 0) + 1
            made = session().scalar(
                insert_for(ServiceInvoice)
                .values(**values, sequence=sequence)
                .on_conflict_do_nothing(index_elements=["year", "sequence"])
                .returning(ServiceInvoice.id)
            )
            if made is not None:
                return int(made)


def pdf(invoice: ServiceInvoice) -> bytes:
    """Return an invoice as a PDF in the customer's language; always the same bytes."""
    return invoice_pdf.write(invoice, settings())


def today() -> date:
    """Return the date at our place of business."""
    return local_date(utcnow(), TIMEZONE)
