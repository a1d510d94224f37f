"""What would become of a past order, and what passing them all on would take."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser, Stop, WaitUntil
from core.domain.money import ZERO
from core.domain.orders import Order, OrderState
from core.models import (
    BackfillItem,
    ConnectionState,
    Coupling,
    ShopOrder,
    Tenant,
)
from core.net.ratelimit import seconds_a_call
from core.plugin.capabilities import Orders, Rehearsal
from core.plugin.sending import normalised
from core.plugin.setups import seller_of, vat_lines, vat_rules
from core.rules.sale_checks import check_order
from core.rules.sale_place import place_of
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.backfill.backfills import BOOK, KNOWN, REFUSED, STANDS, price
from core.services.transfer import orders

CHUNK = 500
SECONDS_A_CALL = Decimal("0.5")
"""What a write takes at least, all told; a rehearsal promises no more than that."""
AGAIN_SECONDS = 60


@dataclass(frozen=True)
class Standing:
    """A document that stands in the package under an order's number."""

    external_id: str
    total: Decimal
    """Euros incl VAT."""


def standing(coupling_id: int) -> dict[str, Standing]:
    """Ask the package what stands there, by order number; reads only.

    Raises WaitUntil when it cannot be asked now, and the errors of its client.
    """
    coupling = session().get_one(Coupling, coupling_id)
    target = coupling.target
    package = koppelwerk().registry.get(target.plugin).find(Orders)
    waits = target.not_before is not None and target.not_before > utcnow()
    if target.state != ConnectionState.CONNECTED or not target.enabled or waits:
        raise WaitUntil("backfill_package_waits", seconds=AGAIN_SECONDS)
    if package is None or package.reconcile is None:
        return {}
    documents = package.reconcile(coupling)
    session().rollback()
    return {
        document["reference"]: Standing(document["external_id"], document["total"])
        for document in documents
        if document["reference"]
    }


def rehearsal(coupling: Coupling) -> Rehearsal:
    """Return the package's own judge, or one that knows what holds for all packages."""
    target = koppelwerk().registry.get(coupling.target.plugin).find(Orders)
    if target is None:
        raise LookupError(f"{coupling.target.plugin} takes no orders")
    if target.rehearse is not None:
        return target.rehearse(coupling)
    return PlainRehearsal(coupling, target)


class PlainRehearsal:
    """The checks that hold for every package: totals and the VAT configuration."""

    call_limit = ""

    def __init__(self, coupling: Coupling, target: Orders) -> None:
        """Read a coupling's VAT configuration."""
        tenant = session().get_one(Tenant, coupling.tenant_id)
        self._seller = seller_of(tenant)
        self._rules = vat_rules(vat_lines(target.vat_mapping, coupling.id), coupling)

    def check(self, order: Order) -> None:
        """Raise AskUser and Stop as `core.rules.sale_checks` does."""
        order = normalised(order)
        check_order(order)
        sale = place_of(order, self._seller)
        for line in order.lines:
            self._rules.find(line, sale)

    def lacking(self, orders: Sequence[Order]) -> set[str]:
        """Say nothing: what the package has is not known here."""
        return set()


def judge(
    row: ShopOrder,
    reason: str,
    known: bool | None,
    found: Mapping[str, Standing],
    judge: Rehearsal,
) -> tuple[str, str]:
    """Return an order's verdict and the code of its reason.

    `known`: it has a transfer (True: booked); `reason`: why the shop's status keeps it.
    """
    if known is not None:
        return KNOWN, "" if known else "backfill_known_open"
    document = found.get(row.number)
    if document is not None:
        differs = document.total != row.total_incl_vat
        return STANDS, "backfill_stands_differs" if differs else ""
    if row.state != OrderState.READY:
        return REFUSED, reason or "backfill_order_changed"
    try:
        judge.check(orders.load(row))
    except (AskUser, Stop) as error:
        return REFUSED, error.code
    return BOOK, ""


def facts(run_id: int, judge: Rehearsal) -> dict[str, Any]:
    """Return the figures of what would be booked: amounts, VAT, calls, time, price."""
    number, amount = 0, ZERO
    vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    new: set[str] = set()
    after = 0
    while chunk := _to_book(run_id, after):
        loaded = [orders.load(row) for _, row in chunk]
        number += len(chunk)
        amount += sum((row.total_incl_vat for _, row in chunk), ZERO)
        for order in loaded:
            for line in order.lines:
                vat[line.vat_rate] += line.vat_amount
        new |= judge.lacking(loaded)
        after = chunk[-1][0]
        session().expunge_all()
    session().rollback()
    calls = number + len(new)
    return {
        "orders": number,
        "amount": amount,
        "vat": [[rate, vat[rate]] for rate in sorted(vat, reverse=True)],
        "new_records": len(new),
        "calls": calls,
        "seconds": _seconds(calls, judge.call_limit),
        "price": price(number),
    }


def _to_book(run_id: int, after: int) -> list[tuple[int, ShopOrder]]:
    rows = session().execute(
        select(BackfillItem.id, ShopOrder)
        .join(ShopOrder, ShopOrder.id == BackfillItem.order_id)
        .where(
            BackfillItem.backfill_id == run_id,
            BackfillItem.verdict == BOOK,
            BackfillItem.id > after,
        )
        .order_by(BackfillItem.id)
        .limit(CHUNK)
    )
    return [(item_id, row) for item_id, row in rows]


def _seconds(calls: int, call_limit: str) -> int:
    """Return how long so many writes take by the vendor's limit, at best."""
    return int(calls * max(seconds_a_call(call_limit), SECONDS_A_CALL)) + 1
