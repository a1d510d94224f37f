"""Which booked invoices are settled: one list of open items a day (manual 001, D).

Of what is gone from it the payments are looked up, of at most `MOST_ASKED` invoices a
reading, one call each (GetMutaties): they tell the day, and what was written off
otherwise. Absence from a list that may be a failure counts only when those payments
prove it, or the balance of the debtors accounts does (GetSaldo, one call for each). So
a day costs 3 calls, and at most 3 + 10 + 3.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import structlog

from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost, KoppelwerkError
from core.domain.invoices import BookedInvoice, Settlements
from core.domain.money import cents, total
from core.plugin.database import session
from core.plugin.tables import Connection
from plugins.eboekhouden import reference, wire
from plugins.eboekhouden.client import EBoekhouden, EntryQuery
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.invoices import settled
from plugins.eboekhouden.invoices.settled import OpenItem, OpenItems, Settlement
from plugins.eboekhouden.wire import DEBTORS, Body

_CURSOR, _COUNT, _ASKED = "open_items", "count", "asked"
MOST_ASKED = 10
"""Invoices in doubt that are looked into at a reading; the next one goes on behind."""
MOST_ACCOUNTS = 3
"""With more debtors accounts than this the balance is not asked."""
logger = structlog.get_logger(__name__)


def read(connection: Connection, invoices: Sequence[BookedInvoice]) -> Settlements:
    """Ask for all open items of debtors once, and say what it proves of invoices.

    What is not certain is not named as settled. Raises the errors of the client: an
    answer that fails says nothing.
    """
    noted = dict(connection.cursor.get(_CURSOR, {}))
    count = noted.get(_COUNT)
    accounts = _debtor_accounts(connection.id)
    with open_client(connection, for_booking=False) as client:
        rows = client.open_items()
        answer = OpenItems(
            [_item(row) for row in rows],
            utcnow(),
            complete=not any(map(_is_nobodys, rows)),
            count_before=None if count is None else int(count),
        )
        gone = _Gone(client, answer, accounts)
        gone.look(
            [one for one in invoices if settled.is_gone(one, answer)],
            after=int(noted.get(_ASKED, 0)),
        )
    verdicts = {one.invoice_id: settled.paid(one, answer) for one in invoices}
    believed = {key for key, said in verdicts.items() if said == Settlement.PAID}
    return Settlements(
        open={
            one.invoice_id: settled.still_open(one, answer)
            for one in invoices
            if verdicts[one.invoice_id] == Settlement.OPEN
        },
        settled={
            **dict.fromkeys(believed - gone.undecided.keys()),
            **gone.settled,
        },
        undecided=gone.undecided
        | {
            one.invoice_id: settled.UNREADABLE
            for one in invoices
            if settled.is_unreadable(one, answer)
        },
        cursor={_COUNT: len(answer.items), _ASKED: gone.asked},
    )


@dataclass
class _Gone:
    """Looks into the invoices that are gone from the list."""

    client: EBoekhouden
    answer: OpenItems
    accounts: Sequence[str]
    settled: dict[int, date | None] = field(default_factory=dict)
    undecided: dict[int, str] = field(default_factory=dict)
    asked: int = 0
    """The last invoice whose number was asked; 0: all were."""

    def look(self, invoices: Sequence[BookedInvoice], after: int) -> None:
        """Prove what can be proven; what the package refuses proves nothing."""
        if not settled.plausible(self.answer):
            self.undecided = {one.invoice_id: settled.UNPROVEN for one in invoices}
        try:
            for one in self._turn(invoices, after):
                self._ask(one)
            if settled.UNPROVEN in self.undecided.values() and self._is_whole():
                self._believe()
        except AuthenticationLost:
            raise
        except KoppelwerkError as error:
            logger.warning("open items not proven", code=error.code)

    def _turn(
        self, invoices: Sequence[BookedInvoice], after: int
    ) -> Iterator[BookedInvoice]:
        """Yield those whose turn it is, by id, behind the last of the time before."""
        ordered = sorted(invoices, key=lambda one: one.invoice_id)
        waiting = [one for one in ordered if one.invoice_id > after] or ordered
        for one in waiting[:MOST_ASKED]:
            yield one
            self.asked = one.invoice_id
        if len(waiting) <= MOST_ASKED:
            self.asked = 0

    def _ask(self, invoice: BookedInvoice) -> None:
        rows = self.client.entries(EntryQuery(invoice_number=invoice.number))
        proof = settled.proof_of(invoice, rows)
        if proof.is_paid:
            self.settled[invoice.invoice_id] = proof.paid_on
            self.undecided.pop(invoice.invoice_id, None)
        elif proof.is_written_off:
            self.undecided[invoice.invoice_id] = settled.WRITTEN_OFF

    def _is_whole(self) -> bool:
        """Tell whether what the list has open is all that the accounts have."""
        if not 0 < len(self.accounts) <= MOST_ACCOUNTS:
            return False
        left = [item.open_amount for item in self.answer.items]
        if not self.answer.complete or None in left:
            return False
        there = total(self.client.balance(code) for code in self.accounts)
        return there == total(filter(None, left))

    def _believe(self) -> None:
        for key, code in [*self.undecided.items()]:
            if code == settled.UNPROVEN:
                self.settled[key] = None
                del self.undecided[key]


def _debtor_accounts(connection_id: int) -> list[str]:
    found = reference.accounts_of(connection_id)
    session().rollback()
    return sorted(code for code, row in found.items() if row["Categorie"] == DEBTORS)


def _item(row: Body) -> OpenItem:
    return OpenItem(
        str(row.get("MutFactuur") or ""),
        str(row.get("RelCode") or ""),
        _amount(row, "Openstaand"),
        _amount(row, "Bedrag"),
    )


def _is_nobodys(row: Body) -> bool:
    """Tell whether an item that cannot be read may be of any invoice."""
    return wire.UNREADABLE in row and not row.get("MutFactuur")


def _amount(row: Body, name: str) -> Decimal | None:
    """Return an amount in whole cents; None for one that cannot be read, which must
    never be taken for nothing left."""
    value = row.get(name)
    return cents(value) if isinstance(value, Decimal) and value.is_finite() else None
