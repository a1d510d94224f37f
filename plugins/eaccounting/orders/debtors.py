"""The debtor of an order: found, else made once; never changed (manual 004)."""

from collections.abc import Iterable
from datetime import datetime

from core.domain.errors import AskUser
from core.domain.orders import Order
from core.domain.packages import Written
from core.plugin.records import Record
from core.plugin.work import Job
from plugins.eaccounting import checks, readback, reference, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.orders.checks import Debtor
from plugins.eaccounting.orders.judgement import (
    Judgement,
    chosen,
    debtor_of,
    debtor_trouble,
    new_debtor,
    troubled,
)
from plugins.eaccounting.reference import CUSTOMER, Index
from plugins.eaccounting.wire import Body

_KIND = "debtor"
_VAT_FACTS = "DeliveryBasedVat"
"""One of the fields that records of before lack in the index."""


class Debtors:
    """The debtors met in one batch of orders."""

    def __init__(self, client: EAccounting, index: Index, connection_id: int) -> None:
        self._client = client
        self._index = index
        self._connection_id = connection_id
        self._customers: dict[str, list[Record]] = {}

    def load(self, emails: Iterable[str]) -> None:
        """Load the known debtors of a batch at once."""
        known = set(emails)
        self._customers = reference.by_key(self._connection_id, CUSTOMER, known)

    def find(self, job: Job, done: Judgement) -> Debtor:
        """Return the debtor of an order; one without id is yet to be made.

        Nothing is written. A credit document goes to the debtor of its sale. Raises
        AskUser as `checks.check_customer` and `judgement.debtor_trouble`.
        """
        order = done.order
        if job.credited is not None and job.credited.debtor_id:
            return self._known(job.credited.debtor_id, done)
        if done.fixed_debtor:
            return self._known(done.fixed_debtor, done, is_fixed=True)
        if not order.email:
            raise AskUser("email_missing")
        found = self._customers.get(order.email, [])
        code = debtor_trouble(found, done)
        if not found:
            checks.check_customer(order)
        if (not found or code) and self._index.refresh_if_stale(CUSTOMER):
            # Somebody may have made, merged or completed it in the package meanwhile.
            found = self._load_one(order.email)
            code = debtor_trouble(found, done)
        if not found:
            return self._planned(done)
        if code:
            raise troubled(code, found, done)
        known = chosen(found, done)
        job.settled(_KIND, order.email, known.external_id)
        return self._debtor(known, done)

    def made(self, job: Job, done: Judgement) -> str:
        """Make the debtor, once, and return its id."""
        order, made = done.order, list[Body]()
        body = self._body(done)

        def send(_: str) -> Written:
            made.append(self._client.create_customer(body))
            return Written(str(made[-1]["Id"]))

        def find(_: str, sent_at: datetime) -> Written | None:
            since = wire.utc_literal(sent_at - readback.LOOK_BACK)
            query = f"ChangedUtc ge {since}"
            for item in self._client.all("customers", query):
                if str(item.get("EmailAddress") or "").lower() == order.email:
                    made.append(item)
                    return Written(str(item["Id"]))
            return None

        debtor_id = job.make_once(_KIND, order.email, send=send, find=find)
        if made:
            self._customers[order.email] = [self._index.add(CUSTOMER, made[-1])]
        return debtor_id

    def _load_one(self, email: str) -> list[Record]:
        known = reference.by_key(self._connection_id, CUSTOMER, [email])
        self._customers[email] = known.get(email, [])
        return self._customers[email]

    def _body(self, done: Judgement) -> Body:
        terms = str(done.setup.settings.get("payment_terms") or "")
        if not terms:
            raise AskUser("payment_terms_missing")
        return new_debtor(done, terms)

    def _planned(self, done: Judgement) -> Debtor:
        return debtor_of(Record("", "", "", self._body(done)))

    def _known(self, key: str, done: Judgement, *, is_fixed: bool = False) -> Debtor:
        record = reference.by_id(self._connection_id, CUSTOMER, key)
        if record is not None:
            return self._debtor(record, done, is_fixed=is_fixed)
        return Debtor(key, _is_private(done.order, done.vat_number), is_fixed=is_fixed)

    def _debtor(
        self, record: Record, done: Judgement, *, is_fixed: bool = False
    ) -> Debtor:
        """Return a known debtor; asked for once where the index lacks what counts."""
        if done.needs_area and _VAT_FACTS not in record.data:
            item = self._client.record("customers", record.external_id)
            if item is not None:
                record = self._index.add(CUSTOMER, item)
        return debtor_of(record, is_fixed=is_fixed)


def _is_private(order: Order, vat_number: str) -> bool:
    return order.is_private_person and not vat_number
