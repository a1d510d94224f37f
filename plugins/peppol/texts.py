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

STATES = {
    "queued": _l("Gaat zo"),
    "sent": _l("Onderweg"),
    "delivered": _l("Bezorgd"),
    "rejected": _l("Geweigerd"),
    "stopped": _l("Vraagt u iets"),
    "withdrawn": _l("Teruggetrokken"),
}
"""Where an e-invoice stands."""
KINDS = {
    "": _l("E-factuur"),
    "Invoice": _l("Factuur"),
    "CreditNote": _l("Creditfactuur"),
}
PIECES = {
    "document": _l("De e-factuur zoals zij ging"),
    "receipt": _l("Ontvangstbewijs van het toegangspunt"),
    "status": _l("Bericht van het toegangspunt"),
}
"""What is kept as evidence."""
DIFFERENCES = {
    "lines": _l("De regels samen"),
    "vat": _l("De BTW samen"),
    "total": _l("Het bedrag met BTW"),
}
"""Totals of a document that came in."""
_TELL = _l("Meld het ons met het factuurnummer; er is niets dubbel verstuurd.")
_ANEW = _l(
    "Herstel wat er staat en druk op de pagina van de factuur op Opnieuw versturen. Is"
    " de factuur zelf verkeerd, crediteer haar dan en maak een nieuwe."
)
_BY_NUMBER = _l("Het nummer is dat van uw profiel en Factuurinstellingen.")

