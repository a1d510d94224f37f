"""Why a document failed, waits or is held."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "internal_error": ErrorText(
        _l("Er ging bij ons iets mis met deze bestelling."),
        _l("Dit is een fout in Koppelwerk, niet in uw winkel of pakket."),
        _l("Druk over een poosje op Verwerk. Blijft het, neem dan contact met ons op."),
    ),
    "unsure_after_restore": ErrorText(
        _l("Wij weten niet zeker of %(number)s al is geboekt."),
        _l(
            "Een reservekopie is teruggezet, en in dit pakket kunnen wij het document"
            " niet terugvinden zonder het nummer dat verloren ging."
        ),
        _l("Kijk in uw pakket. Staat het er niet, boek het dan zelf."),
        "package",
        many=_l("Documenten waarvan wij niet zeker weten of ze al zijn geboekt"),
    ),
    "currency_not_eur": ErrorText(
        _l("De bestelling is in %(currency)s."),
        _l("De koppeling zet alleen bestellingen in euro's door."),
        _l("Boek deze bestelling zelf in uw pakket."),
        "shop",
        many=_l("Bestellingen die niet in euro zijn"),
    ),
    "order_empty": ErrorText(
        _l("De bestelling heeft geen regels."),
        _l("Zonder regels valt er niets te boeken."),
        _l("Kijk de bestelling na in uw winkel en druk op Verwerk."),
        "shop",
    ),
    "total_mismatch": ErrorText(
        _l("Het totaal klopt niet: %(total)s, maar de regels zijn samen %(lines)s."),
        _l("Het totaal moet gelijk zijn aan de regels plus de verzendkosten."),
        _l("Herstel de bestelling in uw winkel en druk op Verwerk."),
        "shop",
        many=_l("Bestellingen waarvan het totaal niet klopt met de regels"),
    ),
    "order_unreadable": ErrorText(
        _l("Bestelling %(number)s kon niet worden gelezen."),
        _l("De winkel gaf gegevens die wij niet begrijpen (veld %(field)s)."),
        _l(
            "Druk op Meld probleem; wij kijken het na. Zolang boeken wij niets van deze"
            " bestelling; is zij te lezen, dan gaat zij vanzelf verder."
        ),
        "shop",
        many=_l("Bestellingen die niet konden worden gelezen"),
    ),
    "vat_off_rate": ErrorText(
        _l("De BTW past niet bij het tarief: %(vat)s op de regel ‘%(line)s’."),
        _l("Bij %(rate)s %% hoort %(expected)s; meer dan afronding scheelt het."),
        _l("Herstel de BTW van de bestelling in uw winkel en druk op Verwerk."),
        "shop",
        many=_l("Bestellingen waarvan de BTW niet bij het tarief past"),
    ),
    "nothing_to_book": ErrorText(
        _l("Het totaal van de bestelling is nul."),
        _l("Een bestelling zonder bedrag wordt niet geboekt."),
        _l("U hoeft niets te doen, tenzij het bedrag verkeerd is."),
    ),
    "negative_line": ErrorText(
        _l("De bestelling heeft een regel met een negatief bedrag."),
        _l(
            "Een korting gaat van de regels met hetzelfde BTW-tarief af, en die zijn er"
            " niet of zijn minder dan de korting. Een negatieve regel weigert het"
            " pakket."
        ),
        _l(
            "Geef de korting in uw winkel op de regels en druk op Verwerk, of boek de"
            " bestelling zelf en druk op Zelf geboekt."
        ),
        "shop",
    ),
    "country_unknown": ErrorText(
        _l("Het land van de bestelling is onbekend."),
        _l("Zonder land van levering is niet te bepalen welke BTW geldt."),
        _l("Vul het land aan in uw winkel en druk op Verwerk."),
        "shop",
    ),
    "vat_number_missing": ErrorText(
        _l("Het BTW-nummer van %(company)s ontbreekt."),
        _l(
            "Bij zakelijke bestellingen binnen de EU, buiten uw land, is het verplicht."
        ),
        _l("Vraag de klant om het nummer, vul het in uw winkel in en druk op Verwerk."),
        "shop",
        many=_l("Zakelijke bestellingen zonder BTW-nummer"),
    ),
    "shipping_without_vat": ErrorText(
        _l("Op de verzendkosten staat geen BTW (%(country)s)."),
        _l("Verzendkosten krijgen het BTW-tarief van de artikelen."),
        _l("Stel in uw winkel BTW op verzendkosten in en herstel deze bestelling."),
        "shop",
        many=_l("Bestellingen zonder BTW op de verzendkosten"),
    ),
    "vat_rate_not_configured": ErrorText(
        _l("Voor %(rate)s%% BTW in %(country)s is nog geen BTW-code gekozen."),
        _l("De regel ‘%(line)s’ heeft een tarief dat niet is ingesteld."),
        _l("Stel het tarief in bij Configuratie en druk daarna op Verwerk."),
        "vat",
        by=("country", "rate"),
    ),
    "refreshing": ErrorText(
        _l("De bestelling wordt opnieuw uit de winkel gelezen."),
        "",
        _l("U hoeft niets te doen."),
    ),
    "coupling_not_configured": ErrorText(
        _l("De configuratie is nog niet compleet."),
        _l("Er gaat pas iets door als alles is ingevuld en opgeslagen."),
        _l("Vul de configuratie van deze koppeling in."),
        "settings",
    ),
    "other_administration": ErrorText(
        _l("Er is een andere administratie gekoppeld."),
        _l(
            "Rekeningen, BTW-codes en debiteuren van de vorige kunnen hier iets anders"
            " betekenen. Wat daar geboekt is, staat daar nog."
        ),
        _l("Kijk de configuratie na en sla die op; daarna gaat alles verder."),
        "settings",
    ),
    "begun_in_other_administration": ErrorText(
        _l("Het boeken was begonnen in de vorige administratie (%(name)s)."),
        _l("Daarna is een andere gekoppeld. Misschien staat het al in de vorige."),
        _l(
            "Kijk het na. Druk op Verwerk om het in de nieuwe administratie te boeken,"
            " of op Zelf geboekt."
        ),
        "package",
        by=("name",),
    ),
    "sale_in_other_administration": ErrorText(
        _l("Wat u crediteert staat in een administratie die u hiervoor koppelde."),
        _l("In de nu gekoppelde administratie zou alleen de creditering staan."),
        _l("Boek de creditering zelf in de vorige administratie."),
        "package",
    ),
    "vat_number_malformed": ErrorText(
        _l("%(number)s is geen BTW-nummer; is het een tikfout?"),
        _l(
            "De vorm of het controlecijfer klopt niet. VIES, het register van de"
            " Europese Commissie, is daarom niet gevraagd."
        ),
        _l(
            "Vraag de klant om het juiste nummer, pas de bestelling aan en druk op"
            " Verwerk."
        ),
        "shop",
        many=_l("Bestellingen met een BTW-nummer dat niet kan bestaan"),
    ),
    "cancelled_after_booking": ErrorText(
        _l("De bestelling is na het boeken geannuleerd of terugbetaald."),
        _l("De boeking staat nog in uw pakket; er is niets teruggeboekt."),
        _l("Corrigeer de boeking in uw pakket. Druk op Gezien als dat is gedaan."),
        "package",
        many=_l("Bestellingen die na het boeken zijn geannuleerd of terugbetaald"),
    ),
    "changed_after_booking": ErrorText(
        _l("De bestelling is gewijzigd nadat ze was geboekt."),
        _l(
            "Geboekt is %(booked)s; de winkel zegt nu %(now)s. Is dat gelijk, dan is"
            " iets anders gewijzigd dat in de boeking telt: regels, BTW, koper of waar"
            " de goederen heen gaan."
        ),
        _l("Pas de boeking in uw pakket zelf aan. Druk op Gezien als dat is gedaan."),
        "package",
        many=_l("Bestellingen die zijn gewijzigd nadat ze waren geboekt"),
    ),
    "paid_otherwise_after_booking": ErrorText(
        _l("De betaling van de bestelling is gewijzigd nadat ze was geboekt."),
        _l(
            "Toen was betaald: %(before)s; de winkel zegt nu: %(now)s. De verkoop staat"
            " goed, wij boeken de betaling niet nog eens."
        ),
        _l(
            "Zet de betaling in uw pakket op de rekening waar ze binnenkwam, of haal"
            " haar weg als er niet is betaald. Druk op Gezien als dat is gedaan."
        ),
        "package",
        many=_l("Bestellingen waarvan de betaling na het boeken is gewijzigd"),
    ),
    "changed_while_booking": ErrorText(
        _l("De bestelling is gewijzigd terwijl ze werd geboekt."),
        _l("Geboekt is wat er stond voordat de wijziging binnenkwam."),
        _l("Vergelijk met uw pakket. Druk op Gezien als het klopt."),
        "package",
    ),
    "seen_cancelled_after_booking": ErrorText(
        _l("Geannuleerd of terugbetaald na het boeken; gezien.")
    ),
    "seen_changed_after_booking": ErrorText(_l("Gewijzigd na het boeken; gezien.")),
    "seen_paid_otherwise_after_booking": ErrorText(
        _l("Betaling gewijzigd na het boeken; gezien.")
    ),
    "seen_order_unreadable": ErrorText(
        _l("Onleesbaar geworden na het boeken; gezien.")
    ),
    "seen_changed_while_booking": ErrorText(
        _l("Gewijzigd tijdens het boeken; gezien.")
    ),
}
