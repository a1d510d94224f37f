"""Mails before a certificate that signs ends: once 30 days before it, once 7."""

from datetime import timedelta

from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Mail
from core.runtime.database import session
from core.services.mailing import mail
from plugins.belastingdienst.models import Certificate
from plugins.belastingdienst.reminders import certificates
from tests.integration.filing_world import Files


def told(files: Files, days: int, certificate_id: int) -> int:
    """Let the round come by with a certificate that ends so soon; count the mails."""
    now = utcnow()
    row = session().get_one(Certificate, certificate_id)
    row.expires_at = now + timedelta(days=days)
    session().commit()
    certificates.remind(now)
    certificates.remind(now)
    return files.count(Mail)


def test_a_certificate_that_signs_is_told_of_twice(files: Files) -> None:
    key = files.administration().profile.certificate_id
    found = [told(files, days, key) for days in (31, 30, 12, 7, 1, -1)]
    assert found == [0, 1, 1, 2, 2, 2]
    text = "\n".join(mail.content_of(session().scalars(select(Mail)).first()))
    assert "loopt af op" in text
    assert "/aangifte/certificaat" in text
    assert "%(" not in text


def test_one_that_signs_for_nobody_is_let_be(files: Files) -> None:
    administration = files.administration()
    administration.enabled = False
    session().commit()
    assert told(files, 3, administration.profile.certificate_id) == 0
