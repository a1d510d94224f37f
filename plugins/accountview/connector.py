"""How AccountView is connected: OAuth, then its list of companies says whose it is.

One login may see several administrations, so one connection serves them all; which of
them declarations are made for is chosen at the administrations.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from core.domain.errors import AskUser
from core.domain.packages import Identity
from core.net.oauth import OAuthProvider, Tokens
from core.plugin.capabilities import OAuthConnector
from core.plugin.connections import ReceivedTokens, stored_tokens
from core.plugin.tables import Connection, ConnectionState
from plugins.accountview import configuration, wire
from plugins.accountview.client import SERVICE, AccountView

NAME = "accountview"
COMPANIES = "companies"
"""The fact that holds what `/Companies` gave."""


class AccountViewConnector(OAuthConnector):
    """Connects AccountView.Net; no address to give a grant back is known.

    Books are read per period, when somebody asks, so nothing is read on connecting.
    """

    def provider(self) -> OAuthProvider:
        """Return AccountView.Net's login."""
        return configuration.oauth_provider()

    def identify(self, tokens: Tokens) -> Sequence[Identity]:
        """Return whose books these are; AskUser `accountview_no_companies` if none.

        The interface names no user and no licence, so the oldest company (the lowest
        id) stands for all: another AccountView has another one.
        """
        client = configuration.accountview(ReceivedTokens(tokens, SERVICE))
        with client.http:
            found = sorted(client.companies(), key=_age)
        if not found:
            raise AskUser("accountview_no_companies")
        whole = Identity(
            external_id=found[0].id[:100],
            name=found[0].description or found[0].code,
            facts=facts_of(found),
        )
        return [whole]


def opened(connection: Connection, company: str = "") -> AccountView:
    """Open AccountView with a connection's stored tokens, for one company."""
    if connection.state != ConnectionState.CONNECTED or not connection.enabled:
        raise AskUser("accountview_not_connected")
    tokens = stored_tokens(connection, configuration.oauth_provider())
    return configuration.accountview(tokens, company)


def companies(connection: Connection) -> list[wire.Company]:
    """Return the companies as they were when last checked."""
    return [wire.Company(**fact) for fact in connection.facts.get(COMPANIES, [])]


def facts_of(found: Iterable[wire.Company]) -> dict[str, Any]:
    """Return companies as the connection keeps them."""
    return {
        COMPANIES: [
            {
                "id": one.id,
                "code": one.code,
                "description": one.description,
                "year": one.year,
            }
            for one in found
        ]
    }


def with_years(
    found: Sequence[wire.Company],
    known: Iterable[wire.Company],
    ask: Callable[[str], Iterable[wire.Administration]],
) -> list[wire.Company]:
    """Return companies with their book years, which are asked for once.

    `ask` reads ADM_LIST as a company. Whether that lists every administration or the
    company's own is not documented: a code that was in no answer is asked for itself.
    """
    years = {one.id: one.year for one in known}
    by_code: dict[str, str] = {}
    made = []
    for one in found:
        year = years.get(one.id)
        if year is None:
            if one.code not in by_code:
                by_code |= {row.code: row.year for row in ask(one.id)}
            year = by_code.get(one.code, "")
        made.append(replace(one, year=year))
    return made


def _age(company: wire.Company) -> tuple[int, str]:
    return len(company.id), company.id
