"""Comparing what the shop sold with what stands in the package, to the cent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, union_all

from core.domain.clock import utcnow
from core.domain.money import ZERO
from core.models import Coupling, OrderRefund, ShopOrder, Step, Transfer, TransferState
from core.plugin.capabilities import Orders
from core.rules.tally import REFERENCE, nonzero, told
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.transfer import orders, refunds
from core.services.transfer.steps import OPEN_STEP

BOOKED = (TransferState.DONE, TransferState.HELD)
MOMENT = timedelta(minutes=1)
"""How far the clocks of our hosts may differ."""
Sold = ShopOrder | OrderRefund
"""What a document was made of: a sale, or a refund and its credit."""
BOOKED_CREDIT = (TransferState.DONE,)
"""A credit that is held is not booked, unlike a sale."""
Document = dict[str, Any]
"""What stands in the package, as a plugin's `reconcile` gives it."""


@dataclass
class Beside:
    """Documents of the package beside those that are compared."""

    references: list[str] = field(default_factory=list)
    total: Decimal = ZERO

    def add(self, document: Document, reference: str) -> None:
        """Count one."""
        self.references.append(reference)
        self.total += document["total"]


@dataclass
class Comparison:
    """The outcome for one coupling; `gaps` is empty when all agrees.

    The totals are of one set of documents: the booked orders of the shop, and what of
    them stands in the package. All else there is in one of the three beside it.
    """

    coupling_id: int
    orders: int = 0
    """Sales and credits of them."""
    credits: int = 0
    """How many of these are credits."""
    booked: int = 0
    elsewhere: int = 0
    """Booked in an administration that was coupled before: nobody can read it now."""
    not_booked: dict[str, int] = field(default_factory=dict)
    """Orders that did not go, by the code of the reason."""
    shop_total: Decimal = ZERO
    package_total: Decimal = ZERO
    vat_shop: dict[Decimal, Decimal] = field(default_factory=dict)
    """VAT in euros per rate in percent, as the shop charged it."""
    vat_package: dict[Decimal, Decimal] = field(default_factory=dict)
    on_its_way: Beside = field(default_factory=Beside)
    """Being sent, or sent with an outcome that is still looked up."""
    of_others: Beside = field(default_factory=Beside)
    """With no order of ours: made in the package itself, or by another program."""
    unexpected: Beside = field(default_factory=Beside)
    """With an order of ours that is booked as another document, or not at all: gaps."""
    gaps: list[str] = field(default_factory=list)


def compare(coupling: Coupling) -> Comparison:
    """Compare every order of a coupling with the package's own books."""
    plugin = koppelwerk().registry.get(coupling.target.plugin)
    package = plugin.find(Orders)
    if package is None or package.reconcile is None:
        raise LookupError(f"{plugin.name} cannot be reconciled")
    began = utcnow() - MOMENT
    documents = _by_id(package.reconcile(coupling))
    for external_id in _of_other_couplings(coupling):
        documents.pop(external_id, None)
    result = Comparison(coupling.id, elsewhere=_count_elsewhere(coupling))
    shop_vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    package_vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for transfer, row in _transfers(coupling):
        result.orders += 1
        is_sale = transfer.subject == orders.SUBJECT
        result.credits += not is_sale
        if transfer.state not in (BOOKED if is_sale else BOOKED_CREDIT):
            code = transfer.code or transfer.state
            result.not_booked[code] = result.not_booked.get(code, 0) + 1
            continue
        document = documents.pop(transfer.external_id, None)
        if document is None and transfer.booked_at and transfer.booked_at >= began:
            result.on_its_way.references.append(transfer.number)
            continue  # booked after we read
        result.booked += 1
        vat = vat_per_rate(row)
        for rate, amount in vat.items():
            shop_vat[rate] += amount
        result.shop_total += row.total_incl_vat
        if document is None:
            result.gaps.append(f"{transfer.number}: not in the package")
            continue
        result.package_total += document["total"]
        booked_vat = told(document["vat"], vat)
        for rate, amount in booked_vat.items():
            package_vat[rate] += amount
        if document["total"] != row.total_incl_vat or booked_vat != nonzero(vat):
            result.gaps.append(f"{transfer.number}: amounts differ")
    _sort_out(result, coupling, documents.values())
    result.vat_shop = nonzero(shop_vat)
    result.vat_package = nonzero(package_vat)
    return result


