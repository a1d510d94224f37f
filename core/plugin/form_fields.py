"""Fields that several forms have, of the core and of plugins."""

from typing import Any

from wtforms import SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget


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
