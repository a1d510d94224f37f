"""Forms: from posted text to plain values, and plugins' own forms filled and read.

The CSRF token is held by `CSRFProtect` on every request, so forms carry none of it.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from core.domain.money import ZERO, plain
from core.plugin.capabilities import Choices
from core.services.linking.configuration import (
    PaymentLine,
    VatGroup,
    VatLine,
    is_group,
)
from core.services.people.accounts import LONGEST_PASSWORD
from core.texts import payment_word, vat

GROUP_WORDS = {"ICP": "ICP", "INT": _l("Internationaal")}
HIGHEST_RATE = Decimal(100)


class LoginForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """E-mail address and password."""

    class Meta:
        csrf = False

    email = EmailField(_l("E-mailadres"), [InputRequired(), Length(max=255)])
    password = PasswordField(
        _l("Wachtwoord"), [InputRequired(), Length(max=LONGEST_PASSWORD)]
    )


class FieldError(NamedTuple):
    """What is wrong with a field, by the field's id."""

    text: str
    field: str


@dataclass
class Posted:
    """What a table form held, and what is wrong with it."""

    groups: list[VatGroup] = field(default_factory=list)
    payments: list[PaymentLine] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)


def to_post_again() -> list[tuple[str, str]]:
    """Return what was posted, for a page in between that has it confirmed."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "gezien")
    ]


def read_vat(posted: "MultiDict[str, str]", choices: Choices) -> Posted:
    """Read the VAT table: parallel lists of group, rate, code and account."""
    result = Posted()
    names = ("group", "rate", "vat_code", "revenue_account")
    rows = list(zip(*(posted.getlist(name) for name in names), strict=False))
    if len(rows) != len(posted.getlist("group")):
        text = _("Het formulier kwam niet volledig aan.")
        result.errors.append(FieldError(text, "vat"))
    groups: dict[str, list[VatLine]] = {}
    for key, rate_text, code, account in rows:
        if not is_group(key):
            text = _("Onbekend land: %(country)s.", country=key)
            result.errors.append(FieldError(text, "vat"))
            continue
        line = _vat_line(key, (rate_text, code, account), choices, result.errors)
        if line is not None:
            groups.setdefault(key, []).append(line)
    for key, lines in groups.items():
        set_rates = [line.rate for line in lines if line.vat_code]
        for twice in {rate for rate in set_rates if set_rates.count(rate) > 1}:
            where = {"country": vat.place_word(key), "rate": plain(twice)}
            text = _("%(country)s heeft twee keer %(rate)s%%.", **where)
            result.errors.append(FieldError(text, f"rate-{key}-{plain(twice)}"))
        result.groups.append(VatGroup(key, tuple(lines)))
    return result


def _vat_line(
    key: str, texts: tuple[str, str, str], choices: Choices, errors: list[FieldError]
) -> VatLine | None:
    rate_text, code, account = (text.strip() for text in texts)
    if not (rate_text or code or account):
        return None
    rate = parse_rate(rate_text)
    typed = "" if rate is not None else rate_text or "-"
    line = VatLine(rate or ZERO, code, account, saved=True, typed=typed)
    where = {"country": vat.place_word(key), "rate": rate_text}
    if key in GROUP_WORDS:
        where["country"] = str(GROUP_WORDS[key])

    def wrong(name: str, text: str) -> None:
        errors.append(FieldError(text, f"{name}-{key}-{line.mark}"))

    if rate is None:
        text = _("%(country)s: ‘%(rate)s’ is geen percentage van 0 tot 100.", **where)
        wrong("rate", text)
    if bool(code) != bool(account):
        name = "revenue_account" if code else "vat_code"
        wrong(
            name, _("%(country)s %(rate)s%%: kies BTW-code én omzetrekening.", **where)
        )
    for name, value, offered in (
        ("vat_code", code, choices.vat_codes),
        ("revenue_account", account, choices.revenue_accounts),
    ):
        if value and value not in {choice.value for choice in offered}:
            wrong(
                name,
                _("%(country)s %(rate)s%%: die keuze bestaat niet (meer).", **where),
            )
    return line


def parse_rate(text: str) -> Decimal | None:
    """Read a percentage of at most three decimals, with comma or point."""
    try:
        rate = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
        exact = rate.is_finite() and rate == round(rate, 3)
    except (InvalidOperation, ValueError):
        return None
    return rate if exact and 0 <= rate <= HIGHEST_RATE else None


def read_payments(posted: "MultiDict[str, str]", choices: Choices) -> Posted:
    """Read the payment methods: parallel lists of method, account and debtor."""
    result = Posted()
    names = ("method", "clearing_account", "fixed_debtor")
    accounts = {choice.value for choice in choices.clearing_accounts}
    seen: set[str] = set()

    def wrong(name: str, method: str, text: str) -> None:
        result.errors.append(FieldError(text, f"{name}-{method_mark(method)}"))

    for row in zip(*(posted.getlist(name) for name in names), strict=False):
        method, account, debtor = (text.strip() for text in row)
        where = {"method": payment_word(method[:200])}
        if not method:
            if account or debtor:
                text = _("Vul ook de naam van de betaalmethode in.")
                wrong("method", "", text)
            continue
        if method in seen:
            text = _("%(method)s staat er twee keer in.", **where)
            wrong("clearing_account", method, text)
        text = _("%(method)s: die keuze bestaat niet (meer).", **where)
        if account and account not in accounts:
            wrong("clearing_account", method, text)
        if debtor and choices.debtor(debtor) is None:
            wrong("fixed_debtor", method, text)
        seen.add(method)
        result.payments.append(PaymentLine(method[:200], account, debtor))
    return result


def method_mark(method: str) -> str:
    """Return a payment method's part of the ids of its fields."""
    return re.sub(r"\W+", "-", method.casefold()) or "new"
