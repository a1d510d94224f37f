"""The PDF of a period: as it was declared, or as it would be now."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from babel import dates
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from core.domain.clock import local_date
from core.domain.declarations import DeclarationKind, TaxPeriod
from core.plugin.database import session
from core.rules import pdf_parts
from plugins.belastingdienst.figures import period_figures, vat_check
from plugins.belastingdienst.filing import history, paying, taxpayers
from plugins.belastingdienst.law.icp import Declaration, Key, rows
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.models import Administration, Filing
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.paper import return_pdf
from plugins.belastingdienst.xbrl.declared import read_back

_DUTCH_TIME = "Europe/Amsterdam"


def of_period(administration: Administration, period: TaxPeriod) -> bytes:
    """Return the PDF of what was declared last, else of the figures as they are now."""
    filed, span = history.of(administration), history.span(period)
    filing = filed.last(span)
    if filing is not None:
        heading = _filed_heading(administration, filing)
        declared = VatReturn(period, history.by_rubric(filed.said(filing, span)))
        return return_pdf.write(
            heading, declared, _declared_icp(administration, period)
        )
    row = period_figures.find(administration, period)
    summary = period_figures.summary(row) if row else (
        period_figures.Summary(period, {}, {}, {})
    )  # fmt: skip
    heading = return_pdf.Heading(
        administration.description,
        administration.tax_number,
        str(_("concept, nog niet ingediend")),
    )
    checked = vat_check.of(row) if row else None
    lines = checked.lines if checked else ()
    return return_pdf.write(heading, summary.vat_return, summary.icp, lines)


def _filed_heading(
    administration: Administration, filing: Filing
) -> return_pdf.Heading:
    is_accepted = filing.stage == FilingStage.ACCEPTED
    facts = [(str(_("Ons kenmerk")), filing.reference)]
    if filing.delivered_at is not None:
        facts.append((str(_("Ingediend op")), _day(filing.delivered_at)))
    if filing.delivery_reference:
        facts.append((str(_("Ontvangstkenmerk")), filing.delivery_reference))
    facts += _pay_facts(filing)
    state = _("geaccepteerd") if is_accepted else _("ingediend")
    if filing.kind == DeclarationKind.SUPPLETIE:
        state = _("%(state)s (suppletie)", state=state)
    return return_pdf.Heading(
        administration.description, administration.tax_number, str(state), facts
    )


def _pay_facts(filing: Filing) -> list[tuple[str, str]]:
    """Return what is to be paid, as on the day it went: the same bytes each time."""
    moment = filing.delivered_at or filing.created_at
    found = paying.of(filing, local_date(moment, _DUTCH_TIME))
    if found is None:
        return []
    account = f"{found.iban} ({found.holder})"
    return [
        (str(_("Te betalen voor of op")), pdf_parts.day(found.last_day)),
        (str(_("Naar rekening")), account),
        *([(str(_("Betalingskenmerk")), found.reference)] if found.reference else []),
    ]


def _day(moment: datetime) -> str:
    day = local_date(moment, _DUTCH_TIME)
    return str(dates.format_date(day, "d MMMM yyyy", locale=get_locale()))


def _declared_icp(
    administration: Administration, period: TaxPeriod
) -> Declaration | None:
    """Read what went out over these days back from its bytes, added up.

    Of months within a quarter there is one declaration each.
    """
    found = session().scalars(
        select(Filing)
        .where(
            *taxpayers.of_taxpayer(administration),
            Filing.division == administration.division,
            Filing.kind == DeclarationKind.ICP,
            Filing.starts_on >= period.start,
            Filing.ends_on <= period.end,
            Filing.stage.in_(history.SENT),
        )
        .order_by(Filing.version)
    )
    newest = {(one.starts_on, one.ends_on): one for one in found}
    amounts: dict[Key, Decimal] = defaultdict(Decimal)
    for filing in newest.values():
        for row in read_back(filing.content, DeclarationKind.ICP).rows:
            if not row.is_correction:
                amounts[row.kind, row.customer] += row.amount
    return Declaration(period, rows(amounts)) if newest else None
