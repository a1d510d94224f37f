"""The component sheet: every part that pages are made of, in every state."""

from decimal import Decimal

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice

from core.domain.clock import utcnow
from core.rules.charts import bar_chart
from core.web.policy import access
from core.web.views.account_forms import PlainForm

pages = Blueprint("style", __name__)
BUTTONS = ("blue", "blue outline", "grey", "red", "red outline", "quiet", "")
_CHOICES = [SelectChoice("1300", "1300"), SelectChoice("1600", "1600")]
COLOURS = ("green", "amber", "red", "blue", "grey")


class SampleForm(PlainForm):
    """A field of every kind."""

    text = StringField(
        _l("Naam"), description=_l("Zo staat een toelichting onder een veld.")
    )
    password = PasswordField(_l("Wachtwoord"), render_kw={"autocomplete": "off"})
    day = DateField(_l("Datum"))
    choice = SelectField(_l("Keuze"), choices=_CHOICES)
    radio = RadioField(_l("Soort"), choices=_CHOICES)
    remark = TextAreaField(_l("Opmerking"))
    agreed = BooleanField(_l("Akkoord"))


@pages.get("/stijl")
@access("operator")
def sheet() -> str:
    """Show the sheet; nothing on it does anything."""
    right, wrong = SampleForm(), SampleForm(prefix="wrong-")
    for item in wrong:
        item.errors = (_("Zo staat een fout bij een veld."),)
    values = [(str(day), Decimal(day * 7 % 50)) for day in range(1, 31)]
    return render_template(
        "style/sheet.html",
        right=right,
        wrong=wrong,
        chart=bar_chart(values),
        buttons=BUTTONS,
        colours=COLOURS,
        now=utcnow(),
    )
