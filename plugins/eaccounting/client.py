"""Visma eAccounting API v2, typed and usable alone.

Contract: section 2 (protocol) and 3 (resources). Nothing here retries a write; a
refused one is an error whose class says what to do, a lost one is OutcomeUnknown.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from core.domain.errors import (
    OutcomeUnknown,
    Refused,
    RetryLater,
)
from core.net.http import Answer, HttpClient, TokenSource
from core.net.ratelimit import CallLimit
from plugins.eaccounting import wire
from plugins.eaccounting.refusals import NOT_FOUND, SERVICE, refusal
from plugins.eaccounting.wire import Body

PAGE = 1000
_WIDE = {"customerinvoicedrafts": 100, "orders": 100, "vouchers": 250}
"""Smaller pages for documents that hold their rows: an answer stays a few megabytes."""
_SECONDS = re.compile(r"[Tt]ry again in (\d+) second")


def pages_of(resource: str, records: int) -> int:
    """Return how many calls a list of so many records takes."""
    return max(1, -(-records // _WIDE.get(resource, PAGE)))


class _Http(HttpClient):
    """Reads how long to wait from the message: there is no Retry-After (2.5)."""

    def wait_seconds(self, answer: Answer) -> float | None:
        message = ""
        if isinstance(answer.body, dict):
            message = str(answer.body.get("DeveloperErrorMessage", ""))
        found = _SECONDS.search(message)
        return float(found[1]) if found else super().wait_seconds(answer)


class EAccounting:
    """One company's books. Every method raises those of `core.net.http` as well."""

    def __init__(
        self, api_url: str, tokens: TokenSource, limiter: CallLimit | None = None
    ) -> None:
        """Bind to the API's base address and a token source (one company each)."""
        self.http = _Http(api_url, service=SERVICE, tokens=tokens, limiter=limiter)

    def company_settings(self) -> Body:
        """Read the company's settings (3.14)."""
        answer = self._get("companysettings", {})
        if not isinstance(answer, dict):
            raise RetryLater("remote_nonsense", service=SERVICE, detail="settings")
        return answer

    def all(self, resource: str, query: str = "", **more: str) -> Iterator[Body]:
        """Yield all records of a list, a thousand a call (2.2); `query` is $filter,
        `more` what only this list knows.

        Documents come with their rows and go by smaller pages.
        """
        number, pages = 1, 1
        while number <= pages:
            size = _WIDE.get(resource, PAGE)
            params: dict[str, Any] = {"$page": number, "$pagesize": size, **more}
            if query:
                params["$filter"] = query
            page = self._page(resource, params)
            yield from page.items
            number, pages = number + 1, page.pages

    def changed(
        self, resource: str, field: str, since: str = "", page: int = 1
    ) -> wire.Page:
        """Read a page of what changed at or after a moment, oldest change first (2.3).

        `field` is the resource's moment of change; `since` a bare literal, empty: all.
        """
        params: dict[str, Any] = {
            "$page": page, "$pagesize": PAGE, "$orderby": f"{field} asc"
        }  # fmt: skip
        if since:
            params["$filter"] = f"{field} ge {since}"
        return self._page(resource, params)

    def record(self, resource: str, key: str) -> Body | None:
        """Read one record; None when it is not there (an unknown id is a 400, 2.6)."""
        try:
            return self._record("GET", resource, key)
        except Refused as refused:
            if refused.code == NOT_FOUND:
                return None
            raise

    def create(self, resource: str, body: Body) -> Body:
        """Add a customer (3.2) or supplier (3.3)."""
        return self._post(resource, body)

    def replace(self, resource: str, key: str, body: Body) -> Body:
        """Replace a record by PUT: what the body lacks becomes empty (3.2)."""
        return self._record("PUT", resource, key, body)

    def delete(self, resource: str, key: str) -> None:
        """Delete a customer (3.2) or supplier (3.3); one that is gone is no error.

        Raises Refused `visma_in_use` when something was booked on it (2.6: 4001).
        """
        answer = self.http.request(
            "DELETE",
            f"{resource}/{key}",
            writes=True,
            endpoint=f"DELETE {resource}/{{id}}",
        )
        if answer.ok:  # 200 or 204, with or without a body (2.1)
            return
        refused = refusal(answer)
        if refused.code != NOT_FOUND and answer.status != HTTPStatus.NOT_FOUND:
            raise refused

    def create_customer(self, body: Body) -> Body:
        """Add a debtor (3.2)."""
        return self._post("customers", body)

    def create_article(self, body: Body) -> Body:
        """Add an article (3.4)."""
        return self._post("articles", body)

    def create_sales_entry(self, body: Body) -> Body:
        """Book a customer ledger item with its voucher (3.11).

        `useDefaultVatCodes=false`: otherwise the accounts' VAT codes override ours.
        """
        path = "customerledgeritems/customerledgeritemswithvoucher"
        return self._post(path, body, {"useDefaultVatCodes": "false"})

    def create_payment(self, body: Body) -> Body:
        """Book a payment voucher (3.12); its answer is a voucher.

        `useDefaultVatCodes=false`: money has no VAT code.
        """
        return self._post("paymentvoucher", body, {"useDefaultVatCodes": "false"})

    def create_draft(self, body: Body) -> Body:
        """Make a draft invoice (3.7)."""
        return self._post("customerinvoicedrafts", body)

    def create_supplier_draft(self, body: Body) -> Body:
        """Make a draft of a supplier's invoice; a double is refused (4000).

        VAT codes and VAT are ours: by default the vendor takes the accounts' own.
        """
        switches = {
            "useDefaultVatCodes": "false",
            "calculateVatOnCostAccounts": "false",
            "duplicateCheckExtendedValidation": "true",
        }
        return self._post("supplierinvoicedrafts", body, switches)

    def create_order(self, body: Body) -> Body:
        """Make an order (3.9)."""
        return self._post("orders", body)

    def create_attachment(self, body: Body) -> Body:
        """Upload a file; it is unmatched until it is linked (3.13)."""
        return self._post("attachments", body)

    def link_attachments(self, body: Body) -> None:
        """Link files to a document (3.13); the answer repeats the request."""
        answer = self.http.request(
            "POST", "attachmentlinks", json_body=body, writes=True
        )
        if not answer.ok:
            raise refusal(answer)

    def attachment(self, attachment_id: str) -> Body:
        """Read what is known of a file, such as its document (3.13)."""
        answer = self.http.request(
            "GET", f"attachments/{attachment_id}", endpoint="GET attachments/id"
        )
        if not answer.ok:
            raise refusal(answer)
        try:
            return wire.record(answer.body)
        except wire.Malformed as error:
            raise RetryLater(
                "remote_nonsense", service=SERVICE, detail=str(error)
            ) from error

    def _page(self, resource: str, params: dict[str, Any]) -> wire.Page:
        body = self._get(resource, params)
        try:
            return wire.page(body)
        except (wire.Malformed, ValueError) as error:
            raise RetryLater(
                "remote_nonsense", service=SERVICE, detail=str(error)
            ) from error

    def _get(self, path: str, params: dict[str, Any]) -> Any:
        answer = self.http.request("GET", path, params=params, endpoint=f"GET {path}")
        if not answer.ok:
            raise refusal(answer)
        return answer.body

    def _post(
        self, path: str, body: Body, params: dict[str, str] | None = None
    ) -> Body:
        answer = self.http.request(
            "POST", path, params=params, json_body=body, writes=True
        )
        return _made(answer)

    def _record(
        self, method: str, resource: str, key: str, body: Body | None = None
    ) -> Body:
        answer = self.http.request(
            method,
            f"{resource}/{key}",
            json_body=body,
            writes=method != "GET",
            endpoint=f"{method} {resource}/{{id}}",
        )
        if method == "GET" and answer.ok and not isinstance(answer.body, dict):
            raise RetryLater("remote_nonsense", service=SERVICE, detail=resource)
        return _made(answer)


def _made(answer: Answer) -> Body:
    if not answer.ok:
        raise refusal(answer)
    try:
        return wire.record(answer.body)
    except wire.Malformed as error:
        # It says done but not what: some POSTs answer empty (2.1). Look it up.
        raise OutcomeUnknown(
            "outcome_unknown", service=SERVICE, cause="remote_nonsense"
        ) from error
