"""What the configuration of a coupling offers, and what it still lacks."""

from decimal import Decimal

from core.domain.money import plain
from core.plugin.capabilities import Choice, Choices
from core.plugin.records import Record
from core.plugin.setups import is_vat_configured
from core.plugin.tables import Connection, Coupling
from moneybird import reference
from moneybird.models import MoneybirdVatMapping


def choices(connection: Connection) -> Choices:
    """Return what can be chosen.

    Moneybird does not say which of its rates of 0 % are for ICP or for export: those
    the user chooses.
    """
    home = str(connection.facts.get("country", ""))
    hints = {
        each.external_id: _hint(each, home)
        for each in reference.tax_rates(connection.id)
    }
    return Choices(
        vat_codes=tuple(
            Choice(each.external_id, each.name, hints[each.external_id])
            for each in reference.tax_rates(connection.id)
        ),
        revenue_accounts=tuple(
            Choice(each.external_id, each.name, " ".join(hints.values()))
            for each in reference.accounts(connection.id)
        ),
    )


def _hint(rate: Record, home: str) -> str:
    return f"{rate.key or home} {plain(Decimal(rate.data['percentage']))}"


def problems(coupling: Coupling) -> list[str]:
    """Return the codes of what is still missing before orders may go."""
    if is_vat_configured(MoneybirdVatMapping, coupling.id):
        return []
    return ["moneybird_vat_not_configured"]
