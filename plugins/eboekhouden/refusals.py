"""What the vendor's error codes mean for a document (contract 6 and 8.4).

A code is compared without dots: `E002.3` was seen as `E0023`. The manual reuses some
codes with two meanings, so the description always goes along.
"""

from collections.abc import Iterable

from core.domain.errors import AuthenticationLost, KoppelwerkError, Refused

SERVICE = "e-Boekhouden.nl"
REFUSED = "eboekhouden_refused"
"""Code of a refusal that the vendor gives no known code for."""


class Duplicate(Refused):
    """An entry with this invoice number is there already (CMUT018, CMUT019)."""


class CodeTaken(Refused):
    """Another relation has this code (CREL001)."""


_LOGIN = frozenset(("E0011", "E0012", "E0013", "E0015", "E0017",
                    "API_SESSION_003", "API_SESSION_004"))  # fmt: skip
_SESSION = frozenset(("E0021", "E0022", "E0023", "E0024"))
MONTH_LIMIT = "E0031"


def _table(*rows: tuple[str, Iterable[str]]) -> dict[str, str]:
    return {code: ours for ours, codes in rows for code in codes}


_MEANING = _table(
    ("eboekhouden_not_accountant", ("E0025", "EP_001")),
    ("eboekhouden_account_refused",
     ("CMUT001", "CMUT0011", "CMUT015", "CMUT016", "CMUT012", "MUT_007", "MUT_008",
      "MUT_009", "MUT_010", "MUT_011", "MUT_104", "MUT_105", "MUT_106")),
    ("eboekhouden_amounts_refused", ("CMUT010", "CMUT0101", "CMUT011")),
    ("eboekhouden_vat_code_refused", ("CMUT033", "MUT_109", "MUT_110", "MUT_111")),
    ("eboekhouden_relation_unknown", ("CMUT017", "MUT_013", "MUT_113", "REL_055")),
    ("eboekhouden_duplicate", ("CMUT018", "CMUT019", "MUT_019", "MUT_020")),
    ("eboekhouden_period_closed",
     ("CMUT020", "MUT_005", "SECURITY_007", "SECURITY_008")),
    ("eboekhouden_code_taken", ("CREL001", "REL_049")),
    ("eboekhouden_not_allowed",
     ("SECURITY_001", "SECURITY_002", "SECURITY_003", "SECURITY_004", "SECURITY_005",
      "SECURITY_006", "SECURITY_011", "MODULE_001", "MODULE_002")),
)  # fmt: skip
_CLASSES = {"eboekhouden_duplicate": Duplicate, "eboekhouden_code_taken": CodeTaken}


def plain_code(code: str) -> str:
    """Return an error code without dots and spaces, so that spellings agree."""
    return code.replace(".", "").strip()


def is_session_lost(code: str) -> bool:
    """Tell whether the call did nothing because its session is gone (E002.1 to .4)."""
    return plain_code(code) in _SESSION


def refusal(code: str, description: str) -> KoppelwerkError:
    """Return the error of a refusal; nothing was done.

    AuthenticationLost when the login is refused, else a `Refused` with the vendor's
    own words (`message`) and code (`error_code`).
    """
    known = plain_code(code)
    words = " ".join(description.split())[:300]
    if known in _LOGIN:
        return AuthenticationLost(
            "eboekhouden_login_refused", service=SERVICE, message=words, error_code=code
        )
    ours = _MEANING.get(known, REFUSED)
    return _CLASSES.get(ours, Refused)(ours, message=words or "-", error_code=code)
