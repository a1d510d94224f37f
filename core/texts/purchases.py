"""The words of suppliers' invoices that are entered in a package."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.domain.structured_invoices import VatCategory
from core.texts.text import ErrorText

CATEGORIES: Mapping[str, LazyString] = {
    VatCategory.CHARGED: _l("Gewone BTW"),
    VatCategory.ZERO_RATED: _l("Nultarief"),
    VatCategory.EXEMPT: _l("Vrijgesteld"),
    VatCategory.REVERSE_CHARGED: _l("BTW verlegd naar u"),
    VatCategory.INTRA_COMMUNITY: _l("Goederen uit een ander EU-land"),
    VatCategory.EXPORT: _l("Van buiten de EU"),
    VatCategory.OUTSIDE_SCOPE: _l("Buiten de BTW"),
}
"""What a supplier says of the VAT on his invoice."""

TEXTS = {
    "purchase_asked": ErrorText(
        _l("Voor factuur %(number)s van een leverancier is gevraagd haar te boeken.")
    ),
    "purchase_booked": ErrorText(
        _l("Factuur %(number)s van een leverancier staat in het pakket.")
    ),
    "purchases_on": ErrorText(_l("Inkoop boeken is aangezet.")),
    "purchases_off": ErrorText(_l("Inkoop boeken is uitgezet.")),
    "purchase_settings_missing": ErrorText(
        _l("De instellingen voor inkoop zijn nog niet ingevuld."),
        "",
        _l("Vul bij Inkoop boeken de instellingen in."),
        "settings",
    ),
    "purchase_vat_missing": ErrorText(
        _l("Er is nog geen BTW-code voor inkoop gekozen."),
        "",
        _l("Kies bij Inkoop boeken de BTW-codes en kostenrekeningen."),
        "vat",
    ),
    "purchase_vat_unmapped": ErrorText(
        _l("Voor inkoop met %(vat_category)s (%(rate)s%%) is nog niets gekozen."),
        _l("Een inkoopfactuur gaat pas door als elke BTW-soort erop is gekozen."),
        _l("Kies bij Inkoop boeken de BTW-code en de kostenrekening; de factuur gaat"
           " dan vanzelf."),
        "vat",
        by=("vat_category", "rate"),
    ),
    "purchase_entered": ErrorText(
        _l("Voor deze factuur is al gevraagd haar te boeken."),
        _l("Een factuur wordt één keer geboekt, in één pakket."),
        _l("Kijk onder Open of Fouten hoe het gaat."),
    ),
    "purchase_not_set_up": ErrorText(
        _l("Inkoop boeken is voor dit pakket nog niet ingesteld."),
        "",
        _l("Stel het in bij Koppelingen en kies dan opnieuw."),
    ),
    "purchase_gone": ErrorText(
        _l("Factuur %(number)s kan niet meer worden geboekt zoals zij is."),
        _l("Zij hoort niet meer bij een relatie, of is er niet meer."),
        _l("Kijk bij Ontvangen e-facturen, of boek haar zelf."),
        "relation",
        many=_l("Facturen van leveranciers die niet meer bij een relatie horen"),
    ),
    "purchase_there": ErrorText(
        _l("Factuur %(number)s van %(name)s staat al in het pakket."),
        _l("Leverancier, nummer en bedrag zijn gelijk: zij kwam misschien ook als PDF"
           " of per mail binnen. Er is niets geboekt."),
        _l("Kijk het na en druk op Zelf geboekt. Betaal haar één keer."),
        "package",
        many=_l("Facturen van leveranciers die al in het pakket staan"),
    ),
    "purchase_number_taken": ErrorText(
        _l("Onder nummer %(number)s staat van %(name)s al een ander bedrag in het"
           " pakket."),
        _l("Daar is het %(booked)s, op deze factuur %(now)s. Er is niets geboekt."),
        _l("Kijk welke van de twee klopt en boek de andere zo nodig zelf."),
        "package",
        many=_l("Facturen van leveranciers met een nummer dat al in het pakket staat"),
    ),
    "purchase_by_hand": ErrorText(
        _l("Deze factuur heeft BTW die hier niet kan worden geboekt."),
        _l("Hoe %(service)s verlegde BTW of aankopen uit het buitenland via deze weg"
           " verwacht, is niet bekend; een verkeerde boeking is erger dan geen."),
        _l("Boek haar zelf in het pakket en druk op Zelf geboekt."),
        "package",
        many=_l("Facturen van leveranciers met BTW die hier niet kan worden geboekt"),
    ),
    "purchase_too_long": ErrorText(
        _l("Factuurnummer %(number)s is langer dan het pakket toelaat."),
        _l("Ingekort zou het een ander nummer zijn."),
        _l("Boek de factuur zelf in het pakket en druk op Zelf geboekt."),
        "package",
        many=_l("Facturen van leveranciers met een te lang nummer"),
    ),
    "purchase_without_amount": ErrorText(
        _l("Deze factuur heeft geen bedrag."),
        _l("Er valt niets te boeken."),
        _l("Druk op Negeren."),
        "package",
    ),
    "creditor_number_missing": ErrorText(
        _l("%(relation)s heeft nog geen crediteurnummer."),
        _l("Een inkoopfactuur wordt geboekt op de crediteur met het nummer van de"
           " relatie."),
        _l("Vul bij de relatie het crediteurnummer in en druk op Verwerk."),
        "relation",
        many=_l("Facturen van relaties zonder crediteurnummer"),
    ),
    "creditor_other_party": ErrorText(
        _l("Crediteur %(number)s is in het pakket misschien van een ander."),
        _l("De factuur is van %(name)s; in het pakket staat onder dat nummer"
           " %(record)s. Er is niets geboekt."),
        _l("Is het een ander, geef de relatie dan een ander crediteurnummer. Is het"
           " dezelfde, kies dat dan bij Wie is wie van de koppeling, of maak naam,"
           " e-mailadres of BTW-nummer gelijk."),
        "relation",
    ),
}  # fmt: skip
