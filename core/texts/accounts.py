"""What happened with accounts, and what is wrong with a new password."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "password_short": ErrorText(
        _l("Kies een wachtwoord van ten minste 12 tekens."),
        "",
        _l("Een paar woorden achter elkaar is lang én goed te onthouden."),
    ),
    "password_is_email": ErrorText(
        _l("Uw wachtwoord mag niet uw e-mailadres zijn."), "", _l("Kies iets anders.")
    ),
    "password_common": ErrorText(
        _l("Dit wachtwoord wordt te veel gebruikt en is snel te raden."),
        "",
        _l("Kies iets anders, zoals een paar woorden achter elkaar."),
    ),
    "password_differs": ErrorText(
        _l("De twee wachtwoorden zijn niet gelijk."), "", _l("Typ ze nog eens.")
    ),
    "email_taken": ErrorText(
        _l("Met dit e-mailadres wordt al ingelogd."),
        "",
        _l("Kies een ander e-mailadres."),
    ),
    "last_owner": ErrorText(
        _l("Er moet ten minste één eigenaar zijn."),
        "",
        _l("Maak eerst iemand anders eigenaar."),
    ),
    "logged_out": ErrorText(_l("%(name)s heeft uitgelogd.")),
    "login_failures": ErrorText(
        _l(
            "Er is vaak met een verkeerd wachtwoord geprobeerd in te loggen als"
            " %(name)s."
        )
    ),
    "code_failures": ErrorText(
        _l(
            "Iemand met het juiste wachtwoord van %(name)s gaf te vaak een verkeerde"
            " code."
        ),
        "",
        _l("Was u het niet, kies dan meteen een ander wachtwoord."),
    ),
    "proof_failures": ErrorText(
        _l(
            "In een venster waarin %(name)s was ingelogd, is te vaak een verkeerd"
            " wachtwoord gegeven."
        )
    ),
    "own_data_saved": ErrorText(
        _l("%(name)s heeft de eigen gegevens gewijzigd; de naam was ‘%(old)s’.")
    ),
    "email_change_asked": ErrorText(
        _l("%(name)s vroeg een link aan om e-mail op %(address)s te bevestigen.")
    ),
    "install_link_sent": ErrorText(
        _l("%(name)s kreeg een nieuwe link en een nieuw wachtwoord om te beginnen.")
    ),
    "password_changed": ErrorText(_l("%(name)s heeft een nieuw wachtwoord gekozen.")),
    "password_given": ErrorText(
        _l("Wij gaven %(name)s een nieuw wachtwoord voor één keer.")
    ),
    "password_link_sent": ErrorText(
        _l("%(name)s vroeg een link aan om een nieuw wachtwoord te kiezen.")
    ),
    "two_factor_on": ErrorText(_l("%(name)s heeft inloggen in twee stappen aangezet.")),
    "two_factor_off": ErrorText(
        _l("%(name)s heeft inloggen in twee stappen uitgezet.")
    ),
    "recovery_codes_made": ErrorText(_l("%(name)s heeft nieuwe herstelcodes gemaakt.")),
    "recovery_code_used": ErrorText(
        _l("%(name)s gebruikte een herstelcode; er zijn er nog %(left)s.")
    ),
    "email_changed": ErrorText(_l("%(old)s logt voortaan in met %(name)s.")),
    "extra_email_confirmed": ErrorText(
        _l("E-mails gaan voortaan ook naar %(address)s.")
    ),
    "extra_email_removed": ErrorText(_l("Het extra e-mailadres is verwijderd.")),
    "user_invited": ErrorText(_l("%(name)s heeft %(address)s uitgenodigd.")),
    "user_joined": ErrorText(_l("%(name)s heeft de uitnodiging aangenomen.")),
    "user_removed": ErrorText(_l("%(name)s heeft %(address)s verwijderd.")),
    "role_changed": ErrorText(_l("%(name)s heeft de rol van %(address)s gewijzigd.")),
    "company_saved": ErrorText(_l("%(name)s heeft de bedrijfsgegevens gewijzigd.")),
    "data_exported": ErrorText(_l("%(name)s heeft alle gegevens gedownload.")),
    "customer_exported": ErrorText(
        _l("%(name)s heeft de gegevens van een klant gedownload.")
    ),
    "customer_erased": ErrorText(
        _l(
            "%(name)s heeft de gegevens van een klant gewist: %(deleted)s bestellingen"
            " weg, %(kept)s geboekte zonder naam bewaard."
        )
    ),
    "data_erased": ErrorText(_l("Alle gegevens zijn gewist.")),
    "takeover_began": ErrorText(
        _l(
            "%(name)s van Koppelwerk kijkt %(minutes)s minuten mee, zonder iets te"
            " kunnen wijzigen. Reden: %(reason)s"
        )
    ),
    "takeover_ended": ErrorText(_l("%(name)s van Koppelwerk kijkt niet meer mee.")),
}
