"""AccountView.Net Web API v3, the reading side, typed and usable alone.

Contract section 2. Nothing is written there: no business object for declarations is
known, so the figures are computed from ledger transactions and VAT codes.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from core.domain.errors import AskUser, AuthenticationLost, KoppelwerkError, RetryLater
from core.net.http import Answer, HttpClient, TokenSource
from core.net.oauth import OAuthProvider
from core.net.ratelimit import CallLimit
from plugins.accountview import wire
from plugins.accountview.wire import Body, Table

SERVICE = "AccountView"
SCOPE = "readaccountviewdata"
PAGE = 400
"""Rows a call; a maximum is not published, another client uses 400."""
_DATA = "AccountViewData"
_ON_OR_AFTER = "DateOnOrAfterDate"


def provider(
    api_url: str, authorize_url: str, client_id: str, client_secret: str
) -> OAuthProvider:
    """Return AccountView.Net's OAuth server; only reading is asked for."""
    return OAuthProvider(
        authorize_url=authorize_url,
        token_url=f"{api_url.rstrip('/')}/token",
        client_id=client_id,
        client_secret=client_secret,
        scopes=(SCOPE,),
        client_auth="body",
        service=SERVICE,
    )


class AccountView:
    """What one user may see. Every method raises those of `core.net.http` as well."""

    def __init__(
        self,
        api_url: str,
        tokens: TokenSource,
        *,
        company: str = "",
        limiter: CallLimit | None = None,
        page_size: int = PAGE,
    ) -> None:
        """Bind to the API's base address; `company` is the id of `/Companies`."""
        self.http = HttpClient(api_url, service=SERVICE, tokens=tokens, limiter=limiter)
        self._company = company
        self._page_size = page_size

    def companies(self) -> list[wire.Company]:
        """Read what `x-company` may be."""
        answer = self._get("Companies", {}, {})
        if not isinstance(answer, list):
            raise _nonsense("Companies")
        return [_read(wire.company, row) for row in answer]

    def administrations(self) -> list[wire.Administration]:
        """Read the administrations, one per book year."""
        return list(self._all(wire.ADMINISTRATIONS))

    def undertakings(self) -> list[wire.Undertaking]:
        """Read the ondernemingen."""
        return list(self._all(wire.UNDERTAKINGS))

    def vat_codes(self, on: date) -> dict[str, wire.VatCode]:
        """Read the VAT codes of the book year of a day, by code."""
        return {code.code: code for code in self._all(wire.VAT_CODES, on=on)}

    def debtors(self, on: date) -> dict[str, wire.Debtor]:
        """Read the debtors of the book year of a day, by number."""
        return {debtor.number: debtor for debtor in self._all(wire.DEBTORS, on=on)}

    def transactions(self, start: date, end: date) -> Iterator[wire.Transaction]:
        """Yield the ledger transactions of these days, inclusive.

        Only "on or after" is a known name of a filter operator; the end is cut here.
        """
        filters = {
            "FilterControlSource1": "TRANSACT.TRN_DATE",
            "FilterOperator1": _ON_OR_AFTER,
            "FilterValueType1": "D",
            "FilterValue1": start.isoformat(),
            "FilterIsListOfValues1": "false",
        }
        for found in self._all(wire.TRANSACTIONS, on=start, filters=filters):
            if start <= found.booked_on <= end:
                yield found

    def _all(
        self, table: Table, *, on: date | None = None, filters: Body | None = None
    ) -> Iterator[Any]:
        """Yield all rows; a full page asks for the one after its last key.

        `on` (BookDate) chooses the book year. A page that brings nothing new ends the
        reading, whatever the other side does with the key.
        """
        params: Body = {
            "BusinessObject": table.business_object,
            "PageSize": self._page_size,
            "Fields": ",".join(f"{table.name}.{field}" for field in table.fields),
            **(filters or {}),
        }
        if on is not None:
            params["BookDate"] = on.isoformat()
        seen: set[str] = set()
        while True:
            page = self._page(params, table)
            fresh = [row for row in page if wire.text(row, table.key) not in seen]
            for row in fresh:
                seen.add(wire.text(row, table.key))
                yield _read(table.record, row)
            if len(page) < self._page_size or not fresh:
                return
            params["LastKey"] = wire.text(page[-1], table.key)

    def _page(self, params: Body, table: Table) -> list[Body]:
        if not self._company:
            raise AskUser("accountview_company_missing")
        answer = self._get(_DATA, params, {"x-company": self._company})
        try:
            rows = wire.rows(answer, table.name)
            for row in rows:
                wire.text(row, table.key)
        except wire.Malformed as error:
            raise _nonsense(str(error)) from error
        return rows

    def _get(self, path: str, params: Body, headers: dict[str, str]) -> Any:
        answer = self.http.request("GET", path, params=params, headers=headers)
        if not answer.ok or _error(answer):
            raise refusal(answer)
        return answer.body


def _read(record: Any, row: Body) -> Any:
    try:
        return record(row)
    except (wire.Malformed, ArithmeticError) as error:
        raise _nonsense(str(error)) from error


def _nonsense(detail: str) -> RetryLater:
    return RetryLater("remote_nonsense", service=SERVICE, detail=detail)


def _error(answer: Answer) -> Body:
    """Return the error an answer holds; some come with status 200."""
    body = answer.body
    return body if isinstance(body, dict) and body.get("ErrorType") else {}


def refusal(answer: Answer) -> KoppelwerkError:
    """Say what a refusal means: ErrorType, ErrorNumbers, ErrorMessage."""
    error = _error(answer)
    if answer.status == 403 and not error:
        return AuthenticationLost("authentication_lost", service=SERVICE)
    message = str(error.get("ErrorMessage") or f"HTTP {answer.status}")
    return AskUser("accountview_refused", message=message)