TEXTS = {
    "peppol_no_access_point": ErrorText(
        _l("Deze Koppelwerk is nog niet aangesloten op een toegangspunt van Peppol."),
        _l("Daarom kan er niets worden verstuurd of ontvangen."),
        _l(
            "Een e-factuur als bestand downloaden kan wel, op de pagina van de factuur."
            " Vraag de beheerder om de aansluiting."
        ),
    ),
    "peppol_token": ErrorText(
        _l("Deze toegangscode kan niet kloppen."),
        _l("Er staan tekens in die een toegangscode niet heeft."),
        _l("Kopieer de toegangscode opnieuw bij uw toegangspunt."),
    ),
    "peppol_own_number": ErrorText(
        _l("Het nummer %(number)s past niet bij wat u koos bij Geregistreerd met."),
        _l("De cijfers of de lengte kloppen niet."),
        _l("Kies waarmee u bent geregistreerd en vul precies dat nummer in."),
        field="connection",
    ),
    "peppol_not_connected": ErrorText(
        _l("Er is geen toegangspunt van Peppol gekoppeld dat werkt."),
        _l("Zonder kan er niets worden verstuurd; wat klaarstaat, wacht."),
        _l(
            "Koppel het (opnieuw) bij Koppelingen, E-facturen (Peppol). Dan gaat wat"
            " wacht vanzelf verder."
        ),
    ),
    "peppol_package_sends": ErrorText(
        _l("E-facturen worden niet van hieruit verstuurd."),
        _l(
            "U koos bij Instellingen dat uw boekhoudpakket ze zelf verstuurt. Via twee"
            " wegen zou uw klant haar dubbel krijgen."
        ),
        _l("Verander dat bij Koppelingen, E-facturen (Peppol), Instellingen."),
    ),
    "peppol_mailed": ErrorText(
        _l("%(number)s is al per e-mail verstuurd."),
        _l("Via Peppol krijgt uw klant haar nog een keer."),
        _l(
            "Is de e-factuur verplicht of vraagt uw klant erom, vink dan aan dat zij"
            " ook via Peppol mag."
        ),
    ),
    "peppol_has_left": ErrorText(
        _l("%(number)s kan niet meer worden teruggetrokken."),
        _l("De e-factuur is al verstuurd, of dat is niet zeker."),
        _l("Klopt zij niet, crediteer haar dan."),
    ),
    "peppol_queued": ErrorText(_l("%(number)s gaat via Peppol.")),
    "peppol_queued_again": ErrorText(_l("%(number)s gaat opnieuw via Peppol.")),
    "peppol_withdrawn": ErrorText(_l("%(number)s gaat niet via Peppol.")),
    "peppol_sent": ErrorText(
        _l("%(number)s is via Peppol verstuurd aan %(receiver)s.")
    ),
    "peppol_found": ErrorText(
        _l("%(number)s bleek via Peppol verstuurd aan %(receiver)s."),
        _l(
            "Het antwoord was verloren gegaan; wij hebben haar teruggevonden en niet"
            " nog eens verstuurd."
        ),
    ),
    "peppol_delivered": ErrorText(
        _l("%(number)s is via Peppol bezorgd bij %(receiver)s.")
    ),
    "peppol_rejected": ErrorText(
        _l("De e-factuur %(number)s is geweigerd en niet bezorgd."),
        _l("Het toegangspunt zegt: %(message)s"),
        _ANEW,
    ),
    "peppol_late": ErrorText(
        _l("De e-factuur %(number)s is na één werkdag nog niet bezorgd."),
        _l(
            "Uw toegangspunt heeft haar, en krijgt haar niet bij uw klant afgeleverd."
            " Het blijft dat proberen."
        ),
        _l(
            "Vraag uw klant of zijn aansluiting op Peppol werkt. U krijgt bericht als"
            " de e-factuur wordt geweigerd; verstuur haar intussen niet langs een"
            " andere weg."
        ),
    ),
    "peppol_waits": ErrorText(
        _l("De e-factuur %(number)s is na één werkdag nog niet verstuurd."),
        _l(
            "Het toegangspunt of het register van Peppol geeft geen antwoord, of er is"
            " niets gekoppeld."
        ),
        _l(
            "Kijk bij Koppelingen, E-facturen (Peppol) of de koppeling werkt. Wij"
            " blijven het proberen."
        ),
    ),
    "peppol_no_end": ErrorText(
        _l(
            "Van de e-factuur %(number)s is na tien dagen niet bekend of zij is"
            " bezorgd."
        ),
        _l("Uw toegangspunt meldt geen einde."),
        _l(
            "Vraag het toegangspunt en uw klant. Met Opnieuw kijken vragen wij het nog"
            " eens."
        ),
    ),
    "peppol_invalid": ErrorText(
        _l("De e-factuur %(number)s is niet verstuurd: zij zou ongeldig zijn."),
        _l("Wat er niet klopt, staat op de pagina van de factuur."),
        _ANEW,
    ),
    "peppol_receiver_unregistered": ErrorText(
        _l("Uw klant is op Peppol niet bekend onder %(number)s."),
        _l("Het register van Peppol kent dit nummer niet; er is niets verstuurd."),
        _l(
            "Vraag uw klant onder welk nummer hij e-facturen ontvangt, en vul bij de"
            " relatie zijn KvK- of ondernemingsnummer of BTW-nummer in. Ontvangt hij ze"
            " niet, mail de factuur dan."
        ),
        field="relation",
    ),
    "peppol_receiver_takes_other": ErrorText(
        _l(
            "Uw klant %(number)s staat op Peppol, maar ontvangt dit soort document daar"
            " niet."
        ),
        _l(
            "Volgens het register neemt hij wel andere documenten aan; er is niets"
            " verstuurd."
        ),
        _l("Vraag uw klant hoe hij deze factuur wil ontvangen, of mail haar."),
    ),
    "peppol_found_differs": ErrorText(
        _l("Onder ons kenmerk staat bij het toegangspunt een ander document."),
        _l("Dat is gericht aan %(receiver)s."),
        _l("Kijk bij uw toegangspunt na wat er is verstuurd, en meld het ons."),
    ),
    "peppol_content_changed": ErrorText(
        _l("De e-factuur %(number)s is niet verstuurd: wat klaarstond, is veranderd."),
        _l("De bytes zijn niet meer die van toen zij werd gecontroleerd."),
        _TELL,
    ),
    "peppol_closed": ErrorText(
        _l("Het toegangspunt verstuurt nu niets."),
        _l("Versturen staat daar uit; wij proberen het elk kwartier."),
        _l("Duurt het lang, vraag het dan uw toegangspunt."),
    ),
    "peppol_looked_up": ErrorText(
        _l("Wij kijken na of het toegangspunt de e-factuur heeft."),
        _l(
            "Het antwoord op het versturen ging verloren. Zij wordt nooit blind opnieuw"
            " verstuurd."
        ),
        _l("U hoeft niets te doen."),
    ),
    "peppol_unclear": ErrorText(
        _l("Het is niet zeker of het toegangspunt de e-factuur heeft."),
        _l(
            "Wij verstuurden haar en kregen geen bruikbaar antwoord. Toen wij haar"
            " daarna opzochten was zij er niet; later kan zij er wel zijn gekomen."
        ),
        _l(
            "Vraag het uw toegangspunt, of druk op Opnieuw kijken: is zij er, dan gaat"
            " zij niet nog eens."
        ),
    ),
    "peppol_absent": ErrorText(
        _l("Het toegangspunt heeft de e-factuur niet."),
        _l(
            "Wij verstuurden haar, kregen geen bruikbaar antwoord en vonden haar daarna"
            " meer dan eens niet."
        ),
        _l(
            "Druk op Opnieuw kijken: wij kijken eerst nog een keer en versturen haar"
            " dan opnieuw."
        ),
    ),
    "peppol_not_built": ErrorText(
        _l("Wij konden van deze e-factuur geen bericht maken (%(cause)s)."),
        _l("Er is niets verstuurd; de fout zit bij ons."),
        _TELL,
    ),
    "peppol_not_taken": ErrorText(
        _l("Het toegangspunt nam de e-factuur niet aan."),
        _l("Het zegt: %(message)s"),
        _ANEW,
    ),
    "peppol_sender_differs": ErrorText(
        _l("De afzender van deze factuur is niet het bedrijf dat is gekoppeld."),
        _l("Gekoppeld is %(number)s; op de factuur staan andere nummers."),
        _BY_NUMBER,
    ),
    "peppol_received": ErrorText(
        _l("E-factuur %(number)s van %(seller)s is ontvangen via Peppol.")
    ),
    "peppol_received_unreadable": ErrorText(
        _l("Er kwam via Peppol een document binnen dat niet te lezen is."),
        "",
        _l("U vindt het bij E-facturen, Ontvangen, en kunt het daar downloaden."),
    ),
    "peppol_received_changed": ErrorText(
        _l("Dit document is niet meer zoals het binnenkwam."),
        _l("De bytes passen niet bij wat er bij ontvangst van is vastgelegd."),
        _l("Vraag de afzender om het opnieuw, en meld het ons."),
    ),
    "peppol_unreadable": ErrorText(
        _l("Dit document is niet te lezen."),
        _l("Er zit geen factuur of creditfactuur in, of het bestand is stuk."),
        _l("Download het, of vraag de afzender om een PDF."),
    ),
    "peppol_no_relation": ErrorText(
        _l("%(seller)s staat niet bij uw relaties."),
        _l("Een factuur wordt geboekt op een leverancier die u kent."),
        _l("Maak een relatie met het BTW- of KvK-nummer van de afzender."),
    ),
    "peppol_not_euros": ErrorText(
        _l("Deze factuur is in %(currency)s en kan hier niet worden geboekt."),
        _l("Welke koers telt, weten wij niet."),
        _l("Boek haar zelf: download het bestand of neem de bijlage."),
    ),
    "peppol_no_date": ErrorText(
        _l("Deze factuur heeft geen nummer of geen leesbare datum."),
        "",
        _l("Vraag de afzender om een juiste, of boek haar zelf."),
    ),
    "peppol_no_sum": ErrorText(
        _l("De bedragen op deze factuur tellen niet op tot haar totaal."),
        _l("Welk bedrag klopt, weten wij niet; boeken doen wij haar daarom niet."),
        _l("Vraag de afzender om een juiste, of boek haar zelf."),
    ),
    "peppol_double_entered": ErrorText(
        _l("Nummer %(number)s van deze leverancier is al geboekt."),
        _l(
            "Van hem kwam onder dat nummer nog een document binnen, en daarvoor is al"
            " gevraagd het te boeken."
        ),
        _l("Vergelijk de twee en betaal er één."),
    ),
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
