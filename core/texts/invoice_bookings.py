"""The words of invoice bookings and open items (manual 000, C and D)."""

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS = {
    "invoice_vat_unmapped": ErrorText(
        _l("Voor BTW-code %(vat_code)s is nog niet gekozen wat zij in het pakket"
           " wordt."),
        _l("Een factuur gaat pas door als elke BTW-code van haar regels is gekozen."),
        _l("Kies bij Facturen boeken de BTW-code en de omzetrekening; de factuur gaat"
           " dan vanzelf."),
        "vat",
        by=('vat_code',),
    ),
    "debtor_number_missing": ErrorText(
        _l("%(relation)s heeft nog geen debiteurnummer."),
        _l("Een factuur wordt geboekt op de debiteur met het nummer van de relatie."),
        _l("Vul bij de relatie het debiteurnummer in en druk op Verwerk."),
        "relation",
        many=_l("Facturen aan relaties zonder debiteurnummer"),
    ),
    "invoice_booked": ErrorText(_l("Factuur %(number)s is geboekt.")),
    "invoice_booking_on": ErrorText(_l("Facturen boeken is ingesteld en staat aan.")),
    "invoice_booking_off": ErrorText(_l("Facturen boeken is uitgezet.")),
    "invoice_booking_asked": ErrorText(
        _l("Voor factuur %(number)s is gevraagd haar alsnog te boeken.")
    ),
    "open_items_decider": ErrorText(
        _l("Gekozen is dat %(plugin)s bepaalt of een factuur Betaald is.")
    ),
    "open_items_on": ErrorText(
        _l("Betalingen van facturen worden eens per 24 uur verwerkt.")
    ),
    "open_items_off": ErrorText(
        _l("Betalingen van facturen worden niet meer verwerkt.")
    ),
    "open_items_not_read": ErrorText(
        _l("De openstaande saldi in %(plugin)s konden niet worden gelezen."),
        _l("Er is niets gewijzigd: een factuur wordt alleen Betaald als het pakket dat"
           " duidelijk zegt."),
        _l("U hoeft niets te doen: wij proberen het vanzelf opnieuw."),
    ),
}  # fmt: skip
