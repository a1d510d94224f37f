"""How an access point is connected: number and token, tried by one small read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from flask_wtf import FlaskForm
from sqlalchemy import update

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.packages import Identity
from core.domain.structured_invoices import Identifier
from core.plugin import connections
from core.plugin.capabilities import FormConnector
from core.plugin.database import session
from core.plugin.tables import Connection
from plugins.peppol.channel import Channel, opened, participant
from plugins.peppol.checks import own_participant
from plugins.peppol.client import AccessPoint
from plugins.peppol.forms import CredentialForm
from plugins.peppol.models import NOT_CONNECTED, PeppolSending, SendingState
from plugins.peppol.settings import settings


def channel_of(values: Mapping[str, str]) -> Channel:
    """Return the channel of what the user filled in.

    Raises AskUser `peppol_no_access_point` where the installation has none, and
    `peppol_token` when it cannot be one.
    """
    own = settings()
    if not own.peppol_access_point_url:
        raise AskUser("peppol_no_access_point")
    try:
        return AccessPoint(
            own.peppol_access_point_url,
            values.get("token", "").strip(),
            own.peppol_lookup_url,
            own.peppol_lookup_network,
        )
    except ValueError:
        raise AskUser("peppol_token") from None


@contextmanager
def open_channel(connection: Connection) -> Iterator[Channel]:
    """Open the access point of a connection; no transaction is held meanwhile."""
    values = connections.values_of(connection)
    session().rollback()
    with opened(channel_of(values)) as channel:
        yield channel


class PeppolConnector(FormConnector):
    """Connects an access point; leaving, the user takes the token back there."""

    @property
    def credential_form(self) -> type[FlaskForm]:
        """Number and token, and where to find them."""
        return CredentialForm

    def check(self, values: Mapping[str, str]) -> Sequence[Identity]:
        """Read with this token; whose it is the interface does not tell.

        So the number is the user's word. Raises AskUser `peppol_own_number`.
        """
        own = own_participant(values.get("scheme", ""), values.get("number", ""))
        if own is None:
            raise AskUser("peppol_own_number", number=values.get("number", ""))
        with opened(channel_of(values)) as channel:
            channel.check()
        return [Identity(external_id=participant(own), name=_name(own))]

    def connected(self, connection: Connection) -> None:
        """Let what waited for a connection go on."""
        go_on(connection.tenant_id)


def go_on(tenant_id: int) -> None:
    """Make due at once what waited for a connection, in the caller's transaction."""
    waiting = (SendingState.QUEUED, SendingState.SENT)
    session().execute(
        update(PeppolSending)
        .where(
            PeppolSending.tenant_id == tenant_id,
            PeppolSending.state.in_(waiting),
            PeppolSending.code == NOT_CONNECTED,
        )
        .values(due_at=utcnow())
        .execution_options(synchronize_session=False)
    )


def _name(own: Identifier) -> str:
    return participant(own)
