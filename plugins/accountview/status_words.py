"""AutoReport's statuses in plain Dutch; their names: contract section 3."""

from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import StatusWords

_FILE_AGAIN = _l("Los op wat er staat en dien de aangifte opnieuw in.")
_LATER = _l("AutoReport probeert het zelf opnieuw.")
STATUSES = {
    "Data Received": StatusWords(
        _l("Ontvangen door Visma.net"), _l("Nog te verwerken.")
    ),
    "Wait For Authentication": StatusWords(
        _l("Wacht op aanmelden"), _l("Meld u in Visma.net AutoReport aan."), "amber"
    ),
    "Login Required": StatusWords(
        _l("Aanmelden nodig"), _l("Meld u in Visma.net AutoReport aan."), "amber"
    ),
    "Report fetched": StatusWords(_l("Opgehaald door AutoReport")),
    "Report validated": StatusWords(_l("Bericht in orde")),
    "Forwarded": StatusWords(_l("Doorgezet naar het verzenden")),
    "Sending": StatusWords(_l("Wordt verzonden")),
    "Sent": StatusWords(_l("Verzonden aan de Belastingdienst")),
    "Acknowledged": StatusWords(
        _l("Aangenomen door de Belastingdienst"),
        _l("De vorm is goedgekeurd; de inhoud kan later nog worden bekeken."),
        "green",
    ),
    "NotAccepted By Government": StatusWords(
        _l("Afgekeurd door de Belastingdienst"), _FILE_AGAIN, "red"
    ),
    "Ready for download": StatusWords(_l("Antwoord klaar om op te halen")),
    "Error Report Upload": StatusWords(
        _l("Storing bij het ontvangen"), _LATER, "amber"
    ),
    "Error Forwarding": StatusWords(_l("Verzenden mislukt"), _LATER, "amber"),
    "Error Log On": StatusWords(
        _l("Aanmelden mislukt"),
        _l("Controleer het certificaat in Visma.net AutoReport."),
        "red",
    ),
    "Error in Report": StatusWords(_l("Fout in het bericht"), _FILE_AGAIN, "red"),
    "Error Validating Report": StatusWords(
        _l("Bericht afgekeurd op zijn vorm"), _FILE_AGAIN, "red"
    ),
    "Canceled": StatusWords(_l("Geannuleerd"), "", "grey"),
}
