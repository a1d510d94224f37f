"""What the configuration of a coupling offers, and what it still lacks."""

from decimal import Decimal

from core.domain.money import plain
from core.plugin.capabilities import Choice, Choices
from core.plugin.records import Record
from core.plugin.setups import is_vat_configured
from core.plugin.tables import Connection, Coupling
from moneybird import reference
from moneybird.models import MoneybirdVatMapping

SUGGESTED = {
    "icp": ("icp", "intracommunautair", "binnen de eu"),
    "international": ("export", "buiten de eu"),
}
"""By words in their names, since Moneybird does not say what rates of 0 % are for."""


def choices(connection: Connection) -> Choices:
    """Return what can be chosen; the first revenue account is suggested for all."""
    home = str(connection.facts.get("country", ""))
    rates = reference.tax_rates(connection.id)
    codes = tuple(Choice(one.external_id, one.name, _hint(one, home)) for one in rates)
    every = " ".join(code.hint for code in codes)
    accounts = reference.accounts(connection.id)
    return Choices(
        vat_codes=codes,
        revenue_accounts=tuple(
            Choice(one.external_id, one.name, every) for one in accounts
        ),
    )


def _hint(rate: Record, home: str) -> str:
    """Return what a rate is suggested for: a case, or its country's own rate."""
    name = rate.name.lower()
    for case, words in SUGGESTED.items():
        if any(word in name for word in words):
            return case
    return f"{rate.key or home} {plain(Decimal(rate.data['percentage']))}"


def problems(coupling: Coupling) -> list[str]:
    """Return the codes of what is still missing before orders may go."""
    if is_vat_configured(MoneybirdVatMapping, coupling.id):
        return []
    return ["moneybird_vat_not_configured"]
