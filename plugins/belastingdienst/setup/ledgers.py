"""The ledgers that other plugins bring as a source, found without naming them."""

from datetime import date

from core.domain.errors import AskUser, ClientRefused
from core.plugin import others
from core.plugin.capabilities import Ledger
from core.plugin.database import session
from core.plugin.tables import Connection, ConnectionState
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.models.administration import INVOICES


def all_ledgers() -> dict[str, Ledger]:
    """Return every ledger by the name of its plugin."""
    return others.brought(Ledger)


def title(source: str) -> str:
    """Return what the user calls a ledger; its plugin's name when that is not there."""
    found = all_ledgers().get(source)
    return str(found.title) if found else source


def is_ledger(administration: Administration) -> bool:
    """Tell whether the figures come from books, not from the invoices kept here."""
    return administration.source != INVOICES


def book_year(administration: Administration) -> tuple[date, date] | None:
    """Return the only year that an administration holds; None: more, or unknown.

    As its ledger said when it was last checked; asks nothing outside.
    """
    ledger, connection = all_ledgers().get(administration.source), None
    if administration.connection_id is not None:
        connection = session().get(Connection, administration.connection_id)
    if ledger is None or connection is None:
        return None
    found = {one.id: one.book_year for one in ledger.companies(connection)}
    return found.get(administration.company_id)


def of(administration: Administration) -> tuple[Ledger, Connection]:
    """Return an administration's ledger, and the live connection it is read over.

    Raises AskUser `figures_not_connected`, and ClientRefused while our own
    registration is refused there.
    """
    ledger, connection = all_ledgers().get(administration.source), None
    if administration.connection_id is not None:
        connection = session().get(Connection, administration.connection_id)
    if connection is not None and connection.waits_for_us:
        raise ClientRefused(service=title(administration.source))
    if (
        ledger is None
        or connection is None
        or not connection.enabled
        or connection.state != ConnectionState.CONNECTED
    ):
        raise AskUser("figures_not_connected")
    return ledger, connection
