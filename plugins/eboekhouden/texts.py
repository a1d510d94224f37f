"""The user's words for this plugin's codes."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText
from plugins.eboekhouden.mapping import PAYMENT, SALES_ENTRY
from plugins.eboekhouden.purchases.mapping import PURCHASE_ENTRY

_SAYS = _l("e-Boekhouden.nl antwoordde: %(message)s (code %(error_code)s).")
_RETRY = _l("Los dat op in e-Boekhouden.nl en druk op Verwerk.")

DOCUMENTS = {
    SALES_ENTRY: _l("Verkoopboeking"),
    PAYMENT: _l("Teruggedraaide betaling"),
    PURCHASE_ENTRY: _l("Inkoopboeking"),
}
"""What an order, an invoice, or a supplier's invoice becomes."""
HOW_TO_FIND = {
    SALES_ENTRY: _l(
        "Zoek in e-Boekhouden.nl bij de mutaties op factuurnummer %(number)s."
    ),
    PAYMENT: _l(
        "Zoek in e-Boekhouden.nl bij de mutaties op factuurnummer %(number)s: de"
        " teruggedraaide betaling staat bij de verkoopboeking van dat nummer."
    ),
    PURCHASE_ENTRY: _l(
        "Zoek in e-Boekhouden.nl bij de mutaties op factuurnummer %(number)s."
    ),
}
"""e-Boekhouden.nl names no web address of an entry; both kinds carry its number."""
RELATION_NOTICE = _l(
    "e-Boekhouden.nl zegt niet of een relatie klant of leverancier is. U kiest"
    " daarom zelf welke relaties binnenkomen. Contactpersonen gaan niet mee."
)
INVOICE_NOTICE = _l(
    "e-Boekhouden.nl heeft geen koppeling waarmee de factuur als bestand aan de"
    " boeking kan worden gehangen. Wij kunnen haar wel naar uw digitaal archief"
    " mailen: vul daarvoor het adres van het archief in."
)
PURCHASE_NOTICE = _l(
    "Een inkoopboeking staat meteen in uw boeken en kan van hieruit niet worden"
    " teruggehaald. Verlegde BTW en aankopen uit het buitenland boekt u zelf."
)

