"""The PDF of a period: as it was declared, or as it would be now."""

from collections import defaultdict
from dataclasses import replace
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
from plugins.belastingdienst.filing import paying, words
from plugins.belastingdienst.law.icp import Declaration, Key, rows
from plugins.belastingdienst.law.returns import VatReturn
from plugins.belastingdienst.models import Administration, Filing
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.paper import return_pdf
from plugins.belastingdienst.setup import taxpayers
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.watching import history
from plugins.belastingdienst.xbrl.declared import Declared, read_back

_DUTCH_TIME = "Europe/Amsterdam"


def of_period(administration: Administration, period: TaxPeriod) -> bytes:
    """Return the PDF of what was declared last, else of the figures as they are now."""
    filed, span = history.of(administration), history.span(period)
    filing = filed.last(span)
    if filing is not None:
        heading = _filed_heading(administration, filing)
        declared = VatReturn(period, history.by_rubric(filed.said(filing, span)))
        is_alone = history.told(filing) == [span]
        checked = _approved_accounts(filing) if is_alone else None
        icp = _declared_icp(administration, period)
        return return_pdf.write(heading, declared, icp, checked)
    row = period_figures.find(administration, period)
    summary = period_figures.summary(row) if row else (
        period_figures.Summary(period, {}, {}, {})
    )  # fmt: skip
    heading = return_pdf.Heading(
        administration.description,
        administration.tax_number,
        str(_("concept, nog niet ingediend")),
    )
    lines = vat_check.together([row] if row else [])
    accounts = return_pdf.VatAccounts(lines)
    return return_pdf.write(heading, summary.vat_return, summary.icp, accounts)


def of_filing(filing: Filing) -> bytes:
    """Return the PDF of one return or suppletie, as its own bytes say it."""
    declared = read_back(filing.content, DeclarationKind(filing.kind))
    heading = _filed_heading(filing.administration, filing)
    state, _colour = words.stage(filing)
    heading = replace(heading, state=str(state))
    if declared.kind is DeclarationKind.SUPPLETIE:
        heading = replace(
            heading,
            title=str(
                _("Suppletie %(period)s", period=figure_words.period(declared.period))
            ),
            beside=_beside(declared),
        )
    boxes = VatReturn(declared.period, declared.boxes)
    return return_pdf.write(heading, boxes, vat_accounts=_approved_accounts(filing))


def _approved_accounts(filing: Filing) -> return_pdf.VatAccounts:
    """Return how the VAT accounts agreed with it when it was approved."""
    lines = list(vat_check.read(filing.vat_accounts))
    day = _day(filing.approved_at) if filing.approved_at else ""
    known = _("Zoals de boeken waren toen de aangifte op %(day)s werd goedgekeurd.",
              day=day)  # fmt: skip
    return return_pdf.VatAccounts(lines, str(known) if day else "")


def _beside(declared: Declared) -> list[tuple[str, Decimal]]:
    """Return what was declared before, and what is to pay or to get back now."""
    more = declared.payable
    label = _("Bij te betalen") if more >= 0 else _("Terug te vragen")
    return [
        (str(_("Eerder aangegeven")), declared.totals["total_old"]),
        (str(label), abs(more)),
    ]


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
