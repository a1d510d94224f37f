"""The quarterly statement of turnover under the EU-KOR, to type over in the portal."""

from flask_babel import get_locale
from flask_babel import gettext as _

from core.domain.declarations import TaxPeriod
from core.rules import pdf_parts
from plugins.belastingdienst.sales.small_business import Quarter
from plugins.belastingdienst.texts import figure_words

_STATE, _AMOUNT, _ROW = 100, 40, 6


def write(
    company: str, tax_number: str, quarter: Quarter, *, is_complete: bool
) -> bytes:
    """Return the PDF: each member state, home among them, 0 where nothing was sold."""
    statement = quarter.statement
    span = statement.quarter
    period = figure_words.period(TaxPeriod(span.start, span.end))
    title = str(_("Opgaaf kwartaalomzet %(period)s", period=period))
    locale = get_locale()
    language = str(locale.language) if locale else "nl"
    pdf = pdf_parts.document(title, company, language, span.end)
    pdf_parts.font(pdf, "B", 18)
    pdf_parts.text(pdf, title, 10)
    pdf_parts.font(pdf, "B", 11)
    pdf_parts.text(pdf, company)
    pdf_parts.font(pdf)
    for label, value in (
        (_("Omzetbelastingnummer"), tax_number),
        (_("Op te geven voor of op"), pdf_parts.day(quarter.last_day)),
    ):
        pdf_parts.text(pdf, f"{label}: {value}", 5)
    if not is_complete:
        warning = _(
            "Niet compleet: niet alle bestellingen van dit kwartaal staan hier."
        )
        pdf_parts.text(pdf, warning, 5)
    pdf.ln(5)
    lines = [
        (figure_words.member_state("EL" if state == "GR" else state), amount)
        for state, amount in statement.amounts.items()
    ]
    for name, amount in [*lines, (str(_("Samen")), statement.amount)]:
        pdf.cell(_STATE, _ROW, str(name))
        pdf.cell(_AMOUNT, _ROW, pdf_parts.euro(amount), align="R")
        pdf.ln(_ROW)
    return bytes(pdf.output())
