"""What outside systems answer: who they are, and what was booked there."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Identity:
    """Which shop or administration a connection reaches, read at connect.

    The connection keeps all of it: a plugin's client takes what it needs in paths from
    `connection.external_id`, or from `connection.facts` where that is another value
    than the one to be recognised by.
    """

    external_id: str
    """What it is recognised by when it connects again; the same whoever logs in."""
    name: str
    """What the user knows it by; shown where there are several to choose from."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the plugin wants to remember of it (currency, licence variant)."""


@dataclass(frozen=True)
class Booked:
    """The outcome of a transfer: what stands in the package now."""

    external_id: str
    number: str = ""
    url: str = ""
    debtor_id: str = ""
    warning: str = ""
    """Code of a difference found at read-back; empty when all agrees."""
    details: dict[str, Any] = field(default_factory=dict)
    """What the warning's text needs: amounts, names."""
    is_held: bool = False
    """It stands there, but a person must look: it is held, not merely remarked on."""


@dataclass(frozen=True)
class Credited:
    """The sale that a credit document takes back, as it stands in the package."""

    document: str
    """What it became: one of the plugin's `documents`."""
    external_id: str
    external_number: str = ""
    debtor_id: str = ""


@dataclass(frozen=True)
class Written:
    """What a remote write made: its id and what the answer said."""

    external_id: str
    result: dict[str, Any] = field(default_factory=dict)
