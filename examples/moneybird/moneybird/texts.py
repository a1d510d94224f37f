"""The user's words for this plugin's codes."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText
from moneybird.mapping import EXTERNAL_INVOICE

DOCUMENTS = {EXTERNAL_INVOICE: _l("Externe verkoopfactuur")}
"""What an order becomes."""
HOW_TO_FIND = {
    EXTERNAL_INVOICE: _l(
        "Zoek in Moneybird bij de externe verkoopfacturen op referentie %(number)s."
    )
}
"""How it is found there: the address of its page is not part of the answer."""

TEXTS = {
    "moneybird_refused": ErrorText(
        _l("Moneybird weigert: %(message)s"),
        _l("Moneybird accepteert deze gegevens niet (status %(status)s)."),
        _l("Pas de bestelling of de configuratie aan en druk op Verwerk."),
        "package",
    ),
    "moneybird_nonsense": ErrorText(
        _l("Het antwoord van Moneybird is niet te lezen."),
        _l("Het veld %(field)s ontbreekt of klopt niet."),
        _l("Wij proberen het vanzelf opnieuw."),
        "package",
    ),
    "moneybird_email_missing": ErrorText(
        _l("Bestelling %(number)s heeft geen e-mailadres."),
        _l("Het contact wordt aan het e-mailadres herkend."),
        _l("Vul in uw winkel het e-mailadres in en druk op Verwerk."),
        "shop",
    ),
    "moneybird_negative": ErrorText(
        _l("Het totaal van de bestelling is negatief (%(total)s)."),
        _l("De koppeling maakt in Moneybird geen facturen met een negatief bedrag."),
        _l("Boek de bestelling in Moneybird en druk op Zelf geboekt."),
        "package",
    ),
    "moneybird_without_vat": ErrorText(
        _l("De regel ‘%(line)s’ valt buiten de btw."),
        _l("Een regel zonder btw-tarief krijgt in Moneybird een ander tarief."),
        _l("Boek de bestelling in Moneybird en druk op Zelf geboekt."),
        "package",
    ),
    "moneybird_currency_not_eur": ErrorText(
        _l("Geen van uw administraties wordt in euro gevoerd (%(currency)s)."),
        _l("De koppeling boekt alleen in euro."),
        _l("Koppel een administratie in euro."),
        "connection",
    ),
    "moneybird_no_administration": ErrorText(
        _l("Uw login bij Moneybird heeft geen administratie."),
        _l("De koppeling boekt in een van de administraties van uw login."),
        _l("Log in met een gebruiker die een administratie heeft."),
        "connection",
    ),
    "moneybird_vat_differs": ErrorText(
        _l("De btw in Moneybird is anders dan die van de bestelling."),
        _l("Moneybird berekent de btw zelf, uit het tarief dat u hebt gekozen."),
        _l("Controleer bij Configuratie het btw-tarief en pas de factuur aan."),
        "vat",
    ),
    "moneybird_vat_not_configured": ErrorText(
        _l("De btw is nog niet ingesteld."),
        _l("Zonder btw-tarieven kan er niets worden geboekt."),
        _l("Kies bij Configuratie een btw-tarief van Moneybird per tarief."),
        "vat",
    ),
    "moneybird_total_differs": ErrorText(
        _l("Het totaal in Moneybird is anders dan dat van de bestelling."),
        _l("Bij het teruglezen van de factuur klopte het bedrag niet."),
        _l("Vergelijk de factuur met de bestelling en pas hem aan."),
        "package",
    ),
    "moneybird_contact_differs": ErrorText(
        _l("De factuur in Moneybird staat op naam van een ander contact."),
        _l("Bij het teruglezen van de factuur klopte het contact niet."),
        _l("Kies in Moneybird het juiste contact."),
        "package",
    ),
}
