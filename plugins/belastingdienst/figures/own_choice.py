"""Saying which sales are an administration's own; open periods are read again."""

from collections.abc import Collection

from sqlalchemy import select

from core.domain.declarations import TaxPeriod
from core.plugin import log
from core.plugin.database import session
from plugins.belastingdienst.figures import own_sales, period_figures, reading
from plugins.belastingdienst.models import Administration, PeriodFigures


def choose(
    administration: Administration,
    *,
    invoices: bool,
    shop_ids: Collection[int],
    gone: Collection[TaxPeriod],
    user_id: int,
) -> None:
    """Keep the choice and have open periods read again, in the caller's transaction.

    `gone` as `read_open_again` takes it.
    """
    choice = own_sales.choose(administration.tenant_id, invoices, shop_ids)
    administration.own_sales = choice.stored()
    read_open_again(administration, gone)
    log.write(
        administration.tenant_id,
        "figures_own_sales_set",
        user_id=user_id,
        administration=administration.description,
        count=len(choice.shops) + choice.invoices,
    )


def read_open_again(
    administration: Administration, gone: Collection[TaxPeriod]
) -> None:
    """Have the periods that were read and not filed read again, in the caller's
    transaction.

    Those that are `gone` (their returns went) are read at their own time.
    """
    rows = session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id == administration.id,
            PeriodFigures.read_at.is_not(None),
        )
    )
    for row in rows:
        if period_figures.period(row) not in gone:
            reading.ask(row)
