"""The words of sales invoices: their states, what is wrong with them, what happened."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

STATES: Mapping[str, LazyString] = {
    "draft": _l("Concept"),
    "sent": _l("Verstuurd"),
    "booked": _l("Geboekt"),
    "paid": _l("Betaald"),
}
SENT_AS: Mapping[str, LazyString] = {
    "mail": _l("Per e-mail"),
    "other": _l("Op andere wijze"),
    "api": _l("Door uw eigen systeem"),
}
VAT_KINDS: Mapping[str, LazyString] = {
    "standard": _l("Gewoon tarief"),
    "reduced": _l("Verlaagd tarief"),
    "zero": _l("Nultarief"),
    "exempt": _l("Vrijgesteld"),
    "reverse_charged": _l("BTW verlegd binnen het land"),
    "intra_community": _l("Goederen naar een bedrijf in de EU"),
    "intra_services": _l("Dienst aan een bedrijf in de EU"),
    "export": _l("Uitvoer buiten de EU"),
}

TEXTS: Mapping[str, ErrorText] = {
    "invoice_not_draft": ErrorText(
        _l("Deze factuur is al verstuurd en verandert niet meer."),
        _l("Wat een klant heeft gekregen, moet in de administratie zo blijven staan."),
        _l("Maak een creditfactuur, en daarna een nieuwe factuur."),
    ),
    "invoice_of_order": ErrorText(
        _l("Van bestelling %(number)s is een conceptfactuur gemaakt.")
    ),
    "order_not_invoiced": ErrorText(
        _l("Van bestelling %(number)s kan hier geen factuur worden gemaakt."),
        _l("Dat kan bij een bestelling van een bedrijf die nergens is geboekt en"
           " die nog niet of helemaal is betaald, en waarvan niets terugging."),
        _l("Maak zo nodig zelf een factuur."),
    ),
    "order_invoice_vat": ErrorText(
        _l("Van bestelling %(number)s kan niet vanzelf een factuur worden gemaakt."),
        _l("U hebt geen BTW-code voor een van de regels, er is BTW van een ander land"
           " op berekend, of er staat iets op wat geen verkoop is."),
        _l("Maak de factuur zelf en zet het bestelnummer in het kenmerk."),
    ),
    "order_invoice_differs": ErrorText(
        _l("De factuur van bestelling %(number)s zou op een ander bedrag uitkomen."),
        _l("De winkel rekende %(total)s, en de regels komen samen op %(found)s."),
        _l("Maak de factuur zelf, of laat de bestelling als bestelling boeken."),
    ),
    "order_to_invoice": ErrorText(
        _l("Bestelling %(number)s is van een bedrijf: maak er een factuur van."),
        _l("U koos dat bestellingen van bedrijven hier worden gefactureerd. De factuur"
           " wordt dan geboekt, de bestelling niet."),
        _l("Druk bij de bestelling op Maak er een factuur van."),
        many=_l("Bestellingen van bedrijven die een factuur krijgen"),
    ),
    "order_was_invoiced": ErrorText(
        _l("Van bestelling %(number)s bestaat hier een factuur."),
        _l("Die wordt geboekt; als bestelling zou de verkoop er nog eens in komen."),
        _l("Verwijder het concept als de bestelling toch zo moet worden geboekt."),
    ),
    "order_of_draft_changed": ErrorText(
        _l("Bestelling %(number)s is intussen geannuleerd of (deels) terugbetaald."),
        _l("Deze factuur zou meer vragen dan er is verkocht."),
        _l("Verwijder het concept, of maak een factuur voor wat er overblijft."),
    ),
    "prepaid_differs": ErrorText(
        _l("Er is een ander bedrag betaald dan waarop deze factuur uitkomt."),
        _l("De klant betaalde %(paid)s in de winkel; de regels komen op %(total)s."),
        _l("Zet de regels terug zoals ze in de bestelling staan, of verwijder het"
           " concept en maak het opnieuw."),
    ),
    "invoice_empty": ErrorText(
        _l("Deze factuur heeft nog geen regels."),
        "",
        _l("Zet er minstens één regel op en verstuur haar dan."),
    ),
    "which_attachment": ErrorText(
        _l("Er zijn meer bijlagen: welke daarvan is de factuur?"),
        _l("De factuur gaat als document mee naar uw boekhoudpakket."),
        _l("Kies de bijlage die de klant als factuur heeft gekregen."),
    ),
    "credit_exceeds": ErrorText(
        _l("Er wordt meer gecrediteerd dan er is gefactureerd."),
        _l("Van factuur %(number)s kan onder BTW-code %(vat_code)s nog %(left)s euro"
           " exclusief BTW worden gecrediteerd."),
        _l("Verlaag de aantallen of de prijzen van de creditfactuur."),
    ),
    "credit_is_none": ErrorText(
        _l("Deze creditfactuur geeft de klant niets terug."),
        _l("Het totaal van een creditfactuur is minder dan nul."),
        _l("Zet een minteken voor de aantallen die u crediteert."),
    ),
    "nothing_to_credit": ErrorText(
        _l("Factuur %(number)s is al helemaal gecrediteerd.")
    ),
    "line_vat_code": ErrorText(
        _l("Een van de BTW-codes is er niet."),
        "",
        _l("Kies bij elke regel een BTW-code uit de lijst."),
    ),
    "invoice_not_sent": ErrorText(
        _l("Deze factuur is nog een concept en valt niet te crediteren."),
        "",
        _l("Wijzig of verwijder het concept."),
    ),
    "invoice_is_credit": ErrorText(
        _l("Factuur %(number)s is zelf een creditfactuur."),
        "",
        _l("Maak een nieuwe factuur in plaats van de creditfactuur te crediteren."),
    ),
    "invoice_seller_incomplete": ErrorText(
        _l("Uw eigen gegevens op de factuur zijn nog niet compleet."),
        _l("Een factuur moet uw naam, adres en BTW-nummer noemen."),
        _l("Vul ze aan bij Profiel, onder Bedrijf."),
    ),
    "invoice_customer_incomplete": ErrorText(
        _l("Van %(name)s is nog geen adres bekend."),
        _l("Een factuur moet naam en adres van de klant noemen."),
        _l("Vul bij de relatie een factuuradres of een ander adres in."),
    ),
    "invoice_vat_number_missing": ErrorText(
        _l("Van %(name)s is nog geen BTW-nummer bekend."),
        _l("Op een factuur zonder BTW omdat die is verlegd, of naar een bedrijf in een"
           " ander EU-land, moet het BTW-nummer van de klant staan."),
        _l("Vul het in bij de relatie, of kies een andere BTW-code."),
    ),
    "invoice_vat_number_of_own_country": ErrorText(
        _l("Het BTW-nummer %(number)s is van uw eigen land."),
        _l("Zonder BTW naar een bedrijf in een ander EU-land kan alleen met een"
           " BTW-nummer van een ander land."),
        _l("Verbeter het nummer bij de relatie, of kies een andere BTW-code."),
    ),
    "invoice_vat_number_outside_eu": ErrorText(
        _l("Het BTW-nummer %(number)s is niet van een EU-land en niet te controleren."),
        _l("BTW verleggen, of zonder BTW leveren aan een bedrijf in de EU, kan alleen"
           " met een nummer dat VIES kent. Nummers uit onder meer het Verenigd"
           " Koninkrijk, Zwitserland en Noorwegen staan daar niet in; een nummer uit"
           " Noord-Ierland (XI) geldt alleen voor goederen."),
        _l("Kies voor goederen die de EU uit gaan de BTW-code voor uitvoer. Vraag bij"
           " een dienst aan een klant buiten de EU uw boekhouder welke BTW-code past."),
    ),
    "invoice_vat_number_invalid": ErrorText(
        _l("VIES kent het BTW-nummer %(number)s van %(name)s niet."),
        _l("Zonder geldig BTW-nummer van de klant mag er geen factuur zonder BTW uit."
           " Er is geen factuurnummer gebruikt."),
        _l("Vraag de klant om het juiste nummer en vul het in bij de relatie, of kies"
           " een BTW-code met BTW."),
    ),
    "invoice_vat_number_malformed": ErrorText(
        _l("%(number)s van %(name)s is geen BTW-nummer; is het een tikfout?"),
        _l("De vorm of het controlecijfer klopt niet; VIES is daarom niet gevraagd. Er"
           " is geen factuurnummer gebruikt."),
        _l("Vraag de klant om het juiste nummer en vul het in bij de relatie, of kies"
           " een BTW-code met BTW."),
    ),
    "invoice_waits_for_vat": ErrorText(
        _l("De factuur wacht op VIES: het BTW-nummer van de klant is nog niet"
           " bevestigd."),
        _l("Zonder die bevestiging mag er geen factuur zonder BTW uit. De factuur heeft"
           " nog geen nummer."),
        _l("U hoeft niets te doen: wij vragen het elk half uur opnieuw, en dan gaat de"
           " factuur vanzelf. Wijzigt u haar, dan gaat zij niet meer vanzelf."),
    ),
    "invoice_not_sent_by_itself": ErrorText(
        _l("Een factuur die op VIES wachtte, kon niet worden verstuurd."),
        "",
        _l("Open het concept: daar staat waarom, en wat u kunt doen."),
    ),
    "invoice_customer_unprintable": ErrorText(
        _l("In “%(text)s” bij de klant staan tekens die niet op de factuur te drukken"
           " zijn: %(characters)s"),
        _l("Naam en adres van de klant moeten voluit op de factuur staan. Chinees,"
           " Japans en Koreaans kan; emoji en schriften als Arabisch, Hebreeuws en"
           " Thais niet."),
        _l("Schrijf dit bij de relatie in Latijnse letters, zoals in het"
           " handelsregister, of verstuur een factuur uit een ander programma als"
           " bijlage."),
    ),
    "invoice_content_unprintable": ErrorText(
        _l("In “%(text)s” staan tekens die niet op de factuur te drukken zijn:"
           " %(characters)s"),
        _l("Emoji en schriften als Arabisch, Hebreeuws en Thais kunnen niet op de"
           " PDF."),
        _l("Wijzig de regel, het kenmerk of de opmerking waarin dit staat."),
    ),
    "invoice_seller_unprintable": ErrorText(
        _l("In “%(text)s” bij uw eigen bedrijf staan tekens die niet op de factuur te"
           " drukken zijn: %(characters)s"),
        _l("Emoji en schriften als Arabisch, Hebreeuws en Thais kunnen niet op de"
           " PDF."),
        _l("Wijzig dit bij Profiel, onder Bedrijf, of bij Factuurinstellingen."),
    ),
    "invoice_no_email": ErrorText(
        _l("Dit is geen e-mailadres waar de factuur heen kan."),
        _l("Vóór de @ kunnen alleen letters zonder accent, cijfers en leestekens staan;"
           " het deel erachter mag in elk schrift."),
        _l("Vul het e-mailadres van de klant in."),
    ),
    "invoice_date_before": ErrorText(
        _l("De factuurdatum ligt vóór die van de laatst verstuurde factuur"
           " (%(number)s van %(day)s)."),
        _l("De Belastingdienst verwacht dat nummers en datums gelijk oplopen."),
        _l("Kies een latere factuurdatum, of verstuur haar toch."),
    ),
    "invoice_date_ahead": ErrorText(
        _l("De factuurdatum ligt in de toekomst.")
    ),
    "number_wrong": ErrorText(_l("Vul een getal in, bijvoorbeeld 12,50.")),
    "number_ambiguous": ErrorText(
        _l("Bedoelt u %(whole)s of %(part)s? Vul het in zonder punt.")
    ),
    "number_too_precise": ErrorText(
        _l("Hoogstens %(decimals)s cijfers achter de komma.")
    ),
    "number_too_large": ErrorText(_l("Dit getal is te groot.")),
    "file_empty": ErrorText(_l("Kies een bestand; dit is leeg.")),
    "file_too_large": ErrorText(_l("Een bijlage mag hoogstens 4,5 MB zijn.")),
    "files_too_large": ErrorText(
        _l("Alle bijlagen samen zijn groter dan 10 MB."),
        _l("Veel mailservers weigeren zo’n bericht."),
    ),
    "file_type": ErrorText(
        _l("Dit soort bestand kan niet mee."),
        "",
        _l("Kies een PDF, PNG, JPG, XML, DOCX of XLSX."),
    ),
    "file_content": ErrorText(
        _l("De inhoud van dit bestand is niet wat .%(ending)s belooft.")
    ),
    "attachment_is_invoice": ErrorText(
        _l("Dit bestand is de verstuurde factuur en blijft bewaard.")
    ),
    "numbering_begun": ErrorText(
        _l("De nummering van %(year)s ligt al vast."),
        _l("Er is in dat jaar al een factuur verstuurd."),
        _l("Wijzig haar vóór de eerste factuur van een nieuw boekjaar."),
    ),
    "vat_code_rate": ErrorText(
        _l("Een gewoon of verlaagd tarief is meer dan 0%%; elk ander soort is 0%%.")
    ),
    "vat_code_used": ErrorText(
        _l("BTW-code %(vat_code)s staat al op een factuur."),
        "",
        _l("Zet haar uit en maak een nieuwe; de naam mag u wel wijzigen."),
    ),
    "vat_code_taken": ErrorText(_l("BTW-code %(vat_code)s is er al.")),
    "invoice_mailed": ErrorText(
        _l("Factuur %(number)s is gemaild aan %(recipient)s.")
    ),
    "credit_invoice_mailed": ErrorText(
        _l("Creditfactuur %(number)s is gemaild aan %(recipient)s.")
    ),
    "credit_invoice_sent": ErrorText(_l("Creditfactuur %(number)s is verstuurd.")),
    "invoice_draft_deleted": ErrorText(
        _l("Een conceptfactuur van € %(total)s is verwijderd.")
    ),
    "vat_code_saved": ErrorText(_l("BTW-code %(vat_code)s is opgeslagen.")),
    "vat_code_deleted": ErrorText(_l("BTW-code %(vat_code)s is verwijderd.")),
    "vat_codes_made": ErrorText(_l("De BTW-codes van %(country)s zijn gemaakt.")),
    "invoice_credit_made": ErrorText(
        _l("Er is een creditfactuur gemaakt voor factuur %(number)s.")
    ),
    "invoice_reopened": ErrorText(
        _l("Factuur %(number)s staat weer open en is weer Geboekt.")
    ),
    "invoice_sent": ErrorText(_l("Factuur %(number)s is verstuurd.")),
}  # fmt: skip
