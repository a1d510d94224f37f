"""The words of the status dots."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "status_connected": ErrorText(_l("Verbonden.")),
    "status_new": ErrorText(
        _l("Nog niet verbonden."), "", _l("Maak de verbinding."), "connection"
    ),
    "status_not_made": ErrorText(
        _l("Het verbinden lukte niet."), "", _l("Maak de verbinding."), "connection"
    ),
    "status_ended": ErrorText(
        _l("De verbinding is beëindigd."),
        "",
        _l("Maak de verbinding opnieuw."),
        "connection",
    ),
    "status_paused": ErrorText(
        _l("Gestopt: er is geen toegang meer."),
        "",
        _l("Maak de verbinding opnieuw. Er gaat niets verloren; alles wacht."),
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
