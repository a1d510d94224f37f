"""How connections of a plugin are begun and ended."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from core.domain.packages import Identity

if TYPE_CHECKING:
    from flask_wtf import FlaskForm

    from core.models import Connection
    from core.net.oauth import OAuthProvider, Tokens


@runtime_checkable
class Connector(Protocol):
    """How any connection is begun and ended; one of the two below makes it.

    A connector inherits from its protocol and leaves out what it does nothing for.
    """

    def connected(self, connection: "Connection") -> None:
        """Called in the transaction that stores a (re)connect.

        What the plugin keeps an index of, and a shop's orders, are read anyway.
        """
        return

    def disconnect(self, tokens: "Tokens") -> None:
        """Tell the outside system that we leave; errors are logged, not raised.

        Not for giving a grant back: the core does, where the provider has a
        `revoke_url`.
        """
        return


@runtime_checkable
class OAuthConnector(Connector, Protocol):
    """Connects by OAuth 2 (plugins with auth `oauth`)."""

    def provider(self) -> "OAuthProvider":
        """Return the OAuth 2 server's facts."""

    def identify(self, tokens: "Tokens") -> Sequence[Identity]:
        """Ask the outside system which shop or administration the tokens open.

        With several the user chooses one, which the connection then stands for; leave
        out those that cannot serve. Raises AskUser when none can.
        """


@runtime_checkable
class FormConnector(Connector, Protocol):
    """Connects with codes that the user fills in (plugins with auth `form`)."""

    @property
    def credential_form(self) -> "type[FlaskForm]":
        """The fields to fill in; its `steps`, when given, say where to find them."""

    def check(self, values: Mapping[str, str]) -> Sequence[Identity]:
        """Log in and out with these values and return what they open.

        With several the user chooses one, as with `OAuthConnector.identify`. Raises
        AskUser or AuthenticationLost when they are refused, RetryLater when nobody
        answers.
        """
