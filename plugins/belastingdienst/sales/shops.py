"""The shops of a tenant as sources of sales, and what is known of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from core.domain.clock import local_date
from core.plugin import others
from core.plugin.capabilities import Orders
from core.plugin.database import session
from core.plugin.setups import vat_lines, vat_rules
from core.plugin.tables import Connection, Coupling, ShopOrder, Tenant
from core.rules.sale_checks import VatRules


@dataclass(frozen=True)
class Shop:
    """A connection that orders came from."""

    id: int
    name: str
    known_since: datetime
    """When it was connected, or of its first order where that is earlier (UTC)."""


def of_tenant(tenant_id: int) -> list[Shop]:
    """Return the shops that have any order, the oldest first."""
    rows = session().execute(
        select(
            Connection.id,
            Connection.external_name,
            Connection.plugin,
            Connection.created_at,
            func.min(ShopOrder.ordered_at),
        )
        .join(ShopOrder, ShopOrder.connection_id == Connection.id)
        .where(ShopOrder.tenant_id == tenant_id, Connection.tenant_id == tenant_id)
        .group_by(Connection.id)
        .order_by(Connection.id)
    )
    return [
        Shop(shop_id, name or plugin, min(made, first))
        for shop_id, name, plugin, made, first in rows
    ]


def known_since(shop: Shop, tenant: Tenant) -> date:
    """Return the local day from which a shop's orders are here."""
    return local_date(shop.known_since, tenant.timezone)


def known_late(tenant_id: int, chosen: Collection[int], day: date) -> dict[str, date]:
    """Return the chosen shops of which orders are here from a later local day only."""
    tenant = session().get_one(Tenant, tenant_id)
    found = {
        shop.name: known_since(shop, tenant)
        for shop in of_tenant(tenant_id)
        if shop.id in chosen
    }
    return {name: first for name, first in found.items() if first > day}


def rules_of(tenant_id: int, shop_ids: list[int]) -> dict[int, VatRules]:
    """Return what the couplings of shops say of lines, by shop; else that nothing is.

    Of several couplings of a shop the oldest that has any line counts.
    """
    packages = others.brought(Orders)
    found = {shop_id: VatRules(()) for shop_id in shop_ids}
    rows = session().execute(
        select(Coupling, Connection.plugin)
        .join(Connection, Connection.id == Coupling.target_id)
        .where(Coupling.tenant_id == tenant_id, Coupling.source_id.in_(shop_ids))
        .order_by(Coupling.id.desc())
    )
    for coupling, plugin in rows:
        package = packages.get(plugin)
        if package is None or coupling.source_id is None:
            continue
        lines = vat_lines(package.vat_mapping, coupling.id)
        if lines or coupling.no_turnover:
            found[coupling.source_id] = vat_rules(lines, coupling)
    return found
