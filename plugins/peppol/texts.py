"""The user's words for this plugin's codes."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

_SETTINGS = _l("Vul dit aan bij Factuurinstellingen of in uw profiel.")
_RELATION = _l("Vul dit aan bij de relatie.")
_CREDIT = _l(
    "Een verstuurde factuur verandert niet meer: crediteer haar en maak een nieuwe."
)
_OURS = _l("Dit hoort niet te kunnen. Meld het ons met het factuurnummer.")
_RULE = _l("De officiële regel %(rule)s is niet in orde: %(text)s")
_LINE = _l("Regel %(place)s. De officiële regel %(rule)s is niet in orde: %(text)s")

DUTIES = {
    "must": _l("Verplicht"),
    "may": _l("Niet verplicht"),
    "not": _l("Niet van toepassing"),
}
REASONS = {
    "belgium": _l(
        "U en uw klant zijn Belgische bedrijven met een BTW-nummer: sinds 1 januari"
        " 2026 hoort een factuur tussen u een e-factuur te zijn."
    ),
    "before_duty": _l(
        "De verplichting tussen Belgische bedrijven geldt voor facturen vanaf 1 januari"
        " 2026."
    ),
    "exempt": _l(
        "Alles op deze factuur is vrijgesteld van BTW; daarvoor geldt de Belgische"
        " verplichting niet altijd. Vraag het uw boekhouder als u twijfelt."
    ),
    "no_vat_number": _l(
        "Uw klant is hier niet als Belgisch bedrijf met een BTW-nummer bekend."
        " Heeft hij dat nummer wel, dan is de e-factuur verplicht: vul het in bij de"
        " relatie."
    ),
    "netherlands": _l(
        "Tussen Nederlandse bedrijven is een e-factuur niet verplicht. De rijksoverheid"
        " vraagt haar wel van haar leveranciers."
    ),
    "abroad": _l(
        "De Belgische verplichting geldt alleen als u en uw klant allebei in België"
        " zijn gevestigd. Het land van uw klant kan eigen regels hebben."
    ),
    "consumer": _l("Uw klant is een particulier; die krijgt geen e-factuur."),
}
"""Why an invoice must, may or does not go as an e-invoice."""

TEXTS = {
    "peppol_downloaded": ErrorText(
        _l("De e-factuur van %(number)s is gedownload."),
        _l("Zij is gecontroleerd met de regels %(rules)s."),
    ),
    "peppol_refused": ErrorText(
        _l("De e-factuur van %(number)s is niet gemaakt: zij zou ongeldig zijn."),
        _l("Regels die niet in orde zijn: %(rules)s."),
    ),
    "peppol_not_checked": ErrorText(
        _l("De e-factuur kon nu niet worden gecontroleerd, en is daarom niet gemaakt."),
        _l("Het programma dat de officiële regels toepast, gaf geen antwoord."),
        _l("Probeer het over een paar minuten opnieuw."),
    ),
    "peppol_no_duty": ErrorText(
        _l("Van deze factuur wordt geen e-factuur gemaakt."),
        REASONS["consumer"],
    ),
    "peppol_number": ErrorText(_l("De factuur heeft geen nummer."), _RULE, _OURS),
    "peppol_dates": ErrorText(
        _l("Een datum van de factuur ontbreekt of klopt niet."), _RULE, _CREDIT
    ),
    "peppol_seller_name": ErrorText(
        _l("De naam van uw bedrijf ontbreekt."),
        "",
        _l("Vul die in uw profiel in."),
    ),
    "peppol_buyer_name": ErrorText(
        _l("De naam van uw klant ontbreekt op de factuur."), "", _CREDIT
    ),
    "peppol_seller_address": ErrorText(
        _l("Het adres van uw bedrijf is niet volledig."),
        _l("Straat, postcode, plaats en land horen op een e-factuur."),
        _l("Vul het aan in uw profiel."),
    ),
    "peppol_buyer_address": ErrorText(
        _l("Het adres van uw klant is niet volledig."),
        _l("Straat, postcode, plaats en land horen op een e-factuur."),
        _l(
            "Vul het factuuradres van de relatie aan. Ontbrak er meer dan het land toen"
            " u de factuur verstuurde, crediteer haar dan en maak een nieuwe."
        ),
    ),
    "peppol_lines": ErrorText(_l("De factuur heeft geen regels."), _RULE, _CREDIT),
    "peppol_line": ErrorText(
        _l("Een factuurregel is niet volledig of klopt niet."), _LINE, _CREDIT
    ),
    "peppol_price": ErrorText(
        _l("De prijs van een factuurregel is lager dan nul."), _LINE, _OURS
    ),
    "peppol_seller_unknown": ErrorText(
        _l("Uw bedrijf heeft geen elektronisch adres."),
        _l(
            "Dat is uw ondernemingsnummer (België) of KvK-nummer (Nederland), of anders"
            " uw BTW-nummer."
        ),
        _SETTINGS,
    ),
    "peppol_buyer_unknown": ErrorText(
        _l("Het elektronische adres van uw klant is niet bekend."),
        _l(
            "Dat is het ondernemingsnummer (België) of KvK-nummer (Nederland), of"
            " anders het BTW-nummer, en het moet bij het land van de klant horen. Voor"
            " klanten in Denemarken, Finland, Zweden en buiten de EU kennen wij geen"
            " adres."
        ),
        _RELATION,
    ),
    "peppol_reference_missing": ErrorText(
        _l("Er is geen kenmerk of bestelnummer van uw klant."),
        _l("Een van beide is op een e-factuur verplicht: daarmee vindt uw klant haar."),
        _l("Vul hieronder het kenmerk of het bestelnummer in."),
    ),
    "peppol_credited_missing": ErrorText(
        _l("Op deze creditfactuur staat niet welke factuur zij crediteert."),
        _RULE,
        _l("Maak de creditfactuur met de knop Crediteren bij die factuur."),
    ),
    "peppol_payment": ErrorText(
        _l("Hoe er betaald moet worden, is niet volledig."),
        _l("De IBAN van uw bedrijf ontbreekt of klopt niet."),
        _SETTINGS,
    ),
    "peppol_file": ErrorText(
        _l("Een bestand kan niet mee in de e-factuur."), _RULE, _OURS
    ),
    "peppol_destination": ErrorText(
        _l("Het land waar de goederen heen gaan, is niet bekend."),
        _l("Bij een levering binnen de EU zonder BTW is dat verplicht."),
        _l("Vul het land van het afleveradres of factuuradres van de relatie in."),
    ),
    "peppol_delivery": ErrorText(
        _l("De leverdatum ontbreekt."),
        _l("Bij een levering binnen de EU zonder BTW is die verplicht."),
        _CREDIT,
    ),
    "peppol_vat_number": ErrorText(
        _l("Een BTW-nummer ontbreekt of is niet goed geschreven."),
        _l(
            "Het nummer van u, of bij BTW verlegd en levering binnen de EU dat van uw"
            " klant, hoort met de landcode op de factuur: NL123456789B12,"
            " BE0123456789."
        ),
        _l(
            "Verbeter uw eigen nummer in uw profiel. Was dat van uw klant verkeerd,"
            " crediteer de factuur dan en maak een nieuwe."
        ),
    ),
    "peppol_rate": ErrorText(
        _l("Het BTW-tarief of het BTW-bedrag past niet bij de soort BTW."),
        _RULE,
        _CREDIT,
    ),
    "peppol_reason": ErrorText(
        _l("Waarom er geen BTW is berekend, ontbreekt."), _RULE, _OURS
    ),
    "peppol_mixed": ErrorText(
        _l("Iets dat buiten de BTW valt, staat samen met andere regels op de factuur."),
        _l("Dat mag op een e-factuur niet."),
        _l("Crediteer de factuur en maak er twee."),
    ),
    "peppol_total_differs": ErrorText(
        _l("De bedragen van de factuur tellen niet op."), _RULE, _OURS
    ),
    "peppol_cents": ErrorText(
        _l("Een bedrag heeft meer dan twee decimalen."), _RULE, _OURS
    ),
    "peppol_discount": ErrorText(
        _l("Een korting of toeslag is niet volledig."), _RULE, _OURS
    ),
    "peppol_country": ErrorText(
        _l("Een land is niet als landcode van twee letters bekend."),
        _RULE,
        _l("Kies het land opnieuw in uw profiel of bij de relatie."),
    ),
    "peppol_currency": ErrorText(
        _l("De munt van de factuur ontbreekt of wordt niet gebruikt."), _RULE, _OURS
    ),
    "peppol_address": ErrorText(
        _l("Een elektronisch adres klopt niet."),
        _l(
            "Een KvK-nummer heeft 8 cijfers, een ondernemingsnummer 10, een OIN 20, en"
            " een Nederlands BTW-nummer ziet eruit als NL123456789B12."
        ),
        _l("Verbeter het nummer bij Factuurinstellingen of bij de relatie."),
    ),
    "peppol_rule": ErrorText(
        _l("De e-factuur zou ongeldig zijn."),
        _RULE,
        _l("Meld het ons met het factuurnummer; er is niets verstuurd."),
    ),
    "peppol_rules_hash": ErrorText(
        _l("Het bestand is niet het bestand dat bij deze SHA-256 hoort."),
        _l("Het heeft %(found)s."),
        _l("Download het opnieuw van de uitgever."),
    ),
    "peppol_rules_unreadable": ErrorText(
        _l("Dit zijn geen regels van de laag %(layer)s, als XSLT."),
        "",
        _l("Kies het XSLT-bestand uit de uitgave, niet het Schematron-bestand."),
    ),
    "peppol_rules_taken": ErrorText(
        _l("Er zijn al regels die vanaf %(day)s gelden."),
        "",
        _l("Kies een andere eerste dag."),
    ),
}
