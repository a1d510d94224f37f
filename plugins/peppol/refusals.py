"""What the official rules mean for an invoice of ours: where it is solved. Pure.

Rules whose cause a user can do something about have words of our own; every other rule
shows its own text and number.
"""

import re
from collections.abc import Iterable, Mapping

from core.domain.errors import AskUser
from plugins.peppol.wire import Finding

_CODES: Mapping[str, str] = {
    "peppol_number": "BR-02",
    "peppol_dates": "BR-03 BR-CO-25 PEPPOL-EN16931-F001",
    "peppol_seller_name": "BR-06",
    "peppol_buyer_name": "BR-07",
    "peppol_seller_address": "BR-08 BR-09 NL-R-002",
    "peppol_buyer_address": "BR-10 BR-11 NL-R-004",
    "peppol_lines": "BR-16",
    "peppol_line": "BR-22 BR-24 BR-25 BR-26 PEPPOL-EN16931-R120",
    "peppol_price": "BR-27",
    "peppol_seller_unknown": "BR-62 PEPPOL-EN16931-R020 BR-CO-26 NL-R-003",
    "peppol_buyer_unknown": "BR-63 PEPPOL-EN16931-R010 NL-R-005",
    "peppol_reference_missing": "PEPPOL-EN16931-R003",
    "peppol_credited_missing": "NL-R-001 BR-55",
    "peppol_payment": "NL-R-007 NL-R-008 BR-49 BR-50 BR-61",
    "peppol_file": "BR-52 BR-CL-24 UBL-DT-22 UBL-DT-23",
    "peppol_destination": "BR-57 BR-IC-12",
    "peppol_delivery": "BR-IC-11",
    "peppol_vat_number": (
        "BR-CO-09 BR-S-02 BR-S-03 BR-S-04 BR-Z-02 BR-Z-03 BR-Z-04 BR-E-02 BR-E-03"
        " BR-E-04 BR-AE-02 BR-AE-03 BR-AE-04 BR-IC-02 BR-IC-03 BR-IC-04 BR-G-02"
        " BR-G-03 BR-G-04 BR-O-02 BR-O-03 BR-O-04"
    ),
    "peppol_rate": (
        "BR-48 BR-CO-17 BR-S-05 BR-S-06 BR-S-07 BR-S-09 BR-Z-05 BR-Z-06 BR-Z-07 BR-Z-09"
        " BR-E-05 BR-E-06 BR-E-07 BR-E-09 BR-AE-05 BR-AE-06 BR-AE-07 BR-AE-09 BR-IC-05"
        " BR-IC-06 BR-IC-07 BR-IC-09 BR-G-05 BR-G-06 BR-G-07 BR-G-09 BR-O-05 BR-O-06"
        " BR-O-07 BR-O-09 BR-S-10 BR-Z-10"
    ),
    "peppol_reason": "BR-E-10 BR-AE-10 BR-IC-10 BR-G-10 BR-O-10",
    "peppol_mixed": "BR-O-11 BR-O-12 BR-O-13 BR-O-14",
    "peppol_total_differs": (
        "BR-12 BR-13 BR-14 BR-15 BR-CO-10 BR-CO-11 BR-CO-12 BR-CO-13 BR-CO-14 BR-CO-15"
        " BR-CO-16 BR-CO-18 BR-45 BR-46 BR-47 BR-S-01 BR-S-08 BR-Z-01 BR-Z-08 BR-E-01"
        " BR-E-08 BR-AE-01 BR-AE-08 BR-IC-01 BR-IC-08 BR-G-01 BR-G-08 BR-O-01 BR-O-08"
    ),
    "peppol_cents": (
        "BR-DEC-01 BR-DEC-02 BR-DEC-05 BR-DEC-06 BR-DEC-09 BR-DEC-10 BR-DEC-11"
        " BR-DEC-12 BR-DEC-13 BR-DEC-14 BR-DEC-16 BR-DEC-17 BR-DEC-18 BR-DEC-19"
        " BR-DEC-20 BR-DEC-23 BR-DEC-24 BR-DEC-27"
    ),
    "peppol_discount": (
        "BR-31 BR-32 BR-33 BR-36 BR-37 BR-38 BR-41 BR-42 BR-43 BR-44 BR-CO-21 BR-CO-22"
        " BR-CO-23 BR-CO-24 PEPPOL-EN16931-R040 PEPPOL-EN16931-R041"
        " PEPPOL-EN16931-R042 PEPPOL-EN16931-R043"
    ),
    "peppol_country": "BR-CL-14 BR-CL-15",
    "peppol_currency": "BR-05 BR-CL-03 BR-CL-04 PEPPOL-EN16931-R051",
    "peppol_address": (
        "BR-CL-25 PEPPOL-EN16931-CL008 PEPPOL-COMMON-R040 PEPPOL-COMMON-R041"
        " PEPPOL-COMMON-R042 PEPPOL-COMMON-R043 PEPPOL-COMMON-R049"
    ),
}
_BY_RULE = {rule: code for code, rules in _CODES.items() for rule in rules.split()}
_LINE = re.compile(r"(?:Invoice|CreditNote)Line\[(\d+)\]")


def errors_of(findings: Iterable[Finding]) -> list[AskUser]:
    """Return what keeps a document from going, each once; warnings do not."""
    found: dict[tuple[str, str], AskUser] = {}
    for one in findings:
        if one.is_fatal:
            error = _error(one)
            found.setdefault((error.code, error.params["place"]), error)
    return list(found.values())


def _error(finding: Finding) -> AskUser:
    code = _BY_RULE.get(finding.rule, "peppol_rule")
    line = _LINE.search(finding.location)
    return AskUser(
        code,
        rule=finding.rule,
        text=_own_words(finding),
        place=line[1] if line else "",
    )


def _own_words(finding: Finding) -> str:
    """Return the rule's text without its number before it."""
    return finding.text.removeprefix(f"[{finding.rule}]").lstrip("- ")
