"""The return of the one stop shop on paper, to type over: the same bytes each time."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from core.rules import pdf_parts
from plugins.belastingdienst.law.doubts import blocking
from plugins.belastingdienst.law.oss import Kind, Line
from plugins.belastingdienst.oss.returns import Quarter
from plugins.belastingdienst.texts import oss_texts

_AMOUNT = 32
_RATE = 34


def write(
    quarter: Quarter, company: str, tax_number: str, facts: Sequence[tuple[str, str]]
) -> bytes:
    """Return the PDF of a quarter; `facts` are what else stands on top of it."""
    locale = get_locale()
    language = str(locale.language) if locale else "nl"
    title = _("OSS-aangifte %(period)s", period=oss_texts.quarter(quarter.span))
    pdf = pdf_parts.document(title, company, language, quarter.span.end)
    pdf_parts.font(pdf, "B", 18)
    pdf_parts.text(pdf, title, 10)
    pdf_parts.font(pdf, "B", 11)
    pdf_parts.text(pdf, company)
    pdf_parts.font(pdf)
    for label, value in (*_facts(quarter, tax_number), *facts):
        pdf_parts.text(pdf, f"{label}: {value}", 5)
    _content(pdf, quarter)
    return bytes(pdf.output())


def _facts(quarter: Quarter, tax_number: str) -> list[tuple[str, str]]:
    state = _("ingediend") if quarter.is_filed else _("concept, nog niet ingediend")
    return [
        (_("Omzetbelastingnummer"), tax_number),
        (_("Regeling"), _("Unieregeling (eenloketsysteem)")),
        (_("Stand"), state),
        (_("Uiterlijk ingediend"), pdf_parts.day(quarter.last_to_file)),
        (_("Uiterlijk betaald"), pdf_parts.day(quarter.last_to_pay)),
    ]


def _content(pdf: Any, quarter: Quarter) -> None:
    made = quarter.made
    asked = blocking(made.doubts)
    if asked and not quarter.is_filed:
        pdf.ln(5)
        warning = _(
            "Niet compleet: op de pagina van dit kwartaal staan nog vragen open."
        )
        pdf_parts.text(pdf, warning)
    if made.is_nil and asked and not quarter.is_filed:
        return
    if made.is_nil:
        pdf.ln(5)
        pdf_parts.text(
            pdf,
            _("Er is niets verkocht of te corrigeren: dien een nihilaangifte in."),
        )
        return
    for kind in Kind:
        lines = [line for line in made.lines if line.kind is kind]
        if lines:
            _heading(pdf, str(oss_texts.KINDS[kind]))
            _lines(pdf, lines)
    if made.corrections:
        _heading(pdf, _("Correcties van eerdere kwartalen"))
        for one in made.corrections:
            where = (
                f"{oss_texts.country(one.country)}, {oss_texts.quarter(one.quarter)}"
            )
            _row(pdf, where, "", "", one.vat)
    _heading(pdf, _("Saldo per land"))
    for country, vat in made.balances.items():
        _row(pdf, oss_texts.country(country), "", "", vat)
    pdf_parts.font(pdf, "B", 10)
    _row(pdf, _("Te betalen"), "", "", made.to_pay, border="T")
    pdf_parts.font(pdf, "", 9)
    if made.to_get_back:
        pdf_parts.text(
            pdf,
            _("Een negatief saldo betaalt dat land zelf terug; het gaat niet af van"
              " wat u aan andere landen betaalt."),
        )  # fmt: skip


def _heading(pdf: Any, words: str) -> None:
    pdf.ln(4)
    pdf_parts.font(pdf, "B", 11)
    pdf_parts.text(pdf, words)
    pdf_parts.font(pdf, "", 9)


def _lines(pdf: Any, lines: Sequence[Line]) -> None:
    pdf_parts.font(pdf, "B", 9)
    headings = [(_("Tarief"), _RATE), (_("Omzet excl. btw"), _AMOUNT)]
    pdf_parts.row(
        pdf,
        _("Land van verbruik, verzonden uit"),
        [*headings, (_("Btw"), _AMOUNT)],
        border="B",
    )
    pdf_parts.font(pdf, "", 9)
    for line in lines:
        country = f"{oss_texts.country(line.country)} ({line.country})"
        start = oss_texts.country(line.dispatched_from)
        rate = f"{oss_texts.RATE_KINDS[line.rate_kind]} {pdf_parts.number(line.rate)} %"
        _row(
            pdf,
            _("%(country)s, uit %(start)s", country=country, start=start),
            rate,
            pdf_parts.euro(line.amount_excl_vat),
            line.vat,
        )


def _row(
    pdf: Any, words: str, rate: str, amount: str, vat: Decimal, border: str = ""
) -> None:
    columns = [(rate, _RATE), (amount, _AMOUNT), (pdf_parts.euro(vat), _AMOUNT)]
    pdf_parts.row(pdf, words, columns, border=border or 0, height=6)
