"""Street, house number and suffix: one line taken apart, and joined again. Pure.

`parts_of` reads Dutch, Belgian, French, German and English lines; where it is not sure
the whole line is the street. What `joined` makes of its parts is always taken apart to
the same parts again, so that a line of ours that comes back is no change. How a line
was written (`Meir 24/3`) is for the caller to keep.

No standard says how a line is written. What counts as suffix: Dutch additions
(NEN 5825: letters, numbers, `bis`, `hs`, floors), Belgian boxes (`bus`, `bte`, `b.`),
French `bis` and `ter`, German and English flats and floors. Streets that are named
after a year or a date (Plein 1944, Rue du 8 Mai 1945) keep it.
"""

import re
from functools import lru_cache
from typing import NamedTuple

HOUSE_NUMBER, SUFFIX, STREET = 10, 10, 100
"""The longest that the tables hold; what is longer stays in the street."""
LONGEST = 250
"""A line that is longer is not looked into."""


class Parts(NamedTuple):
    """A line taken apart; number and suffix are empty when all of it is street."""

    street: str
    number: str = ""
    suffix: str = ""


_BOXES = (
    r"bus|bt[e.]|bo[iî]te|box|b\.?|app?t?|appart(?:ement)?|app?\.|apt\.|unit|kamer|"
    r"flat|suite|wohnung|whg|top|t[uü]r|haus|room"
)
"""Words that a number of their own follows."""
_PARTS = (
    r"gebouw|geb|building|bldg|b[aâ]t(?:iment)?|blok|block|hal|loods|poort|garage|"
    r"garagebox|kantoor|ingang|deur|stiege|[eé]tage|residentie|r[eé]sidence|woonboot|"
    r"postbus|bp|b\.p|boite postale|#"
)
"""Words that are such only where another number stands before or behind them."""
_FLOORS = (
    r"hoog|hg|etage|étage|et|[eé]t|verd|verdieping|verd\.|vloer|floor|stock|stk|"
    r"og|eg|ug|links|rechts|voor|achter"
)
_WORDS = (
    rf"{_BOXES}|{_PARTS}|{_FLOORS}|bis|ter|quater|quinquies|huis|hs|beneden|ben|boven|bov|"
    r"begane|grond|bg|souterrain|sous|kelder|zolder|rood|rd|zwart|zw|to|"
    r"gelijkvloers|glv|rez|front|rear|hinterhaus|vorderhaus"
)
_MONTHS = (
    r"jan(?:uari|vier|uary|uar)?|feb(?:ruari|ruary|ruar)?|f[eé]vrier|m(?:aart|ars|arch|"
    r"ärz)|a(?:pril|vril)|me?i|ma[iy]|ju(?:ni|in|ne)|ju(?:li|illet|ly)|"
    r"aug(?:ustus|ust)?|ao[uû]t|sept?(?:embre|ember)?|o[ck]to(?:ber|bre)|"
    r"nov(?:ember|embre)?|d[eé][cz]ember|d[eé]cembre"
)
_PERIOD = r"'?(?:14-'?18|40-'?45|1914-1918|1940-1945)"
_SQUARES = r"plein|laan|straat|weg|square|place|platz|avenue|boulevard"
_STREETS = (
    rf"{_SQUARES}|rue|route|chemin|chauss[eé]e|quai|all[eé]e|stra(?:ss|ß)e|str|via|"
    r"highway|wijk|blok|ave|av|bld|bd|vej|gade"
)
_ARTICLES = r"ul|des?|der|den|het|les?|la|the|du|to|naar|aux?"
_KNOWN_WORD = re.compile(rf"(?:{_WORDS})\.?", re.I)
_BOX = re.compile(rf"(?:{_BOXES})\.?", re.I)
_PART = re.compile(rf"(?:{_PARTS})\.?", re.I)
_MAY_HOLD_NUMBER = re.compile(rf"(?:{_STREETS}|{_ARTICLES}|{_PARTS}|{_BOXES})\.?", re.I)
_BARE_STREET = re.compile(rf"(?!plein)(?:{_STREETS})\.?", re.I)
_NUMBERED = re.compile(
    r"[\s,]*(?:[Nn]r|NR|N[o°º]|n[o°º]|[Nn]ummer|[Nn]um[ée]ro|№)\.?\s*"
)
"""The word for number; NO is the north-east."""
_MONTH = re.compile(rf"\.?\s*(?:{_MONTHS})(?![a-zé])", re.I)
_DATE_NAME = re.compile(
    rf"\s+(?:{_MONTHS})(?:{_SQUARES}|dreef|hof|singel|park|kade|\b)", re.I
)
_FLOOR = re.compile(rf"[\s-]*(?:{_FLOORS})\b", re.I)
_ORDINAL = re.compile(r"(?:e|de|ste|er|re|[eè]me|nd|st|rd|th|\.)\s+[^\W\d_]{2}", re.I)
_LAST_WORD = re.compile(r"(\S+)\s*[-,]?\s*\Z")
_ROAD = re.compile(
    r"(?:auto(?:bahn|snelweg|route|weg)|snelweg|rijksweg|provinciale ?weg|route|"
    r"(?:route )?nationale|(?:bundes|land(?:es)?)stra(?:ss|ß)e|highway|motorway) "
    r"[ABDELMNR]",
    re.I,
)
"""A road that is called by a letter and a number: Autobahn A 1, Route N 7."""
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_NUMBER = re.compile(r"(?<![\w./'-])\d+(?!\d)", re.A)
_NO_STREET = re.compile(r"[^\W\d_]\s*\Z|[0-9]+[a-z]?\s*,", re.I)
"""Before a number: one letter (Mannheim's blocks, L 7, 12; a road, B 1) or a number
that stands in front of a street, as in 1, Zone d'Activité 2."""
_SEPARATORS = " ,-/.–—:;#\\|_"
_SHORT = re.compile(rf"(?!(?:{_STREETS})\b)[^\W\d_]{{1,3}}\.?", re.I)
_POSTCODE = re.compile(r"[1-9][0-9]{3} ?[A-Z]{2}")
_IN_FRONT = re.compile(
    r"(?P<number>[0-9]{1,5})(?P<range>\s*-\s*[0-9]{1,5})?"
    r"(?P<letter>\s?(?:bis|ter|quater)|[A-DF-Z](?![a-z])|"
    rf"\s[A-Z](?=,\s|\s(?:{_STREETS})\b))?"
    r",?\s+(?P<street>['’\"(]?[^\W\d_].*)",
    re.I,
)
_FLAT_FIRST = re.compile(
    rf"(?P<flat>(?:{_BOXES})\.?\s*[0-9]+[a-z]?),\s*(?P<rest>[0-9].*)", re.I
)
_FLAT_LAST = re.compile(
    rf"(?P<street>.*?)(?:,\s*|\s+)(?P<flat>(?:{_BOXES})\.?\s*[0-9]+[a-z]?)", re.I
)


