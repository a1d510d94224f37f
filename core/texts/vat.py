"""The VAT of a sale in the user's words: what is asked, and why it is what it is."""

from collections.abc import Mapping

from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l

from core.texts.text import ErrorText

TEXTS: Mapping[str, ErrorText] = {
    "vat_area_unclear": ErrorText(
        _l("Wij weten niet of dit adres onder de BTW van de EU valt (%(country)s)."),
        _l(
            "In dit land liggen gebieden buiten het BTW-gebied. Met postcode"
            " %(postcode)s en plaats %(place)s is dat niet te zien."
        ),
        _l("Vul postcode en plaats aan in uw winkel en druk op Verwerk."),
        "shop",
        many=_l(
            "Bestellingen waarvan niet zeker is of het adres onder de"
            " BTW van de EU valt"
        ),
    ),
    "vat_number_of_own_country": ErrorText(
        _l("Het BTW-nummer %(number)s is van uw eigen land (%(country)s)."),
        _l(
            "Voor 0%% BTW naar een ander EU-land moet het nummer van een ander land"
            " zijn dan waar de goederen vertrekken."
        ),
        _l(
            "Vraag de klant om een BTW-nummer van zijn land, of bereken BTW. Herstel"
            " de bestelling in uw winkel en druk op Verwerk."
        ),
        "shop",
        many=_l("Bestellingen met een BTW-nummer van uw eigen land"),
    ),
    "business_charged_vat": ErrorText(
        _l("Een bedrijf met geldig BTW-nummer %(number)s betaalde BTW van zijn land."),
        _l(
            "Een verkoop aan een bedrijf in een ander EU-land is geen afstandsverkoop:"
            " die BTW hoort niet in uw OSS-aangifte, maar is wel berekend."
        ),
        _l(
            "Betaal de BTW terug en herstel de bestelling in uw winkel, of kies bij"
            " Configuratie dat u zo'n bestelling als verkoop aan een consument boekt."
            " Druk daarna op Verwerk."
        ),
        "charged_business",
        many=_l("Bedrijven met een geldig BTW-nummer die BTW van hun land betaalden"),
    ),
    "collected_by_foreign_buyer": ErrorText(
        _l("Een klant uit %(country)s haalt af zonder BTW."),
        _l(
            "Afgehaalde goederen zijn in uw land verkocht. 0%% kan alleen als de klant"
            " ze aantoonbaar zelf naar het buitenland brengt."
        ),
        _l(
            "Hebt u dat bewijs, boek de bestelling dan zelf. Anders hoort er BTW op:"
            " herstel de bestelling in uw winkel en druk op Verwerk."
        ),
        "shop",
        many=_l("Afgehaalde bestellingen zonder BTW van klanten uit het buitenland"),
    ),
    "vat_charged_by_small_business": ErrorText(
        _l("Er is %(amount)s BTW berekend, maar u valt onder de KOR."),
        _l("Wie onder de KOR valt, berekent geen BTW; berekende BTW moet u afdragen."),
        _l(
            "Klopt de KOR niet meer, pas dan Configuratie aan. Herstel anders de"
            " bestelling in uw winkel en druk op Verwerk."
        ),
        "vat_status",
        many=_l("Bestellingen met BTW, terwijl u onder de KOR valt"),
    ),
    "vat_charged_outside": ErrorText(
        _l("Er is %(rate)s%% BTW berekend buiten het BTW-gebied van de EU (%(area)s)."),
        _l("Een levering daarheen is uitvoer, met 0%% BTW."),
        _l(
            "Herstel de bestelling in uw winkel, of stel dit tarief in bij"
            " Internationaal. Druk daarna op Verwerk."
        ),
        "vat",
        by=("area", "rate"),
    ),
    "gift_card_not_configured": ErrorText(
        _l("Voor cadeaubonnen is nog niets gekozen (‘%(line)s’)."),
        _l(
            "Een verkochte cadeaubon is meestal geen omzet: u bent de klant nog iets"
            " schuldig. Dat hangt af van waar de bon voor is."
        ),
        _l("Kies bij Configuratie wat uw cadeaubonnen zijn en druk op Verwerk."),
        "no_turnover",
        many=_l("Bestellingen met cadeaubonnen, waarvoor nog niets is gekozen"),
    ),
    "deposit_not_configured": ErrorText(
        _l("Voor statiegeld is nog geen rekening gekozen (‘%(line)s’)."),
        _l(
            "Statiegeld is geen omzet: u betaalt het terug als de verpakking terugkomt."
        ),
        _l("Kies de rekening bij Configuratie en druk op Verwerk."),
        "no_turnover",
        many=_l("Bestellingen met statiegeld, waarvoor nog geen rekening is gekozen"),
    ),
    "fee_without_vat": ErrorText(
        _l("Op de toeslag ‘%(line)s’ staat geen BTW."),
        _l("Wij weten niet of het statiegeld of een fooi is, of dat de BTW ontbreekt."),
        _l(
            "Is het statiegeld of een fooi, zet de naam dan bij ‘Wat geen omzet is’."
            " Herstel anders de BTW in uw winkel. Druk daarna op Verwerk."
        ),
        "no_turnover",
        by=("line",),
    ),
    "tip_not_configured": ErrorText(
        _l("Voor fooien is nog geen rekening gekozen (‘%(line)s’)."),
        _l("Een fooi hoort niet bij uw omzet uit artikelen en heeft geen BTW."),
        _l("Kies de rekening bij Configuratie en druk op Verwerk."),
        "no_turnover",
        many=_l("Bestellingen met een fooi, waarvoor nog geen rekening is gekozen"),
    ),
    "gift_card_with_vat": ErrorText(
        _l("Op de cadeaubon ‘%(line)s’ is BTW berekend."),
        _l(
            "In Configuratie staat dat uw cadeaubonnen voor van alles zijn. Dan is de"
            " BTW pas verschuldigd als de bon wordt ingewisseld."
        ),
        _l(
            "Haal de BTW in uw winkel van de cadeaubon af, of kies bij Configuratie"
            " dat ze voor één doel zijn. Druk daarna op Verwerk."
        ),
        "no_turnover",
        many=_l("Bestellingen met BTW op een cadeaubon"),
    ),
    "gift_card_taxed_twice": ErrorText(
        _l(
            "Deze bestelling is betaald met een cadeaubon waarvan de BTW al is betaald."
        ),
        _l(
            "Uw cadeaubonnen zijn voor één doel: omzet en BTW zijn geboekt toen de bon"
            " werd verkocht. Boeken zou ze dubbel tellen."
        ),
        _l("Boek zelf alleen wat de klant heeft bijbetaald."),
        "package",
    ),
}

