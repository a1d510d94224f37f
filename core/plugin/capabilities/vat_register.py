"""A register of VAT numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.plugin.capabilities.capability import Capability


@dataclass(frozen=True)
class VatCheck:
    """What a register of VAT numbers says of one number."""

    number: str
    """As registered, with its prefix; as given when it is no number."""
    is_valid: bool | None
    """None: the register gave no answer, which proves nothing."""
    proof: str = ""
    """The register's number of this consultation, if it gave one."""
    name: str = ""
    """Whom the number is of, where the register tells it."""
    checked_at: datetime | None = None
    """When the register answered, aware UTC; None: it gave no answer."""
    address: str = ""
    """Where that is, in lines as the register has it; empty where it hides it."""
    is_asked: bool = True
    """False: it has no form of a number, so that the register was not asked."""


@dataclass(frozen=True)
class VatRegister(Capability):
    """A register that the core asks about VAT numbers."""

    check: Callable[[int, str, str, str], VatCheck]
    """Ask for a tenant: its id, the number, the country (ISO) and the asker's own
    number. Commits by itself; never raises on an outage."""
