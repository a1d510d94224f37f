"""Telling by mail that a certificate that signs ends: 30 days before it, and 7.

A new PKIoverheid certificate takes weeks, and without one nothing can be sent.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from core.domain.clock import local_date
from core.plugin import log, mail
from core.plugin.database import session, transaction
from core.plugin.tables import LogLevel, Tenant, TenantPlugin
from plugins.belastingdienst.models import Administration, Certificate, FilingProfile

CODE = "certificate_ends_soon"
BEFORE = (7, 30)
"""Days, the shortest first: each gives one mail."""
_PLUGIN = "belastingdienst"


def remind(now: datetime) -> None:
    """Tell of certificates that end; commits per certificate."""
    with transaction():
        found = list(_ending(now))
    for certificate_id, timezone, days in found:
        with transaction():
            certificate = session().get_one(Certificate, certificate_id)
            _tell(certificate, timezone, days)


def _ending(now: datetime) -> Iterator[tuple[int, str, int]]:
    """Yield certificates that sign for somebody and end within the longest term."""
    signed_by = select(Administration.id).outerjoin(
        FilingProfile, FilingProfile.id == Administration.profile_id
    )
    signs = signed_by.where(
        Administration.enabled,
        or_(
            Administration.own_certificate_id == Certificate.id,
            FilingProfile.certificate_id == Certificate.id,
        ),
    )
    rows = session().execute(
        select(Certificate.id, Certificate.expires_at, Tenant.timezone)
        .join(Tenant, Tenant.id == Certificate.tenant_id)
        .join(TenantPlugin, TenantPlugin.tenant_id == Tenant.id)
        .where(
            TenantPlugin.plugin == _PLUGIN,
            TenantPlugin.enabled,
            Tenant.active,
            Certificate.expires_at > now,
            Certificate.expires_at <= now + timedelta(days=BEFORE[-1]),
            signs.exists(),
        )
        .order_by(Certificate.id)
    )
    for key, expires_at, timezone in rows:
        left = expires_at - now
        yield key, timezone, next(d for d in BEFORE if left <= timedelta(days=d))


def _tell(certificate: Certificate, timezone: str, days: int) -> None:
    """Queue one mail per term; the certificate remembers the last one."""
    if certificate.reminded_days is not None and certificate.reminded_days <= days:
        return
    certificate.reminded_days = days
    day = local_date(certificate.expires_at, timezone)
    words = {"subject": certificate.subject, "date": day.isoformat()}
    log.write(certificate.tenant_id, CODE, level=LogLevel.WARNING, params=words)
    mail.to_tenant(
        certificate.tenant_id,
        "belastingdienst_certificate",
        dedup_key=f"certificate:{certificate.id}:{days}",
        code=CODE,
        params=words,
    )
