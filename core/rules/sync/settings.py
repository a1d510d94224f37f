"""Which way relations go and what they come in as: a connection's settings. Pure.

Source: manuals 000 to 002, chapter B. The fields stand in `core.plugin.relation_form`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.rules.sync.records import Ways

SECTION = "relations"
"""Of the plugin's page, and the key of these settings."""
DEBTOR, CREDITOR = "debtor", "creditor"
ROLES = (DEBTOR, CREDITOR)
_ADVISED = {DEBTOR: "client", CREDITOR: "vendor"}
"""Invoices do not go to a suspect or prospect (manual 000, B1)."""
PERSON = "person"


@dataclass(frozen=True)
class Incoming:
    """What a debtor or creditor of the package becomes here."""

    is_person: bool
    relation_type: str


def ways_of(settings: Mapping[str, Any]) -> dict[str, Ways]:
    """Return by role which directions are switched on.

    As long as nothing is saved, what the manuals advise: only out.
    """
    out = bool(settings.get("out", True))
    return {
        role: Ways(into_crm=bool(settings.get(f"{role}s_in", False)), out=out)
        for role in ROLES
    }


def is_on(chosen: Mapping[str, Any] | None) -> bool:
    """Tell whether the user switched anything on in the section; None: never saved."""
    if chosen is None:
        return False
    return any(ways.into_crm or ways.out for ways in ways_of(chosen).values())


def incoming(settings: Mapping[str, Any], role: str) -> Incoming:
    """Return what a debtor or creditor becomes here."""
    return Incoming(
        is_person=settings.get(f"{role}s_as") == PERSON,
        relation_type=str(settings.get(f"{role}s_type") or _ADVISED[role]),
    )


def manager_of(settings: Mapping[str, Any]) -> int | None:
    """Return the user who becomes the relation manager of what comes in."""
    chosen = str(settings.get("manager") or "")
    return int(chosen) if chosen.isdecimal() else None