AREAS: Mapping[str, LazyString] = {
    "IC": _l("Canarische Eilanden"),
    "EA": _l("Ceuta en Melilla"),
    "ceuta": _l("Ceuta"),
    "melilla": _l("Melilla"),
    "livigno": _l("Livigno"),
    "campione": _l("Campione d’Italia"),
    "helgoland": _l("Helgoland"),
    "busingen": _l("Büsingen"),
    "athos": _l("Athos"),
    "north_cyprus": _l("Noord-Cyprus"),
    "northern_ireland": _l("Noord-Ierland"),
    "madeira": _l("Madeira"),
    "azores": _l("Azoren"),
    "corsica": _l("Corsica"),
    "jungholz": _l("Jungholz en Mittelberg"),
    "greek_islands": _l("Griekse eilanden met lagere tarieven"),
}
"""Areas that are no country of their own; the others have their country's name."""


def place_word(code: str) -> str:
    """Return the name of a country or VAT area; an unknown code as it is."""
    if code == "XI" or code in AREAS:
        return str(AREAS.get(code, AREAS["northern_ireland"]))
    locale = get_locale()
    return str((locale.territories if locale else {}).get(code, code))


SCHEMES: Mapping[str, LazyString] = {
    "domestic": _l("Binnenlandse verkoop"),
    "oss": _l("Eenloketsysteem (OSS)"),
    "home": _l("BTW van uw eigen land, onder de drempel"),
    "icp": _l("Levering aan een bedrijf in de EU (ICP)"),
    "export": _l("Uitvoer uit de EU"),
    "kor": _l("Kleineondernemersregeling (KOR)"),
}
RULES: Mapping[str, LazyString] = {
    "collected": _l("Afgehaald: verkocht waar de winkel is."),
    "at_home": _l("De goederen blijven in uw eigen land."),
    "leaves_the_area": _l("De goederen verlaten het BTW-gebied van de EU."),
    "intra_community_supply": _l("Geleverd aan een bedrijf in een ander EU-land."),
    "distance_sale": _l("Naar een consument in een ander EU-land: BTW van dat land."),
    "distance_sale_below_threshold": _l(
        "Naar een consument in een ander EU-land, onder de drempel van € 10.000: BTW"
        " van uw eigen land."
    ),
    "no_turnover": _l("Alleen cadeaubonnen, statiegeld of fooi: geen levering."),
    "small_business": _l("U valt onder de KOR: geen BTW."),
}
ASSUMPTIONS: Mapping[str, LazyString] = {
    "oss_assumed": _l(
        "In Configuratie staat niet hoe u verkopen aan consumenten in andere"
        " EU-landen aangeeft. Wij gaan uit van het eenloketsysteem."
    ),
    "inside_because_charged": _l(
        "Het adres zegt niet of het binnen het BTW-gebied ligt. Omdat er BTW is"
        " berekend, gaan wij daarvan uit."
    ),
}
SURE: Mapping[str, LazyString] = {
    "A": _l("gelezen in de wettekst"),
    "B": _l("gelezen bij een overheid"),
    "C": _l("gelezen bij een vakbron"),
    "K": _l("algemene kennis, niet in een bron nagelezen"),
}
WORDS: Mapping[str, LazyString] = {**SCHEMES, **RULES, **ASSUMPTIONS, **SURE}
"""The word for each code in the reasoning that is kept with a document."""
