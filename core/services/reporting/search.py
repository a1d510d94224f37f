"""Orders found by their number, customer, e-mail address, amount or document number.

Each question is answered by an index and looks at a bounded number of rows, so that it
costs the same however long the history is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from core.models import OrderRefund, OrderWord, ShopOrder, Transfer
from core.rules.search_words import amount, order_number, typed
from core.runtime.database import session
from core.services.reporting import overview
from core.services.reporting.overview import Row, begins, own

MOST = 20
"""Lines of a group; whoever needs more types more."""
CANDIDATES = 2000
"""So many orders are looked at that have the rarest of the words that were typed."""


@dataclass(frozen=True)
class Found:
    """What a search found among orders, newest first."""

    orders: Sequence[Row]
    refunds: Sequence[Row]
    untouched: Sequence[ShopOrder]
    """Orders that nothing was passed on of: from before the coupling's first date."""
    more: bool
    """There is more than is shown."""


def orders(search: str) -> Found:
    """Find orders and refunds of the tenant in scope."""
    order_ids = _orders_by_words(order_number(search))
    transfers = [
        *_transfers(Transfer.subject == "order", Transfer.subject_id.in_(order_ids)),
        *_transfers(
            Transfer.subject == "credit",
            Transfer.subject_id.in_(
                select(OrderRefund.id).where(OrderRefund.order_id.in_(order_ids))
            ),
        ),
        *(key for sum_ in _sums(amount(search)) for key in _of_amount(sum_)),
        *_transfers(
            Transfer.subject != "invoice",
            Transfer.external_number == search.strip(),
            Transfer.external_number != "",
        ),
    ]
    rows = overview.by_ids(transfers)
    refunds = [row for row in rows if row.transfer.subject == "credit"]
    known = [row for row in rows if row.transfer.subject == "order"]
    untouched = _untouched(order_ids)
    more = any(len(each) > MOST for each in (known, refunds, untouched))
    return Found(known[:MOST], refunds[:MOST], untouched[:MOST], more)


def _sums(wanted: Decimal | None) -> list[Decimal]:
    """Return an amount as sales and as credits have it."""
    return [] if wanted is None else sorted({wanted, -wanted})


def _of_amount(wanted: Decimal) -> list[int]:
    return _transfers(Transfer.subject != "invoice", Transfer.amount == wanted)


def _transfers(*conditions: ColumnElement[bool]) -> list[int]:
    wanted = select(Transfer.id).where(own(Transfer), *conditions)
    return list(session().scalars(wanted.order_by(Transfer.id.desc()).limit(MOST + 1)))


def _untouched(order_ids: Sequence[int]) -> list[ShopOrder]:
    is_passed_on = (
        select(Transfer.id)
        .where(Transfer.subject == "order", Transfer.subject_id == ShopOrder.id)
        .exists()
    )
    wanted = select(ShopOrder).where(ShopOrder.id.in_(order_ids), ~is_passed_on)
    return list(session().scalars(wanted.order_by(ShopOrder.id.desc())))


def _orders_by_words(search: str) -> list[int]:
    """Return the newest orders that have a word beginning with each that was typed.

    Those that have the word itself come before those in which more follows. Only so
    many of the rarest word are looked at: two words that thousands have may miss one.
    """
    words = typed(search)
    if not words:
        return []
    first = min(words, key=_frequency) if len(words) > 1 else words[0]
    rest = [word for word in words if word != first]
    exact = session().scalars(_having(OrderWord.word == first, rest)).all()
    longer = session().scalars(_having(begins(OrderWord.word, first), rest)).all()
    return sorted({*exact, *longer}, reverse=True)[: MOST + 1]


def _frequency(word: str) -> int:
    """Count the orders with a word, no further than is looked at anyway."""
    some = select(OrderWord.order_id).where(
        own(OrderWord), begins(OrderWord.word, word)
    )
    return len(session().scalars(some.limit(CANDIDATES)).all())


def _having(first: ColumnElement[bool], rest: Sequence[str]) -> Select[int]:
    """Select orders by one word, of which the others are looked up one by one."""
    candidates = (
        select(OrderWord.order_id)
        .where(own(OrderWord), first)
        .order_by(OrderWord.word.desc(), OrderWord.order_id.desc())
        .limit(CANDIDATES)
        .subquery()
    )
    statement = select(candidates.c.order_id)
    for word in rest:
        other = aliased(OrderWord)
        is_there = other.order_id == candidates.c.order_id
        statement = statement.where(
            select(other.word).where(is_there, begins(other.word, word)).exists()
        )
    return statement.order_by(candidates.c.order_id.desc()).limit(MOST + 1)
