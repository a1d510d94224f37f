"""What the forms share: a base without a token of its own, limits, normalising."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Length

REQUIRED = InputRequired(_l("Vul dit in."))


class PlainForm(FlaskForm):  # type: ignore[misc]  # the library is untyped
    """The CSRF token is held by `CSRFProtect` on every request."""

    class Meta:
        csrf = False


def stripped(value: str | None) -> str:
    """Take the spaces off a text; a field that was not sent is empty."""
    return (value or "").strip()


def longest(limit: int) -> Length:
    """Refuse a longer text."""
    return Length(max=limit, message=_l("Ten hoogste %(max)d tekens."))
