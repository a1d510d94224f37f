"""Goods in call-off stock at customers: kept here, told on a paper for the portal."""

from datetime import date
from typing import Any

from sqlalchemy import select

from core.plugin.database import session
from plugins.belastingdienst.law import cases
from plugins.belastingdienst.law.cases import Stock, StockRow
from plugins.belastingdienst.law.doubts import Doubt
from plugins.belastingdienst.law.spans import Days, Span
from plugins.belastingdienst.models import Administration, CallOffStock


def of(administration: Administration) -> list[CallOffStock]:
    """Return all that an administration keeps, the last that arrived first."""
    return list(
        session().scalars(
            select(CallOffStock)
            .where(CallOffStock.administration_id == administration.id)
            .order_by(CallOffStock.arrived_on.desc(), CallOffStock.id.desc())
        )
    )


def add(administration: Administration, values: dict[str, Any]) -> None:
    """Keep goods that went to a customer, in the caller's transaction."""
    session().add(
        CallOffStock(
            tenant_id=administration.tenant_id,
            administration_id=administration.id,
            **values,
        )
    )


def rows(administration: Administration, period: Days) -> tuple[StockRow, ...]:
    """Return what has to be told over a stretch."""
    found = [_stock(one) for one in of(administration)]
    return cases.stock_rows(Span(period.start, period.end), found)


def doubts(administration: Administration, today: date) -> list[Doubt]:
    """Return goods that lie there too long; `today` is a local date."""
    return list(cases.stock_doubts([_stock(one) for one in of(administration)], today))


def _stock(one: CallOffStock) -> Stock:
    return Stock(
        id=str(one.id),
        customer=one.customer_country + one.customer_number,
        arrived_on=one.arrived_on,
        amount_excl_vat=one.amount,
        called_off_on=one.called_off_on,
        returned_on=one.returned_on,
    )
