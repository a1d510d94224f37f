"""The questions to a taxpayer in plain words: what they are about, do, and rest on."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText
from plugins.belastingdienst.law import cases, cash_scheme, small_business, year_end
from plugins.belastingdienst.law.cash_scheme import Entitlement
from plugins.belastingdienst.law.sources import Sure
from plugins.belastingdienst.models.taxpayer import FilingPlace, Occurrence

SURE: Mapping[Sure, Any] = MappingProxyType({
    Sure.VERIFIED: _l("nagelezen bij de bron"),
    Sure.SECONDARY: _l("gelezen bij adviseurs"),
    Sure.UNVERIFIED: _l("niet nagelezen: vraag bij twijfel uw adviseur"),
})  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A question of the taxpayer's page; its fields stand in the form."""

    name: str
    title: Any
    asks: Any
    effect: Any
    """What the answer does here."""
    source: Any
    """Empty: it is his own choice."""
    sure: Sure
    fields: tuple[str, ...]
    """Empty: it is asked elsewhere."""


QUESTIONS = (
    Question(
        "place",
        _l("Waar u aangifte doet"),
        _l("Doet u de btw-aangifte hier, of in uw boekhoudpakket of op het portaal?"),
        _l("Doet u het ergens anders, dan vergelijken en bewaken wij de cijfers alleen:"
           " wij maken niets klaar en herinneren niet aan het indienen."),
        "",
        Sure.VERIFIED,
        ("filed_at",),
    ),
    Question(
        "cash",
        _l("Kasstelsel"),
        _l("Geeft u btw aan als er betaald is, in plaats van op de factuurdatum? Dat"
           " mag alleen als een van deze redenen voor u geldt."),
        _l("Verkopen in Nederland gaan dan naar het tijdvak van de betaling. Verlegde"
           " btw, leveringen in de EU en export blijven bij hun factuur, net als uw"
           " voorbelasting. Zegt uw winkel niet wanneer een bestelling is betaald, dan"
           " telt de besteldatum. Komen de cijfers uit een boekhouding, dan beslist"
           " die."),
        _l("Wet OB art. 26 en Uitvoeringsbeschikking art. 26"),
        cash_scheme.RULES["entitled"].sure,
        ("cash_scheme", "cash_scheme_since"),
    ),
    Question(
        "small",
        _l("Kleineondernemersregeling (KOR)"),
        _l("Doet u mee aan de KOR? U rekent dan geen btw en trekt er geen af."),
        _l("Over tijdvakken die er helemaal onder vallen hoeft u geen btw-aangifte te"
           " doen, behalve als er btw naar u is verlegd. Boven 20.000 euro omzet in een"
           " kalenderjaar stopt de KOR, vanaf de verkoop die eroverheen gaat; wij"
           " waarschuwen u vanaf 80 procent."),
        _l("Wet OB art. 25"),
        small_business.RULES["home_limit"].sure,
        (),
    ),
    Question(
        "union",
        _l("KOR in andere EU-landen (EU-KOR)"),
        _l("Past u in andere EU-landen hun vrijstelling voor kleine ondernemers toe,"
           " met een nummer dat eindigt op EX?"),
        _l("U doet dan elk kwartaal opgaaf van uw omzet per land. Boven 100.000 euro in"
           " de hele EU stopt de regeling in alle landen; elk land heeft ook een eigen"
           " grens."),
        _l("btw-richtlijn art. 284 tot en met 288a"),
        small_business.RULES["union_limit"].sure,
        ("union_scheme_since", "union_scheme_until"),
    ),
)  # fmt: skip

CASE_NAMES: Mapping[str, Any] = MappingProxyType({
    "case_margin": _l("Margeregeling"),
    "case_other_rates": _l("Andere tarieven (1c)"),
    "case_distance_sales": _l("Verkopen in andere EU-landen buiten OSS om (3c)"),
    "case_call_off_stock": _l("Voorraad op afroep"),
    "year_end_private_use": _l("Privégebruik van goederen en diensten"),
    "year_end_car": _l("Auto van de zaak"),
    "year_end_gifts_and_staff": _l("Geschenken en personeel (BUA)"),
    "year_end_revision": _l("Herziening van investeringen"),
})  # fmt: skip
CASE_SOURCES: Mapping[str, tuple[Any, Sure]] = MappingProxyType({
    "case_margin": (
        _l("Wet OB art. 28b; btw-richtlijn art. 312 tot en met 325"),
        cases.MARGIN.source.sure,
    ),
    "case_other_rates": (
        _l("het aangifteformulier, rubriek 1c"), cases.OTHER_RATES.source.sure,
    ),
    "case_distance_sales": (
        _l("de Belastingdienst voor ondernemers, rubriek 3c"),
        cases.DISTANCE.source.sure,
    ),
    "case_call_off_stock": (
        _l("btw-richtlijn art. 17a"), cases.CALL_OFF.source.sure,
    ),
    "year_end_private_use": (
        _l("Wet OB art. 4, lid 2"), year_end.RULES["private_use"].sure,
    ),
    "year_end_car": (
        _l("2,7 of 1,5 procent van de catalogusprijs, zoals adviseurs het"
           " beschrijven"),
        year_end.RULES["car"].sure,
    ),
    "year_end_gifts_and_staff": (
        _l("Besluit uitsluiting aftrek omzetbelasting (BUA) art. 4"),
        year_end.RULES["bua"].sure,
    ),
    "year_end_revision": (
        _l("Uitvoeringsbeschikking OB art. 13 en 13a"),
        year_end.RULES["revision"].sure,
    ),
})  # fmt: skip

