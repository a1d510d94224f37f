"""DigitaleFactuur's XML interface, typed and usable alone.

Contract notes 1.1 and 1.2. Account id and access code are segments of every address:
no error, exchange or log line shows them. Nothing here retries a write; a refused one
is an error whose class says what to do, a lost one is OutcomeUnknown.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

from core.domain.errors import (
    AskUser,
)
from core.domain.redact import mask, register_secret
from core.net.http import Answer, HttpClient
from core.net.ratelimit import CallLimit
from core.net.transport import Reply
from plugins.digitalefactuur import names, wire
from plugins.digitalefactuur.refusals import SERVICE, nonsense, refused, unknown

LONGEST_TEXT = 300
"""So much of the vendor's own words goes into an error."""
MOST_PAGES = 2000
_HEADERS = {"Accept": "application/xml, text/plain"}
_Record = TypeVar("_Record")


@dataclass(frozen=True)
class Credentials:
    """What a user makes under Bedrijf, Instellingen, API, Keys; never shown."""

    account_id: str = field(repr=False)
    access_code: str = field(repr=False)

    def __post_init__(self) -> None:
        for part in (self.account_id, self.access_code):
            if not part.strip(".") or not part.isprintable() or " " in part:
                raise AskUser("df_credentials_malformed")

    @property
    def secrets(self) -> tuple[str, str]:
        """Both parts, as they are typed."""
        return self.account_id, self.access_code


class _Http(HttpClient):
    """Hands the text on: most answers of writes are no XML."""

    def read_body(self, reply: Reply) -> Any:
        return wire.decoded(reply.content)


