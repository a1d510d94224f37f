"""Visma.net users: who may see AutoReport, per onderneming (manual 003, part 3).

Visma.net's own screen *Gebruikers en rollen* gives the access; no interface for it is
known. Here is kept what was arranged there, since AutoReport needs one user at least.
"""

from collections.abc import Collection

from sqlalchemy import delete, select

from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.database import session
from plugins.accountview.models import Undertaking, VismaUser, VismaUserAccess

ROLE = "AutoReport User"


def of_tenant() -> list[VismaUser]:
    """Return the Visma.net users of the tenant in scope, by name."""
    order = (VismaUser.name, VismaUser.id)
    return list(session().scalars(select(VismaUser).order_by(*order)))


def access() -> dict[int, list[Undertaking]]:
    """Return the ondernemingen of each user, by the user's id."""
    rows = session().execute(
        select(VismaUserAccess.user_id, Undertaking)
        .join(Undertaking, Undertaking.id == VismaUserAccess.undertaking_id)
        .order_by(Undertaking.code)
    )
    found: dict[int, list[Undertaking]] = {}
    for user_id, undertaking in rows:
        found.setdefault(user_id, []).append(undertaking)
    return found


def any_for(undertaking_id: int) -> bool:
    """Tell whether some user has the role for an onderneming."""
    found = select(VismaUserAccess.id).where(
        VismaUserAccess.undertaking_id == undertaking_id, VismaUserAccess.role == ROLE
    )
    return session().scalar(found.limit(1)) is not None


def save(
    row: VismaUser | None,
    tenant_id: int,
    *,
    email: str,
    name: str,
    undertaking_ids: Collection[int],
    user_id: int,
) -> VismaUser:
    """Make or change a user with access to ondernemingen, in the caller's transaction.

    Ids that are not the tenant's are left out. Raises AskUser `visma_user_exists`.
    """
    same = session().scalar(select(VismaUser).where(VismaUser.email == email))
    if same is not None and same is not row:
        raise AskUser("visma_user_exists", email=email)
    if row is None:
        row = VismaUser(tenant_id=tenant_id, email=email, name=name)
        session().add(row)
    row.email, row.name = email, name
    session().flush()
    _give(row, undertaking_ids)
    log.write(tenant_id, "accountview_user_saved", user_id=user_id, email=email)
    return row


def _give(row: VismaUser, undertaking_ids: Collection[int]) -> None:
    session().execute(delete(VismaUserAccess).where(VismaUserAccess.user_id == row.id))
    known = session().scalars(
        select(Undertaking.id).where(Undertaking.id.in_(undertaking_ids))
    )
    session().add_all(
        VismaUserAccess(
            tenant_id=row.tenant_id, user_id=row.id, undertaking_id=key, role=ROLE
        )
        for key in known.all()
    )
    session().flush()


def remove(row: VismaUser, *, user_id: int) -> None:
    """Forget a user, in the caller's transaction."""
    log.write(
        row.tenant_id, "accountview_user_removed", user_id=user_id, email=row.email
    )
    session().execute(delete(VismaUserAccess).where(VismaUserAccess.user_id == row.id))
    session().delete(row)
