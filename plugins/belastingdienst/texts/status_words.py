"""Every line of a declaration's timeline in plain Dutch.

Digipoort's codes: contract section 4 (status codes); those of other channels come with
them (`FilingRoute.statuses`).
"""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import StatusWords
from plugins.belastingdienst.channels import routes
from plugins.belastingdienst.models.administration import DIGIPOORT as CHANNEL

_AT_DIGIPOORT = _l("Digipoort is de poort van de overheid.")
_AGAIN = _l("Digipoort probeert het zelf opnieuw, tot 72 uur lang.")
_FILE_AGAIN = _l("Los op wat er staat en dien de aangifte opnieuw in.")


OWN = {
    "prepared": StatusWords(_l("Klaargemaakt"), _l("Wacht op goedkeuring."), "amber"),
    "superseded": StatusWords(
        _l("Vervangen"), _l("De cijfers zijn veranderd."), "grey"
    ),
    "approved": StatusWords(_l("Goedgekeurd"), _l("Wordt zo verstuurd.")),
    "withdrawn": StatusWords(_l("Ingetrokken"), _l("Nooit verstuurd."), "grey"),
    "sent": StatusWords(_l("Verstuurd"), _l("Wij wachten op de ontvangstbevestiging.")),
    "not_arrived": StatusWords(
        _l("Niet aangekomen"), _l("Het antwoord bewijst dat."), "amber"
    ),
    "looked_up": StatusWords(
        _l("Nagezocht"), _l("Gezocht of zij is aangekomen; niet gevonden."), "amber"
    ),
    "delivered": StatusWords(_l("Ontvangen"), _l("Met een ontvangstbevestiging.")),
    "found": StatusWords(
        _l("Teruggevonden"), _l("Zij was aangekomen; het antwoord ging verloren.")
    ),
    "stopped": StatusWords(_l("Wacht op u"), _l("Iemand moet iets doen."), "red"),
    "retried": StatusWords(_l("Weer verder")),
    "resend_asked": StatusWords(
        _l("Nog eens versturen"),
        _l("Iemand stelde vast dat zij niet is aangekomen."),
        "amber",
    ),
    "entered": StatusWords(
        _l("Aangekomen volgens u"), _l("Het kenmerk is met de hand ingevuld."), "amber"
    ),
    "cancel_asked": StatusWords(_l("Annulering gevraagd"), "", "amber"),
    "cancel_refused": StatusWords(_l("Annuleren kon niet meer"), "", "amber"),
}
DIGIPOORT = {
    "105": StatusWords(_l("Aanlevering begonnen"), _AT_DIGIPOORT),
    "100": StatusWords(_l("Aanlevering gelukt"), _l("Digipoort heeft het bericht.")),
    "110": StatusWords(_l("Aanlevering wordt aangeboden")),
    "200": StatusWords(_l("Afzender herkend"), _l("Uw certificaat is goed.")),
    "210": StatusWords(
        _l("Afzender niet toegelaten"),
        _l("U of uw certificaat mag voor dit nummer geen aangifte doen."),
        "red",
    ),
    "220": StatusWords(_l("Afzender nog niet te controleren"), _AGAIN, "amber"),
    "230": StatusWords(_l("Storing bij de controle van de afzender"), _AGAIN, "amber"),
    "301": StatusWords(_l("Bericht in orde"), _l("De vorm voldoet aan de regels.")),
    "311": StatusWords(_l("Bericht afgekeurd op zijn vorm"), _FILE_AGAIN, "red"),
    "321": StatusWords(_l("Storing bij de controle van het bericht"), _AGAIN, "amber"),
    "400": StatusWords(_l("Bezorgd bij de Belastingdienst")),
    "405": StatusWords(_l("Wordt bezorgd bij de Belastingdienst")),
    "410": StatusWords(
        _l("Niet te bezorgen"), _l("De Belastingdienst nam haar niet aan."), "red"
    ),
    "420": StatusWords(_l("De Belastingdienst is niet bereikbaar"), _AGAIN, "amber"),
    "500": StatusWords(
        _l("Aangenomen door de Belastingdienst"),
        _l("De vorm is goedgekeurd; de inhoud kan later nog worden bekeken."),
        "green",
    ),
    "510": StatusWords(_l("Afgekeurd door de Belastingdienst"), _FILE_AGAIN, "red"),
    "710": StatusWords(_l("Afgekeurd"), _FILE_AGAIN, "red"),
    "720": StatusWords(
        _l("Nog niet af te handelen"), _l("Wat hier precies speelt, is niet bekend."),
        "amber",
    ),
}  # fmt: skip


def words(channel: str, code: str) -> StatusWords | None:
    """Return the words for a line; None for a status nobody told us of."""
    return OWN.get(code) or _of_channel(channel).get(code)


def _of_channel(channel: str) -> Mapping[str, StatusWords]:
    if channel == CHANNEL:
        return DIGIPOORT
    found = routes.all_routes().get(channel)
    return found[1].statuses if found else {}
