"""The user's words for this plugin's codes."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

_CHECK = _l("Controleer het en probeer het opnieuw.")
_NOTHING_SENT = _l("Er is niets verstuurd.")
_TELL_US = _l("Neem contact met ons op.")

TEXTS = {
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
    "undertaking_missing": ErrorText(
        _l("Administratie %(administration)s hoort nog niet bij een onderneming."),
        _l("Visma.net kent een administratie alleen door haar onderneming."),
        _l("Maak een onderneming aan en kies haar bij de administratie."),
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
    "accountview_company_missing": ErrorText(
        _l("Er is nog geen administratie gekozen."),
        _l("AccountView wil bij elke vraag weten om welke administratie het gaat."),
        _l("Kies de administratie bij de verbinding met AccountView."),
        "connection",
    ),
    "accountview_refused": ErrorText(
        _l("AccountView weigerde het verzoek."),
        _l("AccountView antwoordde: %(message)s."),
        _l("Los op wat AccountView noemt en probeer het opnieuw."),
        "package",
    ),
    "autoreport_not_configured": ErrorText(
        _l("Visma.net AutoReport is niet ingesteld."),
        _l("Visma geeft het adres en de toegang alleen aan zijn partners."),
        _l(
            "Doe aangifte via Digipoort met uw eigen certificaat, of neem contact met"
            " ons op."
        ),
    ),
    "autoreport_refused": ErrorText(
        _l("Visma.net AutoReport nam het bericht niet aan."),
        _l("AutoReport antwoordde: %(message)s"),
        _l("Los op wat AutoReport noemt en verstuur de aangifte opnieuw."),
    ),
    "visma_services_not_configured": ErrorText(
        _l("De Visma-diensten zijn niet te bereiken."),
        _l("Er is geen adres ingesteld; Visma maakt het niet openbaar."),
        _TELL_US,
    ),
    "visma_service_refused": ErrorText(
        _l("Visma weigerde deze stap."),
        _l("Wat u invulde is naar Visma gestuurd, maar er is daar niets veranderd."),
        _l("Controleer wat u invulde en probeer de stap opnieuw."),
    ),
    "licence_unreadable": ErrorText(
        _l("Visma kan in deze tekst geen licentie lezen."),
        _l("De tekst is naar Visma gestuurd; er is niets geactiveerd."),
        _l(
            "Open het PDF-bestand van de licentie, kopieer de hele tekst en plak haar"
            " opnieuw."
        ),
    ),
    "connection_test_failed": ErrorText(
        _l("AccountView en AccountView.Net bereiken elkaar nog niet."),
        _l("Dat loopt via de gateway op de server waar AccountView staat."),
        _l("Installeer en controleer de gateway (stap 5) en test daarna opnieuw."),
    ),
    "licence_edition": ErrorText(
        _l("Uw licentie is niet van AccountView Team of AccountView Business."),
        _l("Alleen daarmee kan Visma.net AutoReport worden gebruikt."),
        _l("Neem contact op met Visma over een andere licentie."),
    ),
    "licence_version": ErrorText(
        _l("U werkt met een versie van AccountView van voor 9.8."),
        _l("De Visma-diensten werken vanaf AccountView 9.8."),
        _l("Vraag de update van AccountView aan."),
    ),
    "licence_module": ErrorText(
        _l("De module AutoReport-koppeling ontbreekt in uw licentie."),
        "",
        _l("Bestel haar in AccountView via Opties > Extra modules bestellen."),
    ),
    "gateway_not_installed": ErrorText(
        _l("De Visma On Premises Gateway is niet geïnstalleerd."),
        "",
        _l("Voer setup.exe uit op de server waar AccountView staat."),
    ),
    "gateway_not_running": ErrorText(
        _l("De Visma On Premises Gateway is niet gestart."),
        "",
        _l("Start de service op de server en druk op Controleren."),
    ),
    "gateway_no_connection": ErrorText(
        _l("De gateway kan geen verbinding maken met Visma.net."),
        _l("Vaak staat er een proxyserver of firewall tussen."),
        _l("Kies bij de installatie de proxyserver, of Directe verbinding zonder."),
    ),
    "gateway_local_only": ErrorText(
        _l("De gateway is alleen lokaal beschikbaar."),
        _l("Visma.net kan haar zo niet bereiken."),
        _l("Demarkeer ‘Visma On Premises Gateway alleen lokaal beschikbaar’."),
    ),
    "credentials_refused": ErrorText(
        _l("Visma.net accepteert dit e-mailadres met dit wachtwoord niet."),
        _l("De stappen in de e-mail aan de beheerder moeten eerst zijn gedaan."),
        _l("Controleer de gegevens van de beheerder."),
    ),
}
