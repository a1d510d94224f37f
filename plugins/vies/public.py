"""What other plugins may use of VIES."""

from plugins.vies.checks import (
    MalformedVatNumber,
    foreseen_number,
    is_same,
    is_well_formed,
    normalise,
)
from plugins.vies.client import Vies
from plugins.vies.register import check_no_business, consult, valid_number
from plugins.vies.wire import Consultation, Outcome, VatNumber

__all__ = [
    "Consultation",
    "MalformedVatNumber",
    "Outcome",
    "VatNumber",
    "Vies",
    "check_no_business",
    "consult",
    "foreseen_number",
    "is_same",
    "is_well_formed",
    "normalise",
    "valid_number",
]
