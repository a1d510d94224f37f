"""The test certificate authority, made by the sandbox itself at its first use.

It issues Digipoort's service certificate, its TLS certificate, and certificates for
those who file. Only what it issued is let in. Kept in the sandbox's own file.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.domain.clock import utcnow

_DAY = timedelta(days=1)
_YEARS = timedelta(days=3 * 365)
_USES = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
SERVICE_OIN = "00000004003214345001"
"""The number in Digipoort's own certificate, as in the stored answers."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def certificate_pem(self) -> str:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        """The key as PEM: a sandbox has no secrets."""
        return _key_pem(self.key)

    @property
    def der(self) -> bytes:
        """The certificate as it stands in a security token."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256, to pin."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def stored(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"certificate": self.certificate_pem, "key": self.key_pem}


def pair_from(stored: dict[str, str]) -> Pair:
    """Read what `Pair.stored` wrote."""
    key = serialization.load_pem_private_key(stored["key"].encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return Pair(x509.load_pem_x509_certificate(stored["certificate"].encode()), key)


class Authority:
    """A root with what Digipoort itself uses."""

    def __init__(self, stored: dict[str, Any] | None = None) -> None:
        """Read it from what was stored, or make it new."""
        if stored is None:
            self._key = ec.generate_private_key(ec.SECP256R1())
            self.root = _root(self._key)
            self.service = self.issue("digipoort.sandbox", SERVICE_OIN)
            return
        key = serialization.load_pem_private_key(stored["key"].encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("not an elliptic curve key")
        self._key = key
        self.root = x509.load_pem_x509_certificate(stored["root"].encode())
        self.service = pair_from(stored["service"])

    def stored(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "key": _key_pem(self._key),
            "root": self.root_pem,
            "service": self.service.stored(),
        }

    @property
    def root_pem(self) -> str:
        """The root certificate as PEM."""
        return self.root.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, name: str, serial: str, *, days: int = 365) -> Pair:
        """Issue a certificate; `serial` is the OIN or KvK number in the subject.

        With negative `days` it has ended.
        """
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        attributes = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, serial),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
        names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
        now = utcnow()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(attributes))
            .issuer_name(self.root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _YEARS)
            .not_valid_after(now + days * _DAY)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage(_USES), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    self._key.public_key()
                ),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        return Pair(certificate, key)

    def trusts(self, certificate: x509.Certificate) -> bool:
        """Tell whether this root issued a certificate that is valid now."""
        now = utcnow()
        if not (
            certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        ):
            return False
        try:
            certificate.verify_directly_issued_by(self.root)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True


def _key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _root(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Koppelwerk Sandbox CA")])
    now = utcnow()
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _YEARS)
        .not_valid_after(now + 2 * _YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
