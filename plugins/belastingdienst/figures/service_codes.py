"""Which of the ledger's VAT codes are services: only the user can tell (README)."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from core.domain.declarations import TaxPeriod
from core.plugin import log
from core.plugin.database import session
from plugins.belastingdienst.figures import period_figures, reading
from plugins.belastingdienst.figures.period_figures import Summary
from plugins.belastingdienst.models import Administration, PeriodFigures
from plugins.belastingdienst.setup import ledgers


def choose(
    administration: Administration,
    codes: Sequence[str],
    gone: Collection[TaxPeriod],
    *,
    user_id: int,
) -> None:
    """Keep the codes and have open periods read again, in the caller's transaction.

    Periods that are `gone` (their returns went) are read at their own time.
    """
    administration.service_vat_codes = sorted(set(codes))
    rows = session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id == administration.id,
            PeriodFigures.read_at.is_not(None),
        )
    )
    for row in rows:
        if period_figures.period(row) not in gone:
            reading.ask(row)
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
