"""Saying which sales are an administration's own; open periods are read again."""

from collections.abc import Collection

from core.domain.declarations import TaxPeriod
from core.plugin import log
from plugins.belastingdienst.figures import reading
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.sales import own_sales


def choose(
    administration: Administration,
    *,
    invoices: bool,
    shop_ids: Collection[int],
    gone: Collection[TaxPeriod],
    user_id: int,
) -> None:
    """Keep the choice and have open periods read again, in the caller's transaction.

    `gone`: see `reading.ask_open`.
    """
    choice = own_sales.choose(administration.tenant_id, invoices, shop_ids)
    administration.own_sales = choice.stored()
    reading.ask_open(administration, gone)
    log.write(
        administration.tenant_id,
        "figures_own_sales_set",
        user_id=user_id,
        administration=administration.description,
        count=len(choice.shops) + choice.invoices,
    )
