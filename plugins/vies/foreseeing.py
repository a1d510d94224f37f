"""A VAT number of a sale that is only foreseen: its form counts, nothing is asked."""

from core.domain.errors import AskUser
from core.domain.foreseen import Checks, CheckState
from plugins.vies.checks import MalformedVatNumber, normalise


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
