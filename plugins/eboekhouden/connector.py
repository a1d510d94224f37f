"""How an administration is connected: by three codes (SOAP) or an access token (REST).

The administration's GUID is a secret (security code 2), so what is remembered of it to
refuse another one is its hash.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256

from flask_wtf import FlaskForm

from core.domain.errors import Refused
from core.domain.packages import Identity
from core.plugin import connections
from core.plugin.capabilities import FormConnector
from core.plugin.database import session
from core.plugin.tables import Connection
from plugins.eboekhouden.budget import budget_of
from plugins.eboekhouden.client import (
    CallCounter,
    Credentials,
    EBoekhouden,
    Uncounted,
)
from plugins.eboekhouden.client.rest import RestEBoekhouden
from plugins.eboekhouden.client.soap import SoapEBoekhouden
from plugins.eboekhouden.forms import REST, SOAP, CredentialForm
from plugins.eboekhouden.settings import settings
from plugins.eboekhouden.wire import Body


def client_of(values: Mapping[str, str], counter: CallCounter) -> EBoekhouden:
    """Return a client for what was filled in, over the interface that it is for."""
    if values.get("interface") == REST:
        return RestEBoekhouden(
            Credentials(access_token=values.get("access_token", "")),
            counter,
            rest_url=settings().eboekhouden_rest_url,
        )
    return SoapEBoekhouden(
        Credentials(
            username=values.get("username", ""),
            code1=values.get("security_code_1", ""),
            code2=values.get("security_code_2", ""),
        ),
        counter,
        wsdl_url=settings().eboekhouden_wsdl_url,
        soap_url=settings().eboekhouden_soap_url,
    )


@contextmanager
def open_client(connection: Connection, *, for_booking: bool) -> Iterator[EBoekhouden]:
    """Open an administration for a batch; its session is closed at the end.

    Nothing is called before the first question. AuthenticationLost when nothing was
    filled in (any more).
    """
    values = connections.values_of(connection)
    client = client_of(values, budget_of(connection, for_booking=for_booking))
    session().rollback()
    try:
        yield client
    finally:
        client.close()


class EBoekhoudenConnector(FormConnector):
    """Connects e-Boekhouden.nl.

    On leaving there is nothing to tell: sessions end with their batch, and codes cannot
    be returned.
    """

    @property
    def credential_form(self) -> type[FlaskForm]:
        """The codes, and where to find them."""
        return CredentialForm

    def check(self, values: Mapping[str, str]) -> Sequence[Identity]:
        """Open a session, ask which administration it is, close it (manual 001, A).

        Raises AuthenticationLost `eboekhouden_login_refused`, AskUser
        `eboekhouden_not_allowed`, and the errors of `core.net.http`.
        """
        client = client_of(values, Uncounted())
        try:
            client.login()
            found = _administrations(client)
        finally:
            client.close()
        interface = values.get("interface") or SOAP
        guid = values.get("security_code_2", "") if interface == SOAP else ""
        own = _own(found, guid)
        key = guid or str(own.get("Guid") or "") or values.get("access_token", "")
        name = str(own.get("Bedrijf") or "") or "e-Boekhouden.nl"
        return [Identity(_fingerprint(key), name, {"interface": interface})]


def _administrations(client: EBoekhouden) -> list[Body]:
    """Return the administrations; who may not ask (EP_001, E002.5) knows none."""
    try:
        return list(client.administrations())
    except Refused:
        return []


def _own(found: list[Body], guid: str) -> Body:
    """Return the administration of a GUID; without one the only one there is."""
    for row in found:
        if guid and _bare_guid(str(row.get("Guid") or "")) == _bare_guid(guid):
            return row
    return found[0] if len(found) == 1 and not guid else {}


def _bare_guid(guid: str) -> str:
    """Return a GUID as SOAP and REST both spell it without braces and capitals."""
    return guid.strip().strip("{}").lower()


def _fingerprint(key: str) -> str:
    return sha256(f"eboekhouden:{_bare_guid(key)}".encode()).hexdigest()[:40]
