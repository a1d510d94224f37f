"""The user's words for who files, by which channel and with which certificate."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

SETUP_TEXTS = {
    # administraties and aangifteprofielen
    "administration_exists": ErrorText(
        _l("Administratie %(administration)s bestaat al."),
        "",
        _l("Kies een andere code."),
    ),
    "belastingdienst_administration_made": ErrorText(
        _l("Voor administratie %(administration)s kan aangifte worden ingericht.")
    ),
    "belastingdienst_administration_saved": ErrorText(
        _l("De instellingen van administratie %(administration)s zijn opgeslagen.")
    ),
    "profile_exists": ErrorText(
        _l("Er is al een aangifteprofiel %(profile)s."),
        "",
        _l("Kies een andere naam."),
    ),
    "profile_in_use": ErrorText(
        _l("Aangifteprofiel %(profile)s is nog in gebruik."),
        _l("Het is vastgelegd in een administratie, of er is mee aangegeven."),
        _l("Kies bij die administraties eerst een ander profiel."),
    ),
    "belastingdienst_profile_saved": ErrorText(
        _l("Aangifteprofiel %(profile)s is opgeslagen.")
    ),
    "belastingdienst_profile_removed": ErrorText(
        _l("Aangifteprofiel %(profile)s is verwijderd.")
    ),
    # certificates
    "certificate_inactive": ErrorText(
        _l(
            "Voor %(administration)s is bij de dienst die verstuurt nog geen"
            " certificaat geactiveerd."
        ),
        _l("De dienst ondertekent de aangifte met dit certificaat."),
        _l("Open Certificaat, kies er een en klik om te activeren."),
    ),
    "certificate_own_needed": ErrorText(
        _l("Digipoort wil uw eigen certificaat."),
        _l("Het certificaat van een dienst werkt alleen via die dienst."),
        _l("Voeg uw PKIoverheid-certificaat toe en kies dat."),
    ),
    "certificate_no_profile": ErrorText(
        _l("Administratie %(administration)s heeft een ander aangifteprofiel."),
        "",
        _l("Kies een administratie waarin dit profiel is vastgelegd."),
    ),
    "belastingdienst_certificate_chosen": ErrorText(
        _l("Certificaat %(subject)s is gekozen voor aangifteprofiel %(profile)s.")
    ),
    # whether an administration may file
    "administration_off": ErrorText(
        _l("Voor administratie %(administration)s wordt geen aangifte gedaan."),
        _l("Zij staat uit."),
        _l("Zet haar aan bij de instellingen van de administratie."),
    ),
    "profile_missing": ErrorText(
        _l("In administratie %(administration)s is geen aangifteprofiel vastgelegd."),
        _l("Het aangifteprofiel zegt hoe een aangifte wordt verstuurd."),
        _l("Kies een aangifteprofiel bij de administratie."),
    ),
    "undertaking_blocked": ErrorText(
        _l("De onderneming van administratie %(administration)s is geblokkeerd."),
        _l("Een nieuwe onderneming is geblokkeerd tot zij klaar is voor gebruik."),
        _l("Geef haar vrij zodra de beginbalans is overgenomen."),
    ),
    "channel_missing": ErrorText(
        _l("De dienst waarmee deze aangifte wordt verstuurd is er nu niet."),
        _l("Het onderdeel dat haar verstuurt is niet geladen."),
        _l("Kies een ander aangifteprofiel, of neem contact met ons op."),
    ),
    "certificate_missing": ErrorText(
        _l("Voor administratie %(administration)s is geen certificaat gekozen."),
        _l("Digipoort neemt alleen een ondertekende aangifte aan."),
        _l("Voeg uw PKIoverheid-certificaat toe en kies het in het aangifteprofiel."),
    ),
    "certificate_over": ErrorText(
        _l("Het certificaat van administratie %(administration)s is verlopen."),
        _l("Digipoort laat alleen een geldig certificaat toe."),
        _l("Voeg het nieuwe certificaat toe en kies het."),
    ),
    "certificate_ends_soon": ErrorText(
        _l("Certificaat %(subject)s loopt af op %(date)s."),
        _l("Daarna kan er niets meer worden verstuurd."),
        _l("Vraag een nieuw aan, voeg het toe en kies het."),
    ),
    "certificate_in_use": ErrorText(
        _l("Certificaat %(subject)s is nog in gebruik."),
        "",
        _l("Kies eerst een ander certificaat in profiel en administraties."),
    ),
    "belastingdienst_certificate_stored": ErrorText(
        _l("Certificaat %(subject)s is versleuteld bewaard.")
    ),
    "belastingdienst_certificate_removed": ErrorText(
        _l("Certificaat %(subject)s is verwijderd.")
    ),
}
