"""The words of what a change changed, in the log.

A field of a plugin's form is kept as its Dutch label, which the catalogues translate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.rules.changes import SEPARATOR
from core.texts import vat
from core.texts.payments import payment_word

_FIELDS: Mapping[str, LazyString] = {
    "interval": _l("Minuten tussen twee keer uitvoeren"),
    "no_turnover": _l("Cadeaubonnen, statiegeld en fooien"),
    "refunds": _l("Terugbetalingen"),
    "role": _l("Rol"),
    "starts_on": _l("Bestellingen vanaf"),
    "invoices_businesses": _l("Bestellingen van bedrijven hier factureren"),
    "iban": _l("IBAN"),
    "bic": _l("BIC"),
    "chamber_number": _l("KvK-nummer"),
    "email": _l("E-mailadres"),
    "phone": _l("Telefoon"),
    "name": _l("Naam"),
    "code": _l("Code"),
    "label": _l("Omschrijving"),
    "kind": _l("Soort"),
    "rate": _l("Percentage"),
    "active": _l("Te kiezen"),
    "home_country": _l("Land"),
    "vat_number": _l("BTW-nummer"),
    "address": _l("Adres"),
    "first_year": _l("Boekjaar van het eerste factuurnummer"),
    "term_days": _l("Betaaltermijn in dagen"),
    "payment_code": _l("QR-code om te betalen"),
    "prefix": _l("Begin van factuurnummers"),
    "separator": _l("Teken in factuurnummers"),
    "digits": _l("Cijfers van factuurnummers"),
    "first_number": _l("Eerste factuurnummer"),
    "distance_sales": _l("Verkopen aan consumenten in de EU"),
    "small_business": _l("Kleineondernemersregeling"),
}
_WORDS: Mapping[str, LazyString] = {
    "yes": _l("ja"),
    "no": _l("nee"),
    "owner": _l("eigenaar"),
    "colleague": _l("collega"),
    "not": _l("niet doorzetten"),
    "ask": _l("eerst vragen"),
    "by_itself": _l("vanzelf"),
    "oss": _l("BTW van het land van de klant (OSS)"),
    "home": _l("BTW van het eigen land"),
}
"""Values that are ours; all others are shown as they are."""


@dataclass(frozen=True)
class Changed:
    """A field with its old and new value, in words; empty: not set."""

    field: str
    before: str
    after: str


def change_word(change: Sequence[str]) -> Changed:
    """Return the words of one change of an entry."""
    field, before, after = change
    return Changed(_field(field), _value(before), _value(after))


def _field(name: str) -> str:
    kind, *which = name.split(SEPARATOR)
    if kind == "vat" and len(which) == 2:
        place = _place(which[0])
        return str(_("BTW %(rate)s%% %(place)s", rate=which[1], place=place))
    if kind == "payment" and which:
        return str(_("Betaalmethode %(method)s", method=payment_word(which[0])))
    if kind in _FIELDS:
        return " ".join(filter(None, (str(_FIELDS[kind]), *which)))
    return str(_(kind)) if kind else ""


def _place(key: str) -> str:
    special = {"ICP": _("ICP"), "INT": _("Internationaal")}
    return special.get(key) or vat.place_word(key)


def _value(value: str) -> str:
    if value in _WORDS:
        return str(_WORDS[value])
    return str(_(value)) if value else ""
