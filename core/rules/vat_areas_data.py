"""The tables behind `core.rules.vat_areas`: places whose VAT is not their country's.

What an area is to VAT follows the named article of directive 2006/112/EC, marked A
where we read its text (art. 5 to 7) and B where a notice of an authority says so; K
is general knowledge. Which postcodes lie in an area is general knowledge throughout
(K): no authority publishes them in one list. Dates are local dates.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BREXIT = date(2021, 1, 1)
"""First day that Great Britain was outside the EU's VAT area (agreement of withdrawal,
art. 126 and 127)."""


@dataclass(frozen=True)
class Area:
    """A place with its standing for the VAT on goods."""

    code: str
    """An ISO 3166-1 code where the area has one; stored with documents."""
    country: str
    """ISO code of the country whose rates apply inside; `XI` for Northern Ireland.
    Outside: the country it belongs to."""
    source: str
    sure: str
    """A, B or C as in the module; K: general knowledge."""
    inside_from: date | None = None
    """First day inside the EU's VAT area; None: never."""
    inside_until: date | None = None
    rates: tuple[tuple[date, tuple[Decimal, ...]], ...] = ()
    """Rates of its own in percent by first day, highest first; none before."""

    def is_inside(self, on: date) -> bool:
        """Tell whether goods sent here stay inside the EU's VAT area on a day."""
        if self.inside_from is None or on < self.inside_from:
            return False
        return self.inside_until is None or on <= self.inside_until

    def own_rates(self, on: date) -> tuple[Decimal, ...]:
        """Return the rates that differ from its country's; none where none do."""
        found = [rates for since, rates in self.rates if since <= on]
        return found[-1] if found else ()


@dataclass(frozen=True)
class Match:
    """How an area is recognised in an address."""

    area: str
    country: str
    """As the shop stores it."""
    postcodes: str = ""
    """A pattern without spaces and country prefix; empty: the whole country code."""
    places: tuple[str, ...] = ()
    """Names (plain letters, lower case) that tell it where the postcode does not."""
    shared: str = ""
    """Postcodes that lie in the area and outside it: the place tells."""
    since: date | None = None


def _rates(*dated: tuple[str, str]) -> tuple[tuple[date, tuple[Decimal, ...]], ...]:
    return tuple(
        (date.fromisoformat(day), tuple(Decimal(word) for word in words.split()))
        for day, words in dated
    )


_START = date(2010, 1, 1)
_ART_6_1 = "2006/112/EC art. 6(1)"
_ART_6_2 = "2006/112/EC art. 6(2)"
_FRENCH = "2006/112/EC art. 6(1)(c); TFEU art. 349, 355"
_OVERSEAS = "2006/112/EC art. 5(2); TFEU art. 198, 355(2), annex II"
_NO_MEMBER = "2006/112/EC art. 5(4)"

