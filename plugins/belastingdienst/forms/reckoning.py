"""The reckonings beside a question: what the law makes of what is filled in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from core.domain.money import ZERO, total
from core.plugin.form_fields import PlainForm, longest
from plugins.belastingdienst.forms.figures import AmountField
from plugins.belastingdienst.law import cases, year_end

_HUNDRED = Decimal(100)
_PEOPLE, _MORE = 3, 2
"""Rows for people at first, and empty ones after those that were filled in."""
_NEEDED = InputRequired(_l("Vul dit in."))


@dataclass(frozen=True)
class Reckoned:
    """What a reckoning comes to, as the entry form takes it."""

    rubric: str
    turnover: Decimal
    vat: Decimal
    says: str
    """In words, with what does not go in the form."""


class MarginForm(PlainForm):
    """The margin scheme over a period, by piece or globally."""

    method = RadioField(
        _l("Hoe rekent u?"),
        choices=[
            SelectChoice("piece", _l("Per stuk: alleen wat met winst is verkocht")),
            SelectChoice("period", _l("Globaal: alles van het tijdvak bij elkaar")),
        ],
        default="piece",
        description=_l(
            "Globaal mag alleen voor goederen waarvoor dat is toegestaan; vraag het uw"
            " adviseur."
        ),
    )
    sold = AmountField(_l("Verkocht in dit tijdvak, incl. btw"))
    bought = AmountField(_l("Ingekocht in dit tijdvak"))
    loss_before = AmountField(
        _l("Verlies van het vorige tijdvak"),
        description=_l(
            "Alleen globaal: een negatieve marge gaat mee naar het volgende tijdvak."
        ),
    )
    rate = SelectField(
        _l("Tarief"), choices=[SelectChoice(rate, f"{rate}%") for rate in ("21", "9")]
    )

    def reckoned(self, _year: int) -> Reckoned:
        """Return the margin without its VAT, and that VAT."""
        rate = Decimal(self.rate.data)
        sold, bought = self.sold.data or ZERO, self.bought.data or ZERO
        if self.method.data == "piece":
            found = cases.margin_of_pieces([(sold, bought)], rate)
        else:
            before = self.loss_before.data or ZERO
            found = cases.margin_of_period(sold, bought, rate, before)
        box = "1a" if self.rate.data == "21" else "1b"
        if found.loss:
            said = _("De marge is negatief: %(amount)s gaat mee naar het volgende"
                     " tijdvak.", amount=found.loss)  # fmt: skip
            return Reckoned(box, ZERO, ZERO, str(said))
        return Reckoned(box, found.turnover, found.vat, "")


class CarForm(PlainForm):
    """Private use of a car over a calendar year, by the fixed rule."""

    catalogue_price = AmountField(
        _l("Catalogusprijs incl. btw en bpm"), validators=[_NEEDED]
    )
    in_use_from = DateField(_l("In gebruik sinds"), [_NEEDED])
    in_use_until = DateField(_l("Privé gebruikt tot en met"), [Optional()],
                             description=_l("Leeg: nog steeds."))  # fmt: skip
    vat_deducted = BooleanField(
        _l("Ik trok de btw op de aankoop af"),
        description=_l("Zo niet, dan is het 1,5 in plaats van 2,7 procent."),
    )
    taxed_share = AmountField(
        _l("Deel van mijn omzet dat belast is, in procenten"),
        validators=[NumberRange(0, 100, _l("Vul 0 tot en met 100 in."))],
    )
    vat_of_year = AmountField(
        _l("Dit jaar afgetrokken btw voor de auto, zonder de aankoop"),
        description=_l("Zoals van brandstof, onderhoud en leasetermijnen."),
    )
    vat_on_purchase = AmountField(_l("Afgetrokken btw op de aankoop"))

    def reckoned(self, year: int) -> Reckoned:
        """Return the VAT in 1d: by the fixed rule, at most what was deducted."""
        car = year_end.Car(
            self.catalogue_price.data or ZERO,
            self.in_use_from.data,
            self.in_use_until.data,
            self.vat_deducted.data,
            self.taxed_share.data or ZERO,
        )
        fixed = year_end.car_vat(car, year)
        of_year, bought = self.vat_of_year.data, self.vat_on_purchase.data
        if not (of_year or bought):
            said = _(
                "U hoeft nooit meer aan te geven dan de btw die u voor de auto aftrok,"
                " met een vijfde van die op de aankoop in de eerste vijf jaar. Vul die"
                " btw in, dan rekenen wij het na."
            )
            return Reckoned("1d", ZERO, fixed, str(said))
        most = year_end.car_at_most(car, year, of_year or ZERO, bought or ZERO)
        said = _("Volgens de vaste regel %(fixed)s; meer dan u aftrok (%(most)s) hoeft"
                 " u niet aan te geven.", fixed=fixed, most=most)  # fmt: skip
        return Reckoned("1d", ZERO, min(fixed, most), str(said))


class _PersonForm(Form):  # type: ignore[misc]  # the library is untyped
    person = StringField(_l("Naam"), [longest(60)])
    amount = AmountField(_l("Bedrag excl. btw"))
    vat = AmountField(_l("Afgetrokken btw"))


class BenefitsForm(PlainForm):
    """Gifts and what the staff got over a calendar year (BUA)."""

    people = FieldList(FormField(_PersonForm), min_entries=_PEOPLE, max_entries=40)

    def reckoned(self, _year: int) -> Reckoned:
        """Return the input VAT that goes back, in 5b."""
        found = year_end.bua_vat(
            year_end.Benefit(row["person"], row["amount"] or ZERO, row["vat"] or ZERO)
            for row in self.people.data
            if row["person"]
        )
        said = _("Boven 227 euro gaat alle btw van die persoon terug: %(who)s. Eten en"
                 " drinken van de kantine hebben een eigen berekening, die wij niet"
                 " maken.", who=", ".join(found) or _("niemand"))  # fmt: skip
        return Reckoned("5b", ZERO, -total(found.values()), str(said))


class RevisionForm(PlainForm):
    """Deducted VAT of an investment that is used otherwise."""

    vat = AmountField(_l("Btw op de aankoop"), validators=[_NEEDED])
    deducted_share = AmountField(
        _l("Daarvan afgetrokken, in procenten"),
        validators=[NumberRange(0, 100, _l("Vul 0 tot en met 100 in."))],
    )
    in_use_from = DateField(_l("In gebruik sinds"), [_NEEDED])
    is_property = BooleanField(_l("Het is onroerend (een gebouw of grond)"))
    taxed_share = AmountField(
        _l("Dit jaar gebruikt voor belaste omzet, in procenten"),
        validators=[NumberRange(0, 100, _l("Vul 0 tot en met 100 in."))],
    )

    def reckoned(self, year: int) -> Reckoned:
        """Return what this year changes in the deduction, in 5b."""
        asset = year_end.Asset(
            "",
            self.vat.data or ZERO,
            self.deducted_share.data or ZERO,
            self.in_use_from.data,
            self.is_property.data,
        )
        revised = year_end.revised_vat(asset, year, self.taxed_share.data or ZERO)
        said = _(
            "Deze regel hebben wij niet in de wettekst nagelezen: laat uw adviseur"
            " ernaar kijken."
        )
        return Reckoned("5b", ZERO, -revised, str(said))


FORMS: Mapping[str, Callable[..., Any]] = MappingProxyType({
    "case_margin": MarginForm,
    "year_end_car": CarForm,
    "year_end_gifts_and_staff": BenefitsForm,
    "year_end_revision": RevisionForm,
})  # fmt: skip
"""By the code of the question; the others have no fixed reckoning."""


def reckoning_form(code: str, given: Any, end: date) -> Any:
    """Return the form of a question, with what was given; LookupError without one.

    `given` are the address's own values; empty: it was only opened.
    """
    form = FORMS[code](formdata=given) if given else FORMS[code](formdata=None)
    if "people" in form:
        filled = sum(bool(row["person"]) for row in form.people.data)
        while len(form.people) < filled + _MORE:
            form.people.append_entry()
    if not given and "taxed_share" in form:
        form.taxed_share.data = _HUNDRED
    if not given and "deducted_share" in form:
        form.deducted_share.data = _HUNDRED
    if not given and "in_use_from" in form:
        form.in_use_from.data = date(end.year, 1, 1)
    return form
