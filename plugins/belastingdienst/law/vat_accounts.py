"""The VAT accounts of the books beside the boxes of the return (btw-aansluiting). Pure.

Every movement on a VAT account is in a box or on the list of doubts; what is in a box
without a movement is told as well. Amounts are euros as the form is signed: owed VAT
and input VAT positive.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.domain.declarations import VatMovement
from core.domain.money import ZERO, total
from plugins.belastingdienst.law.boxes import INPUT
from plugins.belastingdienst.law.doubts import Doubt, doubt, hint
from plugins.belastingdienst.law.sources import Source, Sure

RULES = {
    "reconciled": Source(
        "Wet OB art. 31, AWR art. 52: the books have to show the VAT that is declared",
        Sure.UNVERIFIED,
    ),
}
"""Where each rule stands."""


class Role(StrEnum):
    """What a VAT account is for."""

    OWED = "owed"
    INPUT = "input"
    SETTLEMENT = "settlement"
    """What is paid to or got from the tax office: never in a box."""


@dataclass(frozen=True)
class Declared:
    """VAT that a box holds, with the row of the ledger that it is of."""

    id: str
    box: str
    vat: Decimal
    movement: str = ""
    """The id of the movement on the VAT account; empty: by hand, or a sale that is
    not booked here."""


@dataclass(frozen=True)
class AccountLine:
    """One account over the period."""

    account: str
    role: Role
    moved: Decimal
    """As the form is signed."""
    in_boxes: Decimal

    @property
    def difference(self) -> Decimal:
        """What moved and is in no box; zero when the account fits."""
        return ZERO if self.role is Role.SETTLEMENT else self.moved - self.in_boxes


@dataclass(frozen=True)
class Reconciliation:
    """The VAT accounts of a period beside its boxes."""

    accounts: tuple[AccountLine, ...]
    without_movement: Decimal
    """VAT in boxes that no movement stands for, input VAT taken off."""
    doubts: tuple[Doubt, ...]

    @property
    def fits(self) -> bool:
        """Tell whether every movement is in a box with its own amount."""
        return not any(each.blocks for each in self.doubts)

    @property
    def difference(self) -> Decimal:
        """VAT that moved and is in no box: owed less input."""
        return total(
            -line.difference if line.role is Role.INPUT else line.difference
            for line in self.accounts
        )


def reconcile(
    movements: Iterable[VatMovement],
    declared: Iterable[Declared],
    roles: Mapping[str, Role],
    ignored: Iterable[str] = (),
) -> Reconciliation:
    """Compare the movements of a period with what its boxes hold.

    `roles` are the VAT accounts; a movement on another one is asked about.
    `ignored`: movements that a person said belong in no box.
    """
    moved = tuple(movements)
    shares = tuple(declared)
    by_movement: dict[str, list[Declared]] = {}
    for share in shares:
        by_movement.setdefault(share.movement, []).append(share)
    left_out = frozenset(ignored)
    found = [
        each
        for one in moved
        if one.id not in left_out
        for each in _doubts(one, by_movement.get(one.id, []), roles)
    ]
    known = {one.id for one in moved}
    loose = [share for share in shares if share.movement not in known]
    found += (
        hint("vat_without_movement", share.id, box=share.box, amount=share.vat)
        for share in loose
    )
    lines = tuple(_lines(moved, by_movement, roles))
    return Reconciliation(lines, total(map(_on_balance, loose)), tuple(found))


def _signed(movement: VatMovement, role: Role) -> Decimal:
    """Turn the ledger's sign: owed VAT stands credit, input VAT debit."""
    return movement.debit if role is Role.INPUT else -movement.debit


def _on_balance(share: Declared) -> Decimal:
    return -share.vat if share.box == INPUT else share.vat


def _in_boxes(shares: Iterable[Declared], role: Role) -> Decimal:
    balance = total(map(_on_balance, shares))
    return -balance if role is Role.INPUT else balance


def _doubts(
    movement: VatMovement, shares: list[Declared], roles: Mapping[str, Role]
) -> Iterator[Doubt]:
    told = {"account": movement.account, "date": movement.booked_on}
    role = roles.get(movement.account)
    if role is None:
        yield doubt("vat_account_unknown", movement.id, amount=movement.debit, **told)
        return
    amount = _signed(movement, role)
    if role is Role.SETTLEMENT:
        if shares:
            yield doubt("vat_settlement_in_box", movement.id, amount=amount, **told)
    elif not shares and amount:
        yield doubt("vat_movement_in_no_box", movement.id, amount=amount, **told)
    elif _in_boxes(shares, role) != amount:
        in_boxes = _in_boxes(shares, role)
        yield doubt(
            "vat_movement_differs",
            movement.id,
            amount=amount,
            expected=in_boxes,
            **told,
        )


def _lines(
    moved: Iterable[VatMovement],
    by_movement: Mapping[str, list[Declared]],
    roles: Mapping[str, Role],
) -> Iterator[AccountLine]:
    rows = tuple(moved)
    for account, role in sorted(roles.items()):
        own = [one for one in rows if one.account == account]
        shares = [share for one in own for share in by_movement.get(one.id, [])]
        yield AccountLine(
            account,
            role,
            total(_signed(one, role) for one in own),
            _in_boxes(shares, role),
        )
