"""The vendor's interface, typed. Usable alone: no database, no Flask."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, TypeVar

from core.domain.errors import AskUser, OutcomeUnknown, RetryLater
from core.net.http import Answer, HttpClient, TokenSource
from core.net.ratelimit import CallLimit
from moneybird import wire
from moneybird.wire import Account, Administration, Body, Contact, Invoice, TaxRate

SERVICE = "Moneybird"
PAGE = 100
"""The most that a page may hold."""
REVENUE = "revenue"
ENDPOINT = "api"
"""All calls count together."""
_Read = TypeVar("_Read")


class Moneybird:
    """One administration. Every method raises the errors of `core.net.http` as well."""

    def __init__(
        self,
        api_url: str,
        tokens: TokenSource,
        administration: str = "",
        limiter: CallLimit | None = None,
    ) -> None:
        """Bind to the API's base address; without an administration to the login."""
        self.http = HttpClient(api_url, service=SERVICE, tokens=tokens, limiter=limiter)
        self._administration = administration

    def administrations(self) -> list[Administration]:
        """Return the administrations that the login opens."""
        body = self._get("administrations", {})
        return self._checked(partial(_read_page, body, wire.administration))

    def tax_rates(self) -> list[TaxRate]:
        """Return the VAT rates for sales that are in use."""
        wanted = {"filter": "tax_rate_type:sales_invoice,active:true"}
        return self._all("tax_rates", wanted, wire.tax_rate)

    def revenue_accounts(self) -> list[Account]:
        """Return the ledger accounts for revenue."""
        found = self._all("ledger_accounts", {}, wire.account)
        return [each for each in found if each.type == REVENUE]

    def contact_with(self, email: str) -> str | None:
        """Return the id of the oldest contact with this e-mail address."""
        found: list[Contact] = self._all("contacts", {"query": email}, wire.contact)
        ids = [each.id for each in found if email.lower() in each.emails]
        return min(ids, key=int, default=None)

    def create_contact(self, body: Body) -> str:
        """Make a contact and return its id."""
        return self._create("contacts", {"contact": body}, wire.identifier)

    def invoice_with(self, reference: str, contact: str, on: date) -> Invoice | None:
        """Return a contact's invoice of that day with this reference.

        Moneybird has no filter for references; without a period it looks in this year.
        """
        day = f"{on:%Y%m%d}"
        wanted = {"filter": f"period:{day}..{day},state:all,contact_id:{contact}"}
        found = self._all("external_sales_invoices", wanted, wire.invoice)
        return next((each for each in found if each.reference == reference), None)

    def create_invoice(self, body: Body) -> Invoice:
        """Make an external sales invoice; a reference may be taken twice."""
        given = {"external_sales_invoice": body}
        return self._create("external_sales_invoices", given, wire.invoice)

    def _all(
        self, path: str, params: dict[str, Any], read: Callable[[Body], _Read]
    ) -> list[_Read]:
        """Return all pages of a list."""
        found: list[_Read] = []
        while True:
            page = {"page": len(found) // PAGE + 1, "per_page": PAGE}
            body = self._get(self._own(path), {**params, **page})
            items = self._checked(partial(_read_page, body, read))
            found += items
            if len(items) < PAGE:
                return found

    def _create(self, path: str, body: Body, read: Callable[[Body], _Read]) -> _Read:
        answer = self.http.request(
            "POST",
            f"{self._own(path)}.json",
            json_body=body,
            writes=True,
            endpoint=ENDPOINT,
        )
        made = _accepted(answer)
        return self._checked(lambda: read(wire.item(made)), wrote=True)

    def _get(self, path: str, params: dict[str, Any]) -> Any:
        return _accepted(
            self.http.request("GET", f"{path}.json", params=params, endpoint=ENDPOINT)
        )

    def _own(self, path: str) -> str:
        return f"{self._administration}/{path}"

    def _checked(self, read: Callable[[], _Read], *, wrote: bool = False) -> _Read:
        """Read an answer; after a write, one that cannot be read leaves it open."""
        try:
            return read()
        except wire.Malformed as error:
            if wrote:
                raise OutcomeUnknown("moneybird_nonsense", field=error) from error
            raise RetryLater("moneybird_nonsense", field=error) from error


def _read_page(body: Any, read: Callable[[Body], _Read]) -> list[_Read]:
    return [read(each) for each in wire.items(body)]


def _accepted(answer: Answer) -> Any:
    """Return the body; AskUser for a 4xx (401 and 429 are the HTTP client's)."""
    if answer.ok:
        return answer.body
    body = answer.body if isinstance(answer.body, dict) else {}
    message = _message(body.get("error")) or "-"
    raise AskUser("moneybird_refused", status=answer.status, message=message)


def _message(error: Any) -> str:
    """Return an error's words: a text, or lists of them by field."""
    if isinstance(error, dict):
        return "; ".join(f"{name}: {_message(said)}" for name, said in error.items())
    if isinstance(error, list):
        return ", ".join(map(str, error))
    return str(error or "")
