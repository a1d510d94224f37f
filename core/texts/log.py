"""What happened, for the log."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "transfer_done": ErrorText(_l("Bestelling %(number)s is doorgezet.")),
    "retry_pressed": ErrorText(_l("Verwerk gedrukt voor bestelling %(number)s.")),
    "held_seen": ErrorText(_l("De melding over bestelling %(number)s is gezien.")),
    "logged_in": ErrorText(_l("%(name)s heeft ingelogd.")),
    "connected": ErrorText(_l("%(plugin)s is verbonden met ‘%(name)s’.")),
    "connection_paused": ErrorText(
        _l("%(plugin)s accepteert onze toegang niet meer; alles wacht.")
    ),
    "registration_refused": ErrorText(
        _l(
            "Wij hebben een storing in onze registratie bij %(plugin)s; alles wacht en "
            "gaat vanzelf verder."
        )
    ),
    "registration_works": ErrorText(
        _l("Onze registratie bij %(plugin)s werkt weer; alles gaat verder.")
    ),
    "connection_rests": ErrorText(
        _l("%(plugin)s geeft geen bruikbaar antwoord; wij proberen het af en toe.")
    ),
    "connection_ended": ErrorText(
        _l("De verbinding van %(plugin)s met ‘%(name)s’ is beëindigd.")
    ),
    "connection_checked": ErrorText(
        _l("%(plugin)s is gecontroleerd: ‘%(name)s’ antwoordt.")
    ),
    "owners_right_given": ErrorText(
        _l("Eigenaren mogen koppelingen met %(plugin)s maken en zien.")
    ),
    "owners_right_taken": ErrorText(
        _l("Eigenaren mogen koppelingen met %(plugin)s niet meer maken of zien.")
    ),
    "owners_right_default": ErrorText(
        _l("Het recht van eigenaren op %(plugin)s is weer de standaard.")
    ),
    "colleagues_right_given": ErrorText(
        _l("Collega’s mogen koppelingen met %(plugin)s maken en zien.")
    ),
    "colleagues_right_taken": ErrorText(
        _l("Collega’s mogen koppelingen met %(plugin)s niet meer maken of zien.")
    ),
    "colleagues_right_default": ErrorText(
        _l("Het recht van collega’s op %(plugin)s is weer de standaard.")
    ),
    "settings_saved": ErrorText(_l("De instellingen van %(plugin)s zijn opgeslagen.")),
    "could_not_connect": ErrorText(
        _l("%(plugin)s verbinden lukte niet."), "%(reason)s"
    ),
    "plugin_enabled": ErrorText(_l("%(plugin)s is aangezet.")),
    "plugin_disabled": ErrorText(_l("%(plugin)s is uitgezet.")),
    "coupling_made": ErrorText(_l("Er is een koppeling gemaakt.")),
    "configuration_saved": ErrorText(_l("De instellingen zijn opgeslagen.")),
    "invoice_settings_saved": ErrorText(
        _l("De instellingen van facturen zijn opgeslagen.")
    ),
    "list_exported": ErrorText(_l("De lijst ‘%(list)s’ is gedownload (%(kind)s).")),
    "vat_saved": ErrorText(_l("De BTW-instellingen zijn opgeslagen.")),
    "vat_deleted": ErrorText(_l("De BTW-instellingen zijn verwijderd.")),
    "payments_saved": ErrorText(_l("De betaalmethoden zijn opgeslagen.")),
    "vat_rates_change": ErrorText(
        _l("In %(country)s veranderen op %(on)s de BTW-tarieven."),
        _l("Vervalt: %(ends)s%%. Nieuw: %(begins)s%%."),
        _l("Stel het nieuwe tarief in, in uw winkel en bij Configuratie."),
        "vat",
    ),
    "no_turnover_saved": ErrorText(
        _l("De keuzen voor cadeaubonnen, statiegeld en fooien zijn opgeslagen.")
    ),
    "vat_status_saved": ErrorText(_l("Uw BTW-situatie vanaf %(on)s is opgeslagen.")),
    "vat_status_removed": ErrorText(_l("Uw BTW-situatie vanaf %(on)s is verwijderd.")),
    "coupling_configured": ErrorText(
        _l("De configuratie is compleet; bestellingen gaan nu door.")
    ),
}
