"""The forms of accounts: codes, passwords, own data, colleagues, company data."""

import re
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from stdnum.eu import vat
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from core.models import Role
from core.rules import passwords
from core.rules.vatrates import MEMBER_STATES
from core.services.people.accounts import LONGEST_PASSWORD
from core.texts import explain

ROLES = [
    SelectChoice(Role.OWNER.value, _l("Eigenaar")),
    SelectChoice(Role.COLLEAGUE.value, _l("Collega")),
]
LANGUAGES = [SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]


def is_email(_form: FlaskForm, item: Any) -> None:
    """Refuse what is no e-mail address; no look-up, so that nothing waits on DNS."""
    # Its patterns of all Unicode letters are slow to compile.
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(
            item.data or "", check_deliverability=False, allow_smtputf8=False
        )
    except EmailNotValidError:
        raise ValidationError(_("Dit is geen geldig e-mailadres.")) from None


def one_line(text: str | None) -> str | None:
    """Return a text as a browser's field gives it: mails hold it as it was posted."""
    return " ".join(text.split()) if text else text


_ADDRESS = re.compile(r"[@/:]|www\.|[^\W\d_]{2,}\.[^\W\d_]{2,}", re.IGNORECASE)


def is_a_persons(_form: FlaskForm, item: Any) -> None:
    """Refuse a name with an address in it: our mails begin with it, and anybody may
    have one sent to anybody."""
    if _ADDRESS.search(item.data or ""):
        raise ValidationError(_("Vul alleen een naam in, zonder webadres."))


class PlainForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """A form whose token `CSRFProtect` holds."""

    class Meta:
        csrf = False


class CodeForm(PlainForm):
    """The second step of logging in."""

    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=40)],
        description=_l("Zes cijfers uit uw app, of een van uw herstelcodes."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "text"},
    )


class ProveForm(PlainForm):
    """Who asks for something that matters shows again who it is."""

    password = PasswordField(
        _l("Wachtwoord"),
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    code = StringField(
        _l("Code"),
        [Optional(), Length(max=40)],
        description=_l("Zes cijfers uit uw app, of een van uw herstelcodes."),
        render_kw={"autocomplete": "one-time-code"},
    )


class NewPasswordForm(PlainForm):
    """A new password, typed twice."""

    password = PasswordField(
        _l("Nieuw wachtwoord"),
        [InputRequired(), Length(max=LONGEST_PASSWORD)],
        description=_l("Ten minste 12 tekens. Een paar woorden mag ook."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Nog een keer"),
        [InputRequired()],
        render_kw={"autocomplete": "new-password"},
    )

    def is_good(self, email: str) -> bool:
        """Tell whether it may become the password of who logs in with `email`."""
        if not self.validate():
            return False
        code = passwords.problem(self.password.data, email)
        if not code and self.password.data != self.again.data:
            code = "password_differs"
        if code:
            words = explain(code)
            self.password.errors = [f"{words.what} {words.action}".strip()]
        return not code


class EmailForm(PlainForm):
    """One e-mail address."""

    email = EmailField(
        _l("E-mailadres"),
        [InputRequired(), Length(max=200), is_email],
        render_kw={"autocomplete": "email"},
    )


class NewEmailForm(EmailForm):
    """The address that somebody wants to log in with."""

    email = EmailField(
        _l("Nieuw e-mailadres"),
        [InputRequired(), Length(max=200), is_email],
        render_kw={"autocomplete": "email"},
    )


class FirstCodeForm(CodeForm):
    """The code that shows that the app works."""

    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class NameForm(PlainForm):
    """The name of the company, typed to show that it is meant."""

    name = StringField(
        _l("Naam van uw bedrijf"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )


class OwnDataForm(PlainForm):
    """What somebody is called and which language they read."""

    name = StringField(
        _l("Naam"),
        [Length(max=100), is_a_persons],
        filters=[one_line],
        render_kw={"autocomplete": "name"},
    )
    language = SelectField(_l("Taal"), choices=LANGUAGES)


class InviteForm(EmailForm):
    """A colleague to be."""

    name = StringField(_l("Naam"), [Length(max=100), is_a_persons], filters=[one_line])
    role = SelectField(_l("Rol"), choices=ROLES, default=Role.COLLEAGUE.value)


class RoleForm(PlainForm):
    """What a colleague may do."""

    role = SelectField(_l("Rol"), choices=ROLES)


class CompanyForm(PlainForm):
    """What stands on our invoices to the tenant."""

    name = StringField(
        _l("Bedrijfsnaam"),
        [InputRequired(), Length(max=200)],
        filters=[one_line],
        render_kw={"autocomplete": "organization"},
    )
    street = StringField(_l("Straat en huisnummer"), [Length(max=200)])
    postal_code = StringField(_l("Postcode"), [Length(max=20)])
    city = StringField(_l("Plaats"), [Length(max=100)])
    home_country = SelectField(_l("Land"), choices=[])
    vat_number = StringField(
        _l("BTW-nummer"),
        [Length(max=20)],
        description=_l("Met landcode, zoals NL123456789B01 of BE0123456789."),
    )

    def validate_vat_number(self, item: Any) -> None:
        """Refuse a number that is not one of the chosen country."""
        item.data = "".join(filter(str.isalnum, item.data or "")).upper()
        if not item.data or item.errors:  # too long is told, and takes long to check
            return
        prefix = "EL" if self.home_country.data == "GR" else self.home_country.data
        if not item.data.startswith(prefix) or not vat.is_valid(item.data):
            raise ValidationError(_("Dit is geen geldig BTW-nummer van dit land."))


def company_form(
    values: dict[str, str], country_name: Callable[[str], str], *, posted: bool
) -> CompanyForm:
    """Return the company's form with the countries to choose from, by name."""
    posted_data = {} if posted else {"formdata": None}
    form = CompanyForm(prefix="company-", data=values, **posted_data)
    names = sorted((country_name(code), code) for code in MEMBER_STATES)
    form.home_country.choices = [SelectChoice(code, name) for name, code in names]
    return form