PLACES: Mapping[str, Any] = MappingProxyType({
    FilingPlace.HERE: _l("Hier"),
    FilingPlace.ELSEWHERE: _l("In mijn boekhoudpakket of op het portaal"),
})  # fmt: skip
ENTITLEMENTS: Mapping[str, Any] = MappingProxyType({
    Entitlement.NONE: _l("Nee, op de factuurdatum"),
    Entitlement.RETAIL: _l("Ja: ik heb een winkel of webwinkel, of een ander beroep dat"
                           " op de lijst staat"),
    Entitlement.PREMISES: _l("Ja: ik verkoop voor meer dan 90 procent vanuit een plek"
                             " voor particulieren"),
    Entitlement.PERMISSION: _l("Ja: ik verkoop voor minstens 80 procent aan"
                               " particulieren en de Belastingdienst stemde ermee in"),
})  # fmt: skip
OCCURRENCES: Mapping[str, Any] = MappingProxyType({
    Occurrence.UNSAID: _l("Nog niet gezegd"),
    Occurrence.NEVER: _l("Nooit"),
    Occurrence.SOMETIMES: _l("Soms"),
})  # fmt: skip

_FILL_IN = _l("Vul het bedrag zelf in, of antwoord dat het niet geldt.")

TEXTS: Mapping[str, ErrorText] = MappingProxyType({
    "filed_elsewhere": ErrorText(
        _l("De aangifte van %(administration)s doet u niet hier."),
        _l("Bij de belastingplichtige staat dat u in uw boekhoudpakket of op het"
           " portaal aangifte doet; wij vergelijken en bewaken alleen."),
        _l("Doet u het voortaan hier, zeg dat dan bij de belastingplichtige."),
    ),
    "belastingdienst_taxpayer_saved": ErrorText(
        _l("De antwoorden over belastingplichtige %(tax_number)s zijn opgeslagen.")
    ),
    "small_business_near": ErrorText(
        _l("De omzet van belastingplichtige %(tax_number)s is %(amount)s: 80%% van de"
           " grens van de KOR (%(limit)s) is bereikt."),
        _l("Met de verkoop die eroverheen gaat stopt de KOR; vanaf die verkoop rekent u"
           " btw."),
        _l("Kijk bij de belastingplichtige of deze omzet klopt en wat er nog kan."),
    ),
    "small_business_passed": ErrorText(
        _l("De KOR van belastingplichtige %(tax_number)s stopt op %(date)s, met verkoop"
           " %(sale)s."),
        _l("De omzet (%(amount)s) is hoger dan %(limit)s, in dit jaar of het jaar"
           " ervoor. Vanaf die verkoop rekent u btw en doet u weer aangifte."),
        _l("Controleer de omzet, meld u af bij de Belastingdienst en vul bij Uw"
           " BTW-situatie in vanaf wanneer de KOR niet meer geldt."),
    ),
    "taxonomy_not_ready": ErrorText(
        _l("Over tijdvakken in %(year)s kunnen wij nog geen aangifte maken."),
        _l("De Belastingdienst geeft elk jaar een nieuwe indeling van het bericht"
           " uit."),
        _l("U hoeft nu niets te doen. Is de laatste dag dichtbij en staat dit er nog,"
           " dien dan in op het portaal van de Belastingdienst."),
    ),
    "case_without_amount": ErrorText(
        _l("U zei ja, maar rubriek %(box)s heeft nog geen (volledig) bedrag."),
        "",
        _FILL_IN,
    ),
    "case_no_but_amount": ErrorText(
        _l("U zei nee, maar er staat een bedrag."),
        "",
        _FILL_IN,
    ),
    "taxpayer_questions_open": ErrorText(
        _l("Nog %(count)s vragen over deze belastingplichtige zijn niet beantwoord."),
        _l("Wat geen boeking vertelt, zoals de margeregeling of een auto van de zaak,"
           " kan in de aangifte ontbreken."),
        _l("Beantwoord ze één keer bij de belastingplichtige."),
    ),
})  # fmt: skip
