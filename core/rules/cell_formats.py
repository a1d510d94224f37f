"""What a spreadsheet shows of a stored number or date. Pure.

Number formats as ECMA-376 part 1 (18.8.30, 18.8.31) has them, with the decimal comma
of a Dutch or Belgian Excel. What depends on the reader's computer (short dates, names
of months) or on a condition is not rendered: the caller tells so.
"""

import re
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

EXACT = 10**15
"""Excel keeps fifteen digits; of a longer number the last ones are lost."""
_SHORT_DATES = frozenset(("mm-dd-yy", "m/d/yy h:mm"))
"""Built-in 14 and 22: shown as the computer's own short date."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)'
    r"|\[\$(?P<currency>[^\]\-]*)(?:-[^\]]*)?\]|\[(?P<colour>[A-Za-z]+\s?\d*)\]"
    r"|(?P<general>General)|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)"
    r"|(?P<percent>%)|(?P<text>@)|(?P<plain>[ $€£+\-():!^&'~{}<>=])",
    re.I,
)
_SECTIONS = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*)(?:;|$)')
_DATE = re.compile(
    r"y+|d+|h+|s+|m+|\[\$[^\]]*\]|\"[^\"]*\"|\\.|[ \-/.:,]|(?P<other>.)", re.I
)
Token = tuple[str, str]


def number(value: float, number_format: str) -> str | None:
    """Return a number as it is shown; None when that cannot be said for certain."""
    if abs(value) >= EXACT:
        return None
    chosen = _section(value, number_format)
    if chosen is None:
        return None
    tokens, is_signed = chosen
    if any(name in ("general", "text") for name, _ in tokens) or not number_format:
        digits = _general(value if is_signed else abs(value))
        return digits and _joined(tokens, digits)
    if not any(name == "digit" for name, _ in tokens):
        return _joined(tokens, "")
    text = _rendered(Decimal(repr(abs(value))), tokens)
    is_minus = value < 0 and is_signed and re.search(r"[1-9]", text)
    return f"-{text}" if is_minus else text


def moment(value: object, number_format: str) -> str | None:
    """Return a date or time as it is shown; None when the computer decides."""
    if number_format.lower() in _SHORT_DATES or "[$-f" in number_format.lower():
        return None
    if not isinstance(value, date | time):
        return None
    found = [each[0] for each in _DATE.finditer(number_format.split(";")[0])]
    texts = [
        _part(value, token.lower(), _is_minutes(found, place))
        for place, token in enumerate(found)
    ]
    return None if None in texts else "".join(map(str, texts)).strip()


def _section(value: float, number_format: str) -> tuple[tuple[Token, ...], bool] | None:
    """Return the part of a format that a value takes, and whether it shows a minus."""
    sections = _parsed(number_format)
    if sections is None:
        return None
    if len(sections) > 2 and value == 0:
        return sections[2], False
    if len(sections) > 1 and value < 0:
        return sections[1], False
    return sections[0], True


@lru_cache(maxsize=256)
def _parsed(number_format: str) -> tuple[tuple[Token, ...], ...] | None:
    texts = [found[1] for found in _SECTIONS.finditer(number_format)]
    texts = texts[: number_format.count(";") + 1]
    sections = [_tokens(text) for text in texts or ["General"]]
    known = tuple(each for each in sections if each is not None)
    return known if len(known) == len(sections) else None


def _tokens(section: str) -> tuple[Token, ...] | None:
    found, position = [], 0
    while position < len(section):
        match = _TOKEN.match(section, position)
        if match is None or match.lastgroup is None:
            return None  # an exponent, a fraction, a condition, a date
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tuple(found)


def _general(value: float) -> str | None:
    if float(value).is_integer():
        return str(int(value))
    text = f"{value:.10g}"
    return None if "e" in text else text.replace(".", ",")


def _literal(token: Token) -> str:
    name, text = token
    if name in ("quoted", "escaped", "currency", "plain"):
        return text
    return {"space": " ", "percent": "%"}.get(name, "")


def _joined(tokens: tuple[Token, ...], digits: str) -> str:
    texts = (
        digits if name in ("general", "text") else _literal((name, text))
        for name, text in tokens
    )
    return "".join(texts).strip()


def _rendered(value: Decimal, tokens: tuple[Token, ...]) -> str:
    """Lay digits over the places of a format, the whole ones from the right."""
    names = [name for name, _ in tokens]
    point = names.index("point") if "point" in names else len(tokens)
    places = [place for place in range(point) if names[place] == "digit"]
    last = places[-1] if places else -1
    scaled = names[last + 1 : point].count("comma")
    value = value * 100 ** names.count("percent") / 1000**scaled
    decimals = names[point:].count("digit")
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:f}".partition(".")
    grouped = "comma" in names[places[0] if places else 0 : last + 1]
    left = _whole(tokens[:point], whole.lstrip("0"), grouped=grouped)
    return (left + _fraction(tokens[point:], fraction)).strip()


def _whole(tokens: tuple[Token, ...], digits: str, *, grouped: bool) -> str:
    found: list[str] = []
    left, count = digits, 0
    remaining = sum(name == "digit" for name, _ in tokens)
    for name, sign in reversed(tokens):
        if name != "digit":
            found.append(_literal((name, sign)))
            continue
        remaining -= 1
        taken = left[-1:] or {"0": "0", "?": " "}.get(sign, "")
        left = left[:-1]
        signs = [taken, *(reversed(left) if not remaining else ())]
        for each in signs:
            if grouped and count and count % 3 == 0 and each:
                found.append(".")
            found.append(each)
            count += bool(each)
    return "".join(reversed(found))


def _fraction(tokens: tuple[Token, ...], digits: str) -> str:
    optional = [sign == "#" for name, sign in tokens if name == "digit"]
    while digits.endswith("0") and optional[len(digits) - 1]:
        digits = digits[:-1]
    found, left = [], digits
    for name, sign in tokens:
        if name == "point":
            found.append(",")
        elif name == "digit":
            found.append(left[:1])
            left = left[1:]
        else:
            found.append(_literal((name, sign)))
    return "".join(found)


def _is_minutes(tokens: list[str], place: int) -> bool:
    """Tell whether an `m` stands behind hours or before seconds."""
    letters = [token.lower()[:1] for token in tokens]
    before = next((each for each in reversed(letters[:place]) if each.isalpha()), "")
    after = next((each for each in letters[place + 1 :] if each.isalpha()), "")
    return before == "h" or after == "s"


def _part(value: date | time, sign: str, is_minutes: bool) -> str | None:
    if sign[0] in '"\\':
        return sign.strip('"').removeprefix("\\")
    if sign[0] == "[":
        return ""
    if sign in " -/.:,":
        return sign
    name = "minute" if sign[0] == "m" and is_minutes else _NAMES.get(sign[0], "")
    found = getattr(value, name, 0 if isinstance(value, date) else None)
    if found is None or not name or len(sign) > (4 if name == "year" else 2):
        return None
    if name == "year":
        return str(found).zfill(4)[-len(sign) :] if len(sign) in (2, 4) else None
    return str(found).zfill(len(sign))


_NAMES = {"y": "year", "m": "month", "d": "day", "h": "hour", "s": "second"}
