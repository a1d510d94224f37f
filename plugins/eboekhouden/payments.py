"""What was paid, booked on the clearing account of its method: settles the invoice.

A mutation of kind FactuurbetalingOntvangen each, also for money paid back (negative):
FactuurbetalingVerstuurd settles invoices of creditors (contract 8.3, CMUT027 and 028).
Each is a step of its own in the journal, so one that fails books no sale again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from core.domain.clock import local_date
from core.domain.errors import Refused
from core.domain.orders import Payment, Purse
from core.domain.packages import Written
from core.plugin.work import Job
from plugins.eboekhouden import checks, wire
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.mapping import payment_entry
from plugins.eboekhouden.readback import Recent, is_payment
from plugins.eboekhouden.wire import Body

REFUSED = "eboekhouden_payment_refused"
OPEN = "eboekhouden_purse_open"
_MARK = 8
"""Characters that tell the payments of one invoice apart."""


@dataclass(frozen=True)
class Due:
    """A payment that is booked, and the account it came in on."""

    payment: Payment
    account: str
    mark: str
    """The same at each try, whatever else the shop changed."""


@dataclass(frozen=True)
class Settled:
    """The invoice that payments settle."""

    invoice_number: str
    debtor_code: str
    text: str = ""
    """What the payments say; empty: that they are of that invoice."""


class Accounts(Protocol):
    """Where payments are booked; the `Setup` of a coupling of orders is one."""

    @property
    def clearing_accounts(self) -> Mapping[str, str]:
        """The account that money came in on, by payment method."""

    @property
    def accounts(self) -> Mapping[str, Body]:
        """The package's accounts, by number."""

    @property
    def receivables_account(self) -> str:
        """The debtors account."""

    @property
    def timezone(self) -> str:
        """In which the days of payments are told."""


def due(payments: Sequence[Payment], setup: Accounts) -> list[Due]:
    """Return the payments of methods that a clearing account was chosen for.

    Raises AskUser `eboekhouden_clearing_missing`, `eboekhouden_clearing_category` and
    `eboekhouden_date`.
    """
    found = [one for one in _due(payments, setup) if not _stays_open(one, setup)]
    methods = [one.payment.method for one in found]
    checks.check_clearing(methods, setup.clearing_accounts, setup.accounts)
    for one in found:
        checks.check_date(local_date(one.payment.paid_at, setup.timezone))
    return found


def stays_open(payments: Sequence[Payment], setup: Accounts) -> bool:
    """Tell whether part was paid with what its account owes (a gift card).

    The vendor books payments on money accounts only (contract 8.3), so that part stays
    open on the debtor until the user books it.
    """
    return any(_stays_open(one, setup) for one in _due(payments, setup))


def _stays_open(one: Due, setup: Accounts) -> bool:
    account = setup.accounts.get(one.account)
    is_money = account is not None and account["Categorie"] == wire.MONEY
    return one.payment.method in tuple(Purse) and not is_money


def _due(payments: Sequence[Payment], setup: Accounts) -> Iterator[Due]:
    seen: Counter[str] = Counter()
    for payment in payments:
        account = setup.clearing_accounts.get(payment.method, "")
        if not account or not payment.amount:
            continue
        said = f"{payment.method} {payment.amount}"
        seen[said] += 1
        mark = sha256(f"{said} {seen[said]}".encode()).hexdigest()[:_MARK]
        yield Due(payment, account, mark)


def entry_of(one: Due, setup: Accounts, settled: Settled, reference: str = "") -> Body:
    """Return the entry of a payment; `reference`: the one that was kept of it."""
    return payment_entry(
        one.payment,
        reference=reference or _reference(settled.invoice_number, one.mark),
        invoice_number=settled.invoice_number,
        debtor_code=settled.debtor_code,
        receivables_account=setup.receivables_account,
        clearing_account=one.account,
        booked_on=local_date(one.payment.paid_at, setup.timezone),
        text=settled.text,
    )


class Payments:
    """Books the payments of one batch of documents."""

    def __init__(self, client: EBoekhouden, recent: Recent) -> None:
        self._client = client
        self._recent = recent

    def settle(
        self, job: Job, setup: Accounts, payments: Sequence[Due], settled: Settled
    ) -> str:
        """Book each payment once; return the code of a remark, empty when all is well.

        One that the vendor refuses is told and nothing more: the sale stands.
        """
        warning = ""
        for number, one in enumerate(payments, start=1):
            try:
                self.book(job, setup, one, settled, last=number == len(payments))
            except Refused:
                warning = REFUSED
        return warning

    def book(
        self, job: Job, setup: Accounts, one: Due, settled: Settled, *, last: bool
    ) -> Written:
        """Book one payment, once; Refused when the vendor will not have it."""
        booked_on = local_date(one.payment.paid_at, setup.timezone)

        def send(reference: str) -> Written:
            body = entry_of(one, setup, settled, reference)
            return Written(self._client.add_entry(body))

        def find(reference: str, sent_at: datetime) -> Written | None:
            def is_ours(row: Body) -> bool:
                return is_payment(row, reference, one.payment.amount)

            found = self._recent.search(
                reference,
                sent_at,
                is_ours,
                lambda: self._client.payments(reference, booked_on),
            )
            return Written(str(found[0]["MutatieNr"])) if found else None

        return job.write(
            f"payment:{one.mark}",
            reference=lambda: _reference(settled.invoice_number, one.mark),
            send=send,
            find=find,
            last=last,
        )


def _reference(invoice_number: str, mark: str) -> str:
    """Return what a payment is found by: it stands in Boekstuk, whole."""
    return f"{invoice_number[: wire.VOUCHER - _MARK - 1]}-{mark}"
