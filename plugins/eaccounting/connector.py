"""How a company is connected: OAuth, then its settings say which one it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.domain.errors import AskUser
from core.domain.packages import Identity
from core.net.oauth import OAuthProvider, Tokens
from core.net.ratelimit import Limiter, calls_per
from core.plugin import connections
from core.plugin.capabilities import OAuthConnector
from core.plugin.connections import ReceivedTokens
from core.plugin.settings import core_settings
from core.plugin.tables import Connection
from core.rules.sale_checks import CURRENCY
from plugins.eaccounting import checks, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.refusals import SERVICE
from plugins.eaccounting.settings import settings

SCOPES = ("ea:api", "offline_access", "ea:sales", "ea:accounting", "ea:purchase")
"""The least that does (contract 1). `ea:api`: always. `offline_access`: gives the
refresh token. `ea:sales`: ledger items, drafts, orders, customers and articles are
written; a ledger item needs no more, although it books a voucher. `ea:accounting`:
accounts, VAT codes and vouchers are read, and the sent invoice is attached to its
voucher. `ea:purchase`: creditors are kept in step with the relations (suppliers,
3.3). A connection from before that gets no attachments until it is made again."""
_EACCOUNTING_SERVICE = "service:44643EB1-3F76-4C1C-A672-402AE8085934"
"""`acr_values`: show only companies that have eAccounting (contract 1)."""
_ACTIVE = 1


class EAccountingConnector(OAuthConnector):
    """Connects Visma eAccounting."""

    def provider(self) -> OAuthProvider:
        """Return Visma's identity server."""
        base = settings().eaccounting_identity_url.rstrip("/")
        return OAuthProvider(
            authorize_url=f"{base}/authorize",
            token_url=f"{base}/token",
            revoke_url=f"{base}/revocation",
            client_id=settings().eaccounting_client_id,
            client_secret=settings().eaccounting_client_secret,
            scopes=SCOPES,
            # A login may land in a default company: always ask which one.
            authorize_params={
                "prompt": "select_account",
                "acr_values": _EACCOUNTING_SERVICE,
            },
            client_auth="basic",
            service=SERVICE,
        )

    def identify(self, tokens: Tokens) -> Sequence[Identity]:
        """Return the company; raise AskUser when it cannot take orders."""
        client = EAccounting(
            settings().eaccounting_api_url, ReceivedTokens(tokens, SERVICE)
        )
        with client.http:
            company = client.company_settings()
        currency = str(company.get("CurrencyCode") or "")
        if currency != CURRENCY:
            raise AskUser("company_currency_not_eur", currency=currency or "?")
        if company.get("CompanyStatus", _ACTIVE) != _ACTIVE:
            raise AskUser("visma_company_inactive", message="", error_id="-")
        kinds = checks.offered_kinds(company)
        if not kinds:
            raise AskUser("licence_without_sales")
        facts = {
            "currency": currency,
            "country": str(company.get("CountryCode") or ""),
            "target_kinds": [kind.value for kind in kinds],
            "company_number": str(company.get("CorporateIdentityNumber") or ""),
        }
        name = str(company.get("Name") or "")
        return [Identity(_company_id(company, tokens), name, facts)]


def call_limit() -> str:
    """Return Visma's limit per client and endpoint, as `core.net.ratelimit` has it."""
    return calls_per("minute", settings().eaccounting_calls_per_minute)


@contextmanager
def open_client(connection: Connection) -> Iterator[EAccounting]:
    """Open a company's books; its tokens are refreshed as needed."""
    limiter = Limiter(core_settings().redis, call_limit(), "eaccounting")
    tokens = connections.stored_tokens(connection, EAccountingConnector().provider())
    client = EAccounting(settings().eaccounting_api_url, tokens, limiter)
    with client.http:
        yield client


def _company_id(company: wire.Body, tokens: Tokens) -> str:
    """The company's own id; CompanyIdentifier, else its registration number."""
    for name in ("CompanyIdentifier", "CorporateIdentityNumber"):
        if company.get(name):
            return str(company[name])
    return str(tokens.extra.get("company", company.get("Name")))
