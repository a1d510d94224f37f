"""Reading a VAT number before VIES is asked. Pure."""

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

from core.domain.errors import AskUser
from core.domain.foreseen import Checks, CheckState
from plugins.vies.wire import VatNumber

LONGEST = 50
"""Characters of a number with all that people write between its digits."""


class MalformedVatNumber(ValueError):
    """The text is no VAT number of the EU: length, characters or check digits."""


def normalise(text: str, country: str = "") -> VatNumber:
    """Return the number in VIES's form; raise `MalformedVatNumber`.

    `country` (ISO or VIES prefix) is used when the text carries no prefix. Greece
    becomes EL; XI passes; GB is refused because it is not in VIES (python-stdnum
    follows the same list).
    """
    if len(text) > LONGEST:  # some checks of countries read no such number
        raise MalformedVatNumber(text)
    prefix = "EL" if country.upper() == "GR" else country.upper()
    for candidate in (text, prefix + text):
        try:
            number = str(eu_vat.validate(candidate))
        except ValidationError:
            continue
        found = "EL" if number[:2] == "GR" else number[:2]
        return VatNumber(found, number[2:])
    raise MalformedVatNumber(text)


def is_same(one: str, other: str, country: str = "") -> bool:
    """Tell whether two texts are one VAT number, however they are written.

    `country` as of `normalise`. What is no number is compared by letters and digits.
    """
    return _plain(one, country) == _plain(other, country)


def _plain(text: str, country: str) -> str:
    try:
        return str(normalise(text, country))
    except MalformedVatNumber:
        return "".join(filter(str.isalnum, text)).upper()


def is_well_formed(text: str, country: str = "") -> bool:
    """Tell whether the text is a VAT number by its form alone."""
    try:
        normalise(text, country)
    except MalformedVatNumber:
        return False
    return True


def foreseen_number(text: str, country: str, said: Checks) -> str:
    """Return the number as it would be sent, and add to `said` how its form is.

    VIES itself is asked when the sale is sent.
    """

    def number() -> str:
        try:
            return str(normalise(text, country))
        except MalformedVatNumber:
            raise AskUser("vat_number_malformed", number=text) from None

    given = said.run("vat_number_form", number)
    if given is not None:
        said.add("vat_number", CheckState.LATER)
    return given or text
