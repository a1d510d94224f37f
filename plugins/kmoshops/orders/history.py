"""Orders of the past, a page at a time, for a migration run."""

from datetime import datetime
from typing import Any

from core.domain.errors import RetryLater
from core.domain.orders import Reading
from core.plugin.capabilities import HistoryPage
from core.plugin.database import session
from plugins.kmoshops import wire
from plugins.kmoshops.orders.polling import Place
from plugins.kmoshops.orders.shop import Shop, open_shop
from plugins.kmoshops.wire import Document


def read(
    connection_id: int, since: datetime, until: datetime, cursor: dict[str, Any]
) -> HistoryPage | None:
    """Read the next page of the orders made in a period (see `plugin.History`)."""
    place = Place.from_dict(cursor) if cursor else Place(since, until)
    page = None
    with open_shop(connection_id) as shop:
        if shop is not None:
            page = _page(shop, place)
    return page


def _page(shop: Shop, place: Place) -> HistoryPage:
    session().rollback()
    documents, count = shop.client.orders_created(
        place.since, place.until, place.offset
    )
    if not documents and place.offset < count:
        raise RetryLater("shop_nonsense", field="items")
    place = place.after(len(documents), count)
    readings, broken = _readings(shop, documents)
    return HistoryPage(readings, place.to_dict(), count, place.is_end, broken)


def _readings(shop: Shop, documents: list[Document]) -> tuple[list[Reading], list[str]]:
    """Return what can be read, and the numbers of the orders that cannot."""
    readings, broken = [], []
    for document in sorted(documents, key=wire.order_id):
        try:
            readings.append(shop.reading_of(document))
        except (ValueError, ArithmeticError):
            broken.append(wire.order_id(document))
    return readings, broken
