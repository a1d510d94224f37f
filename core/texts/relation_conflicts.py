"""The words of two cards that have one number, and of what may be done about it."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

CARD: Mapping[str, LazyString] = {
    "names": _l("Naam"),
    "vat_number": _l("BTW-nummer"),
    "chamber_number": _l("KvK-nummer"),
    "emails": _l("E-mailadres"),
    "postal_codes": _l("Postcode"),
    "cities": _l("Plaats"),
}
CHOICES: Mapping[str, LazyString] = {
    "same": _l("Dezelfde partij"),
    "other_number": _l("Ander nummer"),
    "left_out": _l("Buiten laten"),
}
MEANINGS: Mapping[str, LazyString] = {
    "same": _l(
        "De twee kaarten worden gekoppeld. Wat aan beide kanten verschillend is"
        " ingevuld, wordt in het pakket zoals het hier staat; wat daar stond, blijft"
        " bewaard onder Overschreven. Waren zij al gekoppeld, dan gaat over wat"
        " veranderd is."
    ),
    "other_number": _l(
        "De relatie hier krijgt het eerste nummer dat aan beide kanten vrij is. De"
        " kaart in het pakket blijft zoals zij is."
    ),
    "left_out": _l(
        "Met dit paar gebeurt niets en u krijgt er geen vraag meer over, tot op een van"
        " de kaarten verandert wie het is. Terugnemen kan altijd."
    ),
}
TEXTS: Mapping[str, ErrorText] = {
    "relation_other_party": ErrorText(
        _l("Nummer %(number)s is in het pakket misschien van een ander."),
        _l(
            "Hier is het van %(names)s, in het pakket van %(records)s. Naam, e-mail,"
            " BTW- en KvK-nummer en postcode wijzen niet duidelijk op één partij."
            " Er is aan beide kanten niets gewijzigd."
        ),
        _l("Kies bij Wie is wie: dezelfde partij, een ander nummer of buiten laten."),
    ),
    "debtor_other_party": ErrorText(
        _l("Debiteur %(number)s is in het pakket misschien van een ander."),
        _l(
            "De factuur is van %(name)s; in het pakket staat onder dat nummer"
            " %(record)s. Er is niets geboekt."
        ),
        _l(
            "Is het een ander, geef de relatie dan een ander debiteurnummer. Is het"
            " dezelfde, kies dat dan bij Wie is wie van de koppeling, of maak naam,"
            " e-mailadres of BTW-nummer gelijk."
        ),
    ),
}
