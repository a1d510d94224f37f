"""How an account is connected: account id and access code, tried by one small read.

The account id is a path segment that opens the account together with the code, so what
is remembered of it, to refuse another account, is its hash.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256

from flask_wtf import FlaskForm

from core.domain.errors import AskUser, AuthenticationLost, Refused
from core.domain.packages import Identity
from core.plugin import connections
from core.plugin.capabilities import FormConnector
from core.plugin.database import session
from core.plugin.tables import Connection
from plugins.digitalefactuur.client import Credentials, DigitaleFactuur
from plugins.digitalefactuur.forms import CredentialForm
from plugins.digitalefactuur.settings import settings

_SHOWN = 2
"""So many of an account id's last characters tell two accounts of a user apart."""
_LONG_ENOUGH = 6


def client_of(values: Mapping[str, str]) -> DigitaleFactuur:
    """Return a client for what the user filled in; AskUser when it cannot be right."""
    credentials = Credentials(
        values.get("account_id", "").strip(), values.get("access_code", "").strip()
    )
    return DigitaleFactuur(settings().digitalefactuur_api_url, credentials)


@contextmanager
def open_client(connection: Connection) -> Iterator[DigitaleFactuur]:
    """Open the account; no transaction is held meanwhile."""
    values = connections.values_of(connection)
    session().rollback()
    client = client_of(values)
    with client.http:
        yield client


class DigitaleFactuurConnector(FormConnector):
    """Connects DigitaleFactuur; leaving, the user revokes the key there."""

    @property
    def credential_form(self) -> type[FlaskForm]:
        """The two codes, and where to find them."""
        return CredentialForm

    def check(self, values: Mapping[str, str]) -> Sequence[Identity]:
        """Read one page of invoices with these codes (*Testen*, manual 002, A).

        The interface tells nothing of the account itself, so the name is ours. What
        code a refused login has is not certain: any refusal of this read is shown with
        the vendor's own words. Raises AuthenticationLost, AskUser and the errors of
        `core.net.http`.
        """
        client = client_of(values)
        with client.http:
            try:
                client.check()
            except Refused as error:
                raise AskUser("df_test_refused", **error.params) from None
            except AuthenticationLost as error:
                raise AuthenticationLost(error.code, **error.params) from None
        account = values["account_id"].strip()
        return [Identity(external_id=fingerprint(account), name=_name(account))]


def fingerprint(account_id: str) -> str:
    """Return what stands for an account id in our tables."""
    return sha256(f"digitalefactuur:{account_id}".encode()).hexdigest()[:40]


def _name(account_id: str) -> str:
    if len(account_id) < _LONG_ENOUGH:
        return "DigitaleFactuur"
    return f"DigitaleFactuur …{account_id[-_SHOWN:]}"
