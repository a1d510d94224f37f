"""Forms of entries that people fill in, and of the VAT codes of services."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from babel import numbers
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from core.domain.declarations import IcpKind, Rubric, customer_from
from core.domain.money import ZERO
from plugins.belastingdienst.checks import EU_COUNTRIES
from plugins.belastingdienst.figures.manual_entries import FilledIn
from plugins.belastingdienst.models import Entry
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.texts.figure_texts import ICP_KINDS, RUBRICS

_AMOUNT = re.compile(
    r"(?P<sign>-?)(?P<whole>\d{1,9})([.,](?P<part>\d{1,2}))?", re.ASCII
)
_GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d{1,2})?", re.ASCII)


def read_amount(text: str) -> Decimal | None:
    """Read an amount as people type it: 1.234,50 or 1234.5; None when it is none."""
    plain = text.replace("€", "").replace("\u00a0", "").replace(" ", "")
    plain = plain.replace("−", "-")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(".", "")
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        return None
    return Decimal(f"{found['sign']}{found['whole']}.{found['part'] or '0'}")


class AmountField(StringField):  # type: ignore[misc]  # the library is untyped
    """Exact euros; empty is nothing."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, render_kw={"inputmode": "decimal"}, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; what cannot be read stays as it is, with an error."""
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = read_amount(self.typed) if self.typed else ZERO
        if self.data is None:
            raise ValueError(_("Dit is geen bedrag. Vul het zo in: 1234,50."))

    def _value(self) -> str:
        typed: str = getattr(self, "typed", "")
        if typed or not self.data:
            return typed
        return str(numbers.format_decimal(self.data, "0.00", locale=get_locale()))


_USUAL = (Rubric.R5B, Rubric.R1D)
"""What is filled in most often stands first."""


def _rubrics() -> list[tuple[str, str]]:
    order: list[Rubric] = [*_USUAL, *(one for one in Rubric if one not in _USUAL)]
    found = [(one.value, f"{one.value} – {RUBRICS[one]}") for one in order]
    return [("", _("Kies …")), *found]


def countries() -> list[tuple[str, str]]:
    names = [(code, figure_words.member_state(code)) for code in (*EU_COUNTRIES, "XI")]
    return [("", "—"), *sorted(names, key=lambda pair: pair[1])]


class EntryForm(FlaskForm):  # type: ignore[misc]
    """An entry; what fits together is judged by `manual_entries.check`."""

    class Meta:
        csrf = False

    rubric = SelectField(
        _l("Rubriek"), [InputRequired(_l("Kies een rubriek."))],
        description=_l("5b is de btw die u op inkopen betaalde; 1d is privégebruik."),
    )  # fmt: skip
    booked_on = DateField(_l("Datum"), [InputRequired(_l("Kies een datum."))])
    description = StringField(
        _l("Omschrijving"),
        [InputRequired(_l("Vul in wat het is.")), Length(max=200)],
    )
    reference = StringField(_l("Factuurnummer of kenmerk"), [Length(max=60)])
    turnover = AmountField(
        _l("Omzet of inkoop excl. btw"), description=_l("Blijft bij 5b leeg.")
    )
    vat = AmountField(_l("Btw"), description=_l("Blijft bij 1e, 3a, 3b en 3c leeg."))
    icp_kind = SelectField(_l("Soort"), default="")
    customer_country = SelectField(_l("Land van de klant"), default="")
    customer_number = StringField(_l("BTW-nummer van de klant"), [Length(max=20)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rubric.choices = _rubrics()
        kinds = [(str(kind), str(words)) for kind, words in ICP_KINDS.items()]
        self.icp_kind.choices = [("", "—"), *kinds]
        self.customer_country.choices = countries()

    def values(self) -> FilledIn:
        """Return what was filled in; call after `validate`."""
        customer = customer_from(
            self.customer_country.data, self.customer_number.data or ""
        )
        return FilledIn(
            rubric=Rubric(self.rubric.data),
            booked_on=self.booked_on.data,
            description=self.description.data.strip(),
            reference=(self.reference.data or "").strip(),
            turnover=self.turnover.data or ZERO,
            vat=self.vat.data or ZERO,
            icp_kind=IcpKind(self.icp_kind.data) if self.icp_kind.data else None,
            customer_country=customer.country if customer else "",
            customer_number=customer.vat_number if customer else "",
        )

    def validate_description(self, item: Any) -> None:
        """Refuse spaces only."""
        if not item.data.strip():
            raise ValidationError(_("Vul in wat het is."))


FIELDS = {
    "entry_day": "booked_on",
    "entry_empty": "vat",
    "vat_in_untaxed_rubric": "vat",
    "turnover_in_input": "turnover",
    "entry_icp": "icp_kind",
}
"""Where a refusal of `manual_entries.check` is shown."""


def entry_form(end: date, entry: Entry | None = None) -> EntryForm:
    """Return the form with an entry (or what was posted) filled in.

    A new entry stands on the last day of its period unless another day is chosen.
    """
    values: dict[str, Any] = {"booked_on": end}
    if entry is not None:
        values = {item.name: getattr(entry, item.name) or "" for item in EntryForm()}
    return EntryForm(data=values)


class ServicesForm(FlaskForm):  # type: ignore[misc]
    """Which of the ledger's VAT codes in rubric 3b are services."""

    class Meta:
        csrf = False

    codes = SelectMultipleField(
        _l("Dit zijn diensten"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Wat u niet aankruist, telt als goederen."),
    )


def services_form(known: Iterable[dict[str, str]], chosen: Iterable[str]) -> Any:
    """Return the form; codes that were chosen stay visible when they are gone."""
    form = ServicesForm(data={"codes": list(chosen)})
    names = {one["code"]: one["name"] for one in known}
    codes = [*names, *(code for code in chosen if code not in names)]
    form.codes.choices = [
        (code, f"{code} – {names[code]}" if code in names else code) for code in codes
    ]
    return form
