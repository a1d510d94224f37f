"""The forms of signing up, of the install link and of ordering a licence."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from core.domain.countries import codes as all_countries
from core.rules.printing import unprintable
from core.rules.vatrates import MEMBER_STATES
from core.services.people.accounts import LONGEST_PASSWORD
from core.web.views.account_forms import (
    CompanyForm,
    PlainForm,
    is_a_persons,
    is_email,
    one_line,
)

FIRST = ("NL", "BE")
"""Where most shops are: the first choices."""


def _trimmed(text: str | None) -> str | None:
    """Drop the spaces that phones add."""
    return text.strip() if text else text


class SignUpForm(PlainForm):
    """Who signs up, and for which shop."""

    name = StringField(
        _l("Uw naam"),
        [InputRequired(), Length(max=100), is_a_persons],
        filters=[one_line],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("E-mailadres"),
        [InputRequired(), Length(max=200), is_email],
        filters=[_trimmed],
        description=_l("Hierheen sturen wij de installatie-url."),
        render_kw={"autocomplete": "email"},
    )
    company = StringField(
        _l("Bedrijfsnaam van de webwinkel"),
        [InputRequired(), Length(max=200)],
        filters=[one_line],
        render_kw={"autocomplete": "organization"},
    )
    country = SelectField(
        _l("Land van de webwinkel"),
        description=_l("Dit land bepaalt welke BTW-codes wij voorstellen."),
    )
    terms = BooleanField(
        _l("Ik ga akkoord met de voorwaarden en de verwerkersovereenkomst."),
        [DataRequired(_l("Zonder akkoord op de voorwaarden kan het niet."))],
    )

    def validate_country(self, item: Any) -> None:
        """Say what applies to a shop outside the EU: its VAT is not known here."""
        if item.data not in MEMBER_STATES:
            raise ValidationError(
                _(
                    "Wij kennen de BTW-regels van winkels in de EU en kunnen voor"
                    " een winkel in dit land niet goed boeken. Heeft de winkel een"
                    " vestiging in een EU-land, kies dan dat land."
                )
            )


class InstallForm(PlainForm):
    """The password from the mail with the install link."""

    password = PasswordField(
        _l("Wachtwoord uit de e-mail"),
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )


class OrderForm(CompanyForm):
    """What stands on the invoice: the whole address is asked for."""

    def validate_name(self, item: Any) -> None:
        """Refuse a name that cannot be printed whole."""
        _printable(item)

    def validate_street(self, item: Any) -> None:
        """Refuse an empty street."""
        _filled(item)

    def validate_postal_code(self, item: Any) -> None:
        """Refuse an empty postal code."""
        _filled(item)

    def validate_city(self, item: Any) -> None:
        """Refuse an empty city."""
        _filled(item)


def _filled(item: Any) -> None:
    if not (item.data or "").strip():
        raise ValidationError(_("Dit hoort op de factuur te staan."))
    _printable(item)


def _printable(item: Any) -> None:
    """Refuse what our fonts cannot print (2006/112/EC article 226(5))."""
    if lacking := unprintable(item.data or ""):
        raise ValidationError(
            _(
                "Niet op de factuur te drukken: %(characters)s",
                characters=" ".join(lacking),
            )
        )


def sign_up_form(country_name: Callable[[str], str]) -> SignUpForm:
    """Return the form with all countries: ours and those of the EU first."""
    form = SignUpForm()
    elsewhere = sorted(all_countries() - set(MEMBER_STATES), key=country_name)
    outside = [SelectChoice(code, country_name(code)) for code in elsewhere]
    groups = ((_("In de EU"), countries(country_name)), (_("Buiten de EU"), outside))
    form.country.choices = [
        replace(choice, optgroup=group) for group, all_of in groups for choice in all_of
    ]
    return form


def order_form(values: dict[str, Any], country_name: Callable[[str], str]) -> OrderForm:
    """Return the form with a tenant's stored data, or what was posted, filled in."""
    form = OrderForm(data=values)
    form.home_country.choices = countries(country_name)
    return form


def countries(name: Callable[[str], str]) -> list[SelectChoice]:
    """Return the member states as choices."""
    others = sorted(set(MEMBER_STATES) - set(FIRST), key=name)
    return [SelectChoice(code, name(code)) for code in (*FIRST, *others)]
