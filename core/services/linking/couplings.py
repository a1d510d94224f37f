"""Couplings: a shop feeding a package, made, configured and brought into use."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.domain.clock import local_date, utcnow
from core.models import Connection, ConnectionState, Coupling, Tenant
from core.plugin.capabilities import Choices, Orders, Shop
from core.plugin.settings_form import fill_in, settings_form, settings_values
from core.rules.refunds import RefundPolicy
from core.runtime import log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.connections import administrations
from core.services.linking import configuration, schedule, spoken
from core.services.transfer import refund_offers, transfers

STEPS = ("orders", "debtors", "vat", "vat_abroad", "payments", "refunds")
"""What a user is asked, a subject a step, before orders go."""


class NotAPair(ValueError):
    """These two connections cannot be coupled."""


def target_of(coupling: Coupling) -> Orders:
    """Return what the coupling's package offers; NotAPair when it takes no orders."""
    found = koppelwerk().registry.brought(Orders).get(coupling.target.plugin)
    if found is None:
        raise NotAPair(coupling.target.plugin)
    return found


def choices_of(coupling: Coupling) -> Choices:
    """Return what the package offers to choose from; nothing before it is connected."""
    if coupling.target.external_id is None:
        return Choices()
    return target_of(coupling).choices(coupling.target)


def problems_of(coupling: Coupling) -> list[str]:
    """Return the codes of what is still missing; empty: orders may go."""
    codes = []
    if coupling.source.state == ConnectionState.NEW:
        codes.append("source_not_connected")
    if coupling.target.state == ConnectionState.NEW:
        return [*codes, "target_not_connected"]
    if coupling.needs_look:
        codes.append(administrations.OTHER)
    return codes + target_of(coupling).problems(coupling)


def all_couplings() -> list[Coupling]:
    """Return the couplings of shops in scope with their connections, oldest first."""
    return list(
        session().scalars(
            select(Coupling)
            .where(Coupling.source_id.is_not(None))
            .options(joinedload(Coupling.source), joinedload(Coupling.target))
            .order_by(Coupling.id)
        )
    )


def packages() -> dict[int, Connection]:
    """Return by id the packages that anything is or was passed on to, in scope."""
    rows = session().scalars(
        select(Connection)
        .where(Connection.id.in_(select(Coupling.target_id)))
        .order_by(Connection.id)
    )
    return {row.id: row for row in rows}


def find(coupling_id: int) -> Coupling | None:
    """Return a shop's coupling in scope with its connections."""
    return session().scalar(
        select(Coupling)
        .where(Coupling.id == coupling_id, Coupling.source_id.is_not(None))
        .options(joinedload(Coupling.source), joinedload(Coupling.target))
    )


def create(source: Connection, target: Connection) -> Coupling:
    """Couple a shop to a package in the caller's transaction; orders from today on.

    Raises NotAPair when they cannot be coupled, or are already.
    """
    registry = koppelwerk().registry
    goes = source.plugin in registry.brought(Shop)
    if not goes or target.plugin not in registry.brought(Orders):
        raise NotAPair(f"{source.plugin} to {target.plugin}")
    if source.tenant_id != target.tenant_id or _exists(source, target):
        raise NotAPair("coupled already")
    tenant = session().get_one(Tenant, source.tenant_id)
    coupling = Coupling(
        tenant_id=source.tenant_id,
        source=source,
        target=target,
        source_id=source.id,
        target_id=target.id,
        settings={},
        starts_on=local_date(utcnow(), tenant.timezone),
    )
    session().add(coupling)
    session().flush()
    _read_again(coupling)
    log.write(tenant.id, "coupling_made", connection_id=target.id)
    return coupling


def _exists(source: Connection, target: Connection) -> bool:
    known = select(Coupling.id).where(
        Coupling.source_id == source.id, Coupling.target_id == target.id
    )
    return session().execute(known).first() is not None


def _read_again(coupling: Coupling) -> None:
    """Let the shop be read from the start, for orders that are wanted from now on."""
    coupling.source.cursor = {}
    if coupling.source.state == ConnectionState.CONNECTED:
        schedule.run_now(coupling.source)


