"""The questions to a taxpayer, asked once per tax number, and his answers."""

from collections.abc import Mapping
from typing import Any

from core.domain.clock import utcnow
from core.plugin import log
from plugins.belastingdienst.law import cases, year_end
from plugins.belastingdienst.models import Administration, Taxpayer
from plugins.belastingdienst.models.taxpayer import Occurrence
from plugins.belastingdienst.setup import schemes

FIELDS = (
    "filed_at", "cash_scheme", "cash_scheme_since", "union_scheme_since",
    "union_scheme_until",
)  # fmt: skip
CASES = tuple(case.code for case in cases.CASES)
YEAR_END = tuple(prompt.code for prompt in year_end.PROMPTS)
ASKED = (*CASES, *YEAR_END)
"""What no booking tells, in the order of the page."""


def find(administration: Administration) -> Taxpayer | None:
    """Return what was said of the taxpayer of an administration; None: nothing yet."""
    return schemes.of([administration]).of(administration)


def occurrence(taxpayer: Taxpayer | None, code: str) -> Occurrence:
    """Return whether a case comes up at a taxpayer."""
    said = taxpayer.cases.get(code, "") if taxpayer else ""
    return Occurrence(said)


def unsaid(taxpayer: Taxpayer | None) -> list[str]:
    """Return the codes of the cases that nobody said anything of."""
    return [code for code in ASKED if not occurrence(taxpayer, code)]


def save(row: Taxpayer, values: Mapping[str, Any], *, user_id: int) -> None:
    """Store the answers, in the caller's transaction.

    `values` are the `FIELDS`, and an `Occurrence` by the code of a case.
    """
    for name in FIELDS:
        setattr(row, name, values[name])
    row.cases = {code: values[code] for code in ASKED if values[code]}
    row.asked_at = utcnow()
    log.write(
        row.tenant_id,
        "belastingdienst_taxpayer_saved",
        user_id=user_id,
        tax_number=row.tax_number,
    )
