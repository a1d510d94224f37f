"""The user's words for ICP: which declarations, numbers, corrections."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText
from plugins.belastingdienst.law.icp import Rhythm, Why

_WHICH = _l("%(administration)s, %(period)s.")

RHYTHMS = {
    Rhythm.LAW: _l("Zo weinig als mag"),
    Rhythm.GOODS: _l("Goederen per maand, diensten per kwartaal"),
    Rhythm.MONTH: _l("Alles per maand"),
    Rhythm.YEAR: _l("Eén keer per jaar, met toestemming van de Belastingdienst"),
}
REASONS = {
    Why.CHOICE: _l("Zo hebt u het zelf gekozen."),
    Why.UNDER_LIMIT: _l(
        "Voor zover hier bekend leverde u in dit kwartaal en de vier ervoor nooit meer"
        " dan € 50.000 aan goederen: dan is een opgaaf per kwartaal genoeg."
    ),
    Why.PASSED: _l(
        "In %(when)s kwamen uw leveringen van goederen in dit kwartaal boven € 50.000."
        " De maanden tot en met die maand geeft u samen op; daarna doet u elke maand"
        " opgaaf, ook in de vier kwartalen hierna. Diensten mogen per kwartaal blijven."
    ),
    Why.PASSED_BEFORE: _l(
        "In het %(when)s leverde u meer dan € 50.000 aan goederen. Daarna doet u nog"
        " vier kwartalen elke maand opgaaf van goederen. Diensten mogen per kwartaal"
        " blijven."
    ),
}
STOCK = {
    "sent": _l("Naar de voorraad gebracht"),
    "called_off": _l("Door de klant afgenomen"),
    "returned": _l("Teruggehaald"),
}

TEXTS = {
    "icp_not_due": ErrorText(
        _l("Over %(period)s hoeft u geen ICP-opgaaf (meer) te doen."),
        _l(
            "Over welke maanden een opgaaf gaat, volgt uit hoeveel goederen u levert."
            " Nu is dat: %(due)s."
        ),
        _l("Kijk bij de cijfers van het tijdvak welke opgaven er nodig zijn."),
    ),
    "icp_number_invalid": ErrorText(
        _l("BTW-nummer %(number)s is volgens VIES nu niet geldig."),
        _l(
            "Op een nummer dat niet geldig was, mag u niet zonder btw leveren, en de"
            " opgaaf wordt in het andere land niet herkend."
        ),
        _l(
            "Verbeter het nummer bij de klant en lees de cijfers opnieuw. Was het"
            " geldig toen u leverde, bevestig dat dan."
        ),
    ),
    "icp_number_unchecked": ErrorText(
        _l("VIES gaf geen antwoord over BTW-nummer %(number)s."),
        _l("Dat zegt niets over het nummer: het kan heel goed geldig zijn."),
        _l(
            "Probeer het straks nog eens. Hebt u het nummer zelf nagekeken, bevestig"
            " dat dan."
        ),
    ),
    "icp_numbers_wait": ErrorText(
        _l("Van %(count)s klanten is het BTW-nummer nog niet nagevraagd."),
        _l("VIES antwoordt langzaam, en u hebt veel klanten."),
        _l(
            "Maak de opgaaf nog eens klaar: wat geldig was, vragen wij een dag lang"
            " niet opnieuw."
        ),
    ),
    "division_form": ErrorText(
        _l("%(number)s is geen btw-id van een onderdeel van een fiscale eenheid."),
        _l("Het bestaat uit negen cijfers, de letter B en twee cijfers."),
        _l("Vul het bij de opgaaf ICP van de administratie goed in, of laat het leeg."),
    ),
    "icp_owed_changed": ErrorText(
        _l("De verbeteringen van de ICP-opgaaf over %(period)s zijn intussen anders."),
        _l("U zou iets bevestigen dat u niet hebt gezien."),
        _l("Bekijk ze opnieuw."),
    ),
    # the log and the mails
    "icp_deadline_near": ErrorText(
        _l("De ICP-opgaaf van %(administration)s over %(period)s moet er nog uit."),
        _l("De laatste dag is %(date)s."),
        _l("Lees de cijfers, maak de opgaaf klaar en keur haar goed."),
    ),
    "icp_deadline_passed": ErrorText(
        _l("De ICP-opgaaf van %(administration)s over %(period)s is te laat."),
        _l("De laatste dag was %(date)s. De Belastingdienst kan een boete geven."),
        _l("Doe de opgaaf alsnog zo snel mogelijk."),
    ),
    "icp_correction_noticed": ErrorText(
        _l("Een ICP-opgaaf die is ingediend, klopt niet meer met de cijfers."),
        _WHICH,
        _l("Verbeter haar op het portaal van de Belastingdienst."),
    ),
    "icp_correction_done": ErrorText(
        _l("Vastgelegd dat een ICP-opgaaf op het portaal is verbeterd."), _WHICH, ""
    ),
    "icp_settings_changed": ErrorText(
        _l("De instellingen van de ICP-opgaaf zijn gewijzigd."),
        _l("%(administration)s."),
        "",
    ),
}  # fmt: skip
