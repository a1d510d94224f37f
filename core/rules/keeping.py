"""How long the law keeps what was booked. Pure.

The Netherlands: seven years (art. 52 lid 4 AWR). Belgium: ten years (art. 60 § 4
WBTW, as it is since 2023). Both from the end of the year.
"""

from datetime import date

YEARS = 7
_YEARS_BY_COUNTRY = {"BE": 10}
LONGEST_YEARS = max(YEARS, *_YEARS_BY_COUNTRY.values())


def kept_until(on: date, country: str) -> date:
    """Return the last day on which a document of a day must still be there."""
    return date(on.year + _YEARS_BY_COUNTRY.get(country, YEARS), 12, 31)
