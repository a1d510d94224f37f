"""The user's words for this plugin's codes."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText
from plugins.belastingdienst.texts import (
    figure_texts,
    filing_texts,
    icp_texts,
    law_texts,
    oss_texts,
    own_sales_texts,
    scheme_texts,
)
from plugins.belastingdienst.texts.setup_texts import SETUP_TEXTS

_NOTHING_SENT = _l("Er is niets verstuurd.")
_TAX_RULE = _l("De Belastingdienst keurt het bericht anders af.")
_IN_BOOKS = _l("Verbeter de boeking in uw boekhouding en bereken de aangifte opnieuw.")
_IN_ADMINISTRATION = _l("Vul het aan bij de administratie en probeer het opnieuw.")
_TELL_US = _l("Neem contact met ons op.")

TEXTS = {
    **law_texts.TEXTS,
    **SETUP_TEXTS,
    **filing_texts.TEXTS,
    **scheme_texts.TEXTS,
    **icp_texts.TEXTS,
    **own_sales_texts.TEXTS,
    **oss_texts.TEXTS,
    # a ledger's doubts
    "ledger_vat_code_unknown": ErrorText(
        _l("Een mutatie heeft BTW-code %(vat_code)s, die uw boekhouding niet kent."),
        _l("Zonder code weten wij niet in welke rubriek de mutatie hoort."),
        _IN_BOOKS,
    ),
    "ledger_vat_code_without_rubric": ErrorText(
        _l("BTW-code %(vat_code)s heeft in uw boekhouding geen rubriek."),
        _l("Zonder rubriek telt de mutatie nergens in de aangifte mee."),
        _l("Vul bij de BTW-code in uw boekhouding de rubriek in."),
    ),
    "icp_customer_unknown": ErrorText(
        _l(
            "Bij een mutatie in rubriek 3b ontbreekt het BTW-nummer van de klant"
            " (%(relation)s)."
        ),
        _l("De ICP-opgaaf noemt elke klant met land en BTW-nummer."),
        _l("Vul het BTW-nummer bij de debiteur in uw boekhouding in."),
    ),
    # filing
    "delivery_being_looked_up": ErrorText(
        _l("Wij kijken na of de aangifte is aangekomen."),
        _l("Het antwoord ging verloren nadat wij de aangifte verstuurden."),
        _l("U hoeft niets te doen; zij wordt nooit vanzelf nog eens verstuurd."),
    ),
    "delivery_absent": ErrorText(
        _l("De aangifte %(reference)s is niet aangekomen."),
        _l("Het antwoord ging verloren en wij vonden haar twee keer niet terug."),
        _l(
            "Controleer het bij de Belastingdienst en verstuur de aangifte dan zelf"
            " opnieuw."
        ),
    ),
    "filing_after_restore": ErrorText(
        _l("Kijk eerst na of de aangifte %(reference)s al is verstuurd."),
        _l(
            "Een reservekopie is teruggezet: wat daarna werd verstuurd, weten wij niet"
            " meer zeker."
        ),
        _l(
            "Controleer het bij de Belastingdienst. Is zij er, vul dan het kenmerk in;"
            " is zij er niet, verstuur haar dan zelf opnieuw."
        ),
    ),
    "delivery_ambiguous": ErrorText(
        _l("Het is nog niet zeker welke aanlevering die van %(reference)s is."),
        _l(
            "Er zijn er meer van dezelfde soort in dezelfde tijd, en Digipoort kan niet"
            " op ons kenmerk zoeken."
        ),
        _l("Wij kijken opnieuw zodra er meer over bekend is."),
    ),
    "digipoort_not_configured": ErrorText(
        _l("Digipoort is nog niet ingesteld."),
        _l("Het adres of het certificaat waarmee Digipoort antwoordt ontbreekt."),
        _TELL_US,
    ),
    "digipoort_refused": ErrorText(
        _l("Digipoort nam de aangifte niet aan (%(fault)s)."),
        _l("Digipoort antwoordde: %(message)s"),
        _l("Los op wat Digipoort noemt en verstuur de aangifte opnieuw."),
    ),
    "digipoort_answer_untrusted": ErrorText(
        _l("Een antwoord van Digipoort was niet echt of niet compleet."),
        _l("De ondertekening klopt niet, of is niet van Digipoort."),
        _l("Wij vragen het vanzelf opnieuw; meld het probleem als dit blijft."),
    ),
    "certificate_unreadable": ErrorText(
        _l("Het certificaat kan niet worden gelezen."),
        _l("Het bestand of het wachtwoord klopt niet, of het is geen RSA-sleutel."),
        _l("Kies het PKIoverheid-certificaat met zijn sleutel opnieuw."),
    ),
    "certificate_key_differs": ErrorText(
        _l("Het certificaat en de sleutel horen niet bij elkaar."),
        _NOTHING_SENT,
        _l("Kies het PKIoverheid-certificaat met zijn eigen sleutel."),
    ),
    "certificate_expired": ErrorText(
        _l("Het certificaat is niet (meer) geldig: het loopt tot %(date)s."),
        _l("Digipoort laat alleen een geldig certificaat toe. Er is niets verstuurd."),
        _l("Vernieuw het certificaat en kies het nieuwe in de instellingen."),
    ),
    # the message
    "taxonomy_unknown": ErrorText(
        _l("Voor tijdvakken in %(year)s kunnen wij nog geen aangifte maken."),
        _l(
            "De Belastingdienst geeft elk jaar een nieuwe indeling van het bericht uit."
        ),
        _l("Werk Koppelwerk bij, of neem contact met ons op."),
    ),
    "icp_correction_unsupported": ErrorText(
        _l("Correcties in een ICP-opgaaf over %(year)s kunnen wij nog niet maken."),
        _l("De indeling daarvan vanaf 2026 is niet openbaar gevonden."),
        _l("Geef de correctie zelf door op het portaal van de Belastingdienst."),
    ),
    "icp_association_unsupported": ErrorText(
        _l("Een koepelorganisatie kan in een ICP-opgaaf over %(year)s nog niet mee."),
        _l("De indeling daarvan vanaf 2026 is niet gecontroleerd."),
        _l("Laat de koepelorganisatie in het aangifteprofiel leeg."),
    ),
    "tax_number_missing": ErrorText(
        _l("Het omzetbelastingnummer ontbreekt."),
        _l("Zonder nummer weet de Belastingdienst niet van wie de aangifte is."),
        _IN_ADMINISTRATION,
    ),
    "tax_number_prefix": ErrorText(
        _l("Het omzetbelastingnummer %(number)s begint met NL."),
        _l("In een aangifte staat het nummer zonder landcode."),
        _IN_ADMINISTRATION,
    ),
    "tax_number_form": ErrorText(
        _l("%(number)s is geen omzetbelastingnummer."),
        _l("Het bestaat uit negen cijfers, de letter B en twee cijfers."),
        _IN_ADMINISTRATION,
    ),
    "tax_number_check": ErrorText(
        _l("Omzetbelastingnummer %(number)s lijkt niet te kloppen."),
        _l("Een eenmanszaak heeft naast het btw-id een eigen omzetbelastingnummer."),
        _l("Neem het nummer over van een brief van de Belastingdienst."),
    ),
    "contact_missing": ErrorText(
        _l("De contactpersoon is niet compleet."),
        _l("Achternaam, voorletters en telefoonnummer moeten in de aangifte."),
        _IN_ADMINISTRATION,
    ),
    "consultant_missing": ErrorText(
        _l("Het beconnummer ontbreekt."),
        _l("Een intermediair doet aangifte met zijn beconnummer."),
        _IN_ADMINISTRATION,
    ),
    "consultant_form": ErrorText(
        _l("%(number)s is geen beconnummer."),
        _l("Het heeft zes cijfers."),
        _IN_ADMINISTRATION,
    ),
    "header_too_long": ErrorText(
        _l("Een gegeven van de aangifte is te lang (%(field)s)."),
        _l("Er passen ten hoogste %(limit)s tekens in."),
        _IN_ADMINISTRATION,
    ),
    "header_incomplete": ErrorText(
        _l("Kenmerk of softwarepakket van de aangifte ontbreekt."), _TAX_RULE, _TELL_US
    ),
    "vendor_number_missing": ErrorText(
        _l("Ons relatienummer bij de Belastingdienst is niet ingesteld."),
        _l("Elke aangifte noemt de maker van de software (SWO en vijf cijfers)."),
        _TELL_US,
    ),
    "creation_moment": ErrorText(
        _l("Het moment van aanmaken (%(moment)s) is niet goed."), _TAX_RULE, _TELL_US
    ),
    "message_frame": ErrorText(
        _l("Het bericht hoort niet bij dit tijdvak of deze soort aangifte."),
        _l("Gevonden: %(detail)s."),
        _TELL_US,
    ),
    "message_currency": ErrorText(
        _l("%(name)s staat niet in euro's maar in %(currency)s."), _TAX_RULE, _TELL_US
    ),
    "message_decimals": ErrorText(
        _l("%(name)s is niet als precies bedrag aangegeven (%(decimals)s)."),
        _TAX_RULE,
        _TELL_US,
    ),
    "fact_missing": ErrorText(
        _l("%(name)s ontbreekt in het bericht."), _TAX_RULE, _TELL_US
    ),
    "sum_wrong": ErrorText(
        _l("%(name)s is niet de som van de rubrieken (%(expected)s)."),
        _TAX_RULE,
        _l("Bereken de aangifte opnieuw."),
    ),
    # the figures
    "amount_has_cents": ErrorText(
        _l("Rubriek %(rubric)s heeft centen of is geen bedrag: %(amount)s."),
        _l("Een aangifte is in hele euro's."),
        _l("Bereken de aangifte opnieuw."),
    ),
    "amount_too_large": ErrorText(
        _l("Het bedrag van rubriek %(rubric)s is te groot."),
        _l("Er passen %(digits)s cijfers in. Vaak staan er centen als euro's."),
        _IN_BOOKS,
    ),
    "vat_in_untaxed_rubric": ErrorText(
        _l("In rubriek %(rubric)s staat btw."),
        _l("In deze rubriek hoort alleen omzet."),
        _IN_BOOKS,
    ),
    "turnover_in_input": ErrorText(
        _l("In rubriek %(rubric)s staat omzet."),
        _l("In deze rubriek hoort alleen voorbelasting."),
        _IN_BOOKS,
    ),
    "vat_not_at_rate": ErrorText(
        _l("De btw in rubriek %(rubric)s is geen %(rate)s %% van de omzet."),
        _l("Misschien staat er een verkeerde code of een bedrag in centen."),
        _l("Open de rubriek en kijk welke mutatie afwijkt."),
    ),
    "reduction_ended": ErrorText(
        _l("In %(year)s is er geen vermindering voor kleine ondernemers meer."),
        _l("Rubriek 5d is vervallen."),
        _l("Laat rubriek 5d leeg."),
    ),
    "icp_zero": ErrorText(
        _l("De ICP-regel van %(customer)s is nul."), _TAX_RULE, _l("Laat de regel weg.")
    ),
    "icp_twice": ErrorText(
        _l("%(customer)s staat twee keer in de ICP-opgaaf."),
        _l("Per klant en soort is er één regel."),
        _l("Tel de regels bij elkaar op."),
    ),
    "icp_country": ErrorText(
        _l("%(customer)s hoort niet in de ICP-opgaaf."),
        _l("Land %(country)s is geen andere lidstaat van de EU."),
        _l("Verbeter land of BTW-code in uw boekhouding."),
    ),
    "icp_northern_ireland_services": ErrorText(
        _l("Diensten aan Noord-Ierland (%(customer)s) horen niet in de ICP-opgaaf."),
        _l("Noord-Ierland telt alleen voor goederen als lidstaat."),
        _IN_BOOKS,
    ),
    "icp_vat_number": ErrorText(
        _l("Het BTW-nummer van %(customer)s kan zo niet in de ICP-opgaaf."),
        _l("Het heeft ten hoogste twaalf cijfers en hoofdletters."),
        _l("Verbeter het BTW-nummer bij de debiteur in uw boekhouding."),
    ),
    "icp_vat_number_check": ErrorText(
        _l("Het BTW-nummer van %(customer)s lijkt niet te kloppen."),
        _l("De lengte of het controlegetal past niet bij het land."),
        _l("Controleer het nummer bij uw klant of in VIES."),
    ),
    "icp_rounding_gap": ErrorText(
        _l("De ICP-opgaaf (%(icp)s) en rubriek 3b (%(return_3b)s) schelen %(gap)s."),
        _l("Dat komt door het afronden per klant."),
        _l("U kunt zo aangifte doen."),
    ),
    "icp_differs_from_3b": ErrorText(
        _l("De ICP-opgaaf (%(icp)s) en rubriek 3b (%(return_3b)s) schelen %(gap)s."),
        _l("Goederen, diensten en ABC-leveringen samen moeten rubriek 3b zijn."),
        _l("Zoek het verschil op voordat u aangifte doet."),
    ),
    **figure_texts.TEXTS,
}

_FIRST_OF_ACCOUNTVIEW = (
    "administration_made", "administration_saved", "profile_saved", "profile_removed",
    "certificate_chosen", "certificate_stored", "certificate_removed",
)  # fmt: skip
TEXTS |= {
    f"accountview_{name}": TEXTS[f"belastingdienst_{name}"]
    for name in _FIRST_OF_ACCOUNTVIEW
}
"""As the log has them from before declarations were a plugin: it is only added to."""
