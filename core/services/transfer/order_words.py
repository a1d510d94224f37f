"""The words by which orders are found, kept in step with what was read of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from core.models import OrderWord, ShopOrder
from core.rules.search_words import order_words
from core.runtime.database import insert_once, session


def keep(row: ShopOrder, before: Mapping[str, Any] | None) -> None:
    """Write a stored order's words in the caller's transaction.

    `before` is the payload whose words are there; None: none are. An order that is made
    anonymous is found by its number only, a deleted one by nothing.
    """
    known = order_words(before) if before else set()
    wanted = order_words(row.payload)
    if gone := known - wanted:
        session().execute(
            delete(OrderWord)
            .where(OrderWord.order_id == row.id, OrderWord.word.in_(gone))
            .execution_options(synchronize_session=False)
        )
    if new := sorted(wanted - known):
        owned = {"tenant_id": row.tenant_id, "order_id": row.id}
        session().execute(
            insert_once(OrderWord),
            [{**owned, "word": word} for word in new],
        )
