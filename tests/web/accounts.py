"""Helpers of the account tests: links from mails, two-factor login, operators."""

import re
import time
from typing import Any

import pyotp
from sqlalchemy import select

from core.models import Mail, Role, User
from core.services.mailing import mail
from core.services.people import accounts, two_factor
from tests.web.conftest import Site
from tests.web.samples import PASSWORD

OPERATOR = "desk@koppelwerk.example"


def row(site: Site, email: str) -> User:
    """Return somebody's row as it is now."""
    with site.data() as session:
        found: User = session.scalar(select(User).where(User.email == email))
    return found


def mails(site: Site, kind: str) -> list[tuple[str, str]]:
    """Return recipient and text of the mails of a kind, oldest first."""
    with site.data() as session:
        found = session.scalars(
            select(Mail).where(Mail.kind == kind).order_by(Mail.id)
        ).all()
        return [(one.recipient, mail.content_of(one)[1]) for one in found]


def link(site: Site, kind: str) -> str:
    """Return the path of the link in the newest mail of a kind."""
    text = mails(site, kind)[-1][1]
    found = re.search(r"http://localhost(/\S+)", text)
    assert found, text
    return found[1]


def with_two_factor(site: Site, email: str) -> str:
    """Switch two-factor login on for somebody; return the secret."""
    with site.data() as session:
        user = session.scalar(select(User).where(User.email == email))
        two_factor.begin(user)
        session.flush()
        secret = two_factor.secret_of(user)
        assert two_factor.confirm(user, pyotp.TOTP(secret).at(time.time() - 30))
    return secret


def operator(site: Site) -> Any:
    """Return the browser of an operator who is logged in, code and all."""
    with site.data():
        accounts.create_user(
            None, email=OPERATOR, password=PASSWORD, role=Role.OPERATOR, name="Ilse"
        )
    secret = with_two_factor(site, OPERATOR)
    client = site.client(OPERATOR)
    answer = client.post("/login/code", data={"code": pyotp.TOTP(secret).now()})
    assert answer.status_code == 303
    return client


def codes(site: Site) -> list[str]:
    """Return the codes in the log of all tenants, oldest first."""
    from core.models import LogEntry

    with site.data() as session:
        return list(session.scalars(select(LogEntry.code).order_by(LogEntry.id)))
