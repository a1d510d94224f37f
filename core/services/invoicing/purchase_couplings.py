"""Couplings by which invoices of suppliers are entered in a package.

A package has at most one; it is made when the user switches it on. What is set up:
the package's own form, and what each category and rate of VAT become.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from core.domain.clock import local_date, utcnow
from core.domain.money import ZERO, plain
from core.domain.purchases import PurchaseRule, VatUse
from core.domain.structured_invoices import VatCategory
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    PurchaseVatMapping,
    Tenant,
)
from core.plugin.capabilities import Choices, Purchases
from core.rules.vatrates import rates
from core.runtime import log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.connections import administrations

UNMAPPED = "purchase_vat_unmapped"


@dataclass(frozen=True)
class PurchaseLine:
    """A category and rate, and what they become; empty: not set."""

    category: VatCategory
    rate: Decimal
    package_vat_code: str = ""
    cost_account: str = ""

    @property
    def key(self) -> str:
        """Names its fields in a form."""
        return f"{self.category}-{plain(self.rate)}"


def offer_of(connection: Connection) -> Purchases | None:
    """Return what a connection's package offers; None: it takes no purchases."""
    return koppelwerk().registry.brought(Purchases).get(connection.plugin)


def target_of(coupling: Coupling) -> Purchases:
    """Return what the coupling's package offers; LookupError when it takes none."""
    offer = offer_of(coupling.target)
    if offer is None:
        raise LookupError(f"{coupling.target.plugin} takes no purchases")
    return offer


def of_connection(connection_id: int) -> Coupling | None:
    """Return the purchase coupling of a connection in scope, if it was ever made."""
    return session().scalar(
        select(Coupling)
        .where(Coupling.target_id == connection_id, Coupling.purchases)
        .options(joinedload(Coupling.target))
    )


def enabled() -> Sequence[Coupling]:
    """Return those of the tenant in scope that are switched on."""
    return (
        session()
        .scalars(
            select(Coupling)
            .join(Connection, Connection.id == Coupling.target_id)
            .where(
                Coupling.purchases,
                Coupling.enabled,
                Connection.enabled,
                Connection.state != ConnectionState.ENDED,
            )
            .options(joinedload(Coupling.target))
            .order_by(Coupling.id)
        )
        .all()
    )


def choices_of(coupling: Coupling) -> Choices:
    """Return what the package offers to choose from; nothing before it is connected."""
    if coupling.target.external_id is None:
        return Choices()
    return target_of(coupling).choices(coupling.target)


def problems_of(coupling: Coupling) -> list[str]:
    """Return the codes of what is still missing; empty: invoices may be entered.

    That a category and rate are mapped is asked of each invoice by itself.
    """
    if coupling.target.state == ConnectionState.NEW:
        return ["target_not_connected"]
    missing = [administrations.OTHER] if coupling.needs_look else []
    if not all(coupling.settings.get(name) for name in _asked(coupling)):
        missing.append("purchase_settings_missing")
    if not rules_of([coupling.id])[coupling.id]:
        missing.append("purchase_vat_missing")
    return missing


def _asked(coupling: Coupling) -> list[str]:
    form = target_of(coupling).form(formdata=None, meta={"csrf": False})
    return [field.name for field in form]


def rules_of(coupling_ids: Iterable[int]) -> dict[int, dict[VatUse, PurchaseRule]]:
    """Return by coupling what each category and rate become, in one query.

    Only lines that are wholly filled in.
    """
    found: dict[int, dict[VatUse, PurchaseRule]] = {key: {} for key in coupling_ids}
    rows = session().scalars(
        select(PurchaseVatMapping).where(
            PurchaseVatMapping.coupling_id.in_(found),
            PurchaseVatMapping.package_vat_code != "",
            PurchaseVatMapping.cost_account != "",
        )
    )
    for row in rows:
        rule = PurchaseRule(row.package_vat_code, row.cost_account)
        found[row.coupling_id][VatCategory(row.category), row.rate] = rule
    return found


# --- setting up -----------------------------------------------------------------------


def lines(coupling: Coupling, wanted: Iterable[VatUse] = ()) -> list[PurchaseLine]:
    """Return what is to be mapped, with what was saved: the rates of the own country,
    what the package takes without VAT, and what a waiting invoice asks for."""
    tenant = session().get_one(Tenant, coupling.tenant_id)
    today = local_date(utcnow(), tenant.timezone)
    uses = {
        (VatCategory.CHARGED, rate)
        for rate in rates(tenant.home_country, today).all_rates
    }
    uses |= {
        (category, ZERO)
        for category in target_of(coupling).categories
        if category is not VatCategory.CHARGED
    }
    saved = {
        (VatCategory(row.category), row.rate): row
        for row in session().scalars(
            select(PurchaseVatMapping).where(
                PurchaseVatMapping.coupling_id == coupling.id
            )
        )
    }
    order = list(VatCategory)
    every = sorted(
        uses | {*saved, *wanted}, key=lambda use: (order.index(use[0]), -use[1])
    )
    return [
        PurchaseLine(*use, saved[use].package_vat_code, saved[use].cost_account)
        if use in saved
        else PurchaseLine(*use)
        for use in every
    ]


def switch(connection: Connection, *, is_on: bool, user_id: int) -> None:
    """Let invoices of suppliers be entered over a connection, or no longer."""
    coupling = of_connection(connection.id)
    if coupling is None and not is_on:
        return
    if coupling is None:
        coupling = Coupling(
            tenant_id=connection.tenant_id,
            target=connection,
            target_id=connection.id,
            purchases=True,
            settings={},
        )
        session().add(coupling)
    coupling.enabled = is_on
    _saved(coupling, "purchases_on" if is_on else "purchases_off", user_id)


def save_settings(coupling: Coupling, values: Mapping[str, Any], user_id: int) -> None:
    """Store the package's own form."""
    coupling.settings = dict(values)
    _saved(coupling, "configuration_saved", user_id)


def save_mapping(
    coupling: Coupling, given: Iterable[PurchaseLine], user_id: int
) -> None:
    """Replace the mapping; lines with nothing chosen are left out."""
    session().execute(
        delete(PurchaseVatMapping)
        .where(PurchaseVatMapping.coupling_id == coupling.id)
        .execution_options(synchronize_session=False)
    )
    for line in given:
        if line.package_vat_code or line.cost_account:
            session().add(
                PurchaseVatMapping(
                    tenant_id=coupling.tenant_id,
                    coupling_id=coupling.id,
                    category=line.category,
                    rate=line.rate,
                    package_vat_code=line.package_vat_code,
                    cost_account=line.cost_account,
                )
            )
    _saved(coupling, "vat_saved", user_id)


def _saved(coupling: Coupling, code: str, user_id: int) -> None:
    coupling.version = (coupling.version or 0) + 1
    coupling.configured_at = coupling.configured_at or utcnow()
    if code in ("configuration_saved", "vat_saved"):
        coupling.needs_look = False
    session().flush()
    log.write(
        coupling.tenant_id,
        code,
        connection_id=coupling.target_id,
        user_id=user_id,
        plugin=coupling.target.plugin,
    )
