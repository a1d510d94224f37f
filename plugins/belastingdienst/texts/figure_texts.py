"""The user's words for figures, manual entries and corrections."""

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from core.domain.declarations import IcpKind, Rubric
from core.plugin.texts import ErrorText
from plugins.belastingdienst.models.figures import EntryOrigin

RUBRICS: Mapping[str, LazyString] = MappingProxyType({
    Rubric.R1A: _l("Leveringen/diensten belast met hoog tarief"),
    Rubric.R1B: _l("Leveringen/diensten belast met laag tarief"),
    Rubric.R1C: _l("Leveringen/diensten belast met overige tarieven, behalve 0%"),
    Rubric.R1D: _l("Privégebruik"),
    Rubric.R1E: _l("Leveringen/diensten belast met 0% of niet bij u belast"),
    Rubric.R2A: _l("Leveringen/diensten waarbij de btw naar u is verlegd"),
    Rubric.R3A: _l("Leveringen naar landen buiten de EU (uitvoer)"),
    Rubric.R3B: _l("Leveringen naar of diensten in landen binnen de EU"),
    Rubric.R3C: _l("Installatie/afstandsverkopen binnen de EU"),
    Rubric.R4A: _l("Leveringen/diensten uit landen buiten de EU"),
    Rubric.R4B: _l("Leveringen/diensten uit landen binnen de EU"),
    "5a": _l("Verschuldigde btw (rubrieken 1 tot en met 4)"),
    Rubric.R5B: _l("Voorbelasting"),
    "5c": _l("Subtotaal: 5a min 5b"),
    "5g": _l("Te betalen of terug te vragen"),
})  # fmt: skip
"""The form's own words, by rubric; the sums are among them."""
ICP_KINDS: Mapping[str, LazyString] = MappingProxyType({
    IcpKind.GOODS: _l("Goederen"),
    IcpKind.SERVICES: _l("Diensten"),
    IcpKind.ABC: _l("ABC-leveringen"),
})  # fmt: skip
ORIGINS: Mapping[str, LazyString] = MappingProxyType({
    EntryOrigin.LEDGER: _l("Boekhouding"),
    EntryOrigin.INVOICE: _l("Factuur"),
    EntryOrigin.ORDER: _l("Bestelling"),
    EntryOrigin.MANUAL: _l("Zelf ingevuld"),
    EntryOrigin.CORRECTION: _l("Correctie"),
})  # fmt: skip

_NOT_COUNTED = _l("Wat hier staat telt nu nergens in de aangifte mee.")

