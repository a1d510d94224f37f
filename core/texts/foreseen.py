"""The words of a preview: what is checked, how it went, and what a new debtor gets."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

CHECKS: Mapping[str, LazyString] = {
    "order": _l("Bestelling: valuta, totaal, land en BTW-nummer"),
    "document": _l("Gekozen wat een bestelling wordt"),
    "books": _l("BTW-codes, rekeningen en boekingsdatum"),
    "vat_number_form": _l("Vorm van het BTW-nummer"),
    "vat_number": _l("BTW-nummer bij VIES"),
    "debtor": _l("Debiteur"),
    "amounts": _l("Totaal en BTW komen in het pakket gelijk uit"),
    "articles": _l("Artikelen"),
    "payments": _l("Betalingen"),
}
"""What is looked at, by the name of a `Check`."""
STATES: Mapping[str, LazyString] = {
    "passed": _l("In orde"),
    "failed": _l("Niet in orde"),
    "later": _l("Later"),
}
FIELDS: Mapping[str, LazyString] = {
    "name": _l("Naam"),
    "contact": _l("Contactpersoon"),
    "email": _l("E-mailadres"),
    "street": _l("Adres"),
    "postal_code": _l("Postcode"),
    "city": _l("Plaats"),
    "country": _l("Land"),
    "vat_number": _l("BTW-nummer"),
    "phone": _l("Telefoon"),
}
"""What a debtor that is made gets, by `ForeseenDebtor.fields`."""
