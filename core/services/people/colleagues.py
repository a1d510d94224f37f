"""The people of a tenant: invited, given a role, removed; always at least one owner.

Users are no rows of the tenant's scope (operators have none), so every question here
names the tenant.
"""

from sqlalchemy import func, select

from core.models import Role, Tenant, User
from core.rules.changes import changes
from core.runtime.database import session
from core.services.people import account_mail, accounts


class LastOwner(ValueError):
    """Without this owner nobody could change anything any more."""


def of_tenant(tenant_id: int) -> list[User]:
    """Return a tenant's people, longest there first."""
    return list(
        session().scalars(
            select(User).where(User.tenant_id == tenant_id).order_by(User.id)
        )
    )


def find(tenant_id: int, user_id: int) -> User | None:
    """Return one of a tenant's people; None for anybody else."""
    return session().scalar(
        select(User).where(User.tenant_id == tenant_id, User.id == user_id)
    )


def invite(inviter: User, *, email: str, name: str, role: Role) -> User:
    """Add a colleague who chooses a password by mail, in the caller's transaction.

    Raises EmailTaken, TooOften.
    """
    tenant = session().get_one(Tenant, inviter.tenant_id)
    made = accounts.create_user(tenant, email=email, role=role, name=name)
    made.must_change_password = True
    account_mail.invite(made, tenant, inviter.name or inviter.email)
    accounts.note(inviter, "user_invited", address=made.email)
    return made


def invite_again(inviter: User, user: User) -> None:
    """Send an invitation once more, in the caller's transaction; TooOften."""
    tenant = session().get_one(Tenant, inviter.tenant_id)
    account_mail.invite(user, tenant, inviter.name or inviter.email)
    accounts.note(inviter, "user_invited", address=user.email)


def give_role(changer: User, user: User, role: Role) -> None:
    """Change what somebody may do, in the caller's transaction; they log in again.

    Raises LastOwner.
    """
    if user.role == role:
        return
    _keep_an_owner(user)
    changed = changes({"role": user.role}, {"role": role})
    user.role = role
    accounts.end_sessions(user)
    accounts.note(changer, "role_changed", changes=changed, address=user.email)


def remove(changer: User, user: User) -> None:
    """Remove somebody in the caller's transaction. Raises LastOwner."""
    _keep_an_owner(user)
    accounts.note(changer, "user_removed", address=user.email)
    session().delete(user)


def _keep_an_owner(user: User) -> None:
    """Refuse to lose the last owner who can log in; locks the tenant's row."""
    if user.role != Role.OWNER:
        return
    session().scalar(
        select(Tenant).where(Tenant.id == user.tenant_id).with_for_update()
    )
    others = select(func.count(User.id)).where(
        User.tenant_id == user.tenant_id,
        User.role == Role.OWNER,
        User.id != user.id,
        User.must_change_password.is_(False),
    )
    if not session().scalar(others):
        raise LastOwner(user.email)
