"""What decides a sale's VAT besides the table of rates: the seller's own status by
day, and what of a coupling is no turnover."""

from collections.abc import Mapping, Sequence
from datetime import date

from core.domain.orders import LineKind
from core.models import Coupling, Tenant
from core.plugin.capabilities import Choice, Choices
from core.rules.changes import changes, key, word
from core.rules.sale_checks import GiftCards
from core.rules.seller import VatStatus, statuses_of, stored
from core.runtime import log
from core.services.linking import couplings


def accounts_for(kind: LineKind, choices: Choices) -> Sequence[Choice]:
    """Return the accounts of the package that a kind of line may be booked on.

    Gift cards and deposits are owed; tips may be owed to staff, or be income.
    """
    if kind == LineKind.TIP:
        return [*choices.liability_accounts, *choices.revenue_accounts]
    return choices.liability_accounts


def save_no_turnover(
    coupling: Coupling,
    gift_cards: GiftCards,
    accounts: Mapping[LineKind, str],
    names: Mapping[str, LineKind] | None = None,
    *,
    user_id: int | None = None,
) -> None:
    """Store what a coupling says of gift cards, deposits and tips.

    `names` are of surcharges that are a deposit or a tip, as the shop writes them.
    """
    chosen = {kind.value: account for kind, account in accounts.items() if account}
    known = {name.strip().casefold(): kind for name, kind in (names or {}).items()}
    coupling.no_turnover = {
        "gift_cards": gift_cards.value,
        "names": {name: kind.value for name, kind in known.items() if name},
        **chosen,
    }
    couplings.saved(coupling, "no_turnover_saved", user_id=user_id)


def statuses(tenant: Tenant) -> list[VatStatus]:
    """Return a tenant's VAT statuses, newest first."""
    return list(reversed(statuses_of(tenant.vat_statuses)))


def save_status(
    tenant: Tenant, status: VatStatus, *, user_id: int | None = None
) -> None:
    """Add a status from its day on; it replaces one of the same day."""
    before = _words(tenant)
    tenant.vat_statuses = stored([*statuses_of(tenant.vat_statuses), status])
    log.write(
        tenant.id,
        "vat_status_saved",
        user_id=user_id,
        changes=changes(before, _words(tenant)),
        on=status.starts_on.isoformat(),
    )


def remove_status(tenant: Tenant, on: date, *, user_id: int | None = None) -> None:
    """Remove the status that begins on a day."""
    kept = [each for each in statuses_of(tenant.vat_statuses) if each.starts_on != on]
    before = _words(tenant)
    tenant.vat_statuses = stored(kept)
    log.write(
        tenant.id,
        "vat_status_removed",
        user_id=user_id,
        changes=changes(before, _words(tenant)),
        on=on.isoformat(),
    )


def _words(tenant: Tenant) -> dict[str, str]:
    found = {}
    for each in statuses_of(tenant.vat_statuses):
        on = each.starts_on.isoformat()
        found[key("distance_sales", on)] = each.distance_sales.value
        found[key("small_business", on)] = word(each.small_business)
    return found
