"""Digipoort's side of WS-Security, worked out by hand from the WSDL's policy.

No XML signature library is used here, so that a mistake of one in the client would
show: digests over exclusive canonical XML, RSA from `cryptography`.
"""

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from plugins.belastingdienst.sandbox.authority import Authority, Pair

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{OASIS}wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
TOKEN = f"{OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{OASIS}soap-message-security-1.0#Base64Binary"
ANONYMOUS = f"{WSA}/anonymous"
NONE = f"{WSA}/none"
_ID = f"{{{WSU}}}Id"
_SKEW = timedelta(minutes=5)
_LIFETIME = timedelta(minutes=10)
SIGNATURES = {
    f"{DS}rsa-sha1": hashes.SHA1(),  # noqa: S303  what Digipoort's policy names
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
}
DIGESTS = {
    f"{DS}sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
}
METHODS = {
    "sha1": (f"{DS}rsa-sha1", f"{DS}sha1"),
    "sha256": (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    ),
}


class NotAccepted(Exception):
    """A request does not keep to the interface; the text says where."""


@dataclass(frozen=True)
class Request:
    """A request that was signed as it should."""

    content: etree._Element
    """What stands in the body."""
    message_id: str
    action: str
    certificate: x509.Certificate


def read(
    body: bytes, authority: Authority, *, endpoint: str, action: str, now: datetime
) -> Request:
    """Read and verify a request; NotAccepted with the reason."""
    envelope = _parsed(body)
    header = _one(envelope, SOAP, "Header")
    content = _one(envelope, SOAP, "Body")
    if len(content) != 1:
        raise NotAccepted("the body must hold one message")
    addressing = _addressing(header)
    if addressing.get("Action") != action:
        raise NotAccepted("wsa:Action is not the operation's")
    if addressing.get("To") != endpoint:
        raise NotAccepted("wsa:To is not this service")
    if ":" not in addressing.get("MessageID", ""):
        raise NotAccepted("wsa:MessageID is no URI")
    certificate = _signed_by(envelope, header, content, now)
    if not authority.trusts(certificate):
        raise NotAccepted("the certificate is not of a known authority, or ended")
    return Request(content[0], addressing["MessageID"], action, certificate)


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotAccepted(str(error)) from error
    if root.tag != f"{{{SOAP}}}Envelope" or b"<!DOCTYPE" in body:
        raise NotAccepted("this is no SOAP envelope")
    return root


def _one(parent: etree._Element, namespace: str, name: str) -> etree._Element:
    found = parent.findall(f"{{{namespace}}}{name}")
    if len(found) != 1:
        raise NotAccepted(f"{name} must be there once, not {len(found)} times")
    return found[0]


def _addressing(header: etree._Element) -> dict[str, str]:
    """Return the addressing headers; no others are allowed but Security."""
    found: dict[str, str] = {}
    for child in header:
        name = etree.QName(child)
        if name.namespace == WSSE and name.localname == "Security":
            continue
        if name.namespace != WSA or name.localname in found:
            raise NotAccepted(f"header {name.localname} is not allowed")
        found[name.localname] = "".join(str(text) for text in child.itertext()).strip()
    for name_ in ("ReplyTo", "From", "FaultTo"):
        if found.get(name_, ANONYMOUS) not in (ANONYMOUS, NONE):
            raise NotAccepted(f"wsa:{name_} must be anonymous")
    return found


def _signed_by(
    envelope: etree._Element,
    header: etree._Element,
    content: etree._Element,
    now: datetime,
) -> x509.Certificate:
    security = _one(header, WSSE, "Security")
    stamp = _one(security, WSU, "Timestamp")
    _check_time(stamp, now)
    signature = _one(security, DS, "Signature")
    info = _one(signature, DS, "SignedInfo")
    nodes = _by_id(envelope)
    signed = [
        _checked(reference, nodes) for reference in info.iter(f"{{{DS}}}Reference")
    ]
    wanted = [stamp, content, *(node for node in header if node is not security)]
    for node in wanted:
        if not any(node is one for one in signed):
            raise NotAccepted(f"{etree.QName(node).localname} is not signed")
    certificate = _certificate(_one(security, WSSE, "BinarySecurityToken"))
    _check_value(signature, info, certificate)
    return certificate


def _by_id(envelope: etree._Element) -> dict[str, etree._Element]:
    nodes: dict[str, etree._Element] = {}
    for node in envelope.iter(etree.Element):
        name = node.get(_ID)
        if name in nodes:
            raise NotAccepted("an id is there twice")
        if name is not None:
            nodes[name] = node
    return nodes


def _check_time(stamp: etree._Element, now: datetime) -> None:
    text = stamp.findtext(f"{{{WSU}}}Created") or ""
    try:
        created = datetime.fromisoformat(text)
        expires = stamp.findtext(f"{{{WSU}}}Expires")
        end = datetime.fromisoformat(expires) if expires else created + _LIFETIME
        if not created - _SKEW <= now <= end + _SKEW:
            raise NotAccepted("the timestamp is not of now")
    except (ValueError, TypeError) as error:
        raise NotAccepted("the timestamp cannot be read") from error


def canonical(node: etree._Element) -> bytes:
    """Return a node as exclusive canonical XML."""
    return etree.tostring(
        node, method="c14n", exclusive=True, with_comments=False, with_tail=False
    )


def _method(parent: etree._Element, name: str) -> str:
    return _one(parent, DS, name).get("Algorithm", "")


