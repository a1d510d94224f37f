"""What outside systems answer: who they are, and what was booked there."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Identity:
    """Which shop or administration a connection reaches, read at connect."""

    external_id: str
    name: str
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


@dataclass(frozen=True)
class Written:
    """What a remote write made: its id and what the answer said."""

    external_id: str
    result: dict[str, Any] = field(default_factory=dict)