def save_settings(
    coupling: Coupling,
    values: Mapping[str, Any],
    starts_on: date | None,
    *,
    invoices_businesses: bool = False,
    user_id: int | None = None,
) -> None:
    """Store fields of the package's coupling form, the first date of orders, and
    whether those of businesses are invoiced from here."""
    coupling.settings = {**coupling.settings, **values}
    coupling.invoices_businesses = invoices_businesses
    before, coupling.starts_on = coupling.starts_on, starts_on
    if before is not None and (starts_on is None or starts_on < before):
        _read_again(coupling)
    saved(coupling, "configuration_saved", user_id=user_id)


def save_refunds(
    coupling: Coupling, policy: RefundPolicy, *, user_id: int | None = None
) -> None:
    """Store what becomes of refunds; those that wait are looked at again."""
    if policy != coupling.refunds:
        coupling.refunds, coupling.refunds_since = policy, utcnow()
    coupling.version += 1
    coupling.saved_at = utcnow()
    session().flush()
    refund_offers.reconsider(coupling)
    log.write(
        coupling.tenant_id,
        f"refunds_saved_{policy.value}",
        connection_id=coupling.target_id,
        user_id=user_id,
        changes=news(coupling),
    )


def news(coupling: Coupling) -> list[list[str]]:
    """Return for the log what was changed since it last told."""
    return spoken.news(coupling, target_of(coupling), choices_of(coupling))


def saved(coupling: Coupling, code: str, *, user_id: int | None = None) -> None:
    """Note a change; what waits goes once the user begins (`begin`)."""
    coupling.version += 1
    coupling.saved_at = utcnow()
    session().flush()
    log.write(
        coupling.tenant_id,
        code,
        connection_id=coupling.target_id,
        user_id=user_id,
        changes=news(coupling),
    )


def begin(coupling: Coupling, *, user_id: int | None = None) -> bool:
    """Let orders go, what waited first; False while something is still missing."""
    if problems_of(coupling):
        return False
    if coupling.configured_at is None:
        coupling.configured_at = utcnow()
        session().flush()
        transfers.queue_configured(coupling)
        log.write(
            coupling.tenant_id,
            "coupling_configured",
            connection_id=coupling.target_id,
            user_id=user_id,
        )
    return True


def confirm(coupling: Coupling, step: str) -> None:
    """Note that a step of setting up was confirmed; with all of them, all was seen."""
    if step not in coupling.confirmed:
        coupling.confirmed = [*coupling.confirmed, step]
    if not next_step(coupling):
        coupling.needs_look = False


def next_step(coupling: Coupling) -> str:
    """Return the first step that was not confirmed; empty when all were."""
    return next((step for step in STEPS if step not in coupling.confirmed), "")


def delete_vat(coupling: Coupling, *, user_id: int | None = None) -> None:
    """*BTW instellingen verwijderen*: start over; new orders wait meanwhile."""
    configuration.delete_vat(coupling, target_of(coupling))
    coupling.configured_at = None
    coupling.confirmed = [
        step for step in coupling.confirmed if step not in ("vat", "vat_abroad")
    ]
    saved(coupling, "vat_deleted", user_id=user_id)


def take_over(coupling: Coupling, *, user_id: int | None = None) -> None:
    """*Alles zoals voorgesteld*: store every proposal for what was not set yet.

    What was set for another administration counts as not set: it means nothing here.
    """
    target, choices = target_of(coupling), choices_of(coupling)
    is_set_for_this = not coupling.needs_look
    form = settings_form(target.form, {}, choices)
    of_package = fill_in(form, choices)
    kept = {
        name: value
        for name, value in coupling.settings.items()
        if is_set_for_this or name not in of_package
    }
    coupling.settings = {**settings_values(form), **kept}
    known = configuration.saved_groups(coupling, target) if is_set_for_this else set()
    if not is_set_for_this:
        configuration.save_payments(coupling, target, ())
    configuration.save_vat(
        coupling,
        target,
        [
            group
            for group in configuration.suggested_vat(coupling, choices)
            if group.key not in known
        ],
        keep=known,
    )
    configuration.save_payments(
        coupling, target, configuration.payments(coupling, target, choices)
    )
    coupling.confirmed = list(STEPS)
    coupling.needs_look = False
    saved(coupling, "configuration_saved", user_id=user_id)


def save_suggestions(coupling: Coupling) -> None:
    """Take over every proposal and begin, as a user would (demo and tests)."""
    take_over(coupling)
    begin(coupling)
