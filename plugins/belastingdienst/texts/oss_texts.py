"""The user's words for the one stop shop."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.domain.declarations import TaxPeriod
from core.plugin.texts import ErrorText, Explained, explain
from plugins.belastingdienst.law.doubts import Doubt
from plugins.belastingdienst.law.oss import Kind, RateKind
from plugins.belastingdienst.law.spans import Span
from plugins.belastingdienst.texts import figure_words

KINDS: Mapping[str, LazyString] = MappingProxyType({
    Kind.GOODS: _l("Goederen"),
    Kind.SERVICES: _l("Diensten"),
})  # fmt: skip
RATE_KINDS: Mapping[str, LazyString] = MappingProxyType({
    RateKind.STANDARD: _l("Normaal tarief"),
    RateKind.REDUCED: _l("Verlaagd tarief"),
})  # fmt: skip
PARTS: Mapping[str, LazyString] = MappingProxyType({
    **KINDS, "correction": _l("Correctie"), "balance": _l("Saldo per land"),
})  # fmt: skip

_READ = _l("Lees de verkopen opnieuw en kijk of de bedragen kloppen.")
_SEE_ORDER = _l("Kijk de verkoop na in uw winkel of bij de facturen.")

TEXTS: Mapping[str, ErrorText] = MappingProxyType({
    "oss_refund_of_before": ErrorText(
        _l(
            "Bestelling %(document)s uit %(period)s is terugbetaald (%(country)s,"
            " %(amount)s btw)."
        ),
        _l("Dat kwartaal wordt hier niet bijgehouden."),
        _l("Geef deze correctie zelf op in het portaal, bij dat kwartaal."),
    ),
    "oss_home_vat_charged": ErrorText(
        _l("Verkopen naar andere EU-landen met Nederlandse btw: %(count)s, samen"
           " %(amount)s."),
        _l("Wie voor OSS is aangemeld, rekent de btw van het land van de klant."),
        _l("Kijk uw BTW-status en de tarieven in uw winkel na."),
    ),
    "oss_not_registered": ErrorText(
        _l("Verkopen met btw van een ander land op een dag dat u niet was aangemeld:"
           " %(count)s, samen %(amount)s."),
        _l("Zij staan niet in deze aangifte."),
        _l("Verbeter de dag van aanmelding, of geef ze in dat land zelf aan."),
    ),
    "oss_shops_unsaid": ErrorText(
        _l("Horen de bestellingen van %(shops)s in deze aangifte?"),
        _l("Zij staan hier, maar u hebt nog niet gezegd van wie zij zijn."),
        _l("Zeg het bij Aanmelding; de verkopen worden dan opnieuw gelezen."),
    ),
    "oss_before_installation": ErrorText(
        _l("Van %(shop)s staan hier bestellingen vanaf %(date)s, niet van daarvoor."),
        _l("Wat u eerder in dit kwartaal verkocht, staat niet in deze aangifte."),
        _l(
            "Laat de oude bestellingen nog inlezen, of tel ze er zelf bij. Verkocht u"
            " toen niets naar andere EU-landen, dan hoeft u niets te doen."
        ),
    ),
    "oss_invoice_kind_unsaid": ErrorText(
        _l("Facturen met btw van een ander land: %(count)s, samen %(amount)s."),
        _l("De OSS-aangifte houdt goederen en diensten uit elkaar."),
        _l("Zeg bij Aanmelding wat u met uw facturen verkoopt en lees opnieuw."),
    ),
    "oss_invoice_to_business": ErrorText(
        _l("Factuur %(document)s is aan een klant met een BTW-nummer."),
        _l("De OSS-aangifte is voor verkopen aan particulieren."),
        _SEE_ORDER,
    ),
    "oss_invoice_without_vat": ErrorText(
        _l("Factuur %(document)s heeft een code van een ander land zonder btw."),
        _l("Die regel staat niet in de OSS-aangifte."),
        _SEE_ORDER,
    ),
    "oss_quarter_running": ErrorText(
        _l("Het %(period)s is nog niet voorbij."),
        _l("De aangifte gaat over het hele kwartaal."),
        _l("Kom terug als het kwartaal om is."),
    ),
    "oss_not_due": ErrorText(
        _l("Over het %(period)s hoeft u geen OSS-aangifte te doen."),
        _l("U was in dat kwartaal niet aangemeld."),
        _l("Klopt dat niet, verbeter dan de aanmelding."),
    ),
    "oss_read_first": ErrorText(
        _l("De verkopen van het %(period)s zijn nog niet gelezen."),
        _l("Zij moeten na de laatste dag van het kwartaal zijn gelezen."),
        _READ,
    ),
    "oss_changed_meanwhile": ErrorText(
        _l("De aangifte is intussen veranderd; er is niets bewaard."),
        _l("Er kwam een verkoop of terugbetaling bij."),
        _l("Vergelijk wat u hebt ingevuld met de bedragen van nu."),
    ),
    "oss_doubts_open": ErrorText(
        _l("Bij deze aangifte staan nog vragen open: %(count)s."),
        _l("Wat niet geplaatst kan worden, staat er niet in."),
        _l("Los ze op, of vink aan dat u zo hebt ingediend."),
    ),
    "oss_later_filed": ErrorText(
        _l("Over het %(period)s is al aangifte gedaan."),
        _l("Daarin kunnen correcties van dit kwartaal staan."),
        _l("Neem eerst de latere aangifte terug."),
    ),
    "oss_since_filed": ErrorText(
        _l("Over het %(period)s is hier al aangifte bewaard."),
        _l("Het eerste kwartaal kan niet daarna liggen."),
        _l("Kies dat kwartaal of een eerder."),
    ),
    # reminders and the log
    "oss_deadline_near": ErrorText(
        _l("De OSS-aangifte over het %(period)s moet er uiterlijk %(date)s zijn."),
        _l("Ook een kwartaal zonder verkopen moet worden aangegeven."),
        _l("Vul haar in op het portaal en zeg hier dat u haar hebt ingediend."),
    ),
    "oss_deadline_passed": ErrorText(
        _l("De OSS-aangifte over het %(period)s is te laat: %(date)s was de laatste"
           " dag."),
        _l("Wie vaak te laat is, kan uit de regeling worden gezet."),
        _l("Doe haar alsnog op het portaal en zeg hier dat u haar hebt ingediend."),
    ),
    "oss_change_goes_along": ErrorText(
        _l("De bedragen van het %(period)s veranderden na uw OSS-aangifte."),
        _l("Er kwam een verkoop of terugbetaling bij, of er veranderde een."),
        _l("U hoeft nu niets in te dienen: het verschil staat als correctie in de"
           " OSS-aangifte over het %(next)s."),
    ),
    "oss_change_no_return": ErrorText(
        _l("De bedragen van het %(period)s veranderden na uw OSS-aangifte."),
        _l("U doet geen OSS-aangifte meer waarin het verschil kan staan."),
        _l("Geef het verschil door aan elk van deze landen zelf."),
    ),
    "oss_filed_quarter_changed": ErrorText(
        _l("De ingediende OSS-aangifte %(period)s van %(number)s klopt niet meer.")
    ),
    "oss_register_set": ErrorText(_l("Aanmelding voor OSS van %(number)s gewijzigd.")),
    "oss_filed": ErrorText(
        _l("OSS-aangifte %(period)s van %(number)s als ingediend bewaard.")
    ),
    "oss_filing_taken_back": ErrorText(
        _l("OSS-aangifte %(period)s van %(number)s is toch niet ingediend.")
    ),
})  # fmt: skip


def quarter(span: Span) -> str:
    """Write a quarter: 3e kwartaal 2026."""
    return figure_words.period(TaxPeriod(span.start, span.end))


def country(code: str) -> str:
    """Write a country's name; Northern Ireland is one here."""
    return figure_words.member_state(code)


def words(code: str, params: Mapping[str, object]) -> Explained:
    """Return the words for a code; a quarter among its values is written out."""
    found = dict(params)
    code_of = str(found.get("period", ""))
    with suppress(ValueError):  # there is none, or it was written out before
        found["period"] = figure_words.period(TaxPeriod.from_code(code_of))
    return explain(code, found)


def asked(doubts: tuple[Doubt, ...]) -> list[tuple[Doubt, Explained]]:
    """Return doubts with their words, those that block first.

    What the Dutch return asks of an order is solved elsewhere here: there is no box.
    """
    ordered = sorted(doubts, key=lambda one: not one.blocks)
    return [(one, _explained(one)) for one in ordered]


def _explained(one: Doubt) -> Explained:
    found = words(one.code, one.params)
    if one.code.startswith(("order_", "refund_", "own_sales_")):
        return replace(found, action=str(_SEE_ORDER))
    return found


def file_name(span: Span, ending: str) -> str:
    """Return what a paper or file of a quarter is called."""
    name = _("oss-aangifte")
    return f"{name}-{span.code}.{ending}"
