"""What outside systems did, and what goes wrong in connecting to them."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "rate_limited": ErrorText(
        _l("%(service)s laat even geen verzoeken meer toe."),
        _l("Er is een grens aan het aantal verzoeken in een bepaalde tijd."),
        _l("Het gaat vanzelf verder."),
        "package",
    ),
    "remote_fault": ErrorText(
        _l("%(service)s had een storing (status %(status)s)."),
        _l("De fout zit aan de andere kant."),
        _l("Wij proberen het vanzelf opnieuw."),
        "package",
    ),
    "remote_timeout": ErrorText(
        _l("%(service)s antwoordde niet op tijd."),
        _l("De verbinding was traag of het systeem was te druk."),
        _l("Wij proberen het vanzelf opnieuw."),
        "package",
    ),
    "remote_dropped": ErrorText(
        _l("De verbinding met %(service)s viel weg."),
        "",
        _l("Wij proberen het vanzelf opnieuw."),
        "package",
    ),
    "remote_unreachable": ErrorText(
        _l("%(service)s is niet te bereiken."),
        _l("Er kwam geen verbinding tot stand; er is niets verstuurd."),
        _l("Wij proberen het vanzelf opnieuw."),
        "package",
    ),
    "remote_nonsense": ErrorText(
        _l("%(service)s gaf een antwoord dat wij niet begrijpen."),
        _l("Vaak is dat een onderhoudspagina."),
        _l("Wij proberen het vanzelf opnieuw."),
        "package",
    ),
    "remote_too_large": ErrorText(
        _l("%(service)s gaf een te groot antwoord."),
        _l("Zo'n antwoord lezen wij niet in, om de koppeling te beschermen."),
        _l("Neem contact met ons op als dit blijft."),
        "package",
    ),
    "outcome_unknown": ErrorText(
        _l("Wij weten nog niet of %(service)s dit heeft geboekt."),
        _l("Het antwoord ging verloren nadat wij het verstuurden."),
        _l("Wij zoeken het op in het pakket; het wordt nooit blind opnieuw verstuurd."),
        "package",
    ),
    "outcome_being_checked": ErrorText(
        _l("Wij kijken in het pakket na of dit al is geboekt."),
        _l("Het antwoord op de vorige poging ging verloren."),
        _l("U hoeft niets te doen."),
        "package",
    ),
    "outcome_unclear": ErrorText(
        _l("Het is niet zeker of dit in uw pakket staat."),
        _l(
            "Wij verstuurden het, maar kregen geen bruikbaar antwoord. Toen wij het "
            "daarna opzochten, vonden wij het niet; later kan het er wel zijn gekomen."
        ),
        _l(
            "Zoek het op in uw pakket, of druk op Verwerk: wij kijken eerst of het er "
            "staat en boeken het niet dubbel."
        ),
        "package",
    ),
    "outcome_absent": ErrorText(
        _l("Dit staat niet in uw pakket."),
        _l(
            "Wij verstuurden het, maar kregen geen bruikbaar antwoord. Daarna zochten "
            "wij het meer dan eens op en vonden wij het niet."
        ),
        _l(
            "Druk op Verwerk om het weer te proberen: wij kijken eerst nog een keer. "
            "Blijft het misgaan? Kies Meld probleem."
        ),
        "package",
    ),
    "message_not_built": ErrorText(
        _l("Wij konden hiervan geen bericht maken (%(cause)s)."),
        _l("Er is niets verstuurd: de fout zit bij ons, niet in uw pakket."),
        _l("Kies Meld probleem; daarna kunt u op Verwerk drukken."),
    ),
    "unsendable_text": ErrorText(
        _l("In %(field)s staat een teken dat niet verstuurd kan worden."),
        _l("Het is een onzichtbaar teken. Er is niets verstuurd (%(request)s)."),
        _l("Typ de tekst van dit veld opnieuw en druk op Verwerk."),
    ),
    "changed_meanwhile": ErrorText(
        _l("De bestelling of de verbinding veranderde net."),
        _l("Wij boeken alleen wat op dit moment klopt."),
        _l("Het gaat vanzelf verder."),
    ),
    "being_made": ErrorText(
        _l("De debiteur of het artikel wordt net door een andere bestelling gemaakt."),
        _l("Zo ontstaat niets dubbel."),
        _l("Het gaat vanzelf verder."),
    ),
    "authentication_lost": ErrorText(
        _l("%(service)s accepteert onze toegang niet meer."),
        _l("De toestemming is ingetrokken of verlopen."),
        _l("Maak bij Koppelingen opnieuw verbinding; daarna gaat alles verder."),
        "connection",
    ),
    "grant_refused": ErrorText(
        _l("%(service)s heeft de toestemming geweigerd of beëindigd."),
        _l("De toestemming is ingetrokken, verlopen of al gebruikt."),
        _l("Maak bij Koppelingen opnieuw verbinding."),
        "connection",
    ),
    "not_connected": ErrorText(
        _l("Er is geen verbinding met %(service)s."),
        "",
        _l("Maak bij Koppelingen verbinding."),
        "connection",
    ),
    "oauth_misconfigured": ErrorText(
        _l("Wij hebben een storing in onze registratie bij %(service)s."),
        _l("Dit ligt aan ons, niet aan u of uw gegevens; wij zijn gewaarschuwd."),
        _l(
            "U hoeft niets te doen: alles gaat vanzelf verder. Verbindt u net, probeer "
            "het dan later opnieuw."
        ),
    ),
    "stopped_by_our_fault": ErrorText(
        _l("Dit ging niet, door een storing in onze registratie."),
        _l("Er is toen niets geboekt."),
        _l("Druk op Verwerk, of op Zelf geboekt als u het zelf al deed."),
    ),
    "refresh_busy": ErrorText(
        _l("De toegang wordt net vernieuwd."), "", _l("Het gaat vanzelf verder.")
    ),
    "refresh_unknown": ErrorText(
        _l("Het vernieuwen van de toegang kreeg geen antwoord."),
        "",
        _l("Wij proberen het vanzelf opnieuw."),
    ),
    "other_company": ErrorText(
        _l("U bent ingelogd bij ‘%(found)s’, maar de koppeling is van ‘%(expected)s’."),
        _l("Opnieuw koppelen kan alleen met dezelfde winkel of administratie."),
        _l("Log daar uit, verbind opnieuw en log in bij ‘%(expected)s’."),
        "connection",
    ),
    "company_taken": ErrorText(
        _l("‘%(name)s’ is al aan een andere omgeving gekoppeld."),
        _l("Een winkel of administratie kan maar op één plaats worden gekoppeld."),
        _l("Beëindig daar eerst de verbinding, of neem contact met ons op."),
        "connection",
    ),
    "no_company": ErrorText(
        _l("Deze aanmelding geeft geen toegang tot een winkel of administratie."),
        "",
        _l("Log in met een gebruiker die er wel bij kan en verbind opnieuw."),
        "connection",
    ),
    "choice_over": ErrorText(
        _l("Er is niets meer te kiezen."),
        _l("De keuze is al gemaakt, of bleef langer dan een uur open."),
        _l("Ga naar Koppelingen en verbind opnieuw als dat nog nodig is."),
        "connection",
    ),
    "oauth_state_invalid": ErrorText(
        _l("Deze aanmelding is verlopen of al gebruikt."),
        _l("Een aanmelding geldt tien minuten, één keer, en alleen in deze browser."),
        _l("Ga naar Koppelingen en verbind opnieuw."),
        "connection",
    ),
    "oauth_denied": ErrorText(
        _l("U hebt %(plugin)s geen toestemming gegeven."),
        _l("Zonder toestemming kan de koppeling niet lezen of boeken."),
        _l("Verbind opnieuw en bevestig de toestemming."),
        "connection",
    ),
    "no_oauth": ErrorText(_l("%(plugin)s wordt niet op deze manier verbonden.")),
    "ended_by_user": ErrorText(
        _l("U hebt de verbinding beëindigd."),
        "",
        _l("Maak bij Koppelingen opnieuw verbinding."),
        "connection",
    ),
    "setting_invalid": ErrorText(_l("Instelling %(name)s kan niet %(value)s zijn.")),
}
