"""What the forms share: a base without a token of its own, limits, normalising."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Length

REQUIRED = InputRequired(_l("Vul dit in."))


class PlainForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """The CSRF token is held by `CSRFProtect` on every request."""

    class Meta:
        csrf = False


def stripped(value: Any) -> Any:
    """Take the spaces off a text."""
    return value.strip() if isinstance(value, str) else value


def longest(limit: int) -> Length:
    """Refuse a longer text."""
    return Length(max=limit, message=_l("Ten hoogste %(max)d tekens."))
