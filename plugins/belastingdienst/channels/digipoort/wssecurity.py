"""WS-Security as Digipoort asks it: body, timestamp and addressing headers signed.

Contract section 4 and the WSDL's policy: exclusive canonicalisation, the X.509
certificate as binary security token, RSA-SHA256 by default and RSA-SHA1 by setting.
An answer is believed only when the pinned certificate signed all of it, and what costs
time comes last: nothing is digested before every reference is one that has to be there.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from lxml import etree

from plugins.belastingdienst.channels.digipoort.certificates import (
    SigningCertificate,
    fingerprint,
    validity,
)

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
TOKEN_TYPE = f"{_OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
ANONYMOUS = f"{WSA}/anonymous"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
LIFETIME = timedelta(minutes=10)
"""As Digipoort's own answers have."""
_HEADERS = frozenset(
    ("To", "From", "ReplyTo", "FaultTo", "Action", "MessageID", "RelatesTo")
)
"""WS-Addressing 1.0 section 3; each at most once (of RelatesTo we want one)."""
SKEW = timedelta(minutes=5)
_ID = f"{{{WSU}}}Id"
_SIGNATURE = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"
_SIGNATURE_SHA1, _DIGEST_SHA1 = f"{DS}rsa-sha1", f"{DS}sha1"


class Algorithm(StrEnum):
    """With which hash is signed."""

    SHA256 = "sha256"
    SHA1 = "sha1"
    """What the WSDL's policy names; for a Digipoort that refuses the other."""


class Untrusted(Exception):
    """An answer is not signed, not wholly signed, or not by whom it should be."""


@dataclass(frozen=True)
class Addressing:
    """The WS-Addressing headers of a request."""

    to: str
    action: str
    message_id: str


def address(envelope: etree._Element, headers: Addressing) -> None:
    """Put the addressing headers in a SOAP envelope."""
    header = envelope.find(f"{{{SOAP}}}Header")
    if header is None:
        header = etree.Element(f"{{{SOAP}}}Header")
        envelope.insert(0, header)
    names = {"wsa": WSA}
    for name, value in (
        ("Action", headers.action),
        ("MessageID", headers.message_id),
        ("To", headers.to),
    ):
        etree.SubElement(header, f"{{{WSA}}}{name}", nsmap=names).text = value
    reply = etree.SubElement(header, f"{{{WSA}}}ReplyTo", nsmap=names)
    etree.SubElement(reply, f"{{{WSA}}}Address").text = ANONYMOUS


def sign(
    envelope: etree._Element,
    certificate: SigningCertificate,
    now: datetime,
    algorithm: Algorithm = Algorithm.SHA256,
) -> None:
    """Sign an addressed envelope in place; `now` is aware UTC."""
    header = envelope.find(f"{{{SOAP}}}Header")
    body = envelope.find(f"{{{SOAP}}}Body")
    if header is None or body is None:
        raise ValueError("the envelope has no header or no body")
    addressed = [child for child in header if _namespace(child) == WSA]
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    security.set(f"{{{SOAP}}}mustUnderstand", "1")
    stamp = _timestamp(security, now)
    token = _token(security, certificate)
    signed = [stamp, body, *addressed]
    for part in signed:
        _identify(part)
    signature = _template(security, [part.get(_ID, "") for part in signed], algorithm)
    _refer(signature, token)
    import xmlsec  # here and below: for who files himself, and slow to load

    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        certificate.key_pem(), xmlsec.constants.KeyDataFormatPem
    )
    for part in signed:
        context.register_id(part, "Id", WSU)
    context.sign(signature)


def _namespace(node: etree._Element) -> str:
    return etree.QName(node).namespace or ""


def _identify(node: etree._Element) -> str:
    name = f"id-{uuid4()}"
    node.set(_ID, name)
    return name