class DigitaleFactuur:
    """One account. Every method raises the errors of `core.net.http` as well.

    Reads raise RetryLater `remote_nonsense` on an answer that is not the vendor's;
    refusals raise Refused, AuthenticationLost `df_login_refused`, WaitUntil
    `rate_limited`, and on a fault of the vendor RetryLater or (writes)
    OutcomeUnknown. A write returns the id when the answer has one, else an empty
    text: then the record is found by its number.
    """

    def __init__(
        self, api_url: str, credentials: Credentials, limiter: CallLimit | None = None
    ) -> None:
        """Bind to the API's base address and one account.

        The code is registered as a secret for the whole process. The account id is
        not: it is a number, and would blank other people's numbers that contain it;
        this client masks it in all that it shows, and the process the two together, as
        they stand in addresses.
        """
        register_secret(credentials.access_code)
        self._secrets = credentials.secrets
        path = "/".join(quote(part, safe="") for part in self._secrets)
        register_secret(path)
        self.http = _Http(
            f"{api_url.rstrip('/')}/{path}/",
            service=SERVICE,
            limiter=limiter,
            secrets=self._secrets,
        )

    def check(self) -> None:
        """Do the smallest read there is: the first page of invoices."""
        self._page(1)

    def customers(self) -> list[wire.Customer]:
        """Read all debtors and creditors, one call: this list has no pages (1.2)."""
        return self._list(names.CUSTOMERS, "", wire.read_customer)

    def create_customer(self, customer: wire.Customer) -> str:
        """Add a debtor or creditor."""
        return self._write(names.CUSTOMER_CREATE, wire.customer_xml(customer))

    def update_customer(self, customer: wire.Customer) -> str:
        """Replace a debtor or creditor: give all fields, an empty one is cleared."""
        document = wire.customer_xml(customer, with_empty=True)
        return self._write(names.CUSTOMER_UPDATE, document)

    def invoices(self, *, paid: bool | None = None) -> Iterator[wire.Invoice]:
        """Yield invoices by descending number, page by page, paid or open ones.

        The size of a page is not documented: reading ends at an empty page, and at one
        that brings nothing new (a page past the end may repeat the last).
        """
        seen: set[str] = set()
        for number in range(1, MOST_PAGES + 1):
            page = self._page(number, paid)
            fresh = [invoice for invoice in page if invoice.id not in seen]
            if not fresh:
                return
            seen.update(invoice.id for invoice in fresh)
            yield from fresh
        raise nonsense("pages")

    def invoice(self, invoice_id: str) -> wire.Invoice | None:
        """Read one invoice by its id; None when there is none."""
        found = self._invoices(f"&facturen_id={quote(invoice_id, safe='')}")
        return next((one for one in found if one.id == invoice_id), None)

    def find_invoices(self, invoice: wire.Invoice) -> list[wire.Invoice]:
        """Return the invoices with this one's number, prefix and all.

        Whether the vendor searches with the prefix is not documented: it is asked for
        the number alone and the answer is filtered.
        """
        found = self._invoices(f"&factuurnummer={quote(invoice.number, safe='')}")
        return [one for one in found if one.full_number == invoice.full_number]

    def create_invoice(self, invoice: wire.Invoice) -> str:
        """Make an invoice; it is not sent."""
        return self._write(names.INVOICE_CREATE, wire.invoice_xml(invoice))

    def update_invoice(self, invoice: wire.Invoice) -> str:
        """Replace an invoice and its lines."""
        return self._write(names.INVOICE_UPDATE, wire.invoice_xml(invoice))

    def mail_invoice(
        self, invoice_id: str, email: str, *, template: str, text: str, ubl: bool
    ) -> str:
        """Let the vendor send an invoice by e-mail; `template` is its sjablonen_id."""
        return self._send(
            {
                "id": invoice_id,
                "sjablonen_id": template,
                "methode": "email",
                "emailtekst": text,
                "email": email,
                "ubl": names.YES if ubl else names.NO,
            }
        )

    def post_invoice(
        self, invoice_id: str, addressee: wire.Customer, *, template: str
    ) -> str:
        """Let the vendor send an invoice on paper, in colour."""
        return self._send(
            {
                "id": invoice_id,
                "sjablonen_id": template,
                "methode": "post",
                "post_type": "kleur",
                "klant_naam": addressee.name,
                "klant_adres": addressee.address,
                "klant_postcode": addressee.postal_code,
                "klant_plaats": addressee.city,
            }
        )

    def register_payment(
        self, invoice_id: str, on: date, amount: Decimal | None = None
    ) -> str:
        """Register a payment; `amount` (euros incl VAT) for a part of it."""
        values = {"id": invoice_id}
        if amount is not None:
            values |= {"deelbetaling": "1", "voldaan": f"{amount:f}"}
        values["datum"] = on.isoformat()
        document = wire.record_xml(names.INVOICE, values)
        return self._write(names.PAYMENT_REGISTER, document)

    def undo_payment(self, invoice_id: str) -> str:
        """Take back what was registered as paid."""
        document = wire.record_xml(names.INVOICE, {"id": invoice_id})
        return self._write(names.PAYMENT_UNDO, document)

    def products(self) -> list[wire.Product]:
        """Read all products, one call."""
        return self._list(names.PRODUCTS, "", wire.read_product)

    def create_product(self, product: wire.Product) -> str:
        """Add a product."""
        return self._write(names.PRODUCT_CREATE, wire.product_xml(product))

    def update_product(self, product: wire.Product) -> str:
        """Replace a product."""
        return self._write(names.PRODUCT_UPDATE, wire.product_xml(product))

    def _page(self, number: int, paid: bool | None = None) -> Sequence[wire.Invoice]:
        arguments = f"&page={number}&order_column=factuurnummer&order_type=desc"
        if paid is not None:
            arguments += f"&betaalstatus={names.PAID if paid else names.OPEN}"
        return self._invoices(arguments)

    def _invoices(self, arguments: str) -> list[wire.Invoice]:
        return self._list(names.INVOICES, arguments, wire.read_invoice)

    def _send(self, values: dict[str, str]) -> str:
        document = wire.record_xml(names.INVOICE, values)
        return self._write(names.INVOICE_SEND, document)

    def _list(
        self, action: str, arguments: str, read: Callable[[Any], _Record]
    ) -> list[_Record]:
        answer = self.http.request(
            "GET", action + arguments, headers=_HEADERS, endpoint=f"GET {action}"
        )
        self._refuse(answer, writes=False)
        try:
            return [read(element) for element in wire.items(answer.body, action)]
        except wire.Malformed as error:
            detail = str(error)
        raise nonsense(detail)

    def _write(self, action: str, document: str) -> str:
        answer = self.http.request(
            "POST", action, data={"xml": document}, headers=_HEADERS, writes=True
        )
        self._refuse(answer, writes=True)
        try:
            return wire.written_id(answer.body)
        except wire.Malformed:
            pass
        # raised here so that it does not carry the answer's own words
        raise unknown("remote_nonsense")

    def _refuse(self, answer: Answer, *, writes: bool) -> None:
        """Raise what an answer says went wrong: a code in the body, or a 4xx."""
        refusal = wire.refusal(answer.body)
        if refusal is None and answer.ok:
            return
        if refusal is None:
            refusal = wire.Refusal(str(answer.status), "")
        text = mask(refusal.text, self._secrets)[:LONGEST_TEXT]
        raise refused(wire.Refusal(refusal.code, text), writes=writes)