AREAS = {
    area.code: area
    for area in (
        Area("IC", "ES", f"{_ART_6_1}(b)", "A"),
        Area("ceuta", "ES", f"{_ART_6_2}(c)", "A"),
        Area("melilla", "ES", f"{_ART_6_2}(d)", "A"),
        Area("EA", "ES", f"{_ART_6_2}(c), (d)", "A"),
        Area("livigno", "IT", f"{_ART_6_2}(e)", "A"),
        # directive 2019/475 moved it from paragraph 2 to 1 in 2020: outside VAT in both
        Area("campione", "IT", "2006/112/EC art. 6", "A"),
        Area("helgoland", "DE", f"{_ART_6_2}(a)", "A"),
        Area("busingen", "DE", f"{_ART_6_2}(b)", "A"),
        Area("athos", "GR", f"{_ART_6_1}(a)", "A"),
        Area("AX", "FI", f"{_ART_6_1}(d)", "A"),
        *(
            Area(code, "FR", _FRENCH, "A")
            for code in ("GP", "MQ", "GF", "RE", "YT", "MF")
        ),
        *(
            Area(code, "FR", _OVERSEAS, "K")
            for code in ("BL", "PM", "NC", "PF", "WF", "TF")
        ),
        *(Area(code, "NL", _OVERSEAS, "K") for code in ("BQ", "AW", "CW", "SX")),
        Area("GL", "DK", _OVERSEAS, "K"),
        Area("FO", "DK", "2006/112/EC art. 5(2); TFEU art. 355(5)(a)", "K"),
        *(Area(code, code, _NO_MEMBER, "A") for code in ("AD", "SM", "VA", "SJ")),
        Area("GI", "GI", "2006/112/EC art. 5(2); TFEU art. 355(3)", "K"),
        *(Area(code, "GB", f"{_ART_6_1}(e)", "A") for code in ("GG", "JE")),
        Area("north_cyprus", "CY", "protocol 10 to the accession of 2003, art. 1", "B"),
        Area(
            "IM", "GB", "2006/112/EC art. 7(1)", "A",
            _START, date(2020, 12, 31),
        ),
        Area("MC", "FR", "2006/112/EC art. 7(1), (2)", "A", _START),
        Area(
            "northern_ireland", "XI",
            "Windsor framework (protocol Ireland/Northern Ireland), art. 8, annex 3",
            "B", BREXIT,
        ),
        Area(
            "madeira", "PT", "2006/112/EC art. 105(2)", "K", _START,
            rates=_rates(("2012-04-01", "22 12 5"), ("2024-10-01", "22 12 4")),
        ),
        Area(
            "azores", "PT", "2006/112/EC art. 105(2)", "K", _START,
            rates=_rates(
                ("2014-01-01", "18 10 5"), ("2015-07-01", "18 10 4"),
                ("2021-07-01", "16 9 4"),
            ),
        ),
        Area(
            "corsica", "FR", "CGI art. 297; rates file of the Commission", "K", _START,
            rates=_rates(("2014-01-01", "20 13 10 2.1 0.9")),
        ),
        Area(
            "jungholz", "AT", "2006/112/EC art. 104; UStG 1994 § 10(4)", "K", _START,
            rates=_rates(("2010-01-01", "19 12 10"), ("2016-01-01", "19 13 10")),
        ),
        Area(
            "greek_islands", "GR", "2006/112/EC art. 120; law 2859/2000 art. 21", "K",
            _START, rates=_rates(("2018-01-01", "17 9 4")),
        ),
    )
}  # fmt: skip

DUTCH_ISLANDS = {
    "BQ": ("bonaire", "kralendijk", "rincon", "saba", "the bottom", "windwardside",
           "sint eustatius", "st eustatius", "statia"),
    "AW": ("aruba", "oranjestad", "san nicolas", "savaneta", "paradera"),
    "CW": ("curacao", "banda abou"),
    "SX": ("philipsburg", "simpson bay", "cole bay", "cay hill"),
}  # fmt: skip
"""Places without postcodes that shops store under NL."""
ALSO_IN_THE_NETHERLANDS = {
    "willemstad": "CW",
    "sint maarten": "SX",
    "st maarten": "SX",
}
"""Names of such places that are a village in the Netherlands too."""

