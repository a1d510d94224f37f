"""What is told and asked of refunds."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

_BY_HAND = _l("Boek de creditering zelf in uw pakket en druk daarna op Gezien.")
_LOOK = _l("Kijk het na in uw winkel en uw pakket en druk daarna op Gezien.")
_PRESS = _l("Druk op Boek creditering, of op Zelf geboekt als u het zelf doet.")

TEXTS: Mapping[str, ErrorText] = {
    "refund_to_book": ErrorText(
        _l("Van bestelling %(number)s is %(refunded)s terugbetaald."),
        _l("De bestelling is geboekt. Er is nog niets gecrediteerd."),
        _PRESS,
        many=_l("Terugbetalingen die nog niet zijn gecrediteerd"),
    ),
    "refund_rates_assumed": ErrorText(
        _l("Van %(number)s is %(refunded)s terugbetaald; het BTW-tarief is onbekend."),
        _l(
            "De bestelling heeft meer BTW-tarieven en de winkel noemt geen regels."
            " De verdeling hieronder is onze aanname."
        ),
        _l("Klopt de verdeling, druk dan op Boek creditering. Anders boekt u zelf."),
        many=_l("Terugbetalingen waarvan het BTW-tarief onbekend is"),
    ),
    "refund_reason_unknown": ErrorText(
        _l("Van %(number)s is %(refunded)s terugbetaald: korting of schadevergoeding?"),
        _l(
            "Een prijsverlaging of retour verlaagt omzet en BTW. Een schadevergoeding"
            " niet: dat zijn kosten zonder BTW."
        ),
        _l("Kies Prijsverlaging of retour, of Schadevergoeding."),
        many=_l("Terugbetalingen waarvan de reden onbekend is"),
    ),
    "refund_maybe_told": ErrorText(
        _l("Of de terugbetaling van %(refunded)s op %(number)s nieuw is, is onzeker."),
        _l(
            "De winkel noemde eerder alleen een totaalbedrag, of noemt deze"
            " terugbetaling of een eerdere niet meer, of voor minder."
        ),
        _l(
            "Kijk in de winkel. Staat ze er apart, druk dan op Boek creditering; is het"
            " geld dat al was verteld, druk dan op Negeren."
        ),
        many=_l("Terugbetalingen die misschien al zijn verteld"),
    ),
    "refund_not_passed_on": ErrorText(
        _l("Van bestelling %(number)s is %(refunded)s terugbetaald."),
        _l("Bij Configuratie staat dat terugbetalingen niet worden doorgezet."),
        _BY_HAND,
        "refunds",
        many=_l("Terugbetalingen die u zelf boekt"),
    ),
    "refund_not_possible": ErrorText(
        _l("Van bestelling %(number)s is %(refunded)s terugbetaald."),
        _l("Wat de bestelling in het pakket is geworden, kunnen wij niet crediteren."),
        _BY_HAND,
        "package",
        many=_l("Terugbetalingen die wij niet kunnen crediteren"),
    ),
    "refund_of_own_booking": ErrorText(
        _l("Van %(number)s, die u wegzette, is %(refunded)s terugbetaald."),
        _l("Wat wij niet boekten, crediteren wij niet."),
        _BY_HAND,
        "package",
        many=_l("Terugbetalingen op bestellingen die u wegzette"),
    ),
    "refund_of_invoice": ErrorText(
        _l(
            "Van %(number)s, waarvan u hier een factuur maakte, is %(refunded)s"
            " terugbetaald."
        ),
        _l("De factuur is geboekt, niet de bestelling. Haar crediteren is aan u."),
        _l(
            "Zoek de factuur op het bestelnummer, druk op Crediteren en verstuur de"
            " creditfactuur."
        ),
        many=_l("Terugbetalingen op bestellingen die hier zijn gefactureerd"),
    ),
    "refund_after_change": ErrorText(
        _l(
            "Van %(number)s is %(refunded)s terugbetaald en de bestelling is gewijzigd."
        ),
        _l("Geboekt is wat er vóór de wijziging stond: %(booked)s."),
        _l("Handel eerst de wijziging van de bestelling af, hier onder Fouten."),
        "package",
        many=_l("Terugbetalingen op gewijzigde bestellingen"),
    ),
    "refund_exceeds_sale": ErrorText(
        _l("Op %(number)s is %(refunded)s terugbetaald: meer dan er nog van over is."),
        _l("Wij crediteren nooit meer dan er is geboekt (%(booked)s)."),
        _LOOK,
        "shop",
        many=_l("Terugbetalingen van meer dan er nog van de bestelling over is"),
    ),
    "refund_money_in": ErrorText(
        _l("Op bestelling %(number)s is %(refunded)s bijbetaald of teruggekomen."),
        _l("Zoiets hoort bij een duurdere ruil of een ingetrokken terugbetaling."),
        _LOOK,
        "shop",
        many=_l("Bestellingen waarop is bijbetaald of geld terugkwam"),
    ),
    "refund_is_damages": ErrorText(
        _l("Voor bestelling %(number)s is %(refunded)s schadevergoeding betaald."),
        _l("Een schadevergoeding verlaagt de omzet niet en heeft geen BTW."),
        _l("Boek ze zelf als kosten en druk daarna op Gezien."),
        "package",
        many=_l("Schadevergoedingen"),
    ),
    "charged_back": ErrorText(
        _l("De bank heeft %(refunded)s van bestelling %(number)s teruggehaald."),
        _l("De verkoop blijft staan en wordt niet gecrediteerd; ze is weer onbetaald."),
        _LOOK,
        "package",
        many=_l("Betalingen die de bank terughaalde"),
    ),
    "chargeback_reversed": ErrorText(
        _l("%(refunded)s van %(number)s is na een terugboeking alsnog betaald."),
        _l("De verkoop bleef staan; de betaling is er weer."),
        _LOOK,
        "package",
        many=_l("Betalingen die na een terugboeking alsnog kwamen"),
    ),
    "chargeback_to_book": ErrorText(
        _l("De bank heeft %(refunded)s van bestelling %(number)s teruggehaald."),
        _l("De verkoop blijft staan; de betaling op de tussenrekening gaat terug."),
        _l("Druk op Boek de betaling terug, of op Zelf geboekt als u het zelf doet."),
        many=_l("Betalingen die de bank terughaalde, nog niet geboekt"),
    ),
    "chargeback_reversal_to_book": ErrorText(
        _l("%(refunded)s van %(number)s is na een terugboeking alsnog betaald."),
        _l("De afboeking op de tussenrekening kan weer worden gemaakt."),
        _l("Druk op Boek de betaling, of op Zelf geboekt als u het zelf doet."),
        many=_l("Betalingen die na een terugboeking alsnog kwamen, nog niet geboekt"),
    ),
    "refund_seen": ErrorText(_l("Terugbetaling gezien; niet door ons gecrediteerd.")),
    "refund_was_damages": ErrorText(
        _l("Schadevergoeding: er is niets gecrediteerd."),
        _l("Een schadevergoeding verlaagt de omzet niet en heeft geen BTW."),
        _l("Boek ze zelf als kosten."),
    ),
    "credit_done": ErrorText(_l("Creditering %(number)s is doorgezet.")),
    "credit_pressed": ErrorText(_l("Boek creditering gedrukt voor %(number)s.")),
    "chargeback_pressed": ErrorText(_l("%(number)s is door de bank teruggehaald.")),
    "damages_pressed": ErrorText(_l("%(number)s is een schadevergoeding.")),
    "refunds_saved_not": ErrorText(_l("Terugbetalingen worden niet meer doorgezet.")),
    "refunds_saved_ask": ErrorText(_l("Van terugbetalingen wordt voortaan gevraagd.")),
    "refunds_saved_by_itself": ErrorText(
        _l("Terugbetalingen worden voortaan vanzelf gecrediteerd als dat zeker is.")
    ),
}
