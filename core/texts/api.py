"""The words of the API: why a request was refused, and what happened with webhooks."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

SCOPES: Mapping[str, LazyString] = {
    "relations:read": _l("Relaties lezen"),
    "relations:write": _l("Relaties maken, wijzigen en verwijderen"),
    "invoices:read": _l("Verkoopfacturen lezen"),
    "invoices:write": _l("Verkoopfacturen maken en versturen"),
    "orders:read": _l("Bestellingen lezen"),
    "orders:write": _l("Bestellingen aanleveren"),
}
EVENTS: Mapping[str, LazyString] = {
    "relation.changed": _l("Een relatie is gemaakt of gewijzigd"),
    "relation.deleted": _l("Een relatie is verwijderd"),
    "invoice.sent": _l("Een factuur is verstuurd"),
    "invoice.booked": _l("Een factuur is geboekt"),
    "invoice.paid": _l("Een factuur is betaald"),
    "order.booked": _l("Een bestelling is doorgezet"),
    "order.failed": _l("Een bestelling is niet doorgezet"),
    "test": _l("Een test"),
}
DELIVERIES: Mapping[str, LazyString] = {
    "queued": _l("Wordt verstuurd"),
    "done": _l("Aangekomen"),
    "failed": _l("Niet aangekomen"),
}

_REQUESTS: Mapping[str, ErrorText] = {
    "api_bad_request": ErrorText(_l("Dit verzoek klopt niet.")),
    "api_not_json": ErrorText(
        _l("De inhoud van dit verzoek is geen JSON."),
        "",
        _l("Stuur JSON in UTF-8, met Content-Type: application/json."),
    ),
    "api_invalid": ErrorText(
        _l("Een of meer velden kloppen niet."),
        "",
        _l("Bij errors staat per veld wat er niet klopt."),
    ),
    "api_token_missing": ErrorText(
        _l("Er is geen token meegestuurd."),
        "",
        _l("Stuur de header Authorization: Bearer, met een token van uw omgeving."),
    ),
    "api_token_unknown": ErrorText(
        _l("Dit token geldt niet (meer)."),
        _l("Het is ingetrokken, of het is nooit uitgegeven."),
        _l("Maak een nieuw token bij Instellingen, API."),
    ),
    "api_forbidden": ErrorText(_l("Dit mag niet.")),
    "api_scope": ErrorText(
        _l("Dit token mag dit niet."),
        _l("Hiervoor is het recht %(scope)s nodig."),
        _l("Maak een token met dat recht."),
    ),
    "api_not_found": ErrorText(
        _l("Dit is er niet."),
        _l("Het adres is verkeerd, of wat er stond is weg of van een ander."),
    ),
    "api_method": ErrorText(_l("Dit adres kent deze methode niet.")),
    "api_conflict": ErrorText(
        _l("Dit kan nu niet: intussen is er iets anders vastgelegd."),
        "",
        _l("Lees opnieuw hoe het staat en probeer het daarna weer."),
    ),
    "api_too_large": ErrorText(_l("Dit verzoek is te groot."), "",
        _l("Een verzoek is hoogstens vijf miljoen bytes.")),
    "api_too_often": ErrorText(
        _l("Dit token vraagt te vaak."),
        "",
        _l("Wacht zo lang als Retry-After zegt."),
    ),
    "api_failed": ErrorText(
        _l("Er ging bij ons iets mis."),
        "",
        _l("Probeer het later opnieuw, met dezelfde Idempotency-Key."),
    ),
    "storage_full": ErrorText(
        _l("Er kan bij ons nu niets worden opgeslagen."),
        _l(
            "De ruimte is op. Wat al was opgeslagen is veilig; dit is niet opgeslagen."
        ),
        _l("Probeer het over een kwartier opnieuw."),
    ),
    "storage_away": ErrorText(
        _l("Wij kunnen nu even niet bij de gegevens."),
        _l("Wat al was opgeslagen is veilig."),
        _l("Probeer het over een minuut opnieuw, en kijk eerst of dit er al staat."),
    ),
    "storage_locked": ErrorText(
        _l("Het is bij ons nu even te druk om dit op te slaan."),
        _l("Wat al was opgeslagen is veilig; dit is niet opgeslagen."),
        _l("Probeer het over een minuut opnieuw."),
    ),
    "api_cursor": ErrorText(
        _l("Deze cursor hoort niet bij deze lijst."),
        "",
        _l("Neem next van de vorige pagina over, met dezelfde filters."),
    ),
    "api_version_missing": ErrorText(
        _l("Er is niet gezegd welke versie wordt vervangen."),
        _l("Anders kan de wijziging van een ander verloren gaan."),
        _l("Stuur If-Match met de ETag van wat u las."),
    ),
    "api_version_changed": ErrorText(
        _l("Dit is gewijzigd sinds u het las."),
        "",
        _l("Lees het opnieuw en pas uw wijziging daarop toe."),
    ),
    "idempotency_key_wrong": ErrorText(
        _l("Deze Idempotency-Key kan niet."),
        "",
        _l("Gebruik hoogstens honderd gewone tekens, bijvoorbeeld een UUID."),
    ),
    "idempotency_key_reused": ErrorText(
        _l("Deze Idempotency-Key is al gebruikt voor een ander verzoek."),
        "",
        _l("Gebruik voor elk nieuw verzoek een nieuwe sleutel."),
    ),
    "idempotency_in_progress": ErrorText(
        _l("Het eerste verzoek met deze Idempotency-Key is nog bezig."),
        "",
        _l("Wacht even en stuur hetzelfde verzoek opnieuw."),
    ),
}  # fmt: skip
_FIELDS: Mapping[str, ErrorText] = {
    "field_required": ErrorText(_l("Dit veld is verplicht.")),
    "field_null": ErrorText(_l("Dit veld mag niet null zijn.")),
    "field_unknown": ErrorText(_l("Dit veld is er niet.")),
    "field_type": ErrorText(_l("Dit is niet het goede soort waarde.")),
    "field_length": ErrorText(_l("Dit is te lang, te kort of leeg.")),
    "field_characters": ErrorText(_l("Hierin staan tekens die niet kunnen.")),
    "field_choice": ErrorText(_l("Deze waarde is er niet bij.")),
    "field_range": ErrorText(_l("Deze waarde is te klein of te groot.")),
    "field_amount": ErrorText(
        _l("Dit is geen bedrag of aantal: schrijf het als \"12.50\".")
    ),
    "field_date": ErrorText(_l("Dit is geen datum: schrijf haar als 2026-03-31.")),
    "field_moment": ErrorText(
        _l("Dit is geen moment met tijdzone: schrijf het als 2026-03-31T12:00:00Z.")
    ),
    "field_country": ErrorText(_l("Dit is geen landcode, zoals NL of BE.")),
    "field_country_gb": ErrorText(
        _l("Dit is geen landcode van ISO 3166-1. Het Verenigd Koninkrijk is GB.")
    ),
    "field_country_gr": ErrorText(
        _l("Dit is geen landcode van ISO 3166-1. Griekenland is GR; EL staat voor"
           " BTW-nummers.")
    ),
    "field_future": ErrorText(_l("Dit moment ligt in de toekomst.")),
    "field_email": ErrorText(_l("Dit is geen e-mailadres, of het zijn er meer.")),
    "field_twice": ErrorText(_l("Hierin komt dezelfde source_id twee keer voor.")),
    "field_sum": ErrorText(_l("De regels zijn samen niet het bedrag.")),
    "field_paid": ErrorText(_l("De betalingen zijn samen meer dan het totaal.")),
    "field_zero": ErrorText(_l("Dit bedrag mag niet nul zijn.")),
    "field_unknown_id": ErrorText(_l("Wat hier wordt genoemd, is er niet.")),
    "field_not_with_mail": ErrorText(
        _l("Dit kan niet samen met mail: de factuur die gaat, maken wij zelf.")
    ),
    "field_before_issue": ErrorText(_l("De vervaldatum ligt voor de factuurdatum.")),
    "field_pdf": ErrorText(_l("Dit is geen PDF in base64.")),
}  # fmt: skip
_BUSINESS: Mapping[str, ErrorText] = {
    "api_shop_none": ErrorText(
        _l("Er is nog geen eigen webwinkel gekoppeld."),
        _l("Bestellingen moeten bij een winkel horen."),
        _l("Activeer bij Koppelingen de koppeling voor een eigen webwinkel."),
    ),
    "api_shop_which": ErrorText(
        _l("Er zijn meer eigen webwinkels: bij welke hoort deze bestelling?"),
        "",
        _l("Geef shop_id; GET /me noemt de winkels."),
    ),
    "api_shop_unknown": ErrorText(
        _l("Deze winkel is er niet, of is niet verbonden."),
        "",
        _l("GET /me noemt de winkels."),
    ),
    "shop_says_wait": ErrorText(
        _l("De winkel zegt dat deze bestelling nog niet door mag."),
        "",
        _l("Zodra de winkel haar vrijgeeft, gaat de bestelling vanzelf door."),
        "shop",
    ),
    "shop_says_cancelled": ErrorText(
        _l("De winkel zegt dat deze bestelling is geannuleerd."),
        _l("Geannuleerde bestellingen horen niet in uw boekhouding."),
        _l("U hoeft niets te doen."),
        "shop",
    ),
    "invoice_number_taken": ErrorText(
        _l("Factuurnummer %(number)s is al gebruikt."),
        _l("Elk nummer mag maar één keer voorkomen."),
        _l("Kies het volgende nummer van uw reeks."),
    ),
    "invoice_number_own_series": ErrorText(
        _l("Factuurnummer %(number)s lijkt op onze eigen reeks."),
        _l("Een jaar met vijf of meer cijfers erachter geven wij zelf uit."),
        _l("Zet een letter of een streepje in uw nummers."),
    ),
    "api_token_made": ErrorText(_l("API-token ‘%(name)s’ is gemaakt.")),
    "api_token_revoked": ErrorText(_l("API-token ‘%(name)s’ is ingetrokken.")),
    "webhook_added": ErrorText(_l("Meldingen gaan voortaan ook naar %(url)s.")),
    "webhook_removed": ErrorText(_l("Meldingen gaan niet meer naar %(url)s.")),
    "webhook_secret_renewed": ErrorText(
        _l("De webhook naar %(url)s heeft een nieuw geheim.")
    ),
    "webhook_switched_on": ErrorText(_l("De webhook naar %(url)s is aangezet.")),
    "webhook_switched_off": ErrorText(_l("De webhook naar %(url)s is uitgezet.")),
    "webhook_gone": ErrorText(
        _l("De webhook naar %(url)s is uitgezet."),
        _l("Het adres antwoordde dat het er voorgoed niet meer is (410)."),
        _l("Verwijder het adres, of zet het weer aan."),
    ),
    "webhook_unreachable": ErrorText(
        _l("De webhook naar %(url)s is uitgezet."),
        _l("Drie dagen lang kwam er geen enkele melding aan."),
        _l("Zet het adres weer aan zodra het werkt."),
    ),
    "webhook_address_refused": ErrorText(
        _l("Dit adres is niet op het open internet, of geen https."),
        _l("Uit voorzorg roepen wij alleen openbare adressen aan."),
    ),
    "webhook_name_unknown": ErrorText(_l("De naam in dit adres is niet te vinden.")),
}
TEXTS: Mapping[str, ErrorText] = {**_REQUESTS, **_FIELDS, **_BUSINESS}
