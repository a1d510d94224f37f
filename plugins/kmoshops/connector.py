"""How a shop is connected: OAuth, then its profile says which shop it is."""

from collections.abc import Sequence

from core.domain.errors import AskUser
from core.domain.packages import Identity
from core.net.oauth import OAuthProvider, Tokens
from core.plugin.capabilities import OAuthConnector
from core.plugin.connections import ReceivedTokens
from core.rules.sale_checks import CURRENCY
from plugins.kmoshops.client import SERVICE, KmoShops
from plugins.kmoshops.settings import settings

SCOPES = ("read_orders", "read_store_profile")
"""Orders and their webhooks; the profile for name, country and currency."""


class KmoShopsConnector(OAuthConnector):
    """Connects KMO Shops (Ecwid: OAuth; the token does not expire).

    On leaving there is nothing to tell: the owner removes the app in the backend.
    """

    def provider(self) -> OAuthProvider:
        """Return the shop's OAuth server."""
        base = settings().kmoshops_oauth_url.rstrip("/")
        return OAuthProvider(
            authorize_url=f"{base}/authorize",
            token_url=f"{base}/token",
            client_id=settings().kmoshops_client_id,
            client_secret=settings().kmoshops_client_secret.partition(",")[0].strip(),
            scopes=SCOPES,
            client_auth="body",
            service=SERVICE,
        )

    def identify(self, tokens: Tokens) -> Sequence[Identity]:
        """Return the shop; raise AskUser when it does not sell in euros."""
        store_id = str(tokens.extra.get("store_id", ""))
        if not store_id:
            raise AskUser("shop_without_id")
        api_url = settings().kmoshops_api_url
        profile = KmoShops(api_url, store_id, ReceivedTokens(tokens, SERVICE)).profile()
        if profile.currency != CURRENCY:
            raise AskUser("shop_currency_not_eur", currency=profile.currency or "?")
        facts = {"currency": profile.currency, "country": profile.country}
        return [Identity(store_id, profile.name or store_id, facts)]
