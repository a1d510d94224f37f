"""Which of the ledger's VAT codes are services: only the user can tell (README)."""

from collections.abc import Collection, Sequence

from core.domain.declarations import TaxPeriod
from core.plugin import log
from plugins.belastingdienst.figures import reading
from plugins.belastingdienst.figures.period_figures import Summary
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.setup import ledgers


def choose(
    administration: Administration,
    codes: Sequence[str],
    gone: Collection[TaxPeriod],
    *,
    user_id: int,
) -> None:
    """Keep the codes and have open periods read again, in the caller's transaction.

    `gone`: see `reading.ask_open`.
    """
    administration.service_vat_codes = sorted(set(codes))
    reading.ask_open(administration, gone)
    log.write(
        administration.tenant_id,
        "figures_services_set",
        user_id=user_id,
        administration=administration.description,
        codes=", ".join(sorted(set(codes))) or "–",
    )


def are_unsaid(administration: Administration, summary: Summary) -> bool:
    """Tell whether the user was never asked which codes are services, and it counts."""
    several = len(administration.eu_vat_codes) > 1
    from_ledger = ledgers.is_ledger(administration)
    is_said = bool(administration.service_vat_codes)
    return from_ledger and several and bool(summary.icp_amounts) and not is_said
