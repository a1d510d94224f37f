"""The user's words for this plugin's codes."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

_SAYS = _l("DigitaleFactuur antwoordde: %(message)s (code %(error_code)s).")
_CONNECT = _l(
    "Maak in DigitaleFactuur onder Bedrijf > Instellingen > API > Keys een nieuwe API"
    " key en vul die hier in."
)

DOCUMENTS = {"invoice": _l("Factuur")}
"""What an invoice becomes."""
HOW_TO_FIND = {
    "invoice": _l(
        "Zoek in DigitaleFactuur bij de facturen op factuurnummer %(number)s."
    )
}
"""DigitaleFactuur names no web address of an invoice."""
INVOICE_NOTICE = _l(
    "DigitaleFactuur maakt de factuur zelf op uit de regels: de verstuurde PDF kan niet"
    " mee, en DigitaleFactuur verstuurt niets."
)

TEXTS = {
    "df_login_refused": ErrorText(
        _l("DigitaleFactuur accepteert de Account-id of de Toegangscode niet."),
        _l("Een van beide klopt niet, of de API key is ingetrokken."),
        _CONNECT,
        "connection",
    ),
    "df_credentials_malformed": ErrorText(
        _l("Dit kan geen Account-id of Toegangscode van DigitaleFactuur zijn."),
        _l(
            "Er staan spaties of andere tekens in die er niet in voorkomen, of er"
            " ontbreekt iets."
        ),
        _l("Kopieer beide gegevens opnieuw, zonder spaties."),
        "connection",
    ),
    "df_test_refused": ErrorText(
        _l("DigitaleFactuur weigerde de proef met deze gegevens."),
        _SAYS,
        _CONNECT,
        "connection",
    ),
    "df_forbidden": ErrorText(
        _l("Deze API key mag dit niet in DigitaleFactuur."),
        _SAYS,
        _l("Controleer in DigitaleFactuur de rechten van de API key of uw abonnement."),
        "connection",
    ),
    "df_missing": ErrorText(
        _l("DigitaleFactuur kent een gegeven niet (meer) waarnaar wij verwezen."),
        _SAYS,
        _l("Kijk in DigitaleFactuur of het is verwijderd en druk op Verwerk."),
        "package",
    ),
    "df_exists": ErrorText(
        _l("DigitaleFactuur zegt dat dit al bestaat."),
        _SAYS,
        _l("Kijk in DigitaleFactuur of het nummer al bestaat en druk op Verwerk."),
        "package",
    ),
    "df_invalid": ErrorText(
        _l("DigitaleFactuur keurde de gegevens af."),
        _SAYS,
        _l("Pas aan wat DigitaleFactuur noemt en druk op Verwerk."),
        "package",
    ),
    "df_refused": ErrorText(
        _l("DigitaleFactuur weigerde dit."),
        _SAYS,
        _l("Los op wat DigitaleFactuur noemt en druk op Verwerk."),
        "package",
    ),
    "df_no_number": ErrorText(
        _l("Het factuurnummer %(number)s eindigt niet op een cijfer."),
        _l("DigitaleFactuur nummert facturen met een voorloop en een getal."),
        _l("Pas de nummering van uw facturen aan."),
    ),
    "df_vat_rate": ErrorText(
        _l("Een BTW-tarief van %(rate)s%% kan niet naar DigitaleFactuur."),
        _l("DigitaleFactuur kent tarieven van 0 tot 100%% met één decimaal."),
        _l("Pas het tarief op de factuurregel aan."),
    ),
    "df_lines": ErrorText(
        _l("De factuur heeft geen regels."),
        _l("Een factuur zonder regels neemt DigitaleFactuur niet aan."),
        _l("Voeg een regel toe."),
    ),
    "df_total_differs": ErrorText(
        _l("Het totaal van de factuur klopt niet met de regels."),
        _l("De factuur is %(expected)s, de regels geven %(found)s."),
        _l("Controleer de regels; wij sturen niets dat niet op de cent klopt."),
    ),
    "df_name_missing": ErrorText(
        _l("De relatie heeft geen naam."),
        _l("DigitaleFactuur vraagt een organisatienaam of achternaam."),
        _l("Vul de naam in."),
    ),
    "df_without_address": ErrorText(
        _l("%(relation)s krijgt in DigitaleFactuur geen adres."),
        _l(
            "Van een organisatie gaat alleen het factuuradres mee, van een persoon het"
            " privéadres; dat is leeg."
        ),
        _l("Vul dat adres in bij de relatie als het er moet staan."),
        "relation",
    ),
    "df_debtor_number_twice": ErrorText(
        _l("Debiteurnummer %(number)s komt in DigitaleFactuur meer dan eens voor."),
        _l("Wij kunnen niet weten bij welke van die klanten de factuur hoort."),
        _l("Geef elke klant in DigitaleFactuur een eigen nummer en druk op Verwerk."),
        "package",
    ),
    "df_found_differs": ErrorText(
        _l("In DigitaleFactuur staat al een andere factuur met nummer %(number)s."),
        _l("Die verschilt van de onze in: %(fields)s."),
        _l(
            "Vergelijk beide facturen. Hernummer of verwijder die in DigitaleFactuur en"
            " druk op Verwerk."
        ),
        "package",
    ),
    "df_read_back_differs": ErrorText(
        _l("De factuur is gemaakt, maar DigitaleFactuur toont haar anders."),
        _l("Bij het teruglezen verschilde iets van wat wij stuurden."),
        _l("Vergelijk de factuur in DigitaleFactuur met de verstuurde factuur."),
        "package",
    ),
}
