"""Words of the closing count: what differs and what to do about it."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.rules.tally import Kind
from core.texts.text import ErrorText

GAPS: Mapping[str, ErrorText] = {
    Kind.MISSING_HERE: ErrorText(
        _l("Staat in de winkel, maar niet hier"),
        "",
        _l("Druk bij Koppelingen op Koppeling uitvoeren; dan wordt hij opgehaald."),
    ),
    Kind.UNREADABLE: ErrorText(
        _l("De winkel noemt deze bestelling, maar de inhoud is niet te lezen"),
        "",
        _l("Open de bestelling in de winkel en sla haar opnieuw op."),
    ),
    Kind.MISSING_IN_SHOP: ErrorText(
        _l("Staat hier, maar de winkel noemt haar niet meer"),
        "",
        _l("Is zij in de winkel verwijderd? Crediteer dan wat geboekt is."),
    ),
    Kind.SHOP_AMOUNT: ErrorText(
        _l("De winkel noemt een ander totaal of andere BTW"),
        "",
        _l("Is zij geboekt, pas het document dan aan; anders haalt Verwerk haar op."),
    ),
    Kind.SHOP_STATE: ErrorText(
        _l("Geannuleerd in de winkel maar niet hier, of andersom"),
        "",
        _l("Open de bestelling; is zij geboekt, crediteer haar dan in het pakket."),
    ),
    Kind.NOT_FOLLOWED: ErrorText(
        _l("Staat hier, maar wordt niet doorgezet"),
        "",
        _l("Zet haar door met Oude bestellingen doorzetten, of boek haar zelf."),
    ),
    Kind.MISSING_IN_PACKAGE: ErrorText(
        _l("Het document staat niet meer in het pakket"),
        "",
        _l("Is het verwijderd? Boek de bestelling dan zelf opnieuw in het pakket."),
    ),
    Kind.PACKAGE_AMOUNT: ErrorText(
        _l("In het pakket staat een ander bedrag"),
        "",
        _l("Vergelijk het document in het pakket met de bestelling."),
    ),
    Kind.PACKAGE_VAT: ErrorText(
        _l("In het pakket staat andere BTW"),
        "",
        _l("Vergelijk de BTW-codes van het document met de bestelling."),
    ),
    Kind.DOUBLE: ErrorText(
        _l("Het nummer staat dubbel in het pakket"),
        "",
        _l("Verwijder of crediteer het document dat niet bij deze bestelling hoort."),
    ),
    Kind.UNEXPECTED: ErrorText(
        _l("Staat in het pakket, maar is niet door ons geboekt"),
        "",
        _l("Boekte u haar zelf? Zet haar dan hier opzij, anders komt zij er dubbel."),
    ),
}

TEXTS: Mapping[str, ErrorText] = {
    "tally_shop_waits": ErrorText(
        _l("De winkel kon nu niet om haar bestellingen worden gevraagd."),
        _l("De koppeling is gepauzeerd, of de winkel antwoordt even niet."),
        _l("U hoeft niets te doen: over een uur wordt het weer geprobeerd."),
    ),
    "tally_package_waits": ErrorText(
        _l("Het pakket kon nu niet worden gelezen."),
        _l("De koppeling is gepauzeerd, of het pakket antwoordt even niet."),
        _l("U hoeft niets te doen: over een uur wordt het weer geprobeerd."),
    ),
    "tally_before_start": ErrorText(
        _l("Van vóór de eerste dag van de koppeling"), "", ""
    ),
    "tally_by_hand": ErrorText(_l("Zelf geboekt"), "", ""),
    "tally_compensation": ErrorText(_l("Schadevergoeding, geen omzet"), "", ""),
}
