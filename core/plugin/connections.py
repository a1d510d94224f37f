"""A plugin's connections: what it notes on them, and what they log in with."""

from collections.abc import Mapping
from typing import Protocol

from core.domain.errors import AuthenticationLost, KoppelwerkError
from core.domain.packages import Identity
from core.models import Connection
from core.net.http import TokenSource
from core.net.oauth import OAuthProvider, Tokens
from core.plugin.ports import Port


class ReceivedTokens:
    """Tokens that were just received and are not stored yet: they are not renewed."""

    def __init__(self, tokens: Tokens, service: str) -> None:
        """Bind to tokens of a service, which its errors name."""
        self._token = tokens.access_token
        self._service = service

    def access_token(self) -> str:
        """Return the token."""
        return self._token

    def renew(self, rejected: str) -> str:
        """Raise AuthenticationLost: there is nothing to renew."""
        raise AuthenticationLost("authentication_lost", service=self._service)


def filled_in(values: Mapping[str, str]) -> Tokens:
    """Return what the user filled in, in the shape that credentials are kept in."""
    return Tokens(access_token="", extra=dict(values))


class Connections(Protocol):
    """What plugins do with their connections, in the caller's transaction."""

    def pause(self, connection_id: int, code: str) -> None:
        """Stop using a connection until the user reconnects; say so once."""

    def end(self, connection: Connection, code: str) -> None:
        """End a connection: tokens wiped, nothing is sent or fetched any more."""

    def warn(self, connection_id: int, code: str) -> None:
        """Let the dot warn by a code of the plugin's texts; empty: no longer."""

    def run_finished(self, connection_id: int, code: str = "") -> None:
        """Note the end of a scheduled run and plan the next one."""

    def run_failed(
        self, connection_id: int, error: KoppelwerkError, *, retry_seconds: float
    ) -> None:
        """Note why a scheduled run ended early and plan the next try.

        Lost authentication pauses the connection; a wait says how long itself.
        """


class Credentials(Protocol):
    """What connections log in with."""

    def stored_tokens(
        self, connection: Connection, provider: OAuthProvider
    ) -> TokenSource:
        """Return a token source that reads, renews in single flight, and stores.

        Raises AuthenticationLost when the connection has no tokens.
        """

    def values_of(self, connection: Connection) -> dict[str, str]:
        """Return what was filled in; AuthenticationLost when there is nothing."""


class Runs(Protocol):
    """Long scheduled runs."""

    def hold_run(self, connection_id: int) -> None:
        """Keep a long run's lease alive; call between pages."""


class Outages(Protocol):
    """What was missed meanwhile."""

    def ask_soon(self, connection: Connection) -> None:
        """Run a connection now, since a message of it came late: others may be missing.

        In the caller's transaction; does nothing when it ran a moment ago.
        """


class Checking(Protocol):
    """*Status controleren*."""

    def check(self, connection: Connection) -> Identity:
        """Ask with what is stored and note how it went; commits by itself.

        Raises AskUser `other_company` when another company answers, and the
        connector's errors.
        """


port = Port[Connections]()
credentials_port = Port[Credentials]()
runs_port = Port[Runs]()
checking_port = Port[Checking]()
outages_port = Port[Outages]()
pause = port.calls.pause
end = port.calls.end
warn = port.calls.warn
run_finished = port.calls.run_finished
run_failed = port.calls.run_failed
stored_tokens = credentials_port.calls.stored_tokens
values_of = credentials_port.calls.values_of
hold_run = runs_port.calls.hold_run
check = checking_port.calls.check
ask_soon = outages_port.calls.ask_soon
