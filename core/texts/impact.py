"""The words of what a changed configuration does to the last orders."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SIDES: Mapping[str, LazyString] = {
    "debit": _l("Debet"),
    "credit": _l("Credit"),
    "row": _l("Regel"),
    "payment": _l("Betaling"),
}
"""What an amount stands for, by `core.rules.foreseen_changes.Side`."""
