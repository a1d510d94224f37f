"""The VAT accounts of the books beside the boxes, as they were when they were read.

What moved on a VAT account and is in no box becomes a doubt: nothing is filed before
somebody solved it, or said that it belongs in no return (`law.vat_accounts`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.domain.declarations import Doubt
from core.domain.money import ZERO, total
from core.plugin.capabilities import LedgerFigures
from plugins.belastingdienst.law.vat_accounts import (
    AccountLine,
    Declared,
    Reconciliation,
    Role,
    reconcile,
)
from plugins.belastingdienst.models import PeriodFigures


@dataclass(frozen=True)
class Stored:
    """The reconciliation of a period as it was stored."""

    lines: tuple[AccountLine, ...]
    without_movement: Decimal
    """VAT in boxes that no movement stands for, input VAT taken off."""

    @property
    def fits(self) -> bool:
        """Tell whether each account agrees with its boxes."""
        return not any(line.difference for line in self.lines)

    @property
    def difference(self) -> Decimal:
        """VAT that moved and is in no box: owed less input."""
        return total(
            -line.difference if line.role is Role.INPUT else line.difference
            for line in self.lines
        )


def of_books(found: LedgerFigures) -> Reconciliation:
    """Compare what a ledger gave: its movements with its entries."""
    return reconcile(
        found.movements,
        (
            Declared(one.source_id, one.rubric.value, one.box.vat, one.vat_movement)
            for one in found.figures.entries
            if one.box.vat
        ),
        {account: Role(role) for account, role in found.vat_accounts.items()},
    )


def doubts(checked: Reconciliation) -> Iterator[Doubt]:
    """Yield what blocks, as doubts of a period."""
    for one in checked.doubts:
        if one.blocks:
            # two of one day and amount are two: settling one leaves the other
            yield Doubt(one.code, one.about, {**one.params, "movement": one.about})


def stored(checked: Reconciliation) -> dict[str, Any]:
    """Return it as it is kept with the period."""
    return {
        "accounts": written(checked.accounts),
        "without_movement": str(checked.without_movement),
    }


def of(row: PeriodFigures) -> Stored | None:
    """Return the reconciliation of a period; None where no books were read."""
    if not row.vat_accounts:
        return None
    lines = tuple(read(row.vat_accounts["accounts"]))
    return Stored(lines, Decimal(row.vat_accounts["without_movement"]))


def written(lines: Iterable[AccountLine]) -> list[list[str]]:
    """Return accounts as plain values, to keep."""
    return [
        [line.account, line.role.value, str(line.moved), str(line.in_boxes)]
        for line in lines
    ]


def read(kept: Iterable[Sequence[str]]) -> Iterator[AccountLine]:
    """Read what `written` wrote."""
    for account, role, moved, in_boxes in kept:
        yield AccountLine(account, Role(role), Decimal(moved), Decimal(in_boxes))


def together(rows: Iterable[PeriodFigures]) -> list[AccountLine]:
    """Return the accounts over several periods, each once."""
    found: dict[tuple[str, Role], AccountLine] = {}
    for row in rows:
        checked = of(row)
        for line in checked.lines if checked else ():
            key = line.account, line.role
            old = found.get(key, AccountLine(*key, ZERO, ZERO))
            moved, in_boxes = old.moved + line.moved, old.in_boxes + line.in_boxes
            found[key] = replace(old, moved=moved, in_boxes=in_boxes)
    return [found[key] for key in sorted(found)]
