"""What a relation's single values must look like, and how they are written. Pure.

Each rule returns the value in one way of writing, or None when it is not certain what
is meant; who calls decides what then happens. Sources: python-stdnum for VAT numbers
(the check of each country), IBAN (ISO 13616: length, structure and the two check
digits; which banks there are decides nothing), BIC (ISO 9362) and Dutch postal codes; a
Dutch KvK number has eight digits, a Belgian enterprise number is its VAT number; a
Belgian postal code has four digits from 1000. Digits are those of ASCII alone.
"""

import re
from typing import Any

from stdnum import get_cc_module, iban
from stdnum.be import vat as belgian
from stdnum.exceptions import ValidationError
from stdnum.nl import postcode

from core.domain import countries

_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d", "-" * 8)
"""What Word makes of a hyphen."""
_NONE = frozenset(
    re.findall(
        r"\S+",
        "- -- / . nvt geen none no nee na null nil onbekend unknown inconnu néant "
        "neant aucun keine nihil",
    )
)
_NONE_OF = re.compile(
    r"(?:geen|no|pas de|sans|aucun|keine?)[\s\-]+(?:btw|vat|tva|kvk|e-?mail|mail|"
    r"tel\w*|fax|website|site|mobiel|gsm)\w*(?:[\s\-]*(?:nr|nummer|number|adres))?",
    re.I,
)
_PHONE_LABEL = re.compile(
    r"\A(?:(?:tel(?:efoon|ephone|éphone)?|t|m|mob(?:iel|ile)?|gsm|fax|f)"
    r"(?:\s*(?:nr|no|nummer))?\s*[.:]+\s*"
    r"|(?:tel(?:efoon)?|gsm|fax|[tmf])\.?\s+(?=[+(0-9]))",
    re.I,
)
_EXTENSION = (
    r"(?:ext|tst|toestel|int|poste|durchwahl|dw|x|#)\b[\s.:=]*[0-9]+|#\s*[0-9]+"
)
_ONE_PHONE = re.compile(
    rf"\(?\+?[0-9(][0-9 ().\-]*(?:[,;]?\s*(?:{_EXTENSION})|\([^()]*\)|[^\W\d_].*)?",
    re.I,
)
_BETWEEN_PHONES = re.compile(
    rf"\s*[,;/](?!\s*(?:{_EXTENSION}))\s*|\s+(?:of|en|or|ou|oder|[&|])\s+", re.I
)
_CALCULATED = re.compile(
    r"[0-9]+\.0|[0-9]+(?:[.,][0-9]+)?E[+\-]?[0-9]+|[0-9],[0-9]+", re.I
)
"""A telephone number that a spreadsheet took for an amount."""
_WEBSITE = re.compile(
    r"(https?://)?([\w\-]+\.)+[^\W\d_][\w\-]+(:[0-9]+)?([/?#]\S*)?", re.I
)
_NAMED_EMAIL = re.compile(r"[^<>]*<([^<>\s]+)>")
_VAT_LABEL = re.compile(
    r"\A(?:n[°o]\s*(?:de\s+)?|p\.?\s*|partita\s+|id za\s+|ič\s+)?"
    r"(?:b\.?t\.?w\.?|v\.?a\.?t\.?|t\.?v\.?a\.?|ust|mwst|uid|iva|moms|mva|nif|cif"
    r"|dič?|dph|cvr|αφμ|alv|y-tunnus|oib|pvm|pvn|nip|nipc|cui|ddv|org)"
    r"(?:[\s\-.]*(?:id|identificatie|intracom\w*|reg(?:istration)?))?"
    r"(?:[\s\-.]*(?:nr|no|n°|nummer|number|numéro|numero))?"
    r"[\s.:#\-]*(?=[A-Z]{2}|[A-Z]?[0-9])",
    re.I,
)
_COURT = re.compile(r"[\s,;(]+RP[RM]\b.*\Z", re.I)
"""The register of legal persons that Belgians name behind their number."""
_NATIONAL_SHAPE = re.compile(r"[A-Z]{2}[A-Z]{0,3}[0-9][A-Z0-9]{3,16}")
"""Of a country whose numbers cannot be checked: its prefix, then mostly digits."""
_CHAMBER_LABEL = re.compile(
    r"\A(?:(?:kvk|k\.v\.k\.|rp[rm])(?:\s+(?!nr|nummer)[^\W\d]+)?|kbo|bce|btw|tva"
    r"|handelsregister|ondernemingsnr|ondernemingsnummer)"
    r"(?:[\s\-.]*(?:nr|nummer))?[\s.:\-]*",
    re.I,
)
_VAT_PREFIX = {"GR": "EL"}
_VAT_COUNTRY = {"EL": "GR", "XI": "GB"}
_BELGIAN_POSTCODE = re.compile(r"(?:BE?[\s\-]*)?([1-9][0-9]{3})", re.I)
_POSTCODE_DIGITS = {
    country: digits
    for digits, found in (
        ((3,), "FO IS"),
        ((4,), "AT BG CH CY DK HU LI LU LV NO SI"),
        ((5,), "CZ DE EE ES FI FR GR HR IT LT MC PL SE SK SM VA"),
        ((6,), "RO"),
        ((4, 7), "PT"),
        ((5, 9), "US"),
    )
    for country in found.split()
}
"""How many digits a postal code has (Universal Postal Union, addressing systems)."""
_CAR_SIGNS = {
    "AT": "A", "DE": "D", "ES": "E", "FI": "FIN", "FR": "F", "GR": "EL", "HU": "H",
    "IT": "I", "LI": "FL", "LU": "L", "NO": "N", "PT": "P", "SE": "S", "SI": "SLO",
    "VA": "V",
}  # fmt: skip
"""Of the international road traffic (Greece's of the VAT), as people write it before a
postal code."""
_PREFIX_STAYS = ("LV", "LT")
"""Their own codes are written LV-1010 and LT-01100."""
_BRITISH = ("GB", "GG", "IM", "JE")
_BRITISH_POSTCODE = re.compile(
    r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR) ?([0-9][A-Z]{2})|(BFPO) ?([0-9]{1,4})"
)
_IRISH_POSTCODE = re.compile(r"([A-Z][0-9][0-9W]) ?([A-Z0-9]{4})")
_BIC = re.compile(r"[A-Z0-9]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def says_none(text: str) -> bool:
    """Tell whether a text only says that there is no value: n.v.t., geen btw, /."""
    plain = text.strip().casefold()
    bare = plain.replace(".", "").replace("n/a", "na")
    return plain in _NONE or bare in _NONE or bool(_NONE_OF.fullmatch(plain))


def phone(text: str) -> str | None:
    """Return a telephone number with its remark, or several, as people write them.

    `020-1234567 tst 3`, `06 12345678 (Jan)` and `06 1234 5678 / 020 123 45 67` stay.
    """
    number = _PHONE_LABEL.sub("", text.translate(_DASHES).strip(), count=1)
    if _CALCULATED.fullmatch(number):
        return None
    digits = re.match(r"[^A-Za-z]*", number)
    enough = digits is not None and len(re.findall("[0-9]", digits[0])) >= 3
    each = [part for part in _BETWEEN_PHONES.split(number) if part]
    is_one = enough and all(_ONE_PHONE.fullmatch(part) for part in each)
    return number if is_one else None


def email_addresses(text: str) -> list[str]:
    """Return the addresses of a text in lower case; none when one of them is wrong.

    Nobody is asked whether they exist.
    """
    parts = [part.strip() for part in re.split(r"[,;]|\s+(?=[^<\s]+@)", text)]
    found = [email_address(_bare(part)) for part in parts if part]
    return [one for one in found if one] if all(found) else []


def _bare(text: str) -> str:
    """Return an address without the name before it: Jan <jan@example.com>."""
    named = _NAMED_EMAIL.fullmatch(text)
    return (named[1] if named else text).removeprefix("mailto:")


def email_address(text: str) -> str | None:
    """Return an address in lower case, or None; nobody is asked whether it exists."""
    # Its patterns of all Unicode letters are slow to compile.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def website(text: str) -> str | None:
    """Return an address of a website as it is written, or None."""
    return text if _WEBSITE.fullmatch(text) else None


def iban_number(text: str) -> str | None:
    """Return an IBAN without spaces, or None when ISO 13616 refuses it."""
    bare = re.sub(r"^IBAN[\s.:]*", "", text.strip(), flags=re.I)
    try:
        return str(iban.validate(bare, check_country=False))
    except ValidationError:
        return None


def bic_code(text: str) -> str | None:
    """Return a BIC without spaces, or None when ISO 9362 refuses it."""
    code = re.sub(r"[\s\-]", "", re.sub(r"^BIC[\s.:]+", "", text, flags=re.I)).upper()
    found = _BIC.fullmatch(code)
    return code if found and found[1] in countries.codes() else None


def vat_number(text: str, country: str) -> str | None:
    """Return a VAT number with its prefix, or None when it cannot be one.

    A number without a prefix is one of the country given (ISO). Where python-stdnum
    knows no check, a number must at least have that country's prefix and its shape.
    """
    bare = _COURT.sub("", _VAT_LABEL.sub("", text.strip(), count=1))
    number = re.sub(r"[\s.\-/]", "", bare).upper()
    own = _VAT_PREFIX.get(country, country)
    prefix = number[:2] if re.match("[A-Z]{2}", number) else own
    if prefix in _VAT_PREFIX:
        number, prefix = _VAT_PREFIX[prefix] + number[2:], _VAT_PREFIX[prefix]
    return _of_prefix(number, prefix, own) or (
        _checked_number(number, own) if prefix != own else None
    )


def _of_prefix(number: str, prefix: str, own: str) -> str | None:
    if _vat_module(prefix) is not None:
        return _checked_number(number, prefix)
    digits = len(re.findall("[0-9]", number))
    has_shape = bool(_NATIONAL_SHAPE.fullmatch(number)) and digits >= 4
    return number if has_shape and number[:2] == own == prefix else None


def _checked_number(number: str, prefix: str) -> str | None:
    module = _vat_module(prefix)
    if module is None or not number.isascii():
        return None
    try:
        # The check of Northern Ireland's numbers is the British one.
        found = str(module.validate(number.removeprefix("XI")))
    except ValidationError:
        return None
    return prefix + found.removeprefix(prefix)


def _vat_module(prefix: str) -> Any:
    country = _VAT_COUNTRY.get(prefix, prefix)
    return get_cc_module(country, "vat") if country in countries.codes() else None


def chamber_number(text: str, country: str) -> str | None:
    """Return a chamber of commerce number as its country writes it, or None."""
    bare = _COURT.sub("", _CHAMBER_LABEL.sub("", text, count=1))
    digits = re.sub(r"[\s.\-]", "", bare)
    if country == "NL":
        return digits if re.fullmatch("(?!0{8})[0-9]{8}", digits) else None
    if country == "BE":
        try:
            return str(belgian.validate(digits)) if digits.isascii() else None
        except ValidationError:
            return None
    return text


def postal_code(text: str, country: str) -> str | None:
    """Return a postal code as its country writes it (1234 AB, 1000), or None.

    In most of Europe and the United States they are so many digits: one that lost a
    zero is none, and British ones have their form. Of other countries any is one.
    """
    if country == "NL":
        try:
            return str(postcode.validate(text))
        except ValidationError:
            return None
    plain = " ".join(text.translate(_DASHES).upper().split())
    if country == "BE":
        found = _BELGIAN_POSTCODE.fullmatch(plain)
        return found[1] if found else None
    if country in _POSTCODE_DIGITS:
        return _of_digits(plain, country)
    is_british = country in _BRITISH
    islands = _BRITISH_POSTCODE if is_british else _IRISH_POSTCODE
    halves = islands.fullmatch(plain) if is_british or country == "IE" else None
    if halves is None:
        return None if is_british else plain
    return " ".join(half for half in halves.groups() if half)


def _of_digits(text: str, country: str) -> str | None:
    signs = f"{country}|{_CAR_SIGNS.get(country, country)}"
    found = re.fullmatch(rf"(?:(?:{signs})[ \-]*)?([0-9](?:[ \-]?[0-9])*)", text)
    if not found or len(re.findall("[0-9]", text)) not in _POSTCODE_DIGITS[country]:
        return None
    return text if country in _PREFIX_STAYS else found[1]
