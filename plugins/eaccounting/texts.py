"""The user's words for this plugin's codes."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText
from plugins.eaccounting.mapping import PAYMENT, TargetKind
from plugins.eaccounting.purchases.mapping import PURCHASE_DRAFT

_VISMA_SAYS = _l("Visma antwoordde: %(message)s (kenmerk %(error_id)s).")

DOCUMENTS: dict[str, LazyString] = {
    TargetKind.SALES_ENTRY: _l("Verkoopboeking"),
    TargetKind.DRAFT_INVOICE: _l("Conceptfactuur"),
    TargetKind.ORDER: _l("Bestelling"),
    PAYMENT: _l("Betaling"),
    PURCHASE_DRAFT: _l("Inkoopfactuur (concept)"),
}
"""What an order or invoice becomes."""
HOW_TO_FIND: dict[str, LazyString] = {
    TargetKind.SALES_ENTRY: _l(
        "Zoek in Visma eAccounting bij de verkoopboekingen op factuurnummer %(number)s."
    ),
    TargetKind.DRAFT_INVOICE: _l(
        "Zoek in Visma eAccounting bij de conceptfacturen op uw referentie %(order)s."
        " Een factuurnummer krijgt hij pas als u hem in Visma verstuurt."
    ),
    TargetKind.ORDER: _l(
        "Zoek in Visma eAccounting bij de bestellingen op uw referentie %(order)s."
    ),
    PAYMENT: _l("Zoek in Visma eAccounting bij de boekstukken naar %(number)s."),
    PURCHASE_DRAFT: _l(
        "Zoek in Visma eAccounting bij de inkoopfacturen (concepten) op factuurnummer"
        " %(number)s."
    ),
}
"""Visma names no web address of a document, so it is found by what it carries."""

PAYMENTS_NOTE = _l(
    "Van een verkoopboeking wordt een betaling met een tussenrekening daarop geboekt,"
    " op de dag van de betaling. Facturen (concept) en bestellingen worden pas in Visma"
    " geboekt; daarbij kan dat niet."
)
PURCHASE_NOTICE = _l(
    "In Visma komt een concept van een inkoopfactuur te staan, met grootboekrekeningen"
    " en BTW. U kijkt het daar na en boekt het zelf. De bijlage gaat niet mee."
)
NO_PAYMENTS_NOTE = _l("Uw Visma-licentie kent geen betalingsboekingen.")

TEXTS = {
    "visma_validation": ErrorText(
        _l("Visma eAccounting keurde de gegevens af."),
        _VISMA_SAYS,
        _l("Pas aan wat Visma noemt, in de winkel of in Visma, en druk op Verwerk."),
        "package",
    ),
    "visma_refused": ErrorText(
        _l("Visma eAccounting weigerde de boeking."),
        _VISMA_SAYS,
        _l("Los op wat Visma noemt en druk op Verwerk, of meld het probleem."),
        "package",
    ),
    "visma_not_found": ErrorText(
        _l("Visma kent een gegeven niet (meer) waarnaar wij verwezen."),
        _VISMA_SAYS,
        _l("Controleer de keuzes in Configuratie en druk op Verwerk."),
        "settings",
    ),
    "visma_not_allowed": ErrorText(
        _l("De gebruiker waarmee u verbond mag dit niet in Visma."),
        _VISMA_SAYS,
        _l("Verbind opnieuw met een gebruiker die mag boeken."),
        "connection",
    ),
    "visma_conflict": ErrorText(
        _l("Visma zegt dat dit al bestaat."),
        _VISMA_SAYS,
        _l("Kijk in Visma of de boeking er al staat voordat u op Verwerk drukt."),
        "package",
    ),
    "visma_in_use": ErrorText(
        _l("Visma verwijdert dit niet: er is al op geboekt."),
        _VISMA_SAYS,
        _l("Zet het in Visma op inactief als u het niet meer gebruikt."),
        "package",
    ),
    "visma_module_missing": ErrorText(
        _l("Uw Visma-licentie kent dit onderdeel niet."),
        _VISMA_SAYS,
        _l("Kies in Configuratie een andere manier van doorzetten, of breid uw"
           " licentie uit."),
        "target_kind",
    ),
    "visma_unbalanced": ErrorText(
        _l("Visma vindt dat de regels van de factuur niet op nul uitkomen."),
        _VISMA_SAYS,
        _l("Boek de factuur zelf in Visma en meld dit via Rapporteer probleem."),
        "package",
    ),
    "visma_startup_guide": ErrorText(
        _l("De administratie is in Visma nog niet ingericht."),
        _l("Visma vraagt eerst de opstartgids af te maken."),
        _l("Maak de opstartgids in Visma af en druk op Verwerk."),
        "package",
    ),
    "visma_company_inactive": ErrorText(
        _l("De administratie is in Visma niet actief."),
        _l("Op een inactieve administratie kan niet worden geboekt."),
        _l("Activeer de administratie in Visma, of verbind een andere."),
        "package",
    ),
    "visma_scope_missing": ErrorText(
        _l("De koppeling heeft niet genoeg rechten in Visma."),
        _l("De toestemming van destijds dekt niet wat nu nodig is."),
        _l("Verbind Visma opnieuw met de knop Koppelen."),
        "connection",
    ),
    "visma_suppliers_scope_missing": ErrorText(
        _l("De koppeling mag in Visma nog geen crediteuren lezen."),
        _l("De toestemming dateert van voor het bijwerken van crediteuren."),
        _l("Verbind Visma opnieuw met de knop Opnieuw koppelen."),
        "connection",
    ),
    "visma_number_too_long": ErrorText(
        _l("Nummer %(number)s is te lang voor Visma."),
        _l("Visma heeft plaats voor 16 tekens."),
        _l("Geef de relatie een korter debiteur- of crediteurnummer."),
    ),
    "visma_own_text_too_long": ErrorText(
        _l("%(field)s van %(name)s is te lang voor Visma (%(length)s tekens)."),
        _l("Visma heeft plaats voor %(most)s tekens, en een afgekapte tekst zou iets"
           " anders zeggen. Er is niets verstuurd."),
        _l("Maak de tekst bij de relatie korter."),
    ),
    "visma_text_too_long": ErrorText(
        _l("De tekst in het veld %(field)s in Visma is te lang (%(length)s tekens)."),
        _l("Visma neemt hoogstens %(most)s tekens aan. Wij vullen dat veld niet en"
           " korten het niet in; er is niets gewijzigd."),
        _l("Maak de tekst in Visma korter en druk op Koppeling uitvoeren."),
    ),
    "visma_relation_without_name": ErrorText(
        _l("De relatie heeft geen naam."), "", _l("Vul bij de relatie een naam in.")
    ),
    "visma_relation_without_postal_code": ErrorText(
        _l("%(name)s heeft geen postcode."),
        _l("Visma vraagt van een debiteur postcode en plaats."),
        _l(
            "Vul bij de relatie het postadres in (bij een persoon het privéadres),"
            " of een bezoekadres."
        ),
    ),
    "visma_relation_without_city": ErrorText(
        _l("%(name)s heeft geen plaats."),
        _l("Visma vraagt van een debiteur postcode en plaats."),
        _l(
            "Vul bij de relatie het postadres in (bij een persoon het privéadres),"
            " of een bezoekadres."
        ),
    ),
    "visma_sandbox_client": ErrorText(
        _l("Deze koppeling is een proefversie en mag niet in een echte administratie."),
        _l("Visma laat een sandbox-client niet toe."),
        _l("Neem contact met ons op."),
        "connection",
    ),
    "fiscal_year_missing": ErrorText(
        _l("Er is in Visma geen boekjaar voor %(date)s."),
        _l("De besteldatum ligt buiten de boekjaren van uw administratie."),
        _l("Maak het boekjaar in Visma aan en druk op Verwerk."),
        "package",
        many=_l("Documenten van een datum waarvoor Visma geen boekjaar heeft"),
    ),
    "period_locked": ErrorText(
        _l("De periode van deze bestelling is in Visma afgesloten (%(date)s)."),
        _l("In een afgesloten periode of boekjaar kan niet worden geboekt."),
        _l("Open de periode in Visma en druk op Verwerk, of boek zelf."),
        "package",
        many=_l("Documenten in een periode die in Visma is afgesloten"),
    ),
    "account_missing": ErrorText(
        _l("Grootboekrekening %(account)s bestaat niet in boekjaar %(year)s."),
        _l("De rekening uit Configuratie staat niet in het rekeningschema van dat"
           " jaar."),
        _l("Maak de rekening aan in Visma of kies een andere in Configuratie."),
        "vat",
        by=("account", "year"),
    ),
    "account_blocked": ErrorText(
        _l("Op grootboekrekening %(account)s kan niet worden geboekt."),
        _l("De rekening is inactief of geblokkeerd voor handmatig boeken."),
        _l("Kies in Configuratie een andere rekening, of deblokkeer haar in Visma."),
        "vat",
        by=("account",),
    ),
    "vat_code_gone": ErrorText(
        _l("De BTW-code uit Configuratie bestaat niet meer in Visma."),
        _l("Voor %(rate)s %% verwijst uw configuratie naar een code die weg is."),
        _l("Kies een andere BTW-code bij de BTW-instellingen en druk op Verwerk."),
        "vat",
    ),
    "vat_code_rate_differs": ErrorText(
        _l("BTW-code %(vat_code)s is in Visma %(package_rate)s %%, in de winkel"
           " %(rate)s %%."),
        _l("Met deze code zou het BTW-bedrag in Visma niet kloppen."),
        _l("Kies bij de BTW-instellingen een code met het juiste percentage."),
        "vat",
        by=("vat_code", "rate"),
    ),
    "vat_code_without_account": ErrorText(
        _l("BTW-code %(vat_code)s heeft in Visma geen BTW-rekening."),
        _l("Zonder rekening kan het BTW-bedrag niet worden geboekt."),
        _l("Koppel in Visma een rekening aan de code, of kies een andere code."),
        "vat",
        by=("vat_code",),
    ),
    "coding_missing": ErrorText(
        _l("Er is in Visma geen artikelboeking voor %(rate)s %% (%(country)s)."),
        _l("Facturen en bestellingen krijgen hun BTW van het artikel; daarvoor is een"
           " artikelboeking met dit percentage nodig."),
        _l("Maak de artikelboeking in Visma aan en druk op Verwerk."),
        "package",
        by=("country", "rate"),
    ),
    "total_too_large": ErrorText(
        _l("Het totaal van %(total)s is te groot voor Visma."),
        _l("Een boeking mag hoogstens 99.999.999,99 euro zijn."),
        _l("Boek deze bestelling zelf."),
        "package",
        many=_l("Documenten met een totaal dat te groot is voor Visma"),
    ),
    "vat_without_rate": ErrorText(
        _l("Op de regel %(line)s staat %(amount)s BTW bij een tarief van 0 %%."),
        _l("Bij 0 %% hoort geen BTW-rekening, dus dit bedrag kan nergens heen."),
        _l("Pas de bestelling in de winkel aan en druk op Verwerk."),
        "shop",
        many=_l("Bestellingen met BTW bij een tarief van 0 %%"),
    ),
    "vat_rounding_too_large": ErrorText(
        _l("De BTW wijkt %(difference)s af van wat Visma uitrekent."),
        _l("De winkel rondt per regel af. Visma laat per boeking hoogstens 0,05 euro"
           " verschil toe."),
        _l("Boek deze bestelling zelf, of zet haar door als factuur."),
        "package",
        many=_l("Bestellingen waarvan de BTW te ver afwijkt van wat Visma"
                 " uitrekent"),
    ),
    "vat_unfit": ErrorText(
        _l("Op de regel %(line)s staat %(vat)s BTW; bij %(rate)s %% hoort"
           " %(expected)s."),
        _l("Dat verschil komt niet van afronding. Bij een vrijgestelde klant hoort"
           " 0 %%, niet een tarief zonder bedrag."),
        _l("Pas het tarief of het BTW-bedrag in de winkel aan en druk op Verwerk."),
        "shop",
        many=_l("Bestellingen waarvan de BTW niet bij het tarief past"),
    ),
    "order_negative": ErrorText(
        _l("Een bestelling in Visma kan niet negatief zijn (%(total)s)."),
        _l("Visma kent geen bestelling met een negatief totaal; een verkoopboeking en"
           " een creditfactuur wel."),
        _l("Zet bestellingen door als verkoopboeking of factuur, of boek deze zelf."),
        "target_kind",
        many=_l("Bestellingen met een negatief totaal"),
    ),
    "document_without_vat": ErrorText(
        _l("De regel %(line)s is geen omzet en kan niet op een factuur of bestelling."),
        _l("Cadeaubonnen, statiegeld en fooien horen op een eigen rekening, buiten de"
           " BTW. Op facturen en bestellingen bepaalt het artikel in Visma de rekening,"
           " altijd met een BTW-code."),
        _l("Zet bestellingen door als verkoopboeking en druk op Verwerk."),
        "target_kind",
        many=_l("Bestellingen met regels die geen omzet zijn en niet op een"
                 " factuur of bestelling kunnen"),
    ),
    "document_other_area": ErrorText(
        _l("Visma zou deze verkoop anders belasten: %(visma_rate)s %% in"
           " %(visma_country)s, de winkel rekende %(rate)s %% (%(country)s)."),
        _l("Op facturen en bestellingen bepaalt Visma de BTW uit het land, het"
           " BTW-nummer en de soort van de debiteur; die passen niet bij deze"
           " verkoop."),
        _l("Kies een andere debiteur of pas hem in Visma aan, of zet bestellingen door"
           " als verkoopboeking, en druk op Verwerk."),
        "target_kind",
        many=_l("Bestellingen die Visma anders zou belasten dan de winkel"),
    ),
    "document_total_differs": ErrorText(
        _l("In Visma zou het totaal %(visma_total)s worden in plaats van"
           " %(total)s."),
        _l("Visma rekent het totaal zelf uit, uit prijzen van twee decimalen. Voor een"
           " regel Afronding is een artikelboeking van 0 %% nodig."),
        _l("Maak in Visma een artikelboeking van 0 %%, of zet bestellingen door als"
           " verkoopboeking, en druk op Verwerk."),
        "target_kind",
        many=_l("Bestellingen waarvan het totaal in Visma anders zou worden"),
    ),
    "document_vat_differs": ErrorText(
        _l("In Visma zou de BTW %(visma_vat)s worden; de winkel rekende %(vat)s."),
        _l("Visma rondt de BTW af over alle regels samen, de winkel per regel of stuk."
           " Op een factuur is er geen manier om dat gelijk te krijgen."),
        _l("Sta dit verschil toe in Configuratie, of zet bestellingen door als"
           " verkoopboeking, en druk op Verwerk."),
        "document_vat",
        many=_l("Bestellingen waarvan de BTW in Visma anders zou worden"),
    ),
    "rounding_article_taxed": ErrorText(
        _l("Artikel %(number)s heeft in Visma een artikelboeking met BTW."),
        _l("De regel Afronding is zonder BTW."),
        _l("Geef het artikel in Visma een artikelboeking van 0 %% en druk op Verwerk."),
        "package",
        by=("number",),
    ),
    "cents_moved": ErrorText(
        _l("%(number)s is geboekt met %(visma_vat)s BTW; de winkel rekende"
           " %(vat)s."),
        _l("Visma laat per boeking 0,05 euro verschil toe met de BTW die het zelf"
           " uitrekent. Daarom zijn enkele centen verschoven tussen omzet en BTW; het"
           " totaal is gelijk."),
        _l("U hoeft niets te doen."),
        "package",
    ),
    "payment_not_settled": ErrorText(
        _l("%(number)s is geboekt, maar de betaling van %(amount)s (%(method)s)"
           " niet."),
        _l("Visma weigerde de betaling: %(message)s"),
        _l("Boek de betaling zelf in Visma op de tussenrekening."),
        "payment_methods",
        many=_l("Bestellingen die zijn geboekt, maar waarvan de betaling"
                 " niet is geboekt"),
    ),
    "payment_exceeds": ErrorText(
        _l("%(number)s is geboekt, maar de betalingen (%(amount)s) zijn meer dan"
           " het bedrag van de bestelling."),
        _l("Zo kunnen ze niet op de openstaande post worden afgeboekt."),
        _l("Boek de betalingen zelf in Visma."),
        "payment_methods",
        many=_l("Bestellingen die zijn geboekt en waarvoor meer is betaald"
                 " dan het bedrag"),
    ),
    "payment_needs_right": ErrorText(
        _l("%(number)s is geboekt, maar de betaling van %(amount)s (%(method)s)"
           " niet."),
        _l("De verbinding met Visma mist het recht om betalingen te boeken."),
        _l("Koppel Visma opnieuw; dan gaan betalingen voortaan mee. Boek deze zelf."),
        "connection",
        many=_l("Betalingen die niet mochten worden geboekt"),
    ),
    "payment_unsure": ErrorText(
        _l("Het is niet zeker of de betaling in Visma staat."),
        _l("Het openstaande bedrag is intussen anders dan verwacht."),
        _l("Kijk in Visma bij de openstaande post en boek de betaling zo nodig zelf."),
        "package",
    ),
    "payment_back_refused": ErrorText(
        _l("De teruggedraaide betaling van %(sale)s (%(amount)s, %(method)s) is"
           " niet geboekt."),
        _l("Visma weigerde de boeking, of het openstaande bedrag is anders dan"
           " verwacht: %(message)s"),
        _l("Los op wat Visma noemt en druk op Verwerk, of boek haar zelf."),
        "package",
        many=_l("Teruggedraaide betalingen die niet zijn geboekt"),
    ),
    "payment_not_ours": ErrorText(
        _l("De betaling (%(method)s) is teruggedraaid; er is niets te boeken."),
        _l("De betaling van de verkoop is niet door de koppeling op een tussenrekening"
           " geboekt."),
        _l("Hebt u de betaling zelf geboekt, boek haar dan ook zelf terug."),
        "payment_methods",
        many=_l("Teruggedraaide betalingen waarvoor niets te boeken is"),
    ),
    "email_missing": ErrorText(
        _l("De bestelling heeft geen e-mailadres."),
        _l("Debiteuren worden herkend aan hun e-mailadres."),
        _l("Vul het e-mailadres in de winkel in, of stel bij de betaalmethode een"
           " vaste debiteur in."),
        "payment_methods",
    ),
    "address_incomplete": ErrorText(
        _l("Het adres van de klant is niet volledig: %(fields)s ontbreekt."),
        _l("Visma maakt zonder deze gegevens geen debiteur aan."),
        _l("Vul het adres in de winkel aan en druk op Verwerk."),
        "shop",
        many=_l("Bestellingen waarvan het adres niet volledig is"),
    ),
    "country_not_listed": ErrorText(
        _l("Visma kent het land %(country)s niet."),
        _l("Een debiteur in dat land kan daar niet worden aangemaakt."),
        _l("Kies bij de betaalmethoden een vaste debiteur, of boek de verkoop zelf."),
        "payment_methods",
        by=("country",),
    ),
    "relation_incomplete": ErrorText(
        _l("Van %(relation)s ontbreekt de naam, de postcode of de plaats."),
        _l("Visma maakt zonder deze gegevens geen debiteur aan. Bij een organisatie"
           " geldt het postadres of anders het bezoekadres, bij een persoon het"
           " privéadres."),
        _l("Vul de relatie aan en druk op Verwerk."),
        "relation",
        many=_l("Relaties zonder naam, postcode of plaats"),
    ),
    "debtor_lacks_vat_number": ErrorText(
        _l("Debiteur %(number)s heeft in Visma geen BTW-nummer."),
        _l("Een levering of dienst aan een bedrijf in een andere lidstaat hoort in de"
           " ICP-opgaaf, en daarvoor moet het BTW-nummer bij de debiteur staan."),
        _l("Vul het BTW-nummer in bij de relatie of bij de debiteur in Visma en druk op"
           " Verwerk."),
        "relation",
        by=("number",),
    ),
    "invoice_without_amount": ErrorText(
        _l("Het totaal van de factuur is nul."),
        _l("Visma kent geen verkoopboeking zonder bedrag."),
        _l("Deze factuur hoeft niet geboekt te worden; meld het als dat niet klopt."),
        "package",
    ),
    "invoice_unbalanced": ErrorText(
        _l("De regels van de factuur tellen op tot %(lines)s en niet tot"
           " %(total)s."),
        _l("Een boeking moet in evenwicht zijn."),
        _l("Meld het probleem: dit mag niet voorkomen."),
        "package",
        many=_l("Facturen waarvan de regels niet optellen tot het totaal"),
    ),
    "document_not_attached": ErrorText(
        _l("Factuur %(number)s is geboekt, maar het document hangt niet aan de"
           " boeking."),
        _l("Visma neemt alleen PDF, JPEG, PNG en TIFF aan, of weigerde het bestand."),
        _l("Voeg het document in Visma zelf toe aan de boeking."),
        "package",
        many=_l("Facturen die zijn geboekt zonder het document erbij"),
    ),
    "document_needs_right": ErrorText(
        _l("Factuur %(number)s is geboekt, maar het document hangt niet aan de"
           " boeking."),
        _l("De verbinding met Visma is gemaakt voordat documenten mee konden en mist"
           " het recht daarvoor."),
        _l("Koppel Visma opnieuw; dan gaan documenten voortaan mee. Voeg dit document"
           " zelf toe aan de boeking."),
        "connection",
        many=_l("Facturen die zijn geboekt zonder het document erbij, omdat"
                 " een recht ontbreekt"),
    ),
    "debtor_ambiguous": ErrorText(
        _l("Er zijn %(count)s debiteuren met e-mailadres %(email)s."),
        _l("Wij kunnen niet kiezen op welke debiteur geboekt moet worden."),
        _l("Voeg de debiteuren in Visma samen, of kies in Configuratie voor de"
           " oudste."),
        "duplicate_debtor",
        by=("email", "count"),
    ),
    "debtor_without_vat_number": ErrorText(
        _l("De debiteur %(email)s heeft in Visma geen BTW-nummer."),
        _l("Voor een ICP-bestelling moet het BTW-nummer bij de debiteur staan: voor de"
           " ICP-opgaaf, en omdat Visma anders BTW berekent op facturen en"
           " bestellingen. De koppeling wijzigt geen debiteuren."),
        _l("Vul het BTW-nummer bij de debiteur in Visma in en druk op Verwerk."),
        "package",
        by=("email",),
    ),
    "debtor_other_vat_number": ErrorText(
        _l("De debiteur %(email)s heeft in Visma een ander BTW-nummer: %(known)s."),
        _l("De bestelling heeft %(number)s. De ICP-opgaaf zou de levering bij het"
           " nummer van de debiteur noemen. De koppeling wijzigt geen debiteuren."),
        _l("Klopt het nummer van de bestelling, wijzig het dan bij de debiteur in"
           " Visma, of maak daar een tweede debiteur met dit e-mailadres en dit nummer;"
           " druk daarna op Verwerk."),
        "package",
        by=("email", "known"),
    ),
    "vat_number_invalid": ErrorText(
        _l("BTW-nummer %(number)s is ongeldig."),
        _l("VIES, het register van de Europese Commissie, kent dit nummer niet. Een"
           " ICP-bestelling mag dan niet tegen 0 %% worden geboekt."),
        _l("Vraag de klant om het juiste nummer, pas de bestelling aan en druk op"
           " Verwerk."),
        "shop",
        many=_l("Bestellingen met een ongeldig BTW-nummer"),
    ),
    "vat_number_unchecked": ErrorText(
        _l("BTW-nummer %(number)s kon nog niet worden gecontroleerd."),
        _l("VIES is niet bereikbaar (%(reason)s). Zolang dat zo is boeken wij niet."),
        _l("U hoeft niets te doen: wij proberen het elk half uur opnieuw."),
        "package",
        many=_l("Bestellingen met een BTW-nummer dat nog niet kon worden"
                 " gecontroleerd"),
    ),
    "licence_without_target": ErrorText(
        _l("Uw Visma-licentie kan dit soort document niet ontvangen."),
        _l("Niet elke licentie kent verkoopboekingen, facturen en bestellingen."),
        _l("Kies in Configuratie een andere manier van doorzetten."),
        "target_kind",
    ),
    "licence_without_sales": ErrorText(
        _l("Deze Visma-licentie kan geen verkopen ontvangen."),
        _l("De variant Bookkeeping heeft geen debiteuren en verkoopboekingen."),
        _l("Verbind een administratie met een andere licentie."),
        "connection",
    ),
    "company_currency_not_eur": ErrorText(
        _l("Deze administratie wordt gevoerd in %(currency)s."),
        _l("De koppeling werkt alleen met euro's."),
        _l("Verbind een administratie in euro's."),
        "connection",
    ),
    "found_differs": ErrorText(
        _l("In Visma staat al een document met dit kenmerk, maar het wijkt af."),
        _l("Bedrag of debiteur is anders dan bij deze bestelling (%(reference)s)."),
        _l("Kijk in Visma wat er staat. Hoort het bij deze bestelling, dan hoeft u"
           " niets te doen; wij boeken niet dubbel."),
        "package",
    ),
    "found_after_restore": ErrorText(
        _l("In Visma staat al een document van %(reference)s, maar het wijkt af."),
        _l(
            "Een reservekopie is teruggezet, dus kijken wij eerst. Daar staat"
            " %(found_number)s met een totaal van %(found)s; hier is het %(amount)s, of"
            " de debiteur verschilt."
        ),
        _l(
            "Kijk in Visma wat er staat. Hoort het erbij, dan hoeft u niets te doen;"
            " hoort het er niet bij, verwijder het dan daar en druk op Verwerk."
        ),
        "package",
        many=_l("Documenten die al in Visma staan, maar afwijken"),
    ),
    "booked_differs": ErrorText(
        _l("%(number)s is geboekt, maar Visma noemt een ander totaal."),
        _l("In Visma staat %(visma_total)s, in de winkel %(total)s, of de debiteur"
           " wijkt af van wat is doorgezet."),
        _l("Controleer de boeking in Visma."),
        "package",
        many=_l("Documenten waarvoor Visma een ander totaal noemt"),
    ),
    "booked_vat_differs": ErrorText(
        _l("Bestelling %(number)s is geboekt, maar met een ander BTW-bedrag."),
        _l("In Visma staat %(visma_vat)s BTW, in de winkel %(vat)s. Dat is"
           " meer dan afronding."),
        _l("Controleer het BTW-bedrag in Visma."),
        "package",
        many=_l("Bestellingen die met een ander BTW-bedrag zijn geboekt"),
    ),
    "booked_vat_rounded": ErrorText(
        _l("%(number)s is geboekt met %(visma_vat)s BTW; de winkel rekende"
           " %(vat)s."),
        _l("Visma rondt de BTW anders af dan de winkel; het totaal is gelijk."),
        _l("U hoeft niets te doen."),
        "package",
    ),
    "seen_booked_differs": ErrorText(_l("Ander totaal in Visma; gezien.")),
    "seen_booked_vat_differs": ErrorText(_l("Ander BTW-bedrag in Visma; gezien.")),
    "seen_payment_not_settled": ErrorText(_l("Betaling niet geboekt; gezien.")),
    "target_kind_missing": ErrorText(
        _l("Kies waarin bestellingen worden omgezet."),
        "",
        _l("Kies verkoopboeking, factuur of bestelling."),
        "target_kind",
    ),
    "receivables_account_missing": ErrorText(
        _l("Kies de rekening voor debiteuren."), "", "", "receivables_account"
    ),
    "payment_terms_missing": ErrorText(
        _l("Kies de betaalconditie voor nieuwe debiteuren."), "", "", "payment_terms"
    ),
    "unit_missing": ErrorText(_l("Kies de default eenheid."), "", "", "unit"),
    "vat_not_configured": ErrorText(
        _l("Stel de BTW in voor de landen waaraan u verkoopt."), "", "", "vat"
    ),
}  # fmt: skip
