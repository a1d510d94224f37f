"""Where VAT is paid to, and with which reference. Pure.

The reference of a return (betalingskenmerk) follows from the tax number and the period:
sixteen digits, the first of which checks the others. A supplementary return has none of
its own: an assessment comes, with its reference.
"""

from dataclasses import dataclass
from datetime import date

from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Days, month_of, quarter_of, year_of

RULES = {
    "account_ing": Source(
        "Belastingdienst, Op tijd betalen (btw): NL86 INGB 0002 4455 88", Sure.VERIFIED
    ),
    "account_rabo": Source(
        "Handboek Loonheffingen 2026, 13.4.1, and the tax office's page on paying VAT,"
        " as two others quote them: NL04 RABO 0200 1122 44 since 2026-05-01",
        Sure.SECONDARY,
    ),
    "reference": Source(
        "Belastingdienst, Specificatie betalingskenmerk bepaling 1.5 (ODB), as programs"
        " repeat it; equal to the examples of its Zoekhulp betalingskenmerk",
        Sure.SECONDARY,
    ),
    "period_code": Source(
        "The same; advisers (lpbadvies.nl, protax.nl): months 01 to 12, quarters 21,"
        " 24, 27 and 30, a year 40",
        Sure.SECONDARY,
    ),
}  # fmt: skip
"""Where each rule stands."""


@dataclass(frozen=True)
class Account:
    """An account of the tax office that VAT is paid to, from a day on."""

    since: date
    iban: str
    bic: str
    source: Source


HOLDER = "Belastingdienst"
ACCOUNTS = (
    Account(date(1, 1, 1), "NL86INGB0002445588", "INGBNL2A", RULES["account_ing"]),
    Account(date(2026, 5, 1), "NL04RABO0200112244", "RABONL2U", RULES["account_rabo"]),
)
"""The oldest first."""

_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1, 2, 4, 8, 5, 10)
_VAT_RETURN = "1"
"""The kind of a reference: a VAT return that the taxpayer files himself."""
_FIRST = "0"
_WHOLE_YEAR = "40"
_QUARTER, _QUARTER_STEP = 21, 3


def account(on: date) -> Account:
    """Return where VAT that is paid on a local date goes."""
    return [each for each in ACCOUNTS if each.since <= on][-1]


def reference(tax_number: str, period: Days) -> str | None:
    """Return the reference of a period's VAT return, sixteen digits without spaces.

    None where there is none: another stretch than a month, quarter or year, or what is
    no omzetbelastingnummer (nine digits, B, two digits).
    """
    fiscal, letter, part = tax_number[:9], tax_number[9:10], tax_number[10:]
    code = _period_code(period)
    is_number = fiscal.isdecimal() and letter == "B" and part.isdecimal()
    if code is None or not is_number or len(tax_number) != 12:
        return None
    year = str(period.end.year)[-1]
    rest = f"{fiscal[:8]}{_VAT_RETURN}{year}{part}{code}{_FIRST}"
    return f"{_check_digit(rest)}{rest}"


def in_fours(text: str) -> str:
    """Write a reference or IBAN in groups of four, as banks show it."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def _period_code(period: Days) -> str | None:
    stretch = (period.start, period.end)
    month, quarter, year = (
        (found.start, found.end)
        for found in (
            month_of(period.start), quarter_of(period.start), year_of(period.start),
        )
    )  # fmt: skip
    if stretch == month:
        return f"{period.start.month:02}"
    if stretch == quarter:
        return str(_QUARTER + _QUARTER_STEP * ((period.start.month - 1) // 3))
    return _WHOLE_YEAR if stretch == year else None


def _check_digit(digits: str) -> int:
    """Weigh fifteen digits from the right, modulo eleven."""
    weighed = zip(reversed(digits), _WEIGHTS, strict=True)
    found = 11 - sum(int(digit) * weight for digit, weight in weighed) % 11
    return {10: 1, 11: 0}.get(found, found)
