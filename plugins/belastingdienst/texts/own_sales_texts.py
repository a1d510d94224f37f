"""The user's words for own sales: what is asked, and what stands in no return."""

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

_NOT_IN = _l("Wat hier staat telt nu nergens in de aangifte mee.")
_OR_LEAVE = _l(
    "Hoort het niet in de Nederlandse aangifte, kies dan ‘Hoort er niet in’. Hoort het"
    " er wel in, vul het bedrag dan zelf in."
)

_OWED_SINCE = _l(
    "Vanaf de verkoop waarmee dat gebeurde bent u btw verschuldigd, ook als u haar niet"
    " hebt berekend."
)
_SAY_SINCE = _l(
    "Zeg bij Uw BTW-situatie op welke dag de regeling is geëindigd en lees opnieuw."
    " Hebt u de btw over deze verkopen zelf ingevuld, of waren zij er die dag net voor,"
    " kies dan ‘Hoort er niet in’."
)

TEXTS: Mapping[str, ErrorText] = MappingProxyType({
    "own_sales_unsaid": ErrorText(
        _l("Horen de bestellingen van %(shops)s in deze aangifte?"),
        _l("Zij staan hier, maar u hebt nog niet gezegd van wie zij zijn."),
        _l("Kies het bij de administratie, onder Eigen verkopen."),
    ),
    "own_sales_before_installation": ErrorText(
        _l("Van %(shop)s staan hier bestellingen vanaf %(date)s, niet van daarvoor."),
        _l("Wat u eerder in dit tijdvak verkocht, telt nu niet mee."),
        _l(
            "Vul het bedrag zelf in, of laat de oude bestellingen nog inlezen. Verkocht"
            " u toen niets, kies dan ‘Hoort er niet in’."
        ),
    ),
    "own_sales_waiting": ErrorText(
        _l("Bestellingen die in uw winkel nog niet klaar zijn: %(count)s, %(amount)s."),
        _l("Zij tellen mee zodra zij betaald of afgerond zijn, op de besteldatum."),
        _l(
            "Kijk ze na in uw winkel. Zijn het geen verkopen, kies dan ‘Hoort er niet"
            " in’."
        ),
    ),
    "own_sales_aside": ErrorText(
        _l("Bestellingen die u terzijde hebt gelegd: %(count)s, samen %(amount)s."),
        _l("Zij worden niet geboekt en staan daarom ook niet in de aangifte."),
        _l(
            "Zijn het toch verkopen, zet ze dan terug of vul het bedrag zelf in."
            " Anders: kies ‘Hoort er niet in’."
        ),
    ),
    "own_sales_invoice_draft": ErrorText(
        _l("Bestellingen waarvan de factuur nog een concept is: %(count)s, samen"
           " %(amount)s."),
        _l("De verkoop telt mee met de factuur, zodra die is verstuurd."),
        _l("Verstuur de concepten, of verwijder ze: dan telt de bestelling zelf."),
    ),
    "own_sales_cancelled": ErrorText(
        _l("Geannuleerde bestellingen: %(count)s, samen %(amount)s.")
    ),
    "own_sales_twice": ErrorText(
        _l(
            "Facturen die ook een bestelling zijn: %(count)s, samen %(amount)s. De"
            " bestelling telt."
        )
    ),
    "cash_scheme_overpaid": ErrorText(
        _l("Op een verkoop van %(expected)s is %(amount)s ontvangen."),
        _l("Wij weten niet waar het verschil bij hoort."),
        _l("Verbeter de betaling, of boek het verschil."),
    ),
    "own_sales_oss": ErrorText(
        _l(
            "Verkopen met btw van een ander EU-land: %(count)s, samen %(amount)s. Die"
            " gaan via de OSS-aangifte."
        )
    ),
    "own_sales_small_business": ErrorText(
        _l(
            "Verkopen zonder btw onder de kleineondernemersregeling: %(count)s, samen"
            " %(amount)s."
        )
    ),
    "own_sales_more": ErrorText(
        _l("Er zijn nog meer vragen dan hier staan: %(count)s."),
        _l("Vaak hebben zij dezelfde oorzaak, zoals een tarief in de winkel."),
        _l("Los eerst op wat hier staat en lees dan opnieuw."),
    ),
    "order_unread": ErrorText(
        _l("Deze bestelling kon niet worden gelezen."), _NOT_IN, _OR_LEAVE, "shop"
    ),
    "order_cancelled_after": ErrorText(
        _l("Deze bestelling (%(amount)s) is geannuleerd nadat zij was geboekt of deels"
           " terugbetaald."),
        _l("Is alles terugbetaald, dan hoort de terugbetaling erbij te staan."),
        _l(
            "Kijk in uw winkel of het geld terug is. Was er geen verkoop, kies dan"
            " ‘Hoort er niet in’."
        ),
        "shop",
    ),
    "order_of_other_country": ErrorText(
        _l("Deze verkoop is belast in %(country)s, vanuit een ander land."),
        _l("De Nederlandse aangifte is voor verkopen vanuit Nederland."),
        _OR_LEAVE,
    ),
    "order_gift_card_unsaid": ErrorText(
        _l("‘%(line)s’ is een cadeaubon; u hebt niet gezegd waarvoor uw bonnen zijn."),
        _l("Daarvan hangt af of de btw bij de verkoop of bij het inwisselen telt."),
        _l(
            "Kies het bij Configuratie van de winkel. Telt de btw bij het inwisselen,"
            " dan kunt u hier ‘Hoort er niet in’ kiezen."
        ),
    ),
    "order_without_vat": ErrorText(
        _l("Op ‘%(line)s’ is geen btw berekend, terwijl de verkoop in Nederland is."),
        _l("Dat kan een 0%%-tarief zijn (rubriek 1e), een vrijstelling of een fout."),
        _l(
            "Stel bij Configuratie een BTW-code voor 0%% in als het zo hoort. Is het"
            " vrijgesteld, kies dan ‘Hoort er niet in’."
        ),
    ),
    "order_rate_not_dutch": ErrorText(
        _l("Op ‘%(line)s’ is %(rate)s%% btw berekend: dat is geen Nederlands tarief."),
        _NOT_IN,
        _OR_LEAVE,
    ),
    "order_customer_unknown": ErrorText(
        _l("Van %(name)s ontbreekt het BTW-nummer."),
        _l("Zonder btw naar een ander EU-land: de ICP-opgaaf noemt elke klant."),
        _l("Vul het BTW-nummer aan in uw winkel en lees opnieuw."),
        "shop",
    ),
    "order_oss_unsaid": ErrorText(
        _l(
            "Er is btw van andere EU-landen berekend, maar op de pagina OSS staat niet"
            " dat u toen voor het eenloketsysteem was aangemeld."
        ),
        _l("Die btw hoort niet in de Nederlandse aangifte, maar moet wel ergens heen."),
        _l("Zeg op de pagina OSS vanaf wanneer u bent aangemeld en lees opnieuw."),
    ),
    "own_sales_above_threshold": ErrorText(
        _l(
            "Verkopen aan consumenten in andere EU-landen met Nederlandse btw:"
            " %(count)s, samen %(amount)s, nadat u op %(date)s boven de € 10.000 kwam."
        ),
        _l("Vanaf die verkoop, en het hele jaar daarna, is de btw van het land van de"
           " klant verschuldigd."),
        _l(
            "Meld u aan voor het eenloketsysteem, zeg dat bij Uw BTW-situatie en op de"
            " pagina OSS, en lees opnieuw. Hebt u dit met een adviseur anders geregeld,"
            " kies dan ‘Hoort er niet in’: alleen deze vraag gaat weg."
        ),
    ),
    "order_oss_contradicted": ErrorText(
        _l(
            "Bij Uw BTW-situatie staat dat deze verkoop met Nederlandse btw gaat, op de"
            " pagina OSS dat u toen voor het eenloketsysteem was aangemeld."
        ),
        _l("Beide kan niet: met OSS is elke verkoop aan een consument in een ander"
           " EU-land daar belast."),
        _l("Verander een van de twee en lees opnieuw."),
    ),
    "invoice_after_small_business": ErrorText(
        _l(
            "Factuur %(number)s is zonder btw, terwijl uw omzet op %(date)s boven de"
            " grens van de kleineondernemersregeling kwam."
        ),
        _OWED_SINCE,
        _SAY_SINCE,
    ),
    "order_after_small_business": ErrorText(
        _l(
            "Zonder btw verkocht, terwijl uw omzet op %(date)s boven de grens van de"
            " kleineondernemersregeling kwam."
        ),
        _OWED_SINCE,
        _SAY_SINCE,
    ),
    "refund_doubtful": ErrorText(
        _l("Een terugbetaling van %(amount)s is misschien al eerder geteld."),
        _NOT_IN,
        _OR_LEAVE,
    ),
    "refund_undecided": ErrorText(
        _l("Van een terugbetaling van %(amount)s is niet te zien wat terugging."),
        _l("Was het prijs, dan gaat er btw af; was het schadevergoeding, dan niet."),
        _l(
            "Beslis het bij Fouten als de terugbetaling daar staat. Anders: vul het"
            " bedrag zelf in en kies hier ‘Hoort er niet in’."
        ),
    ),
    "figures_own_sales_set": ErrorText(
        _l("Eigen verkopen van %(administration)s gekozen: %(count)s bronnen.")
    ),
})  # fmt: skip
