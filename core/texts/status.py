"""The words of the states of connections and couplings (`rules.standing`)."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "status_good": ErrorText(_l("Alles staat goed; bestellingen gaan vanzelf door.")),
    "status_first_reading": ErrorText(
        _l("Alles staat klaar; de winkel wordt nu voor het eerst gelezen."),
    ),
    "status_connected": ErrorText(_l("Verbonden.")),
    "status_idle": ErrorText(_l("Verbonden, maar er wordt niets geboekt.")),
    "status_new": ErrorText(
        _l("Nog niet verbonden."), "", _l("Druk op Koppelen."), "connection"
    ),
    "status_not_made": ErrorText(
        _l("Het verbinden lukte niet."), "", _l("Druk op Koppelen."), "connection"
    ),
    "status_ended": ErrorText(
        _l("De verbinding is beëindigd."),
        "",
        _l("Wilt u verder? Druk dan op Koppelen."),
        "connection",
    ),
    "status_removed": ErrorText(
        _l("Er wordt niets meer opgehaald en niets geboekt."),
        "",
        _l(
            "Wilt u verder? Installeer de app opnieuw en druk op Koppelen; uw"
            " proefperiode of licentie loopt dan door tot haar einddatum."
        ),
        "connection",
    ),
    "status_paused": ErrorText(
        _l("Gestopt: er is geen toegang meer."),
        "",
        _l("Druk op Koppelen. Er gaat niets verloren; alles wacht."),
        "connection",
    ),
    "status_held": ErrorText(
        _l("Wacht: wij hebben een storing in onze registratie; u hoeft niets te doen."),
        "",
        _l("Er gaat niets verloren; alles wacht en gaat vanzelf verder."),
    ),
    "status_run_failed": ErrorText(
        _l("De laatste keer lukte het ophalen niet."),
        "",
        _l("Wij proberen het vanzelf opnieuw."),
    ),
    "status_asks": ErrorText(_l("Verbonden. Er wordt op u gewacht.")),
    "status_warning": ErrorText(_l("Verbonden, maar let op.")),
    "status_waiting": ErrorText(
        _l("Wacht even: het systeem vraagt om een pauze."),
        "",
        _l("Het gaat vanzelf verder."),
    ),
    "status_rests": ErrorText(
        _l("Het systeem geeft geen bruikbaar antwoord."),
        "",
        _l("Wij proberen het af en toe; zodra het antwoordt, gaat alles verder."),
    ),
    "status_late": ErrorText(
        _l("Er is al een poos niet gekeken."),
        "",
        _l("Laat het ons weten als dit blijft."),
    ),
    "status_switched_off": ErrorText(
        _l("Uitgezet: er wordt niets opgehaald en niets geboekt."),
        "",
        _l("Zet Koppeling activeren weer aan; dan gaat alles verder waar het was."),
    ),
    "status_coupling_off": ErrorText(
        _l("Stilgezet: er wordt niets geboekt."), "", _l("Vraag ons waarom.")
    ),
    "status_licence_over": ErrorText(
        _l("Er wordt niets geboekt."),
        "",
        _l("Bestel de licentie; na betaling gaat alles wat wacht vanzelf door."),
    ),
    "status_unlicensed": ErrorText(
        _l("Er wordt niets geboekt: hiervoor is nog geen licentie."),
        "",
        _l("Begin een licentie; daarna gaat alles wat wacht vanzelf door."),
    ),
    "status_trial_ends": ErrorText(
        _l("De proefperiode loopt bijna af."),
        "",
        _l("Bestel een jaar; dan gaat alles zonder onderbreking verder."),
    ),
    "status_year_ends": ErrorText(
        _l("Het betaalde jaar loopt bijna af."),
        "",
        _l("Bestel een nieuw jaar; dan gaat alles zonder onderbreking verder."),
    ),
    "status_unconfigured": ErrorText(
        _l("De configuratie is nog niet opgeslagen; bestellingen wachten."),
    ),
    "status_incomplete": ErrorText(_l("De configuratie is niet compleet.")),
    "status_invoice_open": ErrorText(
        _l("Er staat een factuur open."),
        "",
        _l(
            "Betaal de factuur; zodra wij de betaling hebben verwerkt, gaat alles door."
        ),
    ),
    "status_for_others": ErrorText(
        _l("Een ander kan hier iets aan doen."),
        "",
        _l("Vraag het de eigenaar van deze omgeving."),
    ),
    "source_not_connected": ErrorText(
        _l("De webwinkel is nog niet verbonden."),
        "",
        _l("Maak de verbinding met de winkel."),
        "connection",
    ),
    "target_not_connected": ErrorText(
        _l("Het boekhoudpakket is nog niet verbonden."),
        "",
        _l("Maak de verbinding met het pakket."),
        "connection",
    ),
}
