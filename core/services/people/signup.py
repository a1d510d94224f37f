"""Signing up: a tenant on trial, and the mail with which its installation begins."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.domain.clock import utcnow
from core.models import Licence, LinkKind, Role, Tenant, User
from core.plugin.mail import BadAddress
from core.runtime import log, throttle
from core.runtime.database import session, transaction
from core.runtime.extensions import settings
from core.runtime.tenancy import system_scope
from core.services.licensing import licences
from core.services.linking.catalogue import Offer
from core.services.mailing import mail
from core.services.people import accounts, links

LINK_LIFETIME = timedelta(days=7)
"""Of an install link and of the first password that goes with it."""
DAY = timedelta(days=1)
MAILS_PER_DAY = 3
"""Sign-up mails to one address."""
BEGUN_PER_DAY = 5
"""Further installations of one tenant."""


@dataclass(frozen=True)
class Applicant:
    """Who signs up; the terms were accepted."""

    name: str
    email: str
    company: str
    country: str
    """ISO code of the country the shop is in."""
    language: str


@dataclass(frozen=True)
class Invitation:
    """What an install link is for."""

    user: User
    licence: Licence


def sign_up(applicant: Applicant, offer: Offer) -> None:
    """Make a tenant on trial and mail how to begin; commits by itself.

    Nothing that the visitor sees or can time tells whether the address was known.
    """
    email = accounts.normal_email(applicant.email)
    if not throttle.allow(f"sign-up-mail:{email}", MAILS_PER_DAY, DAY):
        return
    # Of two at the same moment with one address, the second has nothing to add; an
    # address that no mail can be sent to gets none.
    unwanted = (IntegrityError, accounts.EmailTaken, BadAddress)
    with suppress(*unwanted), system_scope(), transaction():
        known = accounts.find_by_email(email)
        if known is None:
            _welcome(applicant, email, offer)
        elif known.tenant_id and _never_began(known):
            tenant = session().get_one(Tenant, known.tenant_id)
            _invite(known, _begin(tenant, offer), "welcome")
        else:
            _refer_to_login(known, offer)


def _welcome(applicant: Applicant, email: str, offer: Offer) -> None:
    tenant = Tenant(
        name=applicant.company,
        home_country=applicant.country,
        language=applicant.language,
        terms_accepted_at=utcnow(),
    )
    session().add(tenant)
    session().flush()
    user = accounts.create_user(
        tenant, email=email, role=Role.OWNER, name=applicant.name
    )
    log.write(tenant.id, "signed_up", user_id=user.id, name=email)
    _invite(user, _begin(tenant, offer), "welcome")


def _begin(tenant: Tenant, offer: Offer) -> Licence:
    return licences.begin(tenant, offer.source.name, offer.target.name)


def _never_began(user: User) -> bool:
    """Tell whether this is whom a tenant began with, and nobody of it was in yet.

    A stranger who knows the address of an invited owner begins nothing at his tenant.
    """
    others = select(User.id).where(
        User.tenant_id == user.tenant_id, User.must_change_password.is_(False)
    )
    is_new = user.role == Role.OWNER and user.must_change_password
    return is_new and session().scalar(others.limit(1)) is None


def _invite(user: User, licence: Licence, kind: str) -> None:
    """Mail a new install link and first password; older ones are void."""
    links.revoke(user.id, LinkKind.INSTALL)
    password = accounts.give_first_password(user, LINK_LIFETIME)
    token = links.make(LinkKind.INSTALL, user, LINK_LIFETIME, licence_id=licence.id)
    mail.queue(
        user.email,
        kind,
        language=user.language,
        tenant_id=user.tenant_id,
        name=user.name,
        title=licences.title(licence),
        url=mail.link("install.begin", token=token),
        password=password,
        link_days=str(LINK_LIFETIME.days),
        email=user.email,
        licence=licence.key,
        source=licence.source_plugin,
        target=licence.target_plugin,
        trial_days=str(settings().trial_days),
    )


def _refer_to_login(user: User, offer: Offer) -> None:
    for _time in range(2):  # as many passwords as a new address hashes
        accounts.authenticate("", "")
    mail.queue(
        user.email,
        "welcome_again",
        language=user.language,
        tenant_id=user.tenant_id,
        name=user.name,
        title=offer.title,
        source=offer.source.name,
        target=offer.target.name,
    )


def invitation(token: str) -> Invitation | None:
    """Return what an install link is for; None when it is not good (any more)."""
    link = links.peek(token, LinkKind.INSTALL)
    if link is None or link.licence_id is None:
        return None
    with system_scope():
        user = session().get(User, link.user_id)
        licence = session().get(Licence, link.licence_id)
    if user is None or licence is None or not user.must_change_password:
        return None
    return Invitation(user, licence)


def accept(token: str, password: str) -> Invitation | None:
    """Use a link up with the mailed password; None when either is wrong.

    In the caller's transaction, which must be committed in both cases.
    """
    found = invitation(token)
    if found is None:
        return None
    email = found.user.email
    if accounts.authenticate(email, password, is_known_device=True) is None:
        return None
    return found if links.use(token, LinkKind.INSTALL) else None


def send_again(token: str) -> None:
    """Mail a new link and password to a link's owner; commits by itself."""
    found = invitation(token)
    session().rollback()
    if found is None:
        return
    email = found.user.email
    if throttle.allow(f"sign-up-mail:{email}", MAILS_PER_DAY, DAY):
        with system_scope(), transaction():
            accounts.note(found.user, "install_link_sent")
            _invite(found.user, found.licence, "welcome")


def begin_another(tenant_id: int, offer: Offer) -> Licence | None:
    """Return the licence of a further installation; None: too many for one day.

    Commits by itself.
    """
    if not throttle.allow(f"installation:{tenant_id}", BEGUN_PER_DAY, DAY):
        return None
    with transaction():
        return _begin(session().get_one(Tenant, tenant_id), offer)
