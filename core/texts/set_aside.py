"""What the user set aside, and took back."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

_BACK = _l("Klopt dat niet meer, druk dan op Terugzetten.")

TEXTS: Mapping[str, ErrorText] = {
    "booked_by_hand": ErrorText(
        _l("Door u zelf geboekt."),
        _l("Nummer of kenmerk in uw pakket: %(reference)s. Wij boeken dit niet."),
        _BACK,
    ),
    "ignored": ErrorText(
        _l("Door u genegeerd."),
        _l("Reden: %(reason)s. Wij boeken dit niet."),
        _BACK,
    ),
    "invoiced_here": ErrorText(
        _l("Van deze bestelling is hier een factuur gemaakt."),
        _l("Die wordt geboekt; de bestelling zelf niet nog eens."),
        _l("Moet zij toch als bestelling worden geboekt, verwijder dan het concept."),
    ),
    "put_aside": ErrorText(_l("Door u weggezet: zelf geboekt of niet nodig.")),
    "taken_back": ErrorText(
        _l("Dit was weggezet en is teruggezet."),
        _l("Wij hebben er niet opnieuw naar gekeken."),
        _l("Druk op Verwerk om het door te zetten."),
    ),
    "order_ended_meanwhile": ErrorText(
        _l("De bestelling is intussen geannuleerd en wordt niet doorgezet."),
        _l("Dat gebeurde in uw winkel terwijl zij was weggezet."),
        _l("U hoeft niets te doen."),
    ),
    "booked_by_hand_pressed": ErrorText(
        _l("%(number)s is zelf geboekt als ‘%(reference)s’.")
    ),
    "invoiced_here_pressed": ErrorText(
        _l("Bestelling %(number)s wordt als factuur geboekt en niet als bestelling.")
    ),
    "ignored_pressed": ErrorText(_l("%(number)s wordt genegeerd: %(reason)s.")),
    "taken_back_pressed": ErrorText(_l("%(number)s is teruggezet.")),
    "put_aside_pressed": ErrorText(_l("%(number)s is weggezet.")),
}