MATCHES = (
    Match("IC", "IC"),
    Match("IC", "ES", r"(35|38)\d{3}", ("canaria", "canarias", "las palmas", "tenerife",
          "lanzarote", "fuerteventura", "la gomera", "el hierro")),
    Match("EA", "EA"),
    Match("ceuta", "ES", r"51\d{3}", ("ceuta",)),
    Match("melilla", "ES", r"52\d{3}", ("melilla",)),
    Match("livigno", "IT", "23041", ("livigno", "trepalle"), shared="23030"),
    Match("campione", "IT", "22061", ("campione", "campione d italia"),
          shared="22060|CH6911|6911"),
    Match("busingen", "DE", "78266|CH8238|8238", ("busingen", "buesingen")),
    Match("helgoland", "DE", "27498", ("helgoland", "heligoland")),
    Match("athos", "GR", "6308[67]", ("agion oros", "agio oros", "mount athos")),
    Match("AX", "AX"),
    Match("AX", "FI", r"22\d{3}", ("mariehamn", "maarianhamina", "aland", "alands",
          "ahvenanmaa")),
    *(Match(code, code) for code in
      ("GP", "MQ", "GF", "RE", "YT", "MF", "BL", "PM", "NC", "PF", "WF", "TF")),
    Match("BL", "FR", "97133", ("saint barthelemy", "gustavia")),
    Match("MF", "FR", "97150|9706[0-9]", ("saint martin marigot", "marigot")),
    Match("GP", "FR", r"971\d\d", ("guadeloupe", "pointe a pitre")),
    Match("MQ", "FR", r"972\d\d", ("martinique", "fort de france")),
    Match("GF", "FR", r"973\d\d", ("guyane", "cayenne")),
    Match("RE", "FR", r"974\d\d", ("reunion", "la reunion")),
    Match("PM", "FR", r"975\d\d", ("saint pierre et miquelon",)),
    Match("YT", "FR", r"976\d\d|985\d\d", ("mayotte", "mamoudzou")),
    Match("BL", "FR", r"977\d\d"),
    Match("MF", "FR", r"978\d\d"),
    Match("TF", "FR", r"984\d\d"),
    Match("WF", "FR", r"986\d\d", ("wallis et futuna", "mata utu")),
    Match("PF", "FR", r"987\d\d", ("polynesie", "papeete", "tahiti")),
    Match("NC", "FR", r"988\d\d", ("nouvelle caledonie", "noumea")),
    Match("MC", "MC"),
    Match("MC", "FR", r"980\d\d", ("monaco", "monte carlo")),
    Match("corsica", "FR", r"20\d{3}|2[AB]\d{3}", ("corse", "ajaccio", "bastia")),
    *(Match(code, code) for code in DUTCH_ISLANDS),
    Match("GL", "GL"),
    Match("GL", "DK", r"39\d\d", ("greenland", "gronland", "nuuk", "kalaallit nunaat")),
    Match("FO", "FO"),
    Match("FO", "DK", r"(FO)?[1-9]\d\d", ("faroe islands", "faeroerne", "faroerne",
          "foroyar", "torshavn", "klaksvik")),
    *(Match(code, code) for code in ("AD", "SM", "VA", "SJ", "GI", "GG", "JE", "IM")),
    Match("SM", "IT", r"4789\d", ("san marino", "repubblica di san marino")),
    Match("VA", "IT", "00120", ("citta del vaticano", "vatican city", "vaticano")),
    Match("AD", "ES", r"AD\d{3}", ("andorra la vella",)),
    Match("AD", "FR", r"AD\d{3}", ("andorra la vella", "andorre la vieille")),
    Match("SJ", "NO", r"917[0-9]|8099", ("svalbard", "longyearbyen", "jan mayen")),
    Match("GI", "GB", r"GX11.*", ("gibraltar",)),
    Match("GG", "GB", r"GY\d.*", ("guernsey", "alderney", "sark", "st peter port")),
    Match("JE", "GB", r"JE\d.*", ("jersey", "st helier")),
    Match("IM", "GB", r"IM\d.*", ("isle of man",)),
    Match("northern_ireland", "XI"),
    Match("northern_ireland", "GB", r"BT\d.*", ("northern ireland", "belfast",
          "londonderry", "lisburn", "newry"), since=BREXIT),
    Match("north_cyprus", "CY", r"99\d{3}", ("mersin 10", "kyrenia", "girne",
          "famagusta", "gazimagusa", "lefkosa")),
    Match("madeira", "PT", r"9[0-4]\d\d(\d{3})?", ("madeira", "funchal",
          "porto santo")),
    Match("azores", "PT", r"9[5-9]\d\d(\d{3})?", ("acores", "azores", "ponta delgada",
          "angra do heroismo", "horta")),
    Match("jungholz", "AT", "6691|699[123]|87491|8756[789]", ("jungholz", "riezlern",
          "kleinwalsertal")),
    Match("jungholz", "DE", "87491|8756[789]"),
    # Lesbos, Chios, Samos, Kos and Leros; more islands from 2026 on
    Match("greek_islands", "GR", r"81[1-3]\d\d|82[1-3]\d\d|83[12]\d\d|853\d\d|854\d\d",
          since=date(2018, 1, 1)),
    Match("greek_islands", "GR", r"81[45]\d\d|83[34]\d\d|68002|85002|8511[01]"
          r"|85[25-9]\d\d",
          since=date(2026, 1, 1)),
)  # fmt: skip
"""The first that fits counts."""

ISO = {"UK": "GB", "EL": "GR"}
"""Codes that are used for a country beside its own."""
