"""The tenant's own VAT codes; which are offered follows its country (manual 000, C).

The defaults of a country are made once; those of an earlier country stay for the
invoices that carry them. A code that was used is never deleted or given another rate.
Rates come from `core.rules.vatrates`; kinds without VAT have rate 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser
from core.domain.money import ZERO, plain
from core.models import SalesInvoiceLine, Tenant, TenantVatCode, VatKind
from core.rules.vatrates import NoVatRates, rates
from core.runtime import log
from core.runtime.database import session
from core.runtime.tenancy import tenant_scope

CHARGED = (VatKind.STANDARD, VatKind.REDUCED)
"""Kinds with a rate above zero."""
NEED_VAT_NUMBER = (
    VatKind.REVERSE_CHARGED,
    VatKind.INTRA_COMMUNITY,
    VatKind.INTRA_COMMUNITY_SERVICES,
)
"""Kinds for which the customer's VAT number must stand on the invoice."""
TO_MEMBER_STATES = (VatKind.INTRA_COMMUNITY, VatKind.INTRA_COMMUNITY_SERVICES)
"""Kinds for which that number must be of another member state (2006/112/EC art. 44,
138)."""
IN_FULL = ("NL", "BE")
"""Countries whose domestic reverse charge, exemptions and zero rate are offered."""


_TOLD = ("code", "label", "kind", "rate", "active")
"""What the log says of a change."""


@dataclass(frozen=True)
class Default:
    """A code that a country begins with."""

    code: str
    label: str
    kind: VatKind
    rate: Decimal = ZERO


def defaults(country: str, on: date) -> list[Default]:
    """Return the codes of a country on a day, those with VAT first."""
    return [*_charged(country, on), *_without_vat(country)]


def _charged(country: str, on: date) -> list[Default]:
    try:
        found = rates(country, on)
    except NoVatRates:
        return []
    made = []
    for rate in found.all_rates:
        kind = VatKind.STANDARD if rate == found.standard else VatKind.REDUCED
        label = _("Hoog tarief") if kind == VatKind.STANDARD else _("Laag tarief")
        text = plain(rate).replace(".", ",")
        made.append(Default(f"{country}{text}", f"{label} {text}%", kind, rate))
    return made


def _without_vat(country: str) -> list[Default]:
    own = [
        Default("0", _("Nultarief"), VatKind.ZERO),
        Default("VRIJ", _("Vrijgesteld"), VatKind.EXEMPT),
        Default("VERL", _("BTW verlegd (binnenland)"), VatKind.REVERSE_CHARGED),
    ]
    abroad = [
        Default("ICL", _("Goederen naar EU-bedrijf"), VatKind.INTRA_COMMUNITY),
        Default("ICD", _("Dienst aan EU-bedrijf"), VatKind.INTRA_COMMUNITY_SERVICES),
        Default("EXP", _("Uitvoer buiten de EU"), VatKind.EXPORT),
    ]
    found = [*own, *abroad] if country in IN_FULL else abroad
    return [Default(f"{country}{one.code}", one.label, one.kind) for one in found]


def make_defaults(tenant: Tenant) -> bool:
    """Make the codes of the tenant's country in the caller's transaction.

    False when there are codes of that country already.
    """
    with tenant_scope(tenant.id), force_locale(tenant.language):
        if of_country(tenant.id, tenant.home_country):
            return False
        today = local_date(utcnow(), tenant.timezone)
        taken = {row.code for row in all_of(tenant.id)}
        for one in defaults(tenant.home_country, today):
            if one.code in taken:
                continue
            session().add(
                TenantVatCode(
                    tenant_id=tenant.id, code=one.code, label=one.label,
                    kind=one.kind, rate=one.rate, country=tenant.home_country,
                    active=True,
                )
            )  # fmt: skip
        session().flush()
    return True


def all_of(tenant_id: int) -> Sequence[TenantVatCode]:
    """Return every code of a tenant, in the order they were made."""
    return (
        session()
        .scalars(
            select(TenantVatCode)
            .where(TenantVatCode.tenant_id == tenant_id)
            .order_by(TenantVatCode.id)
        )
        .all()
    )


def of_country(tenant_id: int, country: str) -> list[TenantVatCode]:
    """Return a tenant's codes of a country, active or not."""
    return [row for row in all_of(tenant_id) if row.country == country]


def offered(tenant: Tenant) -> list[TenantVatCode]:
    """Return the codes that new invoice lines may carry: active, of the own country."""
    return [row for row in of_country(tenant.id, tenant.home_country) if row.active]


def used(tenant_id: int) -> frozenset[int]:
    """Return the ids of codes that stand on an invoice, drafts too."""
    found = session().scalars(
        select(SalesInvoiceLine.vat_code_id)
        .where(SalesInvoiceLine.tenant_id == tenant_id)
        .group_by(SalesInvoiceLine.vat_code_id)
    )
    return frozenset(found)


def save(
    tenant: Tenant,
    row: TenantVatCode | None,
    *,
    code: str,
    label: str,
    kind: VatKind,
    rate: Decimal,
) -> TenantVatCode:
    """Make or change a code in the caller's transaction; of a used one, its label.

    Raises AskUser `vat_code_taken`, `vat_code_used` or `vat_code_rate`.
    """
    if (kind in CHARGED) != (rate > 0):
        raise AskUser("vat_code_rate")
    row = row or TenantVatCode(
        tenant_id=tenant.id, country=tenant.home_country, active=True
    )
    same = (row.code, row.kind, row.rate) == (code, kind, rate)
    if row.id and not same and is_used(row):
        raise AskUser("vat_code_used", vat_code=row.code)
    _refuse_taken(row, code)
    row.code, row.label, row.kind, row.rate = code, label, kind, rate
    session().add(row)
    _note(row, "vat_code_saved")
    session().flush()
    return row


def switch(row: TenantVatCode) -> None:
    """Offer a code for new lines, or no longer, in the caller's transaction."""
    row.active = not row.active
    _note(row, "vat_code_saved")


def _note(row: TenantVatCode, code: str) -> None:
    news = [each for each in log.changed(row) if each[0] in _TOLD]
    log.write(row.tenant_id, code, vat_code=row.code, changes=news)


def is_used(row: TenantVatCode) -> bool:
    """Tell whether a code stands on an invoice, a draft too."""
    found = session().scalar(
        select(SalesInvoiceLine.id)
        .where(SalesInvoiceLine.vat_code_id == row.id)
        .limit(1)
    )
    return found is not None


def _refuse_taken(row: TenantVatCode, code: str) -> None:
    with session().no_autoflush:
        other = session().scalar(
            select(TenantVatCode.id).where(
                TenantVatCode.tenant_id == row.tenant_id,
                func.lower(TenantVatCode.code) == code.lower(),
            )
        )
    if other is not None and other != row.id:
        raise AskUser("vat_code_taken", vat_code=code)


def delete(row: TenantVatCode) -> None:
    """Delete a code that was never used; raises AskUser `vat_code_used`."""
    if is_used(row):
        raise AskUser("vat_code_used", vat_code=row.code)
    log.write(row.tenant_id, "vat_code_deleted", vat_code=row.code)
    session().delete(row)
    session().flush()