def _timestamp(security: etree._Element, now: datetime) -> etree._Element:
    stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp", nsmap={"wsu": WSU})
    etree.SubElement(stamp, f"{{{WSU}}}Created").text = _moment(now)
    etree.SubElement(stamp, f"{{{WSU}}}Expires").text = _moment(now + LIFETIME)
    return stamp


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def _token(security: etree._Element, certificate: SigningCertificate) -> str:
    token = etree.SubElement(
        security, f"{{{WSSE}}}BinarySecurityToken", nsmap={"wsu": WSU}
    )
    token.set("EncodingType", BASE64)
    token.set("ValueType", TOKEN_TYPE)
    token.text = b64encode(certificate.der()).decode()
    return _identify(token)


def _template(
    security: etree._Element, names: list[str], algorithm: Algorithm
) -> etree._Element:
    import xmlsec

    strong = algorithm is Algorithm.SHA256
    constants = xmlsec.constants
    method = constants.TransformRsaSha256 if strong else constants.TransformRsaSha1
    digest = constants.TransformSha256 if strong else constants.TransformSha1
    signature = xmlsec.template.create(security, constants.TransformExclC14N, method)
    security.append(signature)
    for name in names:
        reference = xmlsec.template.add_reference(signature, digest, uri=f"#{name}")
        xmlsec.template.add_transform(reference, constants.TransformExclC14N)
    return signature


def _refer(signature: etree._Element, token: str) -> None:
    """Say which token holds the key."""
    import xmlsec

    info = xmlsec.template.ensure_key_info(signature)
    reference = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference")
    pointer = etree.SubElement(reference, f"{{{WSSE}}}Reference")
    pointer.set("URI", f"#{token}")
    pointer.set("ValueType", TOKEN_TYPE)


def verify(
    envelope: etree._Element,
    pinned: Collection[str],
    now: datetime,
    relates_to: str | None = None,
    weakest: Algorithm = Algorithm.SHA256,
) -> None:
    """Raise Untrusted unless a pinned certificate signed this whole answer.

    `pinned` are SHA-256 fingerprints; `relates_to` the id of the message it answers;
    SHA-1 is believed only where `weakest` says so. Only elements at their own place
    count: a signed part that was moved elsewhere, with another in its stead, is refused
    (signature wrapping). The signer's certificate must hold when it signed.
    """
    _check_document(envelope)
    header, body = _one(envelope, SOAP, "Header"), _one(envelope, SOAP, "Body")
    security = _one(header, WSSE, "Security")
    stamp = _one(security, WSU, "Timestamp")
    signature = _one(security, DS, "Signature")
    wanted = [stamp, body, *_addressing(header)]
    _check_algorithms(signature, weakest)
    _check_parts(envelope, signature, wanted)
    signed_at = _signed_at(stamp, now)
    _check_relation(header, relates_to)
    der = _certificate(security, pinned, signed_at)
    _check_signature(signature, der, wanted)


