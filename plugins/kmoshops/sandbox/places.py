"""What addresses and names look like in the countries of the sample orders.

Names and streets are common ones, put together at random; postal codes follow the
country's pattern (`#` a digit, `@` a letter) and need not exist.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """How people write their address in one country."""

    lang: str
    cities: tuple[str, ...]
    postal_code: str
    streets: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    company_form: str
    number_first: bool = False


def _place(line: str) -> tuple[str, Place]:
    country, lang, code, cities, streets, firsts, lasts, form = (
        part.strip() for part in line.split("|")
    )
    return country, Place(
        lang=lang,
        postal_code=code,
        cities=_words(cities),
        streets=_words(streets),
        first_names=_words(firsts),
        last_names=_words(lasts),
        company_form=form,
        number_first=country in _NUMBER_FIRST,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


_NUMBER_FIRST = frozenset(("FR", "IE", "AU", "US", "CA", "JE", "GG", "ZA", "SG", "HK"))

# country | language | postal code | cities | streets | first | last | company form
_TABLE = """
AT|de|1##0|Wien,Graz,Linz|Hauptstraße,Bahngasse|Anna,Lukas,Eva|Gruber,Huber,Wagner|GmbH
AU|en|2###|Sydney,Newcastle|George Street,King Street|Olivia,Jack|Smith,Taylor|Pty Ltd
BE|nl|2##0|Antwerpen,Gent,Brugge|Kerkstraat,Meir|Lotte,Jan,Emma|Peeters,Maes|BV
BH|en|3##|Manama,Muharraq|Government Avenue|Fatima,Ali|Hassan,Ahmed|W.L.L.
BR|pt|0####-###|São Paulo,Recife|Rua Augusta|Ana,João|Silva,Souza|Ltda
CA|en|K#A #B#|Ottawa,Toronto|Main Street,Bank Street|Emily,Liam|Brown,Tremblay|Inc.
CH|de|8##0|Zürich,Winterthur|Bahnhofstrasse,Seestrasse|Lea,Noah|Müller,Keller|AG
CY|el|1###|Nicosia,Limassol|Ledra,Makarios Avenue|Maria,Andreas|Georgiou,Ioannou|Ltd
CZ|cs|1## 00|Praha,Brno|Dlouhá,Nádražní|Jana,Petr|Novák,Svoboda|s.r.o.
DE|de|5####|Köln,Bonn,Aachen|Hauptstraße,Gartenweg|Lena,Jonas,Mia|Schäfer,Weber|GmbH
DK|da|2##0|København,Valby|Nørregade,Strandvej|Freja,Emil|Jensen,Sørensen|ApS
ES|es|28###|Madrid,Getafe|Calle Mayor,Calle Real|Lucía,Hugo|García,Núñez|S.L.
FI|fi|00##0|Helsinki,Espoo|Mannerheimintie,Kirkkokatu|Aino,Eetu|Mäkinen,Virtanen|Oy
FR|fr|75###|Paris,Lyon,Lille|rue de la Paix,rue Neuve|Léa,Louis|Dubois,Lefèvre|SARL
GG|en|GY# #AA|St Peter Port|High Street|Grace,Peter|Le Page,Falla|Ltd
GR|el|11# ##|Athina,Piraeus|Ermou,Stadiou|Eleni,Nikos|Papadakis,Nikolaou|AE
HK|en||Hong Kong|Nathan Road,Queens Road|Mei,Ka Ho|Chan,Wong|Limited
IE|en|D## X#A#|Dublin,Cork|O'Connell Street,Main Street|Aoife,Seán|Murphy,O'Brien|Ltd
IL|he|6######|Tel Aviv,Haifa|Herzl Street|Noa,David|Cohen,Levi|Ltd
IS|is|1##|Reykjavík|Laugavegur|Guðrún,Jón|Jónsdóttir,Einarsson|ehf.
IT|it|00###|Roma,Tivoli|Via Roma,Via Garibaldi|Giulia,Luca|Rossi,Esposito|S.r.l.
JE|en|JE# #AA|St Helier|King Street|Alice,John|de Gruchy,Renouf|Ltd
JP|ja|1##-00##|Tokyo,Chiyoda|Ginza,Marunouchi|Yuki,Haruto|Sato,Suzuki|K.K.
LB|ar|1###|Beirut|Hamra Street|Rania,Karim|Khoury,Haddad|SARL
LT|lt|0####|Vilnius,Kaunas|Gedimino pr.|Ona,Jonas|Kazlauskas,Petraitis|UAB
MT|en|VLT 1###|Valletta|Republic Street|Maria,Joseph|Borg,Camilleri|Ltd
NL|nl|3### @@|Utrecht,Zeist|Dorpsstraat,Molenweg|Sanne,Daan|Jansen,de Vries|B.V.
NO|no|0##0|Oslo|Karl Johans gate,Storgata|Ingrid,Ola|Hansen,Bjørnstad|AS
PL|pl|00-###|Warszawa,Pruszków|Długa,Polna|Zofia,Jan|Nowak,Wiśniewski|Sp. z o.o.
PT|pt|1###-###|Lisboa,Sintra|Rua Augusta,Rua Direita|Inês,Tiago|Ferreira,Gonçalves|Lda
SA|ar|1####|Riyadh|King Fahd Road|Sara,Omar|Al-Saud,Al-Harbi|LLC
SE|sv|1## ##|Stockholm,Solna|Storgatan,Kungsgatan|Elsa,Åke|Andersson,Lindström|AB
SG|en|0#####|Singapore|Orchard Road|Wei Ling,Marcus|Tan,Lim|Pte Ltd
US|en|10###|New York,Yonkers|Main Street,Broadway|Emma,James|Miller,Davis|LLC
ZA|en|8###|Cape Town,Durban|Long Street|Thandi,Johan|Botha,Nkosi|(Pty) Ltd
AE|ar||Dubai,Abu Dhabi|Sheikh Zayed Road|Layla,Omar|Al Maktoum,Rahman|LLC
"""

PLACES = dict(_place(line) for line in filter(None, _TABLE.split("\n")))
ELSEWHERE = Place("en", ("Unknown",), "", ("Main Street",), ("Sam",), ("Doe",), "Ltd")
"""For orders whose country the shop does not know."""

VAT_PATTERNS = {
    "AT": "U########",
    "BE": "0#########",
    "CY": "1#######@",
    "CZ": "########",
    "DE": "#########",
    "DK": "########",
    "ES": "B########",
    "FI": "########",
    "FR": "###########",
    "GR": "#########",
    "IE": "#######@",
    "IT": "0#####0001#",
    "LT": "#########",
    "MT": "########",
    "NL": "#########B01",
    "PL": "##########",
    "PT": "5########",
    "SE": "##########01",
}
"""Forms of VAT numbers of the member states that the sample orders went to."""

COUNTRY_CODES = {
    "Australia": "AU",
    "Austria": "AT",
    "Bahrain": "BH",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Cyprus": "CY",
    "Czech Republic": "CZ",
    "Denmark": "DK",
    "EIRE": "IE",
    "European Community": "EU",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Greece": "GR",
    "Hong Kong": "HK",
    "Iceland": "IS",
    "Israel": "IL",
    "Italy": "IT",
    "Japan": "JP",
    "Lebanon": "LB",
    "Lithuania": "LT",
    "Malta": "MT",
    "Netherlands": "NL",
    "Norway": "NO",
    "Poland": "PL",
    "Portugal": "PT",
    "RSA": "ZA",
    "Saudi Arabia": "SA",
    "Singapore": "SG",
    "Spain": "ES",
    "Sweden": "SE",
    "Switzerland": "CH",
    "USA": "US",
    "United Arab Emirates": "AE",
}
"""ISO codes of the names in the Online Retail data; EU is no country's code."""
