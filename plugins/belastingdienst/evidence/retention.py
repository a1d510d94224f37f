"""What stays of a tenant that is erased: its declarations and their evidence.

Article 52 AWR keeps them seven years, also for us, who sent them; returns of the one
stop shop are kept ten (2006/112/EC art. 369k). Nothing else that names anybody stays:
contacts, certificates and their keys go.
"""

from typing import Any

from sqlalchemy import delete, exists, update

from core.plugin.database import session
from plugins.belastingdienst.models import (
    Administration,
    Evidence,
    Filing,
    FilingEvent,
    FilingProfile,
    OssQuarter,
)

KEPT = (Administration, FilingProfile, Filing, FilingEvent, Evidence, OssQuarter)
"""Declarations, and the rows that they refer to."""
_BLANK_ADMINISTRATION: dict[str, Any] = {
    "company_id": "",
    "own_certificate_id": None,
    "contact_initials": "",
    "contact_prefix": "",
    "contact_surname": "",
    "contact_phone": "",
    "consultant_number": "",
    "service_vat_codes": [],
    "own_sales": {},
    "enabled": False,
    "remind_days": 0,
}


def forget(tenant_id: int) -> None:
    """Drop what was never sent, and blank the rest; in the caller's transaction."""
    _drop_unsent(tenant_id)
    values: dict[Any, dict[str, Any]] = {
        Administration: _BLANK_ADMINISTRATION,
        FilingProfile: {"certificate_id": None, "account": ""},
        Filing: {"due_at": None, "params": {}, "warnings": [], "vat_checks": []},
        OssQuarter: {"sales": [], "doubts": [], "open_doubts": []},
    }
    for model, blank in values.items():
        session().execute(
            update(model)
            .where(model.tenant_id == tenant_id)
            .values(blank)
            .execution_options(synchronize_session=False)
        )


def _drop_unsent(tenant_id: int) -> None:
    """Delete declarations without evidence, and quarters that were not filed."""
    kept = exists().where(Evidence.filing_id == Filing.id)
    session().execute(
        delete(Filing)
        .where(Filing.tenant_id == tenant_id, ~kept)
        .execution_options(synchronize_session=False)
    )
    session().execute(
        delete(OssQuarter)
        .where(OssQuarter.tenant_id == tenant_id, OssQuarter.filed_at.is_(None))
        .execution_options(synchronize_session=False)
    )
