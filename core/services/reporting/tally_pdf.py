"""A month's closing count as a statement for the books: the same bytes each time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask_babel import get_locale
from flask_babel import gettext as _

from core.domain.money import ZERO
from core.rules import pdf_parts as parts
from core.rules.tally import Gap, Part, Sum
from core.services.reporting.tallies import Month, sold

_AMOUNT, _NUMBER = 32, 18


@dataclass(frozen=True)
class Parties:
    """Whose statement it is, and the shop and package by name."""

    owner: str
    shop: str
    package: str


def write(
    month: Month,
    parties: Parties,
    gaps: Mapping[str, str],
    reason: Callable[[str], str],
    timezone: str,
) -> bytes:
    """Return the PDF in the language in force; `gaps` are the words per kind."""
    title = _("Sluitende telling %(month)s", month=_month(month))
    made_at = max(line.made_at for line in month.lines)
    language = str(get_locale() or "nl")
    pdf = parts.document(title, parties.owner, language, made_at.date())
    parts.font(pdf, "B", 16)
    parts.text(pdf, title, 9)
    parts.font(pdf)
    parts.text(pdf, parties.owner)
    parts.text(pdf, _("Winkel: %(name)s", name=parties.shop))
    parts.text(pdf, _("Pakket: %(name)s", name=parties.package))
    first, last = month.lines[0].day.on, month.lines[-1].day.on
    parts.text(
        pdf,
        _(
            "Geteld: %(first)s tot en met %(last)s, %(days)s dagen; gemaakt op %(at)s.",
            first=parts.day(first),
            last=parts.day(last),
            days=len(month.lines),
            at=_moment(made_at, timezone),
        ),
    )
    _sums(pdf, month, reason)
    _rates(pdf, month)
    _gaps(pdf, month.gaps, gaps)
    pdf.ln(4)
    parts.font(pdf, "", 9)
    parts.text(
        pdf,
        _(
            "Een verkoop telt op de dag van de bestelling, een creditering op de dag"
            " van de terugbetaling, ook als zij later geboekt zijn. Bedragen in euro"
            " inclusief BTW."
        ),
        5,
    )
    return bytes(pdf.output())


def _month(month: Month) -> str:
    return str(dates.format_date(month.first, "MMMM yyyy", locale=get_locale()))


def _moment(moment: datetime, timezone: str) -> str:
    return str(
        dates.format_datetime(
            moment,
            "d MMMM yyyy HH:mm",
            tzinfo=ZoneInfo(timezone),
            locale=get_locale(),
        )
    )


def _sums(pdf: Any, month: Month, reason: Callable[[str], str]) -> None:
    whole = month.sum
    _head(pdf, _("Tellingen"), [_("Aantal"), _("Bedrag"), _("BTW-bedrag")])
    unasked = _("niet gevraagd")
    rows: list[tuple[str, Sum | None]] = [
        (_("Verkocht volgens de winkel"), whole.shop),
        (_("Verkocht volgens Koppelwerk"), sold(whole)),
        (_("Geboekt"), whole.parts.get(Part.BOOKED, Sum())),
        (_("Gecrediteerd"), whole.parts.get(Part.CREDITED, Sum())),
        (_("Wacht"), whole.parts.get(Part.WAITING, Sum())),
        (_("Onder Fouten"), whole.parts.get(Part.FAULTY, Sum())),
        (_("Creditering nog niet geboekt"), whole.parts.get(Part.CREDIT_OPEN, Sum())),
        (_("Apart gezet"), whole.parts.get(Part.ASIDE, Sum())),
        (
            _("Creditering apart gezet"),
            whole.parts.get(Part.CREDIT_ASIDE, Sum()),
        ),
        (_("In het pakket, geboekt en gecrediteerd"), whole.package),
    ]
    for words, one in rows:
        if one is None:
            parts.row(pdf, words, [(unasked, _AMOUNT * 2)])
        else:
            _line(pdf, words, one)
    for (part, code), one in sorted(whole.reasons.items()):
        if part in (Part.ASIDE, Part.CREDIT_ASIDE):
            _line(pdf, f"– {reason(code)}", one)


def _head(pdf: Any, words: str, titles: list[str]) -> None:
    pdf.ln(6)
    parts.font(pdf, "B")
    widths = [_NUMBER, _AMOUNT, _AMOUNT][-len(titles) :] if titles else []
    parts.row(pdf, words, list(zip(titles, widths, strict=True)), "B")
    parts.font(pdf)


def _line(pdf: Any, words: str, one: Sum) -> None:
    amounts = [(str(one.number), _NUMBER)]
    amounts += [(parts.euro(each), _AMOUNT) for each in (one.total, one.vat)]
    parts.row(pdf, words, amounts)


def _rates(pdf: Any, month: Month) -> None:
    here, there = month.sum.vat, month.sum.package_vat
    _head(pdf, _("BTW per tarief"), [_("Koppelwerk"), _("Pakket")])
    for rate in sorted({*here, *there}):
        words = _("BTW %(rate)s%%", rate=parts.number(rate))
        amounts = [here.get(rate, ZERO), there.get(rate, ZERO)]
        parts.row(pdf, words, [(parts.euro(each), _AMOUNT) for each in amounts])


def _gaps(pdf: Any, gaps: list[Gap], words: Mapping[str, str]) -> None:
    titles = [_("Bedrag hier"), _("Bedrag daar")] if gaps else []
    _head(pdf, _("Verschillen"), titles)
    if not gaps:
        parts.text(pdf, _("Geen."))
    for gap in gaps:
        text = f"{parts.day(gap.on)}, {gap.number}: {words[gap.kind]}"
        amounts = [(_amount(each), _AMOUNT) for each in (gap.here, gap.there)]
        parts.row(pdf, text, amounts)


def _amount(amount: Decimal | None) -> str:
    return "–" if amount is None else parts.euro(amount)
