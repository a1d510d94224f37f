"""Comparing what the shop sold with what stands in the package, to the cent."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.domain.money import ZERO
from core.models import Coupling, ShopOrder, Transfer, TransferState
from core.plugin.capabilities import Orders
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.transfer import orders

BOOKED = (TransferState.DONE, TransferState.HELD)


@dataclass
class Comparison:
    """The outcome for one coupling; `gaps` is empty when all agrees."""

    coupling_id: int
    orders: int = 0
    booked: int = 0
    not_booked: dict[str, int] = field(default_factory=dict)
    """Orders that did not go, by the code of the reason."""
    shop_total: Decimal = ZERO
    package_total: Decimal = ZERO
    vat_shop: dict[Decimal, Decimal] = field(default_factory=dict)
    """VAT in euros per rate in percent, as the shop charged it."""
    vat_package: dict[Decimal, Decimal] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)


def compare(coupling: Coupling) -> Comparison:
    """Compare every order of a coupling with the package's own books."""
    plugin = koppelwerk().registry.get(coupling.target.plugin)
    package = plugin.find(Orders)
    if package is None or package.reconcile is None:
        raise LookupError(f"{plugin.name} cannot be reconciled")
    documents = _by_id(package.reconcile(coupling))
    for external_id in _of_others(coupling):
        documents.pop(external_id, None)
    result = Comparison(coupling.id)
    shop_vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    package_vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for transfer, row in _transfers(coupling):
        result.orders += 1
        if transfer.state not in BOOKED:
            code = transfer.code or transfer.state
            result.not_booked[code] = result.not_booked.get(code, 0) + 1
            continue
        result.booked += 1
        vat = vat_per_rate(row)
        for rate, amount in vat.items():
            shop_vat[rate] += amount
        result.shop_total += row.total_incl_vat
        document = documents.pop(transfer.external_id, None)
        if document is None:
            result.gaps.append(f"{transfer.number}: not in the package")
            continue
        result.package_total += document["total"]
        for rate, amount in document["vat"].items():
            package_vat[rate] += amount
        if document["total"] != row.total_incl_vat or _nonzero(
            document["vat"]
        ) != _nonzero(vat):
            result.gaps.append(f"{transfer.number}: amounts differ")
    result.gaps += [
        f"{document['reference']}: in the package, not ours or twice"
        for document in documents.values()
        if document["reference"]
    ]
    result.vat_shop = _nonzero(shop_vat)
    result.vat_package = _nonzero(package_vat)
    return result


def _of_others(coupling: Coupling) -> list[str]:
    """Return what stands in the same package for another coupling of ours."""
    rows = session().scalars(
        select(Transfer.external_id).where(
            Transfer.target_id == coupling.target_id,
            Transfer.coupling_id != coupling.id,
            Transfer.external_id != "",
        )
    )
    return list(rows)


def _by_id(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {document["external_id"]: document for document in documents}


def _transfers(coupling: Coupling) -> Any:
    return session().execute(
        select(Transfer, ShopOrder)
        .join(ShopOrder, ShopOrder.id == Transfer.subject_id)
        .where(Transfer.subject == orders.SUBJECT, Transfer.coupling_id == coupling.id)
        .order_by(Transfer.id)
    )


def vat_per_rate(row: ShopOrder) -> dict[Decimal, Decimal]:
    """Return the VAT of an order per rate in percent, in euros."""
    amounts: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in orders.load(row).lines:
        amounts[line.vat_rate] += line.vat_amount
    return dict(amounts)


def _nonzero(amounts: Mapping[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    return {rate: amount for rate, amount in sorted(amounts.items()) if amount}
