"""The shop's interface: KMO Shops, modelled on Ecwid REST v3. Usable alone.

The contract says why it is modelled on Ecwid; KMO Shops publishes no documentation.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from core.domain.errors import AskUser, AuthenticationLost, RetryLater
from core.net.http import Answer, HttpClient, TokenSource
from core.net.ratelimit import CallLimit
from plugins.kmoshops import wire
from plugins.kmoshops.wire import Document, Profile

PAGE = 100
"""Largest and default page (contract 3.1)."""
SERVICE = "KMO Shops"
_Checked = TypeVar("_Checked")


class Unusable(RetryLater):
    """The shop calls a parameter wrong (400): one of the order numbers, then."""


class KmoShops:
    """Reads one shop. Every method raises the errors of `core.net.http` as well."""

    def __init__(
        self,
        api_url: str,
        store_id: str,
        tokens: TokenSource,
        limiter: CallLimit | None = None,
    ) -> None:
        """Bind to the API's base address and a shop's id."""
        self.http = HttpClient(
            f"{api_url.rstrip('/')}/{store_id}/",
            service=SERVICE,
            tokens=tokens,
            limiter=limiter,
        )

    def orders_by_id(self, ids: Sequence[str]) -> list[Document]:
        """Return the orders with these numbers, at most 100; absent ones are left out.

        Ecwid: Search orders, filter `ids`. Raises Unusable for a number that the shop
        takes for none.
        """
        if len(ids) > PAGE:
            raise ValueError("at most 100 orders at once")
        params = {"ids": ",".join(ids), "limit": PAGE}
        items, _ = self._search(params)
        return items

    def orders_updated(
        self, since: datetime, until: datetime, offset: int
    ) -> tuple[list[Document], int]:
        """Return a page of orders changed in a period (UTC), and how many match."""
        return self._search(
            {
                "updatedFrom": int(since.timestamp()),
                "updatedTo": int(until.timestamp()),
                "offset": offset,
                "limit": PAGE,
            }
        )

    def orders_created(
        self, since: datetime, until: datetime, offset: int
    ) -> tuple[list[Document], int]:
        """Return a page of orders made in a period (UTC), and how many match.

        From `since` up to `until`, which is not included; Ecwid counts in seconds and
        includes both.
        """
        return self._search(
            {
                "createdFrom": int(since.timestamp()),
                "createdTo": int(until.timestamp()) - 1,
                "offset": offset,
                "limit": PAGE,
            }
        )

    def order(self, number: str) -> Document | None:
        """Return one order, None when the shop has no order of this number.

        Asked through the same search: a number may hold what a path may not.
        """
        try:
            items, _ = self._search({"ids": number, "limit": 1})
        except Unusable:
            return None
        return next((item for item in items if number in wire.names(item)), None)

    def profile(self) -> Profile:
        """Return the store's profile: name, country, currency (shape unverified)."""
        body = self._get("profile", {})
        return self._checked(lambda: wire.store_profile(body))

    def _search(self, params: dict[str, Any]) -> tuple[list[Document], int]:
        body = self._get("orders", params)
        return self._checked(lambda: wire.page_items(body))

    def _get(self, path: str, params: dict[str, Any]) -> Any:
        answer = self.http.request("GET", path, params=params)
        if not answer.ok:
            raise _refusal(answer)
        return answer.body

    def _checked(self, read: Callable[[], _Checked]) -> _Checked:
        try:
            return read()
        except wire.Malformed as error:
            raise RetryLater("shop_nonsense", field=str(error)) from error


def _refusal(answer: Answer) -> Exception:
    """Say what a 4xx means (Ecwid: errors; 401 and 429 are the HTTP client's)."""
    message = ""
    if isinstance(answer.body, dict):
        message = str(answer.body.get("errorMessage", ""))
    if answer.status == 402:
        return AskUser("shop_plan_without_api")
    if answer.status == 403:
        return AuthenticationLost("shop_access_refused", service=SERVICE)
    kind = Unusable if answer.status == 400 else RetryLater
    return kind("shop_refused", status=answer.status, message=message)
