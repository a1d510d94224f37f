"""Telling of versions of the message that are missing, or that nobody has read.

Sixty days before a year begins, to whoever runs Koppelwerk, by mail: a version is a row
of facts (`law/taxonomies.py`), added by a release. A user is told only of a period of
his own that no declaration can be made over, and that he need not do anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.domain.declarations import DeclarationKind
from core.plugin import mail
from core.plugin.settings import core_settings
from plugins.belastingdienst.filing import words
from plugins.belastingdienst.law import taxonomies
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.setup import administrations

MAIL = "belastingdienst_taxonomies"
_LANGUAGE = "nl"


@dataclass(frozen=True)
class Alarm:
    """One thing to look after, for `explain`."""

    code: str
    params: dict[str, Any]


def of(today: date) -> list[Alarm]:
    """Return what running and coming periods lack; kinds are in words."""
    return [Alarm(each.code, _words(each.params)) for each in taxonomies.alarms(today)]


def of_tenant(found: Iterable[Administration], today: date) -> list[Alarm]:
    """Return what a user has to know: a running or just ended period of his without a
    version, each year once. `today` is a local date."""
    years = {
        period.end.year: Alarm("taxonomy_not_ready", {"year": period.end.year})
        for one in found
        for period in administrations.current_periods(one, today)[:2]
        if taxonomies.missing_for(period)
    }
    return [years[year] for year in sorted(years)]


def tell_operator(today: date) -> None:
    """Queue a mail with all of it, once a month while it lasts; in the caller's
    transaction."""
    found = list(taxonomies.alarms(today))
    if not found:
        return
    about = sorted({f"{each.code}:{each.about}" for each in found})
    mail.queue(
        core_settings().support_email,
        MAIL,
        language=_LANGUAGE,
        tenant_id=None,
        dedup_key=f"taxonomies:{','.join(about)}:{today:%Y-%m}",
        alarms=of(today),
    )


def _words(params: dict[str, str]) -> dict[str, Any]:
    """Put a kind in words: a lazy text, in the reader's language once it is read."""
    if "kind" not in params:
        return dict(params)
    return {**params, "kind": words.KINDS[DeclarationKind(params["kind"])]}
