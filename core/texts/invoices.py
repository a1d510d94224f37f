"""The words of sales invoices: their states, what is wrong with them, what happened."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

STATES: Mapping[str, LazyString] = {
    "draft": _l("Concept"),
    "sent": _l("Verstuurd"),
    "booked": _l("Geboekt"),
    "paid": _l("Betaald"),
}
SENT_AS: Mapping[str, LazyString] = {
    "mail": _l("Per e-mail"),
    "other": _l("Op andere wijze"),
    "api": _l("Door uw eigen systeem"),
}

TEXTS: Mapping[str, ErrorText] = {
    "invoice_not_draft": ErrorText(
        _l("Deze factuur is al verstuurd en verandert niet meer."),
        _l("Wat een klant heeft gekregen, moet in de administratie zo blijven staan."),
        _l("Maak een creditfactuur, en daarna een nieuwe factuur."),
    ),
    "invoice_empty": ErrorText(
        _l("Deze factuur heeft nog geen regels."),
        "",
        _l("Zet er minstens één regel op en verstuur haar dan."),
    ),
    "which_attachment": ErrorText(
        _l("Er zijn meer bijlagen: welke daarvan is de factuur?"),
        _l("De factuur gaat als document mee naar uw boekhoudpakket."),
        _l("Kies de bijlage die de klant als factuur heeft gekregen."),
    ),
    "credit_exceeds": ErrorText(
        _l("Er wordt meer gecrediteerd dan er is gefactureerd."),
        _l("Van factuur %(number)s kan nog %(left)s euro worden gecrediteerd."),
        _l("Verlaag de aantallen of de prijzen van de creditfactuur."),
    ),
    "line_vat_code": ErrorText(
        _l("Een van de BTW-codes is er niet."),
        "",
        _l("Kies bij elke regel een BTW-code uit de lijst."),
    ),
    "invoice_not_sent": ErrorText(
        _l("Deze factuur is nog een concept en valt niet te crediteren."),
        "",
        _l("Wijzig of verwijder het concept."),
    ),
    "invoice_is_credit": ErrorText(
        _l("Factuur %(number)s is zelf een creditfactuur."),
        "",
        _l("Maak een nieuwe factuur in plaats van de creditfactuur te crediteren."),
    ),
    "invoice_sent": ErrorText(_l("Factuur %(number)s is verstuurd.")),
    "invoice_paid": ErrorText(_l("Factuur %(number)s is betaald.")),
    "invoice_reopened": ErrorText(
        _l("Factuur %(number)s staat in het boekhoudpakket weer open.")
    ),
}