TEXTS: Mapping[str, ErrorText] = MappingProxyType({
    # reading
    "figures_not_connected": ErrorText(
        _l("Deze administratie heeft geen werkende verbinding met uw boekhouding."),
        _l("De cijfers komen uit het grootboek daarvan."),
        _l("Maak verbinding bij Koppelingen en lees opnieuw."),
        "connection",
    ),
    "invoice_vat_foreign": ErrorText(
        _l("Factuur %(number)s heeft BTW-code %(vat_code)s van een ander land."),
        _l("In de Nederlandse aangifte telt alleen Nederlandse btw mee."),
        _l(
            "Hoort de factuur niet in deze aangifte, kies dan ‘Hoort er niet in’."
            " Anders: crediteer haar en maak een nieuwe met een Nederlandse code."
        ),
    ),
    "invoice_vat_kind_unknown": ErrorText(
        _l("Wij weten niet wat BTW-code %(vat_code)s van factuur %(number)s is."),
        _NOT_COUNTED,
        _l("Neem contact met ons op."),
    ),
    "invoice_customer_unknown": ErrorText(
        _l("Van %(name)s (factuur %(number)s) ontbreekt land of BTW-nummer."),
        _l("De ICP-opgaaf noemt elke klant met land en BTW-nummer."),
        _l("Vul het BTW-nummer met landcode in bij de relatie en lees opnieuw."),
    ),
    "invoice_vat_differs": ErrorText(
        _l(
            "De btw van factuur %(number)s is %(stated)s, maar met de BTW-codes van nu"
            " komt er %(computed)s uit."
        ),
        _l("Waarschijnlijk is het tarief van een BTW-code later gewijzigd."),
        _l("Zet het tarief van de BTW-code terug, maak voor het nieuwe tarief een"
           " nieuwe code en lees opnieuw."),
    ),
    # entries
    "entry_day": ErrorText(
        _l("De datum valt niet in dit tijdvak (%(start)s tot en met %(end)s)."),
        "",
        _l("Kies een dag in het tijdvak."),
    ),
    "entry_empty": ErrorText(
        _l("Vul een omzet of een btw-bedrag in."), "", _l("Nul telt niet mee.")
    ),
    "entry_icp": ErrorText(
        _l("Soort, land en BTW-nummer horen bij rubriek 3b, en alleen daarbij."),
        _l("Uit rubriek 3b volgt de ICP-opgaaf, die elke klant noemt."),
        _l("Vul bij 3b alle drie in, en laat ze bij andere rubrieken leeg."),
    ),
    # corrections
    "correction_needs_suppletie": ErrorText(
        _l("Deze correctie past niet in de volgende aangifte."),
        _l("Boven € 1.000 btw per saldo is een suppletie nodig."),
        _l("Maak een suppletie."),
    ),
    "filed_period_changed": ErrorText(
        _l("%(period)s van %(administration)s is veranderd nadat het is aangegeven."),
        _l("In uw boeken staat nu iets anders dan in de aangifte die is geaccepteerd."),
        _l("Kijk bij Aangiften wat u moet doen, en tot wanneer."),
    ),
    "change_next_return": ErrorText(
        _l("%(period)s van %(administration)s is veranderd nadat het is aangegeven."),
        _l("Tot en met € 1.000 btw per saldo mag dit mee in de volgende aangifte."),
        _l("Neem de correctie op in de aangifte over %(next)s."),
    ),
    "change_suppletie": ErrorText(
        _l("%(period)s van %(administration)s is veranderd nadat het is aangegeven."),
        _l("Boven € 1.000 btw per saldo is een suppletie nodig, binnen acht weken nadat"
           " het bekend werd."),
        _l("Bekijk wat er is veranderd en maak een suppletie klaar."),
    ),
    "change_too_old": ErrorText(
        _l("%(period)s van %(administration)s is veranderd nadat het is aangegeven."),
        _l("Corrigeren kan tot vijf jaar na het jaar van het tijdvak, en dat is"
           " voorbij."),
        _l("Vraag het uw adviseur of de Belastingdienst."),
    ),
    "correction_gone": ErrorText(
        _l("Deze aangifte is al verstuurd."),
        _l("Wat erin staat kan niet meer worden teruggenomen."),
        _l("Klopt de correctie niet, dan stellen wij vanzelf een nieuwe voor."),
    ),
    # the log
    "figures_read": ErrorText(
        _l("Cijfers van %(administration)s over %(period)s gelezen: %(count)s regels.")
    ),
    "figures_doubt_settled": ErrorText(
        _l("Een twijfelgeval van %(administration)s over %(period)s telt niet mee.")
    ),
    "figures_entry_added": ErrorText(
        _l(
            "%(administration)s, %(period)s, rubriek %(rubric)s: ‘%(description)s’"
            " ingevuld (omzet %(turnover)s, btw %(vat)s)."
        )
    ),
    "figures_entry_changed": ErrorText(
        _l(
            "%(administration)s, %(period)s, rubriek %(rubric)s: ‘%(description)s’"
            " gewijzigd (omzet %(turnover)s, btw %(vat)s)."
        )
    ),
    "figures_entry_removed": ErrorText(
        _l(
            "%(administration)s, %(period)s, rubriek %(rubric)s: ‘%(description)s’"
            " verwijderd (omzet %(turnover)s, btw %(vat)s)."
        )
    ),
    "figures_correction_accepted": ErrorText(
        _l("De correctie van %(corrected)s gaat mee in de aangifte %(period)s"
           " van %(administration)s.")
    ),
    "figures_correction_taken_back": ErrorText(
        _l("De correctie van %(corrected)s gaat niet meer mee in de aangifte"
           " %(period)s van %(administration)s.")
    ),
    "figures_services_set": ErrorText(
        _l("BTW-codes van diensten van %(administration)s: %(codes)s.")
    ),
})  # fmt: skip

VAT_ROLES = {
    "owed": _l("Te betalen btw"),
    "input": _l("Voorbelasting"),
    "settlement": _l("Afdracht"),
}
"""What a VAT account is for, by `law.vat_accounts.Role`."""
