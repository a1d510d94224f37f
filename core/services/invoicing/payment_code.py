"""The QR code that a banking app reads a credit transfer from. Pure.

European Payments Council, EPC069-12 "Quick Response Code: Guidelines to enable data
capture for the initiation of a SEPA credit transfer", version 002 (its BIC is optional
within the EEA). Which apps read it, each bank decides.
"""

from decimal import Decimal
from io import BytesIO
from typing import Any

from stdnum import iso11649

LONGEST_NAME = 70
LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
_PIXELS = 8
"""Of one module, so that no printer blurs them."""


def payment_code(
    name: str, iban: str, amount: Decimal, remittance: str, bic: str = ""
) -> bytes | None:
    """Return the code as a PNG; None where the standard has none for these values.

    `remittance` is structured where it is a creditor reference (ISO 11649, `RF…`), else
    it stands there as it is, a Belgian structured communication too.
    """
    payee = " ".join(name.split())[:LONGEST_NAME].strip()
    if not (payee and iban and remittance and LEAST <= amount <= MOST):
        return None
    code = _code(payee, iban.replace(" ", ""), amount, remittance, bic)
    if code is None:
        return None
    file = BytesIO()
    code.save(file, kind="png", scale=_PIXELS, border=4)
    return file.getvalue()


def _code(name: str, iban: str, amount: Decimal, remittance: str, bic: str) -> Any:
    from segno import helpers  # for invoices alone

    is_reference = iso11649.is_valid(remittance)
    words = {"reference" if is_reference else "text": remittance}
    if is_reference:
        words["reference"] = iso11649.compact(remittance)
    if len(bic) in (8, 11):
        words["bic"] = bic
    try:
        return helpers.make_epc_qr(name, iban, amount, encoding="utf-8", **words)
    except ValueError:  # longer than its 331 bytes, or a text of over 140 characters
        return None
