"""The user's words for the wizard, the ondernemingen and what hangs on them."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

_CHECK = _l("Controleer het en probeer het opnieuw.")

SETUP_TEXTS = {
    # connecting
    "accountview_no_companies": ErrorText(
        _l("AccountView.Net liet geen enkele administratie zien."),
        _l("De gebruiker waarmee u inlogde heeft nergens toegang toe."),
        _l("Geef hem in AccountView toegang, of log in met een andere gebruiker."),
    ),
    "accountview_not_connected": ErrorText(
        _l("AccountView is niet verbonden."),
        "",
        _l("Open Koppelingen, kies AccountView en druk op Koppelen."),
        "connection",
    ),
    # the wizard
    "activation_step_order": ErrorText(
        _l("Deze stap is nog niet aan de beurt."),
        _l("De stappen bouwen op elkaar voort."),
        _l("Maak eerst de stap af waar de wizard is gebleven."),
    ),
    "activation_unfinished": ErrorText(
        _l("De Visma-diensten zijn nog niet geactiveerd."),
        _l("Visma.net AutoReport werkt pas als alle zes stappen klaar zijn."),
        _l("Ga verder met Visma-diensten activeren."),
    ),
    "terms_not_accepted": ErrorText(
        _l("U bent nog niet akkoord gegaan met de voorwaarden."),
        _l("Visma activeert de licentie alleen met uw akkoord."),
        _l("Lees de Servicevoorwaarden en markeer dat u akkoord gaat."),
    ),
    "communication_inactive": ErrorText(
        _l("De AccountView Communication Service antwoordt niet op %(server)s."),
        _l("De service is daar niet actief, of de servernaam klopt niet."),
        _l("Start de service op die server, of vul de goede server in."),
    ),
    "administrator_missing": ErrorText(
        _l("Er is nog geen beheerder aangemaakt."),
        "",
        _l("Vul de velden in en kies Aanmaken."),
    ),
    "administrator_unconfirmed": ErrorText(
        _l("De stappen in de e-mail aan %(email)s zijn nog niet gedaan."),
        _l("Visma.net kent de beheerder pas daarna."),
        _l("Open de e-mail, doe de stappen en kies opnieuw Controleren."),
    ),
    "names_incomplete": ErrorText(
        _l("Voor Single Sign On zijn voornaam en achternaam nodig."),
        "",
        _l("Vul beide in, of laat beide leeg."),
    ),
    "accountview_activated": ErrorText(_l("De Visma-diensten zijn geactiveerd.")),
    # ondernemingen and Visma.net users
    "undertaking_year": ErrorText(
        _l("In code en omschrijving van een onderneming hoort geen jaartal."),
        _l("Een onderneming bevat alle boekjaren."),
        _l("Laat het jaartal weg."),
    ),
    "undertaking_exists": ErrorText(
        _l("Onderneming %(undertaking)s bestaat al."), "", _l("Kies een andere code.")
    ),
    "undertaking_in_use": ErrorText(
        _l("Er horen nog administraties bij onderneming %(undertaking)s."),
        "",
        _l("Kies bij die administraties eerst een andere onderneming."),
    ),
    "accountview_undertaking_made": ErrorText(
        _l("Onderneming %(undertaking)s is aangemaakt; zij is nog geblokkeerd.")
    ),
    "accountview_undertaking_blocked": ErrorText(
        _l("Onderneming %(undertaking)s is geblokkeerd.")
    ),
    "accountview_undertaking_released": ErrorText(
        _l("Onderneming %(undertaking)s is vrijgegeven.")
    ),
    "accountview_undertaking_removed": ErrorText(
        _l("Onderneming %(undertaking)s is hier verwijderd.")
    ),
    "visma_user_missing": ErrorText(
        _l(
            "Voor de onderneming van %(administration)s is geen Visma.net-gebruiker"
            " met de rol AutoReport User vastgelegd."
        ),
        _l("AutoReport wil ten minste één gebruiker met toegang."),
        _l("Geef in Visma.net toegang en leg het vast bij Visma.net-gebruikers."),
    ),
    "visma_user_exists": ErrorText(
        _l("Er is al een Visma.net-gebruiker met e-mailadres %(email)s."), "", _CHECK
    ),
    "accountview_user_saved": ErrorText(
        _l("Visma.net-gebruiker %(email)s is opgeslagen.")
    ),
    "accountview_user_removed": ErrorText(
        _l("Visma.net-gebruiker %(email)s is hier verwijderd.")
    ),
    # administraties and aangifteprofielen
    "administration_exists": ErrorText(
        _l("Administratie %(administration)s bestaat al."),
        "",
        _l("Kies een andere code."),
    ),
    "accountview_administration_made": ErrorText(
        _l("Voor administratie %(administration)s kan aangifte worden ingericht.")
    ),
    "accountview_administration_saved": ErrorText(
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
    "accountview_profile_saved": ErrorText(
        _l("Aangifteprofiel %(profile)s is opgeslagen.")
    ),
    "accountview_profile_removed": ErrorText(
        _l("Aangifteprofiel %(profile)s is verwijderd.")
    ),
    # certificates
    "certificate_inactive": ErrorText(
        _l(
            "Voor %(administration)s is in AutoReport nog geen certificaat geactiveerd."
        ),
        _l("AutoReport ondertekent de aangifte met dit certificaat."),
        _l("Open Certificaat, kies er een en klik om te activeren."),
    ),
    "certificate_own_needed": ErrorText(
        _l("Digipoort wil uw eigen certificaat."),
        _l("Het Visma-certificaat werkt alleen via Visma.net AutoReport."),
        _l("Voeg uw PKIoverheid-certificaat toe en kies dat."),
    ),
    "certificate_no_profile": ErrorText(
        _l("Administratie %(administration)s heeft een ander aangifteprofiel."),
        "",
        _l("Kies een administratie waarin dit profiel is vastgelegd."),
    ),
    "accountview_certificate_chosen": ErrorText(
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
    "undertaking_missing": ErrorText(
        _l("Administratie %(administration)s hoort nog niet bij een onderneming."),
        _l("Visma.net kent een administratie alleen door haar onderneming."),
        _l("Maak een onderneming aan en kies haar bij de administratie."),
    ),
    "undertaking_blocked": ErrorText(
        _l("De onderneming van administratie %(administration)s is geblokkeerd."),
        _l("Een nieuwe onderneming is geblokkeerd tot zij klaar is voor gebruik."),
        _l("Geef haar vrij zodra de beginbalans is overgenomen."),
    ),
    "undertaking_unregistered": ErrorText(
        _l(
            "De onderneming van administratie %(administration)s is nog niet bij"
            " Visma.net geregistreerd."
        ),
        "",
        _l("Open Ondernemingen en kies Registreren."),
    ),
    "visma_tenant_missing": ErrorText(
        _l(
            "In het aangifteprofiel van %(administration)s ontbreekt het klantnummer"
            " bij Visma."
        ),
        _l("Zonder dit nummer weet Visma.net niet namens wie de aangifte komt."),
        _l("Vul het in het aangifteprofiel in."),
    ),
    "certificate_missing": ErrorText(
        _l("Voor administratie %(administration)s is geen certificaat gekozen."),
        _l("Digipoort neemt alleen een ondertekende aangifte aan."),
        _l("Voeg uw PKIoverheid-certificaat toe en kies het in het aangifteprofiel."),
    ),
    "certificate_in_use": ErrorText(
        _l("Certificaat %(subject)s is nog in gebruik."),
        "",
        _l("Kies eerst een ander certificaat in profiel en administraties."),
    ),
    "accountview_certificate_stored": ErrorText(
        _l("Certificaat %(subject)s is versleuteld bewaard.")
    ),
    "accountview_certificate_removed": ErrorText(
        _l("Certificaat %(subject)s is verwijderd.")
    ),
}