def _sort_out(
    result: Comparison, coupling: Coupling, documents: Iterable[Document]
) -> None:
    """Say of each document that no booked order stands for what it is."""
    ours, moving = _order_numbers(coupling), on_its_way(coupling)
    for document in documents:
        reference = document["reference"]
        if reference and reference in moving:
            result.on_its_way.add(document, reference)
        elif reference and reference in ours:
            result.unexpected.add(document, reference)
            result.gaps.append(f"{reference}: in the package, not ours or twice")
        else:
            result.of_others.add(document, reference or document["external_id"])


def _order_numbers(coupling: Coupling) -> set[str]:
    """Return what documents of the shop's orders and refunds are known by there."""
    own = ShopOrder.connection_id == coupling.source_id
    sold = select(ShopOrder.number).where(own)
    back = select(OrderRefund.number).join(ShopOrder).where(own)
    return _as_references(session().scalars(union_all(sold, back)))


def on_its_way(coupling: Coupling) -> set[str]:
    """Return likewise what is being sent to the package, for whichever coupling."""
    open_step = exists().where(
        Step.transfer_id == Transfer.id, Step.state.in_(OPEN_STEP)
    )
    state = Transfer.state
    moving = or_(
        state == TransferState.SENDING,
        and_(state == TransferState.QUEUED, open_step),
    )
    numbers = session().scalars(
        select(Transfer.number).where(Transfer.target_id == coupling.target_id, moving)
    )
    return _as_references(numbers)


def _as_references(numbers: Iterable[str]) -> set[str]:
    """Return numbers with the shorter ones that a package makes of long ones."""
    return {known for number in numbers for known in (number, number[:REFERENCE])}


def _of_other_couplings(coupling: Coupling) -> list[str]:
    """Return what stands in the same package for another coupling of ours."""
    rows = session().scalars(
        select(Transfer.external_id).where(
            Transfer.target_id == coupling.target_id,
            Transfer.coupling_id != coupling.id,
            Transfer.administration == "",
            Transfer.external_id != "",
        )
    )
    return list(rows)


def _by_id(documents: list[Document]) -> dict[str, Document]:
    return {document["external_id"]: document for document in documents}


def _transfers(coupling: Coupling) -> Iterator[tuple[Transfer, Sold]]:
    """Yield the sales of a coupling, then the credits that are documents."""
    for transfer, row in _of_subject(coupling, ShopOrder, orders.SUBJECT):
        yield transfer, row
    for transfer, row in _of_subject(coupling, OrderRefund, refunds.SUBJECT):
        if _is_document(transfer, row):
            yield transfer, row


def _of_subject(coupling: Coupling, model: Any, subject: str) -> Any:
    return session().execute(
        select(Transfer, model)
        .join(model, model.id == Transfer.subject_id)
        .where(
            Transfer.subject == subject,
            Transfer.coupling_id == coupling.id,
            Transfer.administration == "",
        )
        .order_by(Transfer.id)
    )


def _count_elsewhere(coupling: Coupling) -> int:
    subjects = (orders.SUBJECT, refunds.SUBJECT)
    return session().execute(
        select(func.count()).where(
            Transfer.coupling_id == coupling.id,
            Transfer.subject.in_(subjects),
            Transfer.administration != "",
        )
    ).scalar_one()  # fmt: skip


def _is_document(credit: Transfer, row: OrderRefund) -> bool:
    """Tell whether a credit is to stand in the package: not what the user books, and
    not what takes back a payment only."""
    is_ended = credit.state == TransferState.SKIPPED
    return not is_ended and bool(not row.payload or row.payload["lines"])


def vat_per_rate(row: Sold) -> dict[Decimal, Decimal]:
    """Return the VAT of an order per rate in percent, in euros."""
    amounts: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in orders.load(row).lines:
        amounts[line.vat_rate] += line.vat_amount
    return dict(amounts)
