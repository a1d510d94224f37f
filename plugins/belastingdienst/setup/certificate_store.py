"""Certificates at rest: encrypted with their key; a file's password is used once.

Sealed with the vault, bound to tenant and row. What Digipoort needs of
them is opened in memory only, at the moment of use.
"""

from cryptography.hazmat.primitives import serialization
from sqlalchemy import select

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.kit import confined
from core.plugin import files, log, vault
from core.plugin.database import session
from core.plugin.tables import place_of
from plugins.belastingdienst.channels.digipoort.certificates import (
    SigningCertificate,
    fingerprints,
    message_of,
)
from plugins.belastingdienst.models import Administration, Certificate, FilingProfile
from plugins.belastingdienst.models.administration import CertificateSource

READER = "plugins.belastingdienst.channels.digipoort.certificates:told"
LIMITS = confined.Limits(cpu_seconds=3, output_bytes=1_000_000, seconds=8)
LONGEST = 100_000
"""Bytes; a certificate with its chain is a tenth of it."""


def of_tenant() -> list[Certificate]:
    """Return the certificates of the tenant in scope, the newest first."""
    found = select(Certificate).order_by(Certificate.id.desc())
    return list(session().scalars(found))


def chosen(administration: Administration) -> Certificate | None:
    """Return the own certificate that signs; None: the channel's, if it has one.

    One for this administration only goes before the profile's (manual 003, 4.7).
    """
    if administration.certificate_source == CertificateSource.CHANNEL:
        return None
    if administration.own_certificate is not None:
        return administration.own_certificate
    profile = administration.profile
    return profile.certificate if profile is not None else None


def opened(certificate: Certificate) -> SigningCertificate:
    """Decrypt a certificate with its key; VaultError when it was tampered with."""
    plain = vault.open_sealed(certificate.secret, context=_context(certificate))
    parts = jsontext.loads(plain)
    return SigningCertificate.from_pem(
        parts["certificate"].encode(), parts["key"].encode()
    )


def read(
    content: bytes, password: str, key: bytes = b"", *, tenant_id: int | None
) -> SigningCertificate:
    """Read an uploaded file: PKCS#12 with its password, or PEM (key in it or beside).

    A child opens it (a file may ask for any amount of work to be opened), with no
    transaction held. Raises AskUser `certificate_unreadable`,
    `certificate_key_differs`, `certificate_expired`, and those of `files.reading` and
    `confined.results`.
    """
    if len(content) > LONGEST or len(key) > LONGEST:
        raise AskUser("certificate_unreadable")
    message = message_of(content, password, key)
    with (
        files.reading(tenant_id, len(content) + len(key)),
        confined.results(READER, message, LIMITS) as told,
    ):
        found = SigningCertificate.from_pem(*(text.encode() for text in told))
    found.check_valid(utcnow())
    return found


def store(
    tenant_id: int,
    signing: SigningCertificate,
    *,
    user_id: int | None,
    pins: str = "",
    roots: str = "",
) -> Certificate:
    """Encrypt and keep a certificate, in the caller's transaction.

    `pins` and `roots` are those of a sandbox, which makes its own authority: no form
    has them, only the demo gives them.
    """
    row = Certificate(
        tenant_id=tenant_id,
        subject=signing.subject[:200],
        expires_at=signing.expires_at,
        secret=b"",
        pins=",".join(sorted(fingerprints(pins))),
        roots=roots,
    )
    session().add(row)
    session().flush()
    row.secret = vault.seal(_as_pem(signing), context=_context(row))
    log.write(
        tenant_id,
        "belastingdienst_certificate_stored",
        user_id=user_id,
        subject=row.subject,
    )
    return row


def remove(certificate: Certificate, *, user_id: int | None) -> None:
    """Forget a certificate; AskUser `certificate_in_use` while a profile has it."""
    used = select(FilingProfile.id).where(
        FilingProfile.certificate_id == certificate.id
    )
    alone = select(Administration.id).where(
        Administration.own_certificate_id == certificate.id
    )
    if session().scalar(used.limit(1)) or session().scalar(alone.limit(1)):
        raise AskUser("certificate_in_use", subject=certificate.subject)
    log.write(
        certificate.tenant_id,
        "belastingdienst_certificate_removed",
        user_id=user_id,
        subject=certificate.subject,
    )
    session().delete(certificate)


def _context(certificate: Certificate) -> str:
    return place_of(
        Certificate.secret, tenant_id=certificate.tenant_id, id=certificate.id
    )


def _as_pem(signing: SigningCertificate) -> str:
    pem = serialization.Encoding.PEM
    certificates = (signing.certificate, *signing.chain)
    return jsontext.dumps({
        "certificate": "".join(one.public_bytes(pem).decode() for one in certificates),
        "key": signing.key_pem().decode(),
    })  # fmt: skip