def joined(street: str, number: str, suffix: str) -> str:
    """Return one line, as people in the Low Countries write it.

    12a, 12-2 and 12 1/2; a box and other words stand apart: 5 bus 12, 16 bte 3,
    12 bis, 10 2e etage.
    """
    return " ".join(
        part for part in (street, f"{number}{_joint(suffix.strip())}") if part
    )


def _joint(suffix: str) -> str:
    if not suffix or suffix[0] in "-/.":
        return suffix
    if re.match(
        r"[0-9]+/[0-9]+\Z|[0-9]+(?:(?:e|de|ste|er|[eè]me)\b|\.(?![0-9]))", suffix
    ):
        return f" {suffix}"
    if suffix[0].isdecimal():
        return f"-{suffix}"
    first = suffix.split()[0]
    stands_alone = _BOX.fullmatch(first) and first != suffix
    attached = re.match(r"(?!t/)[^\W\d_](?![^\W\d_]|\.\s)", suffix) and not stands_alone
    return suffix if attached else f" {suffix}"


@lru_cache(maxsize=4096)
def parts_of(line: str) -> Parts:
    """Return street, house number and suffix of a line; all street when not sure."""
    whole = " ".join(line.split())
    found = _read(whole) if len(whole) <= LONGEST else None
    if found is None or not _fits(found) or _read(joined(*found)) != found:
        return Parts(whole)
    return found


def _fits(parts: Parts) -> bool:
    return len(parts.number) <= HOUSE_NUMBER and len(parts.suffix) <= SUFFIX


def _read(line: str) -> Parts | None:
    return _number_last(line) or _number_first(line)


