"""Which field a column of a file is, and what its words mean. Pure.

Headings are known in Dutch and English, with or without spaces, case and accents.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

from core.domain.addresses import parts_of
from core.domain.relations import PostalAddress
from core.rules.relation_fields import ADDRESSES, FIELDS, WRITTEN
from core.rules.relation_rules import MAY_BE_NONE
from core.rules.value_rules import says_none

MANAGER = "manager_id"
LINE = "line"
"""Street, house number and suffix in one column."""
LINE_PARTS = ("street", "house_number", "house_number_suffix")
TARGETS = (*FIELDS, *(f"{role}.{LINE}" for role in ADDRESSES), MANAGER)
"""Everything that a column may be."""
_PLAIN = {
    "kind": "soort kind type relatiesoort organisatieofpersoon",
    "relation_type": "relatietype relationtype typerelatie contacttype",
    "name": "naam name organisatie organisatienaam bedrijf bedrijfsnaam company"
    " companyname achternaam lastname surname klantnaam debiteurnaam organisation"
    " organization",
    "first_name": "voornaam firstname roepnaam givenname",
    "initials": "voorletters initialen initials",
    "name_prefix": "tussenvoegsel voorvoegsel tussenvoegsels prefix nameprefix",
    "gender": "geslacht gender sex",
    "debtor_number": "debiteurnummer debiteurnr debnr debiteur klantnummer klantnr"
    " debtornumber customernumber customerno relatienummer code",
    "creditor_number": "crediteurnummer crediteurnr crednr crediteur creditornumber"
    " suppliernumber leveranciersnummer vendornumber",
    "phone": "telefoon telefoonnummer tel telnr phone telephone phonenumber",
    "mobile": "mobiel mobieletelefoon mobielnummer gsm mobile mobilephone cellphone",
    "fax": "fax faxnummer faxnumber",
    "email": "email emailadres mail mailadres emailaddress algemeenemailadres",
    "website": "website site web url homepage www",
    "chamber_number": "kvk kvknummer kvknr kamervankoophandel ondernemingsnummer"
    " chambernumber chamberofcommerce coc cocnumber registrationnumber",
    "vat_number": "btwnummer btwnr btw btwid vat vatnumber vatno taxnumber vatid",
    "iban": "iban bankrekening rekeningnummer ibannummer bankaccount",
    "bic": "bic swift bicswift biccode swiftcode",
    MANAGER: "relatiebeheerder beheerder accountmanager manager owner relationmanager",
}
_ROLES = {
    "visiting_address": "bezoek bezoekadres vestigingsadres visiting visitingaddress",
    "postal_address": "post postadres correspondentie correspondentieadres postal"
    " postaladdress mailing mailingaddress",
    "invoice_address": "factuur factuuradres invoice invoiceaddress billing"
    " billingaddress",
    "delivery_address": "aflever afleveradres bezorg bezorgadres leveradres delivery"
    " deliveryaddress shipping shippingaddress",
    "home_address": "prive priveadres thuis huisadres woonadres home homeaddress"
    " private privateaddress",
    "alternative_address": "afwijkend afwijkendadres alternatief alternative"
    " alternativeaddress",
}
_PARTS = {
    "street": "straat straatnaam street streetname",
    "house_number": "huisnummer huisnr nummer housenumber number",
    "house_number_suffix": "toevoeging huisnummertoevoeging huisnrtoevoeging suffix"
    " housenumbersuffix",
    "postal_code": "postcode postalcode zip zipcode",
    "city": "plaats woonplaats plaatsnaam stad city town",
    "country": "land landcode country countrycode",
    LINE: "adres adresregel adresregel1 address addressline address1 adres1"
    " straatenhuisnummer",
}
_AMBIGUOUS = ("nummer", "number")
"""No house number unless the heading names an address."""
_WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "organisation": "organisatie organisation organization bedrijf company o"
        " zakelijk business",
        "person": "persoon person particulier private p prive individual",
    },
    "relation_type": {
        "suspect": "suspect",
        "prospect": "prospect",
        "client": "klant client customer debiteur",
        "private_client": "particuliereklant privateclient privatecustomer particulier",
        "vendor": "leverancier vendor supplier crediteur",
        "to_review": "tebeoordelen toreview toassess onbekend",
    },
    "gender": {
        "m": "m man male mannelijk heer dhr mr",
        "f": "f v vrouw female vrouwelijk mevrouw mevr ms mrs",
        "x": "x anders other onzijdig",
    },
}


def plain(text: str) -> str:
    """Return a heading or word without case, accents, spaces and signs."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]", "", letters)


@cache
def _known() -> Mapping[str, str]:
    found = {word: field for field, words in _PLAIN.items() for word in words.split()}
    for role, role_words in _ROLES.items():
        for part, part_words in _PARTS.items():
            for one in role_words.split():
                found.setdefault(one, f"{role}.{LINE}")
                for other in part_words.split():
                    found[one + other] = found[other + one] = f"{role}.{part}"
    return found


def guess(headers: Sequence[str]) -> list[str]:
    """Return the field of each column; empty when it is not recognised.

    A bare address is the visiting address, or the home address when the file has
    columns for persons. No field is guessed twice.
    """
    words = [plain(header) for header in headers]
    has_persons = {"voornaam", "firstname", "voorletters", "initials"} & set(words)
    own = "home_address" if has_persons else "visiting_address"
    bare = {
        word: f"{own}.{part}"
        for part, part_words in _PARTS.items()
        for word in part_words.split()
        if word not in _AMBIGUOUS
    }
    found: list[str] = []
    for word in words:
        field = _known().get(word) or bare.get(word, "")
        found.append("" if field in found else field)
    return found


def recognised(texts: Sequence[str]) -> int:
    """Return how many of a row's texts are known headings."""
    known = _headings()
    return sum(plain(text) in known for text in texts if text)


@cache
def _headings() -> frozenset[str]:
    return frozenset(_known()).union(*(words.split() for words in _PARTS.values()))


def values_of(cells: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Return what a row says, by flat field; an empty cell says nothing.

    The relation manager's name stands under `manager_id`.
    """
    found: dict[str, str] = {}
    for field, text in zip(columns, cells, strict=False):
        is_none = field in MAY_BE_NONE and says_none(text)
        if not (field and text) or is_none:
            continue
        role, _, part = field.partition(".")
        if part == LINE:
            texts = zip(LINE_PARTS, parts_of(text), strict=True)
            found |= {f"{role}.{name}": value for name, value in texts if value}
            if written := PostalAddress.of_line(text).written:
                found[f"{role}.{WRITTEN}"] = written
        else:
            found[field] = _meaning(field, text)
    return found


def _meaning(field: str, text: str) -> str:
    """Return the value that a word stands for; an unknown word stays itself."""
    if field not in _WORDS:
        return text
    wanted = plain(text)
    for value, words in _WORDS[field].items():
        if wanted == plain(value) or wanted in words.split():
            return value
    return text
