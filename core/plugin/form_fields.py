"""Fields that several forms have, of the core and of plugins."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, ValidationError
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

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


class Checkboxes(SelectMultipleField):  # type: ignore[misc]  # the library is untyped
    """Several choices as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AtLeastOne:
    """Asks for a choice; without the flag that browsers would ask every box for."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Any) -> None:
        """Raise ValidationError when nothing was chosen; a default is no choice."""
        if not field.raw_data:
            raise ValidationError(self.message)
