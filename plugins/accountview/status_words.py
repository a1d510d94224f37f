"""Every line of a declaration's timeline in plain Dutch.

Digipoort's codes: contract section 4 (status codes); AutoReport's names: section 3.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from plugins.accountview.models.administration import ProfileKind

_AT_DIGIPOORT = _l("Digipoort is de poort van de overheid.")
_AGAIN = _l("Digipoort probeert het zelf opnieuw, tot 72 uur lang.")
_FILE_AGAIN = _l("Los op wat er staat en dien de aangifte opnieuw in.")


@dataclass(frozen=True)
class Words:
    """What a status says, what it means, and its colour."""

    title: LazyString | str
    meaning: LazyString | str = ""
    colour: str = "blue"


OWN = {
    "prepared": Words(_l("Klaargemaakt"), _l("Wacht op goedkeuring."), "amber"),
    "superseded": Words(_l("Vervangen"), _l("De cijfers zijn veranderd."), "grey"),
    "approved": Words(_l("Goedgekeurd"), _l("Wordt zo verstuurd.")),
    "withdrawn": Words(_l("Ingetrokken"), _l("Nooit verstuurd."), "grey"),
    "sent": Words(_l("Verstuurd"), _l("Wij wachten op de ontvangstbevestiging.")),
    "not_arrived": Words(
        _l("Niet aangekomen"), _l("Het antwoord bewijst dat."), "amber"
    ),
    "looked_up": Words(
        _l("Nagezocht"), _l("Gezocht of zij is aangekomen; niet gevonden."), "amber"
    ),
    "delivered": Words(_l("Ontvangen"), _l("Met een ontvangstbevestiging.")),
    "found": Words(
        _l("Teruggevonden"), _l("Zij was aangekomen; het antwoord ging verloren.")
    ),
    "stopped": Words(_l("Wacht op u"), _l("Iemand moet iets doen."), "red"),
    "retried": Words(_l("Weer verder")),
    "resend_asked": Words(
        _l("Nog eens versturen"),
        _l("Iemand stelde vast dat zij niet is aangekomen."),
        "amber",
    ),
    "entered": Words(
        _l("Aangekomen volgens u"), _l("Het kenmerk is met de hand ingevuld."), "amber"
    ),
    "cancel_asked": Words(_l("Annulering gevraagd"), "", "amber"),
    "cancel_refused": Words(_l("Annuleren kon niet meer"), "", "amber"),
}
DIGIPOORT = {
    "105": Words(_l("Aanlevering begonnen"), _AT_DIGIPOORT),
    "100": Words(_l("Aanlevering gelukt"), _l("Digipoort heeft het bericht.")),
    "110": Words(_l("Aanlevering wordt aangeboden")),
    "200": Words(_l("Afzender herkend"), _l("Uw certificaat is goed.")),
    "210": Words(
        _l("Afzender niet toegelaten"),
        _l("U of uw certificaat mag voor dit nummer geen aangifte doen."),
        "red",
    ),
    "220": Words(_l("Afzender nog niet te controleren"), _AGAIN, "amber"),
    "230": Words(_l("Storing bij de controle van de afzender"), _AGAIN, "amber"),
    "301": Words(_l("Bericht in orde"), _l("De vorm voldoet aan de regels.")),
    "311": Words(_l("Bericht afgekeurd op zijn vorm"), _FILE_AGAIN, "red"),
    "321": Words(_l("Storing bij de controle van het bericht"), _AGAIN, "amber"),
    "400": Words(_l("Bezorgd bij de Belastingdienst")),
    "405": Words(_l("Wordt bezorgd bij de Belastingdienst")),
    "410": Words(
        _l("Niet te bezorgen"), _l("De Belastingdienst nam haar niet aan."), "red"
    ),
    "420": Words(_l("De Belastingdienst is niet bereikbaar"), _AGAIN, "amber"),
    "500": Words(
        _l("Aangenomen door de Belastingdienst"),
        _l("De vorm is goedgekeurd; de inhoud kan later nog worden bekeken."),
        "green",
    ),
    "510": Words(_l("Afgekeurd door de Belastingdienst"), _FILE_AGAIN, "red"),
    "710": Words(_l("Afgekeurd"), _FILE_AGAIN, "red"),
    "720": Words(
        _l("Nog niet af te handelen"), _l("Wat hier precies speelt, is niet bekend."),
        "amber",
    ),
}  # fmt: skip
_LATER = _l("AutoReport probeert het zelf opnieuw.")
AUTOREPORT = {
    "Data Received": Words(_l("Ontvangen door Visma.net"), _l("Nog te verwerken.")),
    "Wait For Authentication": Words(
        _l("Wacht op aanmelden"), _l("Meld u in Visma.net AutoReport aan."), "amber"
    ),
    "Login Required": Words(
        _l("Aanmelden nodig"), _l("Meld u in Visma.net AutoReport aan."), "amber"
    ),
    "Report fetched": Words(_l("Opgehaald door AutoReport")),
    "Report validated": Words(_l("Bericht in orde")),
    "Forwarded": Words(_l("Doorgezet naar het verzenden")),
    "Sending": Words(_l("Wordt verzonden")),
    "Sent": Words(_l("Verzonden aan de Belastingdienst")),
    "Acknowledged": Words(
        _l("Aangenomen door de Belastingdienst"),
        _l("De vorm is goedgekeurd; de inhoud kan later nog worden bekeken."),
        "green",
    ),
    "NotAccepted By Government": Words(
        _l("Afgekeurd door de Belastingdienst"), _FILE_AGAIN, "red"
    ),
    "Ready for download": Words(_l("Antwoord klaar om op te halen")),
    "Error Report Upload": Words(_l("Storing bij het ontvangen"), _LATER, "amber"),
    "Error Forwarding": Words(_l("Verzenden mislukt"), _LATER, "amber"),
    "Error Log On": Words(
        _l("Aanmelden mislukt"),
        _l("Controleer het certificaat in Visma.net AutoReport."),
        "red",
    ),
    "Error in Report": Words(_l("Fout in het bericht"), _FILE_AGAIN, "red"),
    "Error Validating Report": Words(
        _l("Bericht afgekeurd op zijn vorm"), _FILE_AGAIN, "red"
    ),
    "Canceled": Words(_l("Geannuleerd"), "", "grey"),
}
_BY_CHANNEL = {ProfileKind.DIGIPOORT: DIGIPOORT, ProfileKind.AUTOREPORT: AUTOREPORT}


def words(channel: str, code: str) -> Words | None:
    """Return the words for a line; None for a status nobody told us of."""
    return OWN.get(code) or _BY_CHANNEL[ProfileKind(channel)].get(code)
