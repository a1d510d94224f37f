"""What a taxpayer said of the one stop shop: found, and kept."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.database import insert_for, session
from core.plugin.setups import seller_of
from core.plugin.tables import Tenant
from core.rules.seller import DistanceSales
from plugins.belastingdienst.law.spans import quarter_of
from plugins.belastingdienst.models import (
    Administration,
    OssQuarter,
    OssRegister,
    Taxpayer,
)
from plugins.belastingdienst.oss import reading
from plugins.belastingdienst.sales import own_sales
from plugins.belastingdienst.setup import taxpayers


def numbers() -> list[Administration]:
    """Return an administration for each tax number of the tenant in scope."""
    rows = session().scalars(
        select(Administration)
        .where(Administration.tax_number != "")
        .order_by(Administration.id)
    )
    found: dict[str, Administration] = {}
    for row in rows:
        found.setdefault(row.tax_number, row)
    return list(found.values())


def find(tenant_id: int, tax_number: str) -> OssRegister | None:
    """Return what is kept of a tax number; None: nothing was said."""
    named = select(OssRegister).filter_by(tenant_id=tenant_id, tax_number=tax_number)
    return session().scalar(named)


def taxpayer(tenant_id: int, tax_number: str) -> Taxpayer | None:
    """Return whom a tax number is of; None: nothing was said."""
    named = select(Taxpayer).filter_by(tenant_id=tenant_id, tax_number=tax_number)
    return session().scalar(named)


def said_elsewhere(tenant_id: int) -> date | None:
    """Return since when a tenant's VAT status has the one stop shop; None: never."""
    seller = seller_of(session().get_one(Tenant, tenant_id))
    days = [
        status.starts_on
        for status in seller.statuses
        if status.distance_sales is DistanceSales.OSS
    ]
    return min(days, default=None)


def save(
    administration: Administration,
    *,
    days: tuple[date | None, date | None],
    since: date,
    sales: tuple[bool, Collection[int]],
    invoice_kind: str,
    user_id: int,
) -> OssRegister:
    """Keep what was said and have the sales read; in the caller's transaction.

    `days` are the first and last of the registration. Raises AskUser
    `oss_since_filed` for a first quarter after one that was filed.
    """
    tenant_id, number = administration.tenant_id, administration.tax_number
    known = taxpayers.of(administration)
    known.oss_from, known.oss_until = days
    named = {"tenant_id": tenant_id, "tax_number": number}
    made = insert_for(OssRegister).values(since=since, **named)
    session().execute(made.on_conflict_do_nothing())
    register = session().scalars(select(OssRegister).filter_by(**named)).one()
    first = _first_filed(tenant_id, number)
    if first is not None and since > first:
        raise AskUser("oss_since_filed", period=quarter_of(first).code)
    register.since = since
    invoices, shop_ids = sales
    register.sales = own_sales.choose(tenant_id, invoices, shop_ids).stored()
    register.invoice_kind = invoice_kind
    reading.ask(register)
    log.write(tenant_id, "oss_register_set", user_id=user_id, number=number)
    return register


def _first_filed(tenant_id: int, tax_number: str) -> date | None:
    return session().scalar(
        select(OssQuarter.starts_on)
        .filter_by(tenant_id=tenant_id, tax_number=tax_number)
        .where(OssQuarter.filed_at.is_not(None))
        .order_by(OssQuarter.starts_on)
        .limit(1)
    )
