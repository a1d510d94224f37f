"""What invoices need in DigitaleFactuur: nothing has to be chosen, it takes rates."""

from core.plugin.capabilities import Choices
from core.plugin.tables import Connection, Coupling


def choices(_connection: Connection) -> Choices:
    """Return nothing to choose from: the interface knows no VAT codes or accounts."""
    return Choices()


def problems(_coupling: Coupling) -> list[str]:
    """Return nothing: every setting has a value."""
    return []


def load_reference(_connection: Connection) -> None:
    """Read nothing: there is no reference data."""
