"""The debtor of an order: found by e-mail address, else made under a drawn number."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from core.domain.errors import AskUser, RetryLater
from core.domain.orders import SaleKind
from core.domain.packages import Written
from core.plugin.database import session
from core.plugin.records import Record
from core.plugin.work import Job
from plugins.eboekhouden import checks, reference
from plugins.eboekhouden.booking import may_be_made
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.orders import mapping
from plugins.eboekhouden.orders.judgement import Checked
from plugins.eboekhouden.orders.numbers import DebtorNumbers
from plugins.eboekhouden.reference import Index
from plugins.eboekhouden.refusals import CodeTaken
from plugins.vies.public import is_same

_DEBTOR = "debtor"
"""Kind of the link that makes sure that a debtor is made once."""


class Debtors:
    """The debtors met in one batch of orders; an entry needs a debtor's code."""

    def __init__(self, client: EBoekhouden, index: Index, connection_id: int) -> None:
        self._client = client
        self._index = index
        self._connection_id = connection_id
        self._numbers = DebtorNumbers(connection_id)
        self._known: dict[str, list[Record]] = {}

    def load(self, emails: Iterable[str]) -> None:
        """Load the known debtors of a batch at once."""
        self._known = reference.by_email(self._connection_id, emails)

    def code_of(self, job: Job, done: Checked) -> str:
        """Return the debtor's code; makes the debtor, once, when there is none.

        Raises AskUser `email_missing`, `eboekhouden_debtor_incomplete` and the codes of
        `trouble`.
        """
        order = done.order
        fixed = done.setup.fixed_debtors.get(order.payment_method)
        if fixed and done.sale.kind != SaleKind.ICP:
            return fixed
        if not order.email:
            raise AskUser("eboekhouden_email_missing")
        found = self._known.get(order.email, [])
        is_sent = may_be_made(job, _DEBTOR)
        if trouble(found, done) if found else not is_sent:
            # Somebody may have made or completed it in the package meanwhile.
            found = self._ask(order.email)
        if found:
            return chosen(found, done)
        return self._made(job, done, ask_first=is_sent)

    def _ask(self, email: str) -> list[Record]:
        rows = self._client.relations(email=email)
        found = [self._index.add(row) for row in rows]
        self._known[email] = sorted(found, key=lambda row: int(row.data["ID"] or 0))
        return self._known[email]

    def _made(self, job: Job, done: Checked, *, ask_first: bool) -> str:
        """Make the debtor; it is never changed afterwards by an order.

        `ask_first`: before it is sent again, since others may have made it since.
        """
        order = done.order
        checks.check_debtor(order)

        def send(_: str) -> Written:
            others = self._ask(order.email) if ask_first else []
            if others:
                return Written(chosen(others, done))
            first = done.setup.number("first_debtor_number", 10_000)
            code = self._numbers.draw(job, order.email, first)
            body = mapping.debtor(order, code, done.vat_number)
            try:
                body["ID"] = self._client.add_relation(body)
            except CodeTaken:
                return self._taken(code, order.email)
            self._known[order.email] = [self._index.add(body)]
            return Written(code)

        def find(_: str, __: datetime) -> Written | None:
            code = self._numbers.drawn(order.email)
            session().rollback()
            return self._found(code, order.email) if code else None

        return job.make_once(_DEBTOR, order.email, send=send, find=find)

    def _found(self, code: str, email: str) -> Written | None:
        """Look a debtor up by the number that was drawn for it."""
        for row in self._client.relations(code=code):
            record = self._index.add(row)
            if record.key == email:
                self._known[email] = [record]
                return Written(code)
        return None

    def _taken(self, code: str, email: str) -> Written:
        """Adopt a relation of ours, or give a number that is somebody else's back."""
        found = self._found(code, email)
        if found is not None:
            return found
        self._numbers.give_back(code)
        raise RetryLater("eboekhouden_number_in_use", number=code)


def chosen(found: Sequence[Record], done: Checked) -> str:
    """Return the code of the debtor among these; AskUser where they do not do."""
    suited, code = _suited(found, done), trouble(found, done)
    if code:
        raise AskUser(
            code,
            email=done.order.email,
            count=len(suited),
            number=done.vat_number or "-",
            known=suited[0].data.get("BTWNummer") or "-",
        )
    return suited[0].external_id


def trouble(found: Sequence[Record], done: Checked) -> str:
    """Return the code of why these debtors do not do; empty: they do, or are none."""
    suited = _suited(found, done)
    if len(suited) > 1 and done.setup.settings.get("duplicate_debtor") != "oldest":
        return "eboekhouden_debtor_ambiguous"
    if not suited or done.sale.kind != SaleKind.ICP:
        return ""
    # An order never changes a debtor, and an ICP sale needs its number.
    if not suited[0].data.get("BTWNummer"):
        return "eboekhouden_debtor_without_vat_number"
    is_right = _has_number(suited[0], done)
    return "" if is_right else "eboekhouden_debtor_other_vat_number"


def _suited(found: Sequence[Record], done: Checked) -> Sequence[Record]:
    """Return those with an ICP order's VAT number, which the ICP declaration names;
    all of them where none has it."""
    if done.sale.kind != SaleKind.ICP:
        return found
    return [record for record in found if _has_number(record, done)] or found


def _has_number(record: Record, done: Checked) -> bool:
    known = str(record.data.get("BTWNummer") or "")
    return is_same(known, done.vat_number, done.sale.number_prefix)