def verify_stored(
    content: bytes,
    pinned: Collection[str],
    at: datetime,
    weakest: Algorithm = Algorithm.SHA256,
) -> None:
    """Verify kept evidence again; `at` is when it came in. Raises Untrusted."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        envelope = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Untrusted("it is no XML") from error
    verify(envelope, pinned, at, weakest=weakest)


def _check_document(envelope: etree._Element) -> None:
    """Refuse what makes a reader see another text than the one that was signed.

    A DOCTYPE can fill in entities and attributes; a comment is not signed, and cuts
    `text` short.
    """
    if envelope.getroottree().docinfo.internalDTD is not None:
        raise Untrusted("it has a DOCTYPE")
    if next(envelope.iter(etree.Comment, etree.Entity), None) is not None:
        raise Untrusted("it has comments or entities")


def _addressing(header: etree._Element) -> list[etree._Element]:
    """Return the addressing headers; Untrusted when one is there twice.

    Each has to be signed, so their number bounds what is digested.
    """
    found = [child for child in header if _namespace(child) == WSA]
    names = {etree.QName(child).localname for child in found}
    if len(names) != len(found) or not names <= _HEADERS:
        raise Untrusted("the addressing headers are not those of an answer")
    return found


def _one(parent: etree._Element, namespace: str, name: str) -> etree._Element:
    found = parent.findall(f"{{{namespace}}}{name}")
    if len(found) != 1:
        raise Untrusted(f"{len(found)} times {name}")
    return found[0]


def _identified(envelope: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    for node in envelope.iter(etree.Element):
        name = node.get(_ID)
        if name is not None:
            yield name, node


def _check_algorithms(signature: etree._Element, weakest: Algorithm) -> None:
    """Allow RSA with SHA, and no transform but exclusive canonicalisation."""
    is_weak = weakest is Algorithm.SHA1
    for name, allowed in (
        ("SignatureMethod", {_SIGNATURE, _SIGNATURE_SHA1} if is_weak else {_SIGNATURE}),
        ("DigestMethod", {_DIGEST, _DIGEST_SHA1} if is_weak else {_DIGEST}),
        ("CanonicalizationMethod", {EXCLUSIVE}),
        ("Transform", {EXCLUSIVE}),
    ):
        for node in signature.iter(f"{{{DS}}}{name}"):
            if node.get("Algorithm") not in allowed:
                raise Untrusted(f"{name} {node.get('Algorithm')}")


def _check_parts(
    envelope: etree._Element, signature: etree._Element, wanted: list[etree._Element]
) -> None:
    """Refuse unless exactly the wanted elements are signed, each once.

    Another reference proves nothing, and each costs a digest over what it points to:
    two thousand would take a minute before anyone is trusted.
    """
    found = list(_identified(envelope))
    places = dict(found)
    if len(places) != len(found):
        raise Untrusted("an id is there twice")
    info = _one(signature, DS, "SignedInfo")
    references = list(info.iter(f"{{{DS}}}Reference"))
    uris = [node.get("URI", "") for node in references]
    signed = {id(places.get(uri.removeprefix("#"))) for uri in uris}
    for node in wanted:
        if id(node) not in signed:
            raise Untrusted(f"{etree.QName(node).localname} is not signed")
    transforms = sum(1 for _ in signature.iter(f"{{{DS}}}Transform"))
    everywhere = sum(1 for _ in signature.iter(f"{{{DS}}}Reference"))
    if {len(references), transforms, everywhere} != {len(wanted)}:
        raise Untrusted("it has other references or transforms than the parts to sign")


def _signed_at(stamp: etree._Element, now: datetime) -> datetime:
    """Return when it was signed; Untrusted when that is not about `now`."""
    try:
        created = datetime.fromisoformat(stamp.findtext(f"{{{WSU}}}Created") or "")
        text = stamp.findtext(f"{{{WSU}}}Expires")
        expires = datetime.fromisoformat(text) if text else created + LIFETIME
        current = created - SKEW <= now <= expires + SKEW
    except (ValueError, TypeError) as error:
        raise Untrusted("the timestamp cannot be read") from error
    if not current:
        raise Untrusted("the timestamp is not of now")
    return created


def _check_relation(header: etree._Element, relates_to: str | None) -> None:
    if relates_to is None:
        return
    if (_one(header, WSA, "RelatesTo").text or "").strip() != relates_to:
        raise Untrusted("it answers another message")


def _certificate(
    security: etree._Element, pinned: Collection[str], signed_at: datetime
) -> bytes:
    """Return the signer's certificate (DER): a pinned one, that held when it signed."""
    token = _one(security, WSSE, "BinarySecurityToken")
    try:
        der = b64decode(token.text or "")
        found, first, last = fingerprint(der), *validity(der)
    except (Base64Error, ValueError) as error:
        raise Untrusted("the certificate cannot be read") from error
    if found not in pinned:
        raise Untrusted("another certificate than the one expected")
    if not first <= signed_at <= last:
        raise Untrusted("the certificate did not hold when it signed")
    return der


def _check_signature(
    signature: etree._Element, der: bytes, signed: list[etree._Element]
) -> None:
    import xmlsec

    context = xmlsec.SignatureContext()
    try:
        context.key = xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer)
        for node in signed:
            context.register_id(node, "Id", WSU)
        context.verify(signature)
    except xmlsec.Error as error:
        raise Untrusted("the signature is not right") from error
