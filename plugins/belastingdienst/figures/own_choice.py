"""Saying which sales are an administration's own; open periods are read again."""

from collections.abc import Collection

from sqlalchemy import select

from core.plugin import log
from core.plugin.database import session
from plugins.belastingdienst.figures import own_sales, period_figures, reading
from plugins.belastingdienst.filing import history
from plugins.belastingdienst.models import Administration, PeriodFigures


def choose(
    administration: Administration,
    *,
    invoices: bool,
    shop_ids: Collection[int],
    user_id: int,
) -> None:
    """Keep the choice and have open periods read again, in the caller's transaction."""
    choice = own_sales.choose(administration.tenant_id, invoices, shop_ids)
    administration.own_sales = choice.stored()
    read_open_again(administration)
    log.write(
        administration.tenant_id,
        "figures_own_sales_set",
        user_id=user_id,
        administration=administration.description,
        count=len(choice.shops) + choice.invoices,
    )


def read_open_again(administration: Administration) -> None:
    """Have the periods that were read and not filed read again, in the caller's
    transaction.

    Periods that went out stay as they were read: reading those again is a decision,
    since it may make a correction.
    """
    stages = history.stages(administration)
    rows = session().scalars(
        select(PeriodFigures).where(
            PeriodFigures.administration_id == administration.id,
            PeriodFigures.read_at.is_not(None),
        )
    )
    for row in rows:
        if stages.get(period_figures.period(row)) not in history.GONE:
            reading.ask(row)
