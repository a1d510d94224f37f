"""What the rows of documents show besides: loaded for a whole page at once."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, g

from core.models import ProblemReport, Transfer
from core.services.operations import support
from core.services.reporting.faults import Cause
from core.services.reporting.overview import Row
from core.services.transfer import refund_previews, setting_aside
from core.services.transfer.subjects import SUBJECTS
from core.texts import Explained, explain, heading

pages = Blueprint("cards", __name__)


def load(rows: Iterable[Row]) -> None:
    """Load what the cards of a page show, however many they are."""
    given = [row.transfer for row in rows]
    ids = [each.id for each in given]
    g.refund_offers = dict.fromkeys(ids) | refund_previews.of_transfers(given)
    g.reports = dict.fromkeys(ids) | support.newest_of(ids)
    sent = setting_aside.may_be_sent(ids)
    g.may_be_sent = {key: key in sent for key in ids}


@pages.app_template_global("refund_of")
def refund_of(transfer: Transfer) -> refund_previews.Offer | None:
    """Return what a refund's credit books, for its card."""
    known: dict[int, refund_previews.Offer | None] = _known("refund_offers")
    if transfer.id not in known:
        known |= refund_previews.of_transfers([transfer])
    return known.get(transfer.id)


@pages.app_template_global("report_of")
def report_of(transfer: Transfer) -> ProblemReport | None:
    """Return what the tenant last reported of a document."""
    known: dict[int, ProblemReport | None] = _known("reports")
    if transfer.id not in known:
        known |= support.newest_of([transfer.id])
    return known.get(transfer.id)


@pages.app_template_global("may_set_aside")
def may_set_aside(transfer: Transfer) -> bool:
    """Tell whether *Zelf geboekt* and *Negeren* are offered for a document."""
    is_open = transfer.state in setting_aside.MAY_END
    asks = SUBJECTS[transfer.subject].asks(transfer)
    return (is_open or asks) and not may_be_sent(transfer)


@pages.app_template_global("may_be_sent")
def may_be_sent(transfer: Transfer) -> bool:
    """Tell whether something of a document was sent, or may have been."""
    known: dict[int, bool] = _known("may_be_sent")
    if transfer.id not in known:
        known[transfer.id] = bool(setting_aside.may_be_sent([transfer.id]))
    return known[transfer.id]


pages.add_app_template_global(heading)


@pages.app_template_filter("cause_words")
def cause_words(cause: Cause) -> Explained:
    """Return what stands above a group: of several only what they have in common."""
    newest = cause.newest
    params = {"number": newest.number, **newest.params}
    if cause.count == 1:
        return explain(newest.code, params)
    return heading(newest.code, params)


def _known(name: str) -> dict[int, Any]:
    if name not in g:
        setattr(g, name, {})
    found: dict[int, Any] = g.get(name)
    return found
