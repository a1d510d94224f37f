"""How an administration is connected: OAuth, then the user chooses one of the login's.

Its id stands in each address: `connection.external_id`. Access tokens do not expire.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.domain.errors import AskUser
from core.domain.packages import Identity
from core.net.oauth import OAuthProvider, Tokens
from core.net.ratelimit import Limiter
from core.plugin import connections
from core.plugin.capabilities import OAuthConnector
from core.plugin.connections import ReceivedTokens
from core.plugin.settings import core_settings
from core.plugin.tables import Connection
from core.rules.sale_checks import CURRENCY
from moneybird.client import SERVICE, Moneybird
from moneybird.settings import settings

SCOPES = ("sales_invoices", "settings")
"""Contacts and invoices; VAT rates and ledger accounts."""


class MoneybirdConnector(OAuthConnector):
    """Connects Moneybird."""

    def provider(self) -> OAuthProvider:
        """Return the identity server's facts; it documents no revoking."""
        base = settings().moneybird_oauth_url.rstrip("/")
        return OAuthProvider(
            authorize_url=f"{base}/authorize",
            token_url=f"{base}/token",
            client_id=settings().moneybird_client_id,
            client_secret=settings().moneybird_client_secret,
            scopes=SCOPES,
            client_auth="body",
            service=SERVICE,
        )

    def identify(self, tokens: Tokens) -> Sequence[Identity]:
        """Return the login's administrations in euros; AskUser without one."""
        received = ReceivedTokens(tokens, SERVICE)
        client = Moneybird(settings().moneybird_api_url, received)
        with client.http:
            found = client.administrations()
        if not found:
            raise AskUser("moneybird_no_administration")
        usable = [
            Identity(each.id, each.name, {"country": each.country})
            for each in found
            if each.currency == CURRENCY
        ]
        if not usable:
            raise AskUser("moneybird_currency_not_eur", currency=found[0].currency)
        return usable


@contextmanager
def open_client(connection: Connection) -> Iterator[Moneybird]:
    """Open a connection's administration, within its call limit."""
    tokens = connections.stored_tokens(connection, MoneybirdConnector().provider())
    administration = connection.external_id or ""
    budget = f"moneybird:{administration}"
    limiter = Limiter(core_settings().redis, settings().moneybird_calls, budget)
    client = Moneybird(settings().moneybird_api_url, tokens, administration, limiter)
    with client.http:
        yield client