def _checked(
    reference: etree._Element, nodes: dict[str, etree._Element]
) -> etree._Element:
    """Return the node a reference is about; its digest must be right."""
    transforms = [
        node.get("Algorithm") for node in reference.iter(f"{{{DS}}}Transform")
    ]
    digest = DIGESTS.get(_method(reference, "DigestMethod"))
    node = nodes.get(reference.get("URI", "")[1:])
    if transforms != [EXCLUSIVE] or digest is None or node is None:
        raise NotAccepted("a reference of the signature is not allowed")
    value = hashlib.new(digest, canonical(node)).digest()
    if b64decode(_one(reference, DS, "DigestValue").text or "") != value:
        raise NotAccepted(f"the digest of {etree.QName(node).localname} is wrong")
    return node


def _certificate(token: etree._Element) -> x509.Certificate:
    if token.get("ValueType") != TOKEN or token.get("EncodingType") != BASE64:
        raise NotAccepted("the security token is of another type")
    try:
        return x509.load_der_x509_certificate(b64decode(token.text or ""))
    except ValueError as error:
        raise NotAccepted("the certificate cannot be read") from error


def _check_value(
    signature: etree._Element, info: etree._Element, certificate: x509.Certificate
) -> None:
    method = SIGNATURES.get(_method(info, "SignatureMethod"))
    key = certificate.public_key()
    exclusive = _method(info, "CanonicalizationMethod") == EXCLUSIVE
    if method is None or not exclusive or not isinstance(key, rsa.RSAPublicKey):
        raise NotAccepted("the signature's algorithm is not allowed")
    value = b64decode(_one(signature, DS, "SignatureValue").text or "")
    try:
        key.verify(value, canonical(info), padding.PKCS1v15(), method)
    except InvalidSignature as error:
        raise NotAccepted("the signature is wrong") from error


def moment(value: datetime) -> str:
    """Write a UTC moment with milliseconds."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"


def answer(
    content: etree._Element,
    *,
    action: str,
    relates_to: str,
    service: Pair,
    now: datetime,
    hash_name: str,
) -> bytes:
    """Return a signed answer."""
    envelope, header = _envelope(content, action, relates_to)
    security = etree.Element(f"{{{WSSE}}}Security", nsmap={"s": WSSE, "u": WSU})
    header.insert(0, security)
    security.set(f"{{{SOAP}}}mustUnderstand", "1")
    stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp")
    etree.SubElement(stamp, f"{{{WSU}}}Created").text = moment(now)
    etree.SubElement(stamp, f"{{{WSU}}}Expires").text = moment(now + _LIFETIME)
    token = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken")
    token.set("EncodingType", BASE64)
    token.set("ValueType", TOKEN)
    token.set(_ID, f"SecurityToken-{uuid4()}")
    token.text = b64encode(service.der).decode()
    body = _one(envelope, SOAP, "Body")
    parts = [stamp, *(node for node in header if node is not security), body]
    _sign(security, parts, token.get(_ID, ""), service, hash_name)
    return etree.tostring(envelope)


def _envelope(
    content: etree._Element, action: str, relates_to: str
) -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header", nsmap={"wsa": WSA})
    for name, value in (
        ("To", ANONYMOUS),
        ("MessageID", f"uuid:{uuid4()}"),
        ("Action", action),
        ("RelatesTo", relates_to),
    ):
        etree.SubElement(header, f"{{{WSA}}}{name}").text = value
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    return envelope, header


def _sign(
    security: etree._Element,
    parts: list[etree._Element],
    token: str,
    service: Pair,
    hash_name: str,
) -> None:
    method, digest = METHODS[hash_name]
    for number, part in enumerate(parts):
        part.set(_ID, f"w_{number}")
    signature = etree.SubElement(security, f"{{{DS}}}Signature", nsmap={"ds": DS})
    info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
    _algorithm(info, "CanonicalizationMethod", EXCLUSIVE)
    _algorithm(info, "SignatureMethod", method)
    for part in parts:
        reference = etree.SubElement(
            info, f"{{{DS}}}Reference", URI=f"#{part.get(_ID)}"
        )
        transforms = etree.SubElement(reference, f"{{{DS}}}Transforms")
        _algorithm(transforms, "Transform", EXCLUSIVE)
        _algorithm(reference, "DigestMethod", digest)
        value = hashlib.new(DIGESTS[digest], canonical(part)).digest()
        etree.SubElement(reference, f"{{{DS}}}DigestValue").text = _text(value)
    signed = service.key.sign(canonical(info), padding.PKCS1v15(), SIGNATURES[method])
    etree.SubElement(signature, f"{{{DS}}}SignatureValue").text = _text(signed)
    key = etree.SubElement(signature, f"{{{DS}}}KeyInfo")
    place = etree.SubElement(key, f"{{{WSSE}}}SecurityTokenReference")
    etree.SubElement(place, f"{{{WSSE}}}Reference", URI=f"#{token}", ValueType=TOKEN)


def _algorithm(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, f"{{{DS}}}{name}", Algorithm=value)


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def fault(detail: etree._Element, *, action: str, relates_to: str) -> bytes:
    """Return a fault, which is not signed."""
    content = etree.Element(f"{{{SOAP}}}Fault")
    for name, value in (
        ("faultcode", "soapenv:Client"),
        ("faultstring", "Algemene fout"),
        ("faultactor", "Verantwoordingsplichtige"),
    ):
        etree.SubElement(content, name).text = value
    etree.SubElement(content, "detail").append(detail)
    envelope, _ = _envelope(content, action, relates_to)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