TEXTS = {
    "eboekhouden_open_item_gone": ErrorText(
        _l("e-Boekhouden.nl noemt deze factuur niet meer bij de openstaande posten,"
           " maar wij vinden geen betaling die dat bewijst."),
        _l("De lijst was leeg of veel korter dan eerst. Zo’n lijst geloven wij pas als"
           " de betalingen of het saldo van de debiteurenrekening haar bevestigen."),
        _l("Kijk in e-Boekhouden.nl of zij is betaald. Wij kijken elke dag opnieuw."),
    ),
    "eboekhouden_open_item_unreadable": ErrorText(
        _l("Wat van deze factuur openstaat weten wij niet: bedrag niet leesbaar in"
           " het antwoord van e-Boekhouden.nl."),
        _l("Wat wij niet kunnen lezen, raden wij niet."),
        _l("Kijk in e-Boekhouden.nl wat er openstaat. Wij kijken elke dag opnieuw."),
    ),
    "eboekhouden_open_item_written_off": ErrorText(
        _l("Deze factuur is in e-Boekhouden.nl met een memoriaalboeking afgeboekt."),
        _l("Of zij daarmee is betaald, weet alleen u."),
        _l("Zij blijft hier Geboekt. Boek in e-Boekhouden.nl de betaling als zij er"
           " is."),
    ),
    "eboekhouden_login_refused": ErrorText(
        _l("e-Boekhouden.nl weigert de gegevens van deze verbinding."),
        _l("De gebruikersnaam, een beveiligingscode of het access token klopt niet"
           " (meer). Beveiligingscode 1 verandert als u uw wachtwoord wijzigt."),
        _l("Kijk in e-Boekhouden.nl bij Beheer, Instellingen, Koppelingen, api/soap en"
           " vul de gegevens opnieuw in met de knop Koppelen; dan gaat alles verder."),
        "connection",
    ),
    "eboekhouden_not_accountant": ErrorText(
        _l("Deze gebruiker mag geen andere administraties openen."),
        _SAYS,
        _l("Gebruik de gegevens van de administratie zelf."),
        "connection",
    ),
    "eboekhouden_not_allowed": ErrorText(
        _l("e-Boekhouden.nl geeft geen toegang tot deze administratie."),
        _SAYS,
        _l("Los dat op in e-Boekhouden.nl en druk op Testen of Verwerk."),
        "connection",
    ),
    "eboekhouden_month_limit": ErrorText(
        _l("Het aantal verzoeken van deze maand is op."),
        _l("e-Boekhouden.nl staat een vast aantal verzoeken per maand toe (%(limit)s)."
           " Het laatste deel bewaren wij voor boekingen."),
        _l("Het gaat op de eerste van de maand vanzelf verder. Zet de koppeling op een"
           " langer interval om verzoeken te sparen."),
        "package",
    ),
    "eboekhouden_session_lost": ErrorText(
        _l("e-Boekhouden.nl verbrak de sessie tweemaal achter elkaar."),
        _l("Er is niets geboekt."),
        _l("Wij proberen het vanzelf opnieuw."),
        "package",
    ),
    "eboekhouden_refused": ErrorText(
        _l("e-Boekhouden.nl weigerde de boeking."),
        _SAYS,
        _l("Los op wat e-Boekhouden.nl noemt en druk op Verwerk, of meld het"
           " probleem."),
        "package",
    ),
    "eboekhouden_account_refused": ErrorText(
        _l("e-Boekhouden.nl keurt een grootboekrekening of BTW-code af."),
        _SAYS,
        _l("Kies in Configuratie een andere rekening of BTW-code en druk op Verwerk."),
        "vat",
    ),
    "eboekhouden_amounts_refused": ErrorText(
        _l("e-Boekhouden.nl keurt de BTW-bedragen van de boeking af."),
        _SAYS,
        _l("Kijk bij de BTW-instellingen of de code bij het percentage past. Blijft"
           " het zo, meld dan het probleem."),
        "vat",
    ),
    "eboekhouden_vat_code_refused": ErrorText(
        _l("e-Boekhouden.nl kent de BTW-code niet."),
        _SAYS,
        _l("Kies bij de BTW-instellingen een code van het land van uw administratie."),
        "vat",
    ),
    "eboekhouden_relation_unknown": ErrorText(
        _l("De debiteur bestaat niet (meer) in e-Boekhouden.nl."),
        _SAYS,
        _l("Druk op Koppeling uitvoeren zodat wij de relaties opnieuw lezen, en daarna"
           " op Verwerk."),
        "package",
    ),
    "eboekhouden_duplicate": ErrorText(
        _l("In e-Boekhouden.nl staat al een boeking met dit factuurnummer."),
        _SAYS,
        _l("Kijk in e-Boekhouden.nl wat er staat. Heeft een andere winkel dezelfde"
           " nummers? Kies dan in Configuratie een voorvoegsel."),
        "number_prefix",
    ),
    "eboekhouden_found_differs": ErrorText(
        _l("Onder factuurnummer %(reference)s staat al iets anders geboekt."),
        _l("Bedrag of debiteur is anders dan bij dit document, of het hoort bij een"
           " ander document van u."),
        _l("Kijk in e-Boekhouden.nl wat er staat. Hoort het bij dit document, dan"
           " hoeft u niets te doen; wij boeken niet dubbel. Bij bestellingen helpt een"
           " voorvoegsel in Configuratie."),
        "number_prefix",
        many=_l("Factuurnummers waaronder al iets anders is geboekt"),
    ),
    "eboekhouden_period_closed": ErrorText(
        _l("De periode van deze boeking is afgesloten in e-Boekhouden.nl."),
        _SAYS,
        _l("Open de periode in e-Boekhouden.nl en druk op Verwerk, of boek zelf."),
        "package",
    ),
    "eboekhouden_code_taken": ErrorText(
        _l("De relatiecode is in e-Boekhouden.nl al in gebruik."),
        _SAYS,
        _RETRY,
        "package",
    ),
    "eboekhouden_number_in_use": ErrorText(
        _l("Debiteurnummer %(number)s was net door iemand anders genomen."),
        "",
        _l("Wij nemen vanzelf het volgende nummer."),
    ),
    "eboekhouden_too_many_lines": ErrorText(
        _l("De boeking zou %(count)s regels krijgen."),
        _l("e-Boekhouden.nl neemt hoogstens %(most)s regels per boeking."),
        _l("Gebruik minder verschillende BTW-codes en rekeningen, of boek zelf."),
        "vat",
        many=_l("Boekingen met te veel regels"),
    ),
    "eboekhouden_number_too_long": ErrorText(
        _l("Factuurnummer %(number)s is te lang."),
        _l("e-Boekhouden.nl neemt hoogstens 50 tekens."),
        _l("Kies in Configuratie een korter voorvoegsel."),
        "number_prefix",
        many=_l("Factuurnummers die te lang zijn"),
    ),
    "eboekhouden_code_too_long": ErrorText(
        _l("Debiteurnummer %(number)s is te lang."),
        _l("e-Boekhouden.nl neemt hoogstens %(most)s tekens."),
        _l("Geef de relatie een korter debiteurnummer."),
    ),
    "eboekhouden_date": ErrorText(
        _l("De datum %(date)s kan niet worden geboekt."),
        _l("e-Boekhouden.nl kent de jaren 1980 tot en met 2049."),
        _l("Boek dit document zelf."),
        "package",
        many=_l("Documenten met een datum die niet kan worden geboekt"),
    ),
    "eboekhouden_vat_code_gone": ErrorText(
        _l("De BTW-code %(vat_code)s bestaat niet voor verkopen."),
        _l("Voor %(rate)s %% verwijst uw configuratie naar deze code."),
        _l("Kies een andere BTW-code bij de BTW-instellingen en druk op Verwerk."),
        "vat",
        by=("vat_code",),
    ),
    "eboekhouden_vat_rate_differs": ErrorText(
        _l("BTW-code %(vat_code)s is %(package_rate)s %%, verkocht is met"
           " %(rate)s %%."),
        _l("Met deze code zou het BTW-bedrag niet kloppen."),
        _l("Kies bij de BTW-instellingen een code met het juiste percentage; voor"
           " andere landen is dat AFW_VERK."),
        "vat",
        by=("vat_code", "rate"),
    ),
    "eboekhouden_vat_wrong": ErrorText(
        _l("Er staat %(vat)s BTW op %(amount)s; bij %(rate)s %% hoort"
           " %(expected)s."),
        _l("Dat verschil komt niet van afronding. Er is niets geboekt."),
        _l("Herstel het tarief of de BTW in de winkel en druk op Verwerk, of boek dit"
           " document zelf."),
        "shop",
        many=_l("Bestellingen waarvan de BTW niet bij het tarief past"),
    ),
    "eboekhouden_vat_not_split": ErrorText(
        _l("%(vat)s BTW op %(amount)s kan bij %(rate)s %% niet worden geboekt."),
        _l("e-Boekhouden.nl rekent de BTW per regel na, en geen verdeling over regels"
           " geeft dit bedrag. Er is niets geboekt."),
        _l("Boek dit document zelf."),
        "package",
        many=_l("Bestellingen met BTW die niet bij het tarief kan worden"
                 " geboekt"),
    ),
    "eboekhouden_unfit_text": ErrorText(
        _l("In het veld %(field)s staat een teken dat niet verstuurd kan worden."),
        _l("Het is een onzichtbaar stuurteken. Er is niets verstuurd."),
        _l("Haal het teken weg in de winkel of bij de relatie en druk op Verwerk."),
    ),
    "eboekhouden_not_built": ErrorText(
        _l("Het bericht aan e-Boekhouden.nl kon niet worden gemaakt."),
        _l("Er is niets verstuurd (%(operation)s: %(detail)s)."),
        _l("Meld het probleem; wij herstellen het."),
    ),
    "eboekhouden_unreadable": ErrorText(
        _l("Relatie %(number)s (ID %(id)s) is in e-Boekhouden.nl niet te lezen."),
        _l("Er staat een teken in dat niet mag, of er ontbreekt iets."),
        _l("Typ daar de velden over waarin het staat, sla op en druk op Verwerk."),
    ),
    "eboekhouden_list_too_large": ErrorText(
        _l("De lijst met relaties van e-Boekhouden.nl is te groot om te lezen."),
        _l("Zij is groter dan %(most)s MB; e-Boekhouden.nl geeft haar alleen in zijn"
           " geheel."),
        _l("Ruim daar relaties op, of neem contact met ons op."),
    ),
    "eboekhouden_text_too_long": ErrorText(
        _l("De tekst in het veld %(field)s is te lang (%(length)s tekens)."),
        _l("e-Boekhouden.nl neemt hoogstens %(most)s tekens, en een afgekapte tekst zou"
           " iets anders zeggen. Er is niets verstuurd."),
        _l("Maak de tekst korter."),
    ),
    "eboekhouden_clearing_missing": ErrorText(
        _l("Tussenrekening %(account)s van %(method)s bestaat niet in"
           " e-Boekhouden.nl."),
        _l("De rekening uit Configuratie staat niet in het grootboek. Er is niets"
           " geboekt."),
        _l("Maak de rekening aan of kies een andere bij de betaalmethode."),
        "payment_methods",
        by=("account", "method"),
    ),
    "eboekhouden_clearing_category": ErrorText(
        _l("Op rekening %(account)s kan e-Boekhouden.nl geen betaling met %(method)s"
           " boeken."),
        _l("Betalingen gaan alleen op rekeningen van de categorie FIN. Er is niets"
           " geboekt."),
        _l("Maak in e-Boekhouden.nl een tussenrekening van de categorie FIN en kies die"
           " bij de betaalmethode, of laat het veld leeg."),
        "payment_methods",
        by=("account", "method"),
    ),
    "eboekhouden_payment_refused": ErrorText(
        _l("%(number)s is geboekt, maar de betaling niet."),
        _l("e-Boekhouden.nl weigerde de betaling; de verkoop staat er goed."),
        _l("Boek de betaling zelf op de tussenrekening."),
        "package",
        many=_l("Documenten die zijn geboekt, maar waarvan de betaling niet"
                 " is geboekt"),
    ),
    "eboekhouden_purse_open": ErrorText(
        _l("%(number)s is geboekt; wat met bon of tegoed is betaald staat open."),
        _l("e-Boekhouden.nl boekt betalingen alleen op bank- en kasrekeningen."),
        _l("Boek dat deel met een memoriaal van de debiteur naar de rekening ervan."),
        "package",
    ),
    "eboekhouden_nothing_to_settle": ErrorText(
        _l("Er is geen betaling om terug te draaien."),
        _l("Betalingen met deze betaalmethode worden niet doorgezet."),
        _l("U hoeft niets te doen."),
    ),
    "eboekhouden_sale_unknown": ErrorText(
        _l("Van bestelling %(sale)s is niet bekend hoe ze is geboekt."),
        _l("Zonder factuurnummer en debiteur kan de betaling niet worden"
           " teruggedraaid."),
        _l("Boek de teruggedraaide betaling zelf."),
        "package",
        many=_l("Crediteringen van bestellingen waarvan niet bekend is hoe"
                 " ze zijn geboekt"),
    ),
    "eboekhouden_account_missing": ErrorText(
        _l("Grootboekrekening %(account)s bestaat niet in e-Boekhouden.nl."),
        _l("De rekening uit Configuratie staat niet in het grootboek."),
        _l("Maak de rekening aan of kies een andere in Configuratie."),
        "vat",
        by=("account",),
    ),
    "eboekhouden_account_category": ErrorText(
        _l("Op grootboekrekening %(account)s kan dit niet worden geboekt."),
        _l("De rekening is van een andere categorie dan %(category)s."),
        _l("Kies in Configuratie een andere rekening."),
        "vat",
        by=("account",),
    ),
    "eboekhouden_email_missing": ErrorText(
        _l("De bestelling heeft geen e-mailadres."),
        _l("Debiteuren worden herkend aan hun e-mailadres."),
        _l("Vul het e-mailadres in de winkel in, of stel bij de betaalmethode een"
           " vaste debiteur in."),
        "payment_methods",
    ),
    "eboekhouden_debtor_incomplete": ErrorText(
        _l("De klant heeft geen naam en geen bedrijfsnaam."),
        _l("e-Boekhouden.nl maakt zonder naam geen relatie aan."),
        _l("Vul de naam in de winkel aan en druk op Verwerk."),
        "shop",
    ),
    "eboekhouden_debtor_ambiguous": ErrorText(
        _l("Er zijn %(count)s relaties met e-mailadres %(email)s."),
        _l("Wij kunnen niet kiezen op welke relatie geboekt moet worden."),
        _l("Voeg ze in e-Boekhouden.nl samen, of kies in Configuratie voor de oudste."),
        "duplicate_debtor",
        by=("email", "count"),
    ),
    "eboekhouden_debtor_without_vat_number": ErrorText(
        _l("De relatie %(email)s heeft in e-Boekhouden.nl geen BTW-nummer."),
        _l("Voor een verkoop aan een bedrijf in een ander EU-land moet het BTW-nummer"
           " bij de relatie staan."),
        _l("Vul het BTW-nummer bij de relatie in e-Boekhouden.nl in en druk op"
           " Verwerk."),
        "package",
        by=("email",),
    ),
    "eboekhouden_debtor_other_vat_number": ErrorText(
        _l("De relatie %(email)s heeft in e-Boekhouden.nl een ander BTW-nummer:"
           " %(known)s."),
        _l("De bestelling heeft %(number)s. De ICP-opgaaf zou de levering bij het"
           " nummer van de relatie noemen. De koppeling wijzigt geen relaties."),
        _l("Klopt het nummer van de bestelling, wijzig het dan bij de relatie in"
           " e-Boekhouden.nl, of maak daar een tweede relatie met dit e-mailadres en"
           " dit nummer; druk daarna op Verwerk."),
        "package",
        by=("email", "known"),
    ),
    "eboekhouden_vat_number_invalid": ErrorText(
        _l("BTW-nummer %(number)s is volgens VIES ongeldig."),
        _l("Een ICP-bestelling mag dan niet tegen 0 %% worden geboekt."),
        _l("Vraag de klant om het juiste nummer, pas de bestelling aan en druk op"
           " Verwerk."),
        "shop",
        many=_l("Bestellingen met een ongeldig BTW-nummer"),
    ),
    "eboekhouden_vat_number_unchecked": ErrorText(
        _l("BTW-nummer %(number)s kon nog niet bij VIES worden gecontroleerd."),
        _l("VIES is niet bereikbaar (%(reason)s). Zolang dat zo is boeken wij niet."),
        _l("U hoeft niets te doen: wij proberen het elk half uur opnieuw."),
        "package",
        many=_l("Bestellingen met een BTW-nummer dat nog niet kon worden"
                 " gecontroleerd"),
    ),
    "eboekhouden_calls_run_out": ErrorText(
        _l("Zo zijn de verzoeken van deze maand op voordat de maand om is."),
        _l("e-Boekhouden.nl staat een vast aantal verzoeken per maand toe. Gaat het zo"
           " door, dan stopt het lezen van relaties; boekingen gaan het langst door."),
        _l("Kies bij Koppelingen, e-Boekhouden.nl een langer interval."),
        "package",
    ),
    "eboekhouden_nothing_to_book": ErrorText(
        _l("De factuur heeft geen bedrag om te boeken."),
        _l("e-Boekhouden.nl neemt geen boeking zonder regels aan."),
        _l("U hoeft niets te boeken; laat deze melding staan of verberg haar."),
    ),
    "eboekhouden_not_archived": ErrorText(
        _l("Factuur %(number)s is geboekt, maar niet naar het digitaal archief"
           " gemaild."),
        _l("Het bestand is geen PDF of afbeelding, is groter dan 3 MB, of het adres van"
           " het archief klopt niet."),
        _l("Zet het bestand zelf in het archief van e-Boekhouden.nl."),
        "package",
    ),
    "eboekhouden_receivables_missing": ErrorText(
        _l("Kies de debiteurenrekening van e-Boekhouden.nl."),
        "",
        "",
        "receivables_account",
    ),
    "eboekhouden_vat_not_configured": ErrorText(
        _l("Stel de BTW in voor de landen waaraan u met e-Boekhouden.nl verkoopt."),
        "",
        "",
        "vat",
    ),
}  # fmt: skip
