"""The user's words for ways of paying that shops do not name themselves."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.domain.orders import Purse

PURSES: Mapping[str, LazyString] = {
    Purse.GIFT_CARD: _l("Cadeaubon"),
    Purse.STORE_CREDIT: _l("Winkeltegoed"),
    Purse.LOYALTY: _l("Spaarpunten"),
}


def payment_word(method: str) -> str:
    """Return a payment method as the user reads it: a purse by its word."""
    return str(PURSES.get(method, method))
