"""The user's words for codes: what happened, why, and what solves it.

Texts are Dutch message ids for gettext; values stand in %(name)s. A plugin brings
the words for its own codes in its `texts.py`.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.extensions import koppelwerk


@dataclass(frozen=True)
class ErrorText:
    """What the user reads for a code."""

    what: LazyString
    why: LazyString | str = ""
    action: LazyString | str = ""
    field: str = ""
    """Where it is solved: the anchor of a field on tab Configuratie (`vat`,
    `payment_methods`, `receivables_account`, `connection`), or `shop`, `package`."""


@dataclass(frozen=True)
class Explained:
    """A code's words with the values filled in."""

    what: str
    why: str
    action: str
    field: str


TEXTS: Mapping[str, ErrorText] = {
    # Why a document failed
    "internal_error": ErrorText(
        _l("Er ging bij ons iets mis met deze bestelling."),
        _l("Dit is een fout in Koppelwerk, niet in uw winkel of pakket."),
        _l("Druk over een poosje op Verwerk. Blijft het, neem dan contact met ons op."),
    ),
    "currency_not_eur": ErrorText(
        _l("De bestelling is in %(currency)s."),
        _l("De koppeling zet alleen bestellingen in euro's door."),
        _l("Boek deze bestelling zelf in uw pakket."),
        "shop",
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
    ),
    "zero_total": ErrorText(
        _l("Het totaal van de bestelling is nul."),
        _l("Een bestelling zonder bedrag wordt niet geboekt."),
        _l("U hoeft niets te doen, tenzij het bedrag verkeerd is."),
        "shop",
    ),
    "negative_line": ErrorText(
        _l("De bestelling heeft een regel met een negatief bedrag."),
        _l("Kortingen horen in de regels verwerkt te zijn; het pakket weigert anders."),
        _l("Herstel de bestelling in uw winkel en druk op Verwerk."),
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
    ),
    "shipping_without_vat": ErrorText(
        _l("Op de verzendkosten staat geen BTW (%(country)s)."),
        _l("Verzendkosten krijgen het BTW-tarief van de artikelen."),
        _l("Stel in uw winkel BTW op verzendkosten in en herstel deze bestelling."),
        "shop",
    ),
    "vat_rate_not_configured": ErrorText(
        _l("Voor %(rate)s%% BTW in %(country)s is nog geen BTW-code gekozen."),
        _l("De regel ‘%(line)s’ heeft een tarief dat niet is ingesteld."),
        _l("Stel het tarief in bij Configuratie en druk daarna op Verwerk."),
        "vat",
    ),
    # The outside systems
    "rate_limited": ErrorText(
        _l("%(service)s laat even geen verzoeken meer toe."),
        _l("Er is een grens aan het aantal verzoeken per minuut."),
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
        _l("Na een dag is nog niet zeker of dit is geboekt."),
        _l("Het antwoord ging verloren en het pakket geeft geen uitsluitsel."),
        _l("Zoek de bestelling op in uw pakket. Staat die er niet? Druk op Verwerk."),
        "package",
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
    # Why it waits, or is held
    "refreshing": ErrorText(
        _l("De bestelling wordt opnieuw uit de winkel gelezen."),
        "",
        _l("U hoeft niets te doen."),
    ),
    "coupling_not_configured": ErrorText(
        _l("De configuratie is nog niet compleet."),
        _l("Bestellingen gaan pas door als alles is ingevuld en opgeslagen."),
        _l("Vul tab Configuratie in."),
        "settings",
    ),
    "cancelled_after_booking": ErrorText(
        _l("De bestelling is geannuleerd nadat ze was geboekt."),
        _l("De koppeling zet geen refunds door en boekt niets terug."),
        _l("Corrigeer de boeking in uw pakket. Druk op Verwerk als u het gezien hebt."),
        "package",
    ),
    "changed_after_booking": ErrorText(
        _l("De bestelling is gewijzigd nadat ze was geboekt."),
        _l("Een boeking wordt nooit vanzelf aangepast of nog eens gemaakt."),
        _l("Vergelijk met uw pakket. Druk op Verwerk als u het gezien hebt."),
        "package",
    ),
    "changed_while_booking": ErrorText(
        _l("De bestelling is gewijzigd terwijl ze werd geboekt."),
        _l("Geboekt is wat er stond voordat de wijziging binnenkwam."),
        _l("Vergelijk met uw pakket. Druk op Verwerk als u het gezien hebt."),
        "package",
    ),
    "seen_cancelled_after_booking": ErrorText(_l("Geannuleerd na het boeken; gezien.")),
    "seen_changed_after_booking": ErrorText(_l("Gewijzigd na het boeken; gezien.")),
    "seen_changed_while_booking": ErrorText(
        _l("Gewijzigd tijdens het boeken; gezien.")
    ),
    # Connecting
    "authentication_lost": ErrorText(
        _l("%(service)s accepteert onze toegang niet meer."),
        _l("De toestemming is ingetrokken of verlopen."),
        _l("Maak opnieuw verbinding met de knop Connect; daarna gaat alles verder."),
        "connection",
    ),
    "grant_refused": ErrorText(
        _l("%(service)s heeft de toestemming geweigerd of beëindigd."),
        _l("De toestemming is ingetrokken, verlopen of al gebruikt."),
        _l("Maak opnieuw verbinding met de knop Connect."),
        "connection",
    ),
    "not_connected": ErrorText(
        _l("Er is geen verbinding met %(service)s."),
        "",
        _l("Maak verbinding met de knop Connect."),
        "connection",
    ),
    "oauth_misconfigured": ErrorText(
        _l("%(service)s herkent Koppelwerk niet (%(error)s)."),
        _l("Dit is een fout in onze aanmelding, niet in uw gegevens."),
        _l("Neem contact met ons op."),
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
        _l("Opnieuw verbinden kan alleen met dezelfde winkel of administratie."),
        _l("Log daar uit, druk weer op Connect en log in bij ‘%(expected)s’."),
        "connection",
    ),
    "company_taken": ErrorText(
        _l("‘%(name)s’ is al aan een andere omgeving gekoppeld."),
        _l("Een winkel of administratie kan maar op één plaats worden gekoppeld."),
        _l("Beëindig daar eerst de verbinding, of neem contact met ons op."),
        "connection",
    ),
    "oauth_state_invalid": ErrorText(
        _l("Deze aanmelding is verlopen of al gebruikt."),
        _l("Een aanmelding geldt tien minuten, één keer, en alleen in deze browser."),
        _l("Ga naar Koppelingen en druk opnieuw op Connect."),
        "connection",
    ),
    "oauth_denied": ErrorText(
        _l("U hebt %(plugin)s geen toestemming gegeven."),
        _l("Zonder toestemming kan de koppeling niet lezen of boeken."),
        _l("Druk opnieuw op Connect en bevestig de toestemming."),
        "connection",
    ),
    "no_oauth": ErrorText(_l("%(plugin)s wordt niet op deze manier verbonden.")),
    "ended_by_user": ErrorText(
        _l("U hebt de verbinding beëindigd."),
        "",
        _l("Maak opnieuw verbinding met de knop Connect."),
        "connection",
    ),
    "setting_invalid": ErrorText(_l("Instelling %(name)s kan niet %(value)s zijn.")),
    # The dots
    "status_connected": ErrorText(_l("Verbonden.")),
    "status_new": ErrorText(
        _l("Nog niet verbonden."), "", _l("Druk op Connect."), "connection"
    ),
    "status_ended": ErrorText(
        _l("De verbinding is beëindigd."),
        "",
        _l("Druk op Connect om opnieuw te verbinden."),
        "connection",
    ),
    "status_paused": ErrorText(
        _l("Gestopt: er is geen toegang meer."),
        "",
        _l("Druk op Connect. Er gaat niets verloren; alles wacht."),
        "connection",
    ),
    "status_run_failed": ErrorText(
        _l("De laatste keer lukte het ophalen niet."),
        "",
        _l("Wij proberen het vanzelf opnieuw."),
    ),
    "status_waiting": ErrorText(
        _l("Wacht even: het systeem vraagt om een pauze."),
        "",
        _l("Het gaat vanzelf verder."),
    ),
    "status_late": ErrorText(
        _l("Er is al een poos niet gekeken."),
        "",
        _l("Neem contact met ons op als dit blijft."),
    ),
    "status_switched_off": ErrorText(
        _l("Uitgezet."), "", _l("Zet de koppeling aan bij Koppelingen.")
    ),
    "source_not_connected": ErrorText(
        _l("De webwinkel is nog niet verbonden."),
        "",
        _l("Druk bij de winkel op Connect."),
        "connection",
    ),
    "target_not_connected": ErrorText(
        _l("Het boekhoudpakket is nog niet verbonden."),
        "",
        _l("Druk bij het pakket op Connect."),
        "connection",
    ),
    # The log
    "transfer_done": ErrorText(_l("Bestelling %(number)s is doorgezet.")),
    "retry_pressed": ErrorText(_l("Verwerk gedrukt voor bestelling %(number)s.")),
    "held_seen": ErrorText(_l("De melding over bestelling %(number)s is gezien.")),
    "logged_in": ErrorText(_l("%(name)s heeft ingelogd.")),
    "connected": ErrorText(_l("%(plugin)s is verbonden met ‘%(name)s’.")),
    "connection_paused": ErrorText(
        _l("%(plugin)s accepteert onze toegang niet meer; alles wacht.")
    ),
    "connection_ended": ErrorText(
        _l("De verbinding van %(plugin)s met ‘%(name)s’ is beëindigd.")
    ),
    "settings_saved": ErrorText(_l("De instellingen van %(plugin)s zijn opgeslagen.")),
    "plugin_enabled": ErrorText(_l("%(plugin)s is aangezet.")),
    "plugin_disabled": ErrorText(_l("%(plugin)s is uitgezet.")),
    "coupling_made": ErrorText(_l("Er is een koppeling gemaakt.")),
    "configuration_saved": ErrorText(_l("De instellingen zijn opgeslagen.")),
    "vat_saved": ErrorText(_l("De BTW-instellingen zijn opgeslagen.")),
    "vat_deleted": ErrorText(_l("De BTW-instellingen zijn verwijderd.")),
    "payments_saved": ErrorText(_l("De betaalmethoden zijn opgeslagen.")),
    "coupling_configured": ErrorText(
        _l("De configuratie is compleet; bestellingen gaan nu door.")
    ),
}


_NAMES = ("plugin", "service")
"""Values that name a plugin; the user reads its title."""


def explain(code: str, params: Mapping[str, Any] | None = None) -> Explained:
    """Return the words for a code; an unknown one is shown as itself."""
    text = _find(code)
    if text is None:
        return Explained(code, "", "", "")
    values: defaultdict[str, Any] = defaultdict(lambda: "?", params or {})
    values.update({key: _title(values[key]) for key in _NAMES if key in values})
    return Explained(
        what=str(text.what) % values,
        why=str(text.why) % values,
        action=str(text.action) % values,
        field=text.field,
    )


def _title(name: str) -> str:
    plugin = koppelwerk().registry.plugins.get(name)
    return plugin.manifest.title if plugin else name


def _find(code: str) -> ErrorText | None:
    if code in TEXTS:
        return TEXTS[code]
    for plugin in koppelwerk().registry.plugins.values():
        if code in plugin.texts:
            return plugin.texts[code]
    return None
