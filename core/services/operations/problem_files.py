"""Pictures that come with a report: taken in, given to who may see them, forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from core.domain.errors import AskUser
from core.models import ProblemFile
from core.rules.invoice_rules import media_type_of, safe_name
from core.runtime import quota
from core.runtime.database import session
from core.runtime.tenancy import system_scope

PICTURES = ("image/png", "image/jpeg")
KEEP = timedelta(days=180)
"""A picture may show anything: it does not stay as long as the report."""


def checked(filename: str, content: bytes) -> str:
    """Return the type of a picture.

    Raises AskUser `file_empty`, `file_too_large`, `file_content` or `picture_type`.
    """
    try:
        media_type = media_type_of(filename, content)
    except AskUser as error:
        if error.code == "file_type":
            raise AskUser("picture_type") from None
        raise
    if media_type not in PICTURES:
        raise AskUser("picture_type")
    return media_type


def add(tenant_id: int, report_id: int, filename: str, content: bytes) -> None:
    """Keep a picture with a report, in the caller's transaction.

    Raises what `checked` does, and AskUser `files_per_day`.
    """
    media_type = checked(filename, content)
    quota.admit(tenant_id, len(content))
    session().add(
        ProblemFile(
            tenant_id=tenant_id,
            report_id=report_id,
            filename=safe_name(filename),
            media_type=media_type,
            content=content,
        )
    )
    session().flush()


def names_of(report_ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    """Return id and name of the pictures of reports of the tenant in scope."""
    found: dict[int, list[tuple[int, str]]] = {}
    rows = session().execute(
        select(ProblemFile.report_id, ProblemFile.id, ProblemFile.filename)
        .where(ProblemFile.report_id.in_(report_ids))
        .order_by(ProblemFile.id)
    )
    for report_id, key, name in rows:
        found.setdefault(report_id, []).append((key, name))
    return found


def for_operator(file_id: int) -> ProblemFile | None:
    """Return a picture of any tenant, for the desk."""
    with system_scope():
        return session().get(ProblemFile, file_id)


def forget(now: datetime) -> None:
    """Delete old pictures, in the caller's transaction."""
    session().execute(
        delete(ProblemFile)
        .where(ProblemFile.created_at < now - KEEP)
        .execution_options(synchronize_session=False)
    )