def _number_last(line: str) -> Parts | None:
    """Read a line with the number behind the street: the first that can be it.

    One that can be it, but for what stands behind it, makes the line unsure.
    """
    for match in _NUMBER.finditer(line):
        before, rest = line[: match.start()], line[match.end() :]
        street = _unnumbered(before)
        if not any(sign.isalpha() for sign in street):
            continue
        if _NO_STREET.match(before) or _FLOOR.match(rest):
            return None
        if _is_of_the_name(before, match[0], rest):
            continue
        suffix = rest.lstrip(_SEPARATORS).rstrip(" ,")
        if _is_suffix(suffix):
            return Parts(street.removesuffix(" -").rstrip(" ,"), match[0], suffix)
        if not _MAY_HOLD_NUMBER.fullmatch(_last_word(before)):
            return None
    return None


def _unnumbered(before: str) -> str:
    """Return what stands before a number without the word for it: Markt nr. 5."""
    words = before.rstrip(" ,#")
    found = next((m for m in _NUMBERED.finditer(words) if m.end() == len(words)), None)
    is_own_word = found is not None and not words[found.start()].isalpha()
    return words[: found.start()] if found and is_own_word else words


def _last_word(text: str) -> str:
    found = _LAST_WORD.search(text)
    return found[1].rstrip(",") if found else ""


def _is_of_the_name(before: str, number: str, rest: str) -> bool:
    """Tell whether a number belongs to the street's name, to a box or to a floor."""
    word = _last_word(before)
    if _BOX.fullmatch(word) and word.casefold() not in ("b", "haus", "top"):
        return True
    if _PART.fullmatch(word) and re.search("[0-9]", before):
        return True
    if _MONTH.match(rest) or _ORDINAL.match(rest):
        return True
    if _is_period(before, number, rest) or _ROAD.fullmatch(before.strip()):
        return True
    is_bare = bool(_BARE_STREET.fullmatch(before.strip()))
    number_follows = bool(re.match(r"(?:\s+|,\s*)[0-9]+(?![0-9/])", rest))
    numbered = _NUMBERED.match(rest)
    if (is_bare and number_follows) or (numbered and rest[numbered.end() :][:1] > ""):
        return True
    if not _YEAR.fullmatch(number):
        return False
    after_month = bool(re.fullmatch(_MONTHS, word, re.I))
    bare_square = bool(re.fullmatch(_SQUARES, before.strip(), re.I))
    return after_month or bare_square or number_follows


def _is_period(before: str, number: str, rest: str) -> bool:
    found = re.match(_PERIOD, f"{number}{rest}")
    if found is None:
        return False
    more = f"{number}{rest}"[found.end() :]
    return bool(
        re.match(r"\s+[0-9]", more)
        or (not more and re.fullmatch(_SQUARES, before.strip(), re.I))
    )


def _is_suffix(text: str) -> bool:
    """Tell whether what stands behind a number can be its suffix.

    A word of four letters or more must be a known one: `Boulevard 3 Fontaines 7`.
    """
    if not text or re.fullmatch(r"[0-9]+/[0-9]+", text):
        return True
    if _POSTCODE.fullmatch(text):
        return False
    words = [word for word in re.split(r"[\s,./\-–—+&:;#\\|_]+", text) if word]
    loose = re.search(r"\A[0-9]+\s+[0-9]", text)
    return not loose and all(_is_piece(word) for word in words)


def _is_piece(word: str) -> bool:
    letters = word.strip("0123456789()'")
    if not letters:
        return True
    known = _KNOWN_WORD.fullmatch(letters) or _SHORT.fullmatch(letters)
    return bool(known or re.fullmatch(r"[IVX]+", letters))


def _number_first(line: str) -> Parts | None:
    """Read a line with the number before the street, as in France and England."""
    flat = ""
    if found := _FLAT_FIRST.fullmatch(line):
        line, flat = found["rest"], found["flat"]
    match = _IN_FRONT.fullmatch(line)
    if match is None or _DATE_NAME.match(line[len(match["number"]) :]):
        return None
    street = match["street"]
    if not re.search(r"[^\W\d_]{3}", street) or _KNOWN_WORD.fullmatch(street):
        return None
    if not flat and (found := _FLAT_LAST.fullmatch(street)):
        street, flat = found["street"], found["flat"]
    letters = f"{(match['range'] or '').lstrip(' -')}{(match['letter'] or '').strip()}"
    suffix = " ".join(part for part in (letters, flat) if part)
    return Parts(street.strip(" ,"), match["number"], suffix)
