"""The PKIoverheid certificate that signs messages and opens the connection.

Kept in memory only; the caller stores it encrypted. Contract section 4: mutual TLS
1.2 and the message signature use the same certificate.
"""

import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.domain.errors import AskUser

if TYPE_CHECKING:  # slow to load: by the functions that read a certificate
    from cryptography import x509


@dataclass(frozen=True)
class SigningCertificate:
    """A certificate with its RSA key, and the chain that goes with it in TLS."""

    certificate: "x509.Certificate"
    key: rsa.RSAPrivateKey = field(repr=False)
    chain: "tuple[x509.Certificate, ...]" = ()

    @classmethod
    def from_pem(cls, certificate: bytes, key: bytes, password: str = "") -> Self:
        """Read PEM texts; AskUser `certificate_unreadable`, `certificate_key_differs`.

        The first certificate is ours, the others its chain. `password` opens the key.
        """
        from cryptography import x509

        try:
            first, *chain = x509.load_pem_x509_certificates(certificate)
            loaded = serialization.load_pem_private_key(key, password.encode() or None)
        except (ValueError, TypeError) as error:
            raise AskUser("certificate_unreadable") from error
        return cls._checked(first, loaded, tuple(chain))

    @classmethod
    def from_pkcs12(cls, content: bytes, password: str) -> Self:
        """Read a .p12 or .pfx file; errors as `from_pem`."""
        from cryptography.hazmat.primitives.serialization import pkcs12

        try:
            key, first, chain = pkcs12.load_key_and_certificates(
                content, password.encode()
            )
        except ValueError as error:
            raise AskUser("certificate_unreadable") from error
        if first is None:
            raise AskUser("certificate_unreadable")
        return cls._checked(first, key, tuple(chain))

    @classmethod
    def _checked(
        cls,
        certificate: "x509.Certificate",
        key: object,
        chain: "tuple[x509.Certificate, ...]",
    ) -> Self:
        if not isinstance(key, rsa.RSAPrivateKey):
            raise AskUser("certificate_unreadable")
        if certificate.public_key() != key.public_key():
            raise AskUser("certificate_key_differs")
        return cls(certificate, key, chain)

    @property
    def subject(self) -> str:
        """The holder's common name."""
        from cryptography.x509.oid import NameOID

        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""

    @property
    def expires_at(self) -> datetime:
        """When it ends, aware UTC."""
        return self.certificate.not_valid_after_utc

    def check_valid(self, now: datetime) -> None:
        """Raise AskUser `certificate_expired` when it may not be used at this time."""
        if not self.certificate.not_valid_before_utc <= now <= self.expires_at:
            raise AskUser("certificate_expired", date=self.expires_at.date())

    def der(self) -> bytes:
        """Return the certificate as a security token carries it."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def key_pem(self, password: bytes | None = None) -> bytes:
        """Return the key as PEM, encrypted when there is a password."""
        encryption = (
            serialization.BestAvailableEncryption(password)
            if password
            else serialization.NoEncryption()
        )
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )

    def tls(self, roots: str = "") -> ssl.SSLContext:
        """Return a context that shows this certificate; `roots` is a PEM text.

        The file that the library insists on is encrypted, and gone on return.
        """
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if roots:
            context.load_verify_locations(cadata=roots)
        password = token_hex(16)
        pems = [
            one.public_bytes(serialization.Encoding.PEM)
            for one in (self.certificate, *self.chain)
        ]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "certificate.pem"
            path.touch(mode=0o600)
            path.write_bytes(b"".join([*pems, self.key_pem(password.encode())]))
            context.load_cert_chain(path, password=password)
        return context


def told(message: bytes) -> Iterator[str]:
    """Yield certificates and key as PEM texts, of `message_of` an uploaded file; for a
    reader in another process. Errors as `from_pem`."""
    given = json.loads(message)
    content, key = b64decode(given["content"]), b64decode(given["key"])
    if b"-----BEGIN" in content:
        found = SigningCertificate.from_pem(content, key or content, given["password"])
    else:
        found = SigningCertificate.from_pkcs12(content, given["password"])
    pem = serialization.Encoding.PEM
    certificates = (found.certificate, *found.chain)
    yield "".join(one.public_bytes(pem).decode() for one in certificates)
    yield found.key_pem().decode()


def message_of(content: bytes, password: str, key: bytes) -> bytes:
    """Return what `told` reads: a file, its password and the file with its key."""
    given = {
        "content": b64encode(content).decode(),
        "password": password,
        "key": b64encode(key).decode(),
    }
    return json.dumps(given).encode()


def fingerprint(der: bytes) -> str:
    """Return a certificate's SHA-256 in lower-case hexadecimals."""
    from cryptography import x509

    return x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256()).hex()


def validity(der: bytes) -> tuple[datetime, datetime]:
    """Return from when to when a certificate holds, aware UTC; ValueError for none."""
    from cryptography import x509

    read = x509.load_der_x509_certificate(der)
    return read.not_valid_before_utc, read.not_valid_after_utc


def fingerprints(text: str) -> frozenset[str]:
    """Read SHA-256 fingerprints, separated by commas; colons and case do not count."""
    plain = text.replace(":", "").lower()
    return frozenset(part.strip() for part in plain.split(",") if part.strip())
