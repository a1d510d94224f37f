"""The user's words for this plugin's codes."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

TEXTS = {
    "order_unpaid": ErrorText(
        _l("De bestelling is nog niet betaald."),
        _l("Alleen bestellingen met een gekozen betaalstatus gaan door."),
        _l("Zodra de betaling binnen is gaat de bestelling vanzelf door."),
        "shop",
    ),
    "order_incomplete": ErrorText(
        _l("De bestelling is niet afgerond."),
        _l("De klant heeft het bestellen niet voltooid."),
        _l("U hoeft niets te doen."),
        "shop",
    ),
    "order_status_waits": ErrorText(
        _l("De betaalstatus laat doorzetten nog niet toe."),
        _l("Alleen bestellingen met een gekozen betaalstatus gaan door."),
        _l("Pas de status aan in uw winkel, of de regel in Configuratie."),
        "status_rules",
    ),
    "order_not_shipped": ErrorText(
        _l("De leverstatus laat doorzetten nog niet toe."),
        _l("Alleen bestellingen met een gekozen leverstatus gaan door."),
        _l("Pas de status aan in uw winkel, of de regel in Configuratie."),
        "status_rules",
    ),
    "order_refunded": ErrorText(
        _l("De bestelling is terugbetaald en wordt niet doorgezet."),
        _l("Ze was al helemaal terugbetaald voordat ze was geboekt."),
        _l("U hoeft niets te doen."),
        "shop",
    ),
    "order_cancelled": ErrorText(
        _l("De bestelling is geannuleerd en wordt niet doorgezet."),
        _l("Geannuleerde bestellingen horen niet in uw boekhouding."),
        _l("U hoeft niets te doen."),
        "shop",
    ),
    "order_deleted": ErrorText(
        _l("De bestelling bestaat niet meer in uw winkel."),
        _l("De winkel geeft de bestelling niet meer."),
        _l("U hoeft niets te doen, tenzij u de bestelling niet zelf verwijderde."),
        "shop",
    ),
    "shop_nonsense": ErrorText(
        _l("Uw winkel gaf een antwoord dat wij niet begrijpen."),
        _l("Het antwoord had niet de afgesproken vorm (veld %(field)s)."),
        _l("Wij proberen het vanzelf opnieuw; er gaat niets verloren."),
        "shop",
    ),
    "shop_refused": ErrorText(
        _l("Uw winkel weigerde het ophalen van bestellingen."),
        _l("De winkel antwoordde met status %(status)s: %(message)s."),
        _l("Wij proberen het vanzelf opnieuw; er gaat niets verloren."),
        "shop",
    ),
    "shop_plan_without_api": ErrorText(
        _l("Uw winkelabonnement geeft geen toegang tot bestellingen."),
        _l("KMO Shops zegt dat de API niet in uw abonnement zit."),
        _l("Kies in uw winkel een abonnement met API-toegang."),
        "shop",
    ),
    "shop_access_refused": ErrorText(
        _l("De koppeling mag uw winkel niet meer lezen."),
        _l("De toestemming is ingetrokken of te beperkt."),
        _l("Verbind de winkel opnieuw met de knop Koppelen."),
        "connection",
    ),
    "shop_without_id": ErrorText(
        _l("De winkel kon niet worden herkend."),
        _l("Bij het verbinden gaf KMO Shops geen winkelnummer."),
        _l("Probeer opnieuw te verbinden."),
        "connection",
    ),
    "shop_currency_not_eur": ErrorText(
        _l("Deze winkel verkoopt in %(currency)s."),
        _l("De koppeling werkt alleen voor webwinkels in euro's."),
        _l("Verbind een winkel die in euro's verkoopt."),
        "connection",
    ),
    "app_uninstalled": ErrorText(
        _l("De app is in uw winkel verwijderd."),
        _l("Daarmee is de verbinding met de winkel beëindigd; er wordt niets meer"
           " opgehaald of geboekt."),
        _l("Wilt u verder? Installeer de app opnieuw en verbind de winkel."),
        "connection",
    ),
}  # fmt: skip
__all__ = ["TEXTS"]
