"""Signatures: Digipoort's own stored answers, and every way of tampering."""

from base64 import b64decode
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from lxml import etree

from core.domain.errors import AskUser
from plugins.belastingdienst.channels.digipoort.certificates import (
    SigningCertificate,
    fingerprint,
    fingerprints,
)
from plugins.belastingdienst.channels.digipoort.wssecurity import (
    DS,
    SOAP,
    WSA,
    WSSE,
    WSU,
    Addressing,
    Algorithm,
    Untrusted,
    address,
    sign,
    verify,
    verify_stored,
)
from tests.shared import shared_file

FOLDER = "contracts/accountview/digipoort-wus/messages"
NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)


def stored(name: str) -> tuple[etree._Element, str, datetime]:
    """A stored answer, its signer's fingerprint, and when it was made."""
    root = etree.parse(str(shared_file(f"{FOLDER}/{name}.xml"))).getroot()
    token = root.findtext(f".//{{{WSSE}}}BinarySecurityToken") or ""
    created = root.findtext(f".//{{{WSU}}}Created") or ""
    return root, fingerprint(b64decode(token)), datetime.fromisoformat(created)


@pytest.mark.parametrize("name", ["valid-deliver-response", "valid-newstatus-response"])
def test_digipoorts_own_answers_verify(name: str) -> None:
    root, pin, created = stored(name)
    verify(root, {pin}, created, weakest=Algorithm.SHA1)
    relates_to = root.findtext(f".//{{{WSA}}}RelatesTo")
    verify(root, {pin}, created, relates_to, Algorithm.SHA1)
    with pytest.raises(Untrusted, match="rsa-sha1"):
        verify(root, {pin}, created, relates_to)


def test_the_tampered_answer_is_refused() -> None:
    root, pin, created = stored("tampered-deliver-response")
    with pytest.raises(Untrusted, match="signature"):
        verify(root, {pin}, created, weakest=Algorithm.SHA1)


def test_a_stored_answer_of_another_time_message_or_signer_is_refused() -> None:
    root, pin, created = stored("valid-deliver-response")
    for pins, now, relates_to in (
        ({pin}, created + timedelta(hours=1), None),
        ({pin}, created - timedelta(hours=1), None),
        ({pin}, created, "urn:uuid:another"),
        ({"0" * 64}, created, None),
        (set(), created, None),
    ):
        with pytest.raises(Untrusted, match=r"timestamp|message|certificate"):
            verify(root, pins, now, relates_to, Algorithm.SHA1)


def test_kept_evidence_verifies_again_years_later() -> None:
    _root, pin, created = stored("valid-deliver-response")
    content = shared_file(f"{FOLDER}/valid-deliver-response.xml").read_bytes()
    verify_stored(content, {pin}, created, Algorithm.SHA1)
    for changed, reason in (
        (content.replace(b"Fi<", b"BTW<"), "signature"),
        (content[:-20], "no XML"),
        (b"", "no XML"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + content, "DOCTYPE"),
        (b"<!DOCTYPE a>" + content, "DOCTYPE"),
    ):
        with pytest.raises(Untrusted, match=reason):
            verify_stored(changed, {pin}, created, Algorithm.SHA1)
    with pytest.raises(Untrusted, match="rsa-sha1"):
        verify_stored(content, {pin}, created)


def test_a_comment_neither_hides_nor_breaks_what_was_signed() -> None:
    _root, pin, created = stored("valid-deliver-response")
    content = shared_file(f"{FOLDER}/valid-deliver-response.xml").read_bytes()
    cut = content.replace(b"urn:uuid:", b"urn:<!-- -->uuid:").replace(
        b"uuid:", b"uu<!-- -->id:"
    )
    assert cut != content
    verify_stored(cut, {pin}, created, Algorithm.SHA1)
    with pytest.raises(Untrusted, match="comments"):
        verify(etree.fromstring(cut), {pin}, created, weakest=Algorithm.SHA1)


@pytest.mark.parametrize("name", ["fault-deliver-response", "fault-newstatus-response"])
def test_a_fault_is_not_signed(name: str) -> None:
    path = shared_file(f"{FOLDER}/{name}.xml")
    with pytest.raises(Untrusted):
        verify(etree.parse(str(path)).getroot(), {"0" * 64}, NOW)


@cache
def own(serial: int = 1) -> SigningCertificate:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Test {serial}")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    certificate = (
        builder.public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return SigningCertificate(certificate, key)


def envelope(text: str = "hallo") -> etree._Element:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    etree.SubElement(body, "message").text = text
    return root


def signed(algorithm: Algorithm = Algorithm.SHA256) -> etree._Element:
    root = envelope()
    address(root, Addressing("https://x/", "urn:do", "urn:uuid:1"))
    sign(root, own(), NOW, algorithm)
    return etree.fromstring(etree.tostring(root))


PIN = {fingerprint(own().der())}


@pytest.mark.parametrize(
    ("algorithm", "method"),
    [(Algorithm.SHA256, "rsa-sha256"), (Algorithm.SHA1, "rsa-sha1")],
)
def test_what_we_sign_verifies(algorithm: Algorithm, method: str) -> None:
    root = signed(algorithm)
    verify(root, PIN, NOW, weakest=algorithm)
    found = root.find(f".//{{{DS}}}SignatureMethod")
    assert found is not None
    assert found.get("Algorithm", "").endswith(method)


def test_body_timestamp_and_all_addressing_headers_are_signed() -> None:
    root = signed()
    uris = {node.get("URI", "")[1:] for node in root.iter(f"{{{DS}}}Reference")}
    names = {
        etree.QName(node).localname
        for node in root.iter(etree.Element)
        if node.get(f"{{{WSU}}}Id") in uris
    }
    assert names == {"Timestamp", "Body", "Action", "MessageID", "To", "ReplyTo"}


def change_body(root: etree._Element) -> None:
    node = root.find(f"{{{SOAP}}}Body/message")
    assert node is not None
    node.text = "tot ziens"


def change_time(root: etree._Element) -> None:
    node = root.find(f".//{{{WSU}}}Expires")
    assert node is not None
    node.text = "2026-10-05T12:30:00.000Z"


def change_header(root: etree._Element) -> None:
    node = root.find(f".//{{{WSA}}}To")
    assert node is not None
    node.text = "https://elders/"


def add_header(root: etree._Element) -> None:
    header = root.find(f"{{{SOAP}}}Header")
    assert header is not None
    etree.SubElement(header, f"{{{WSA}}}From").text = "https://elders/"


def wrap(root: etree._Element) -> None:
    """Move the signed body aside and put another one in its stead."""
    body = root.find(f"{{{SOAP}}}Body")
    header = root.find(f"{{{SOAP}}}Header")
    assert body is not None
    assert header is not None
    aside = etree.SubElement(header, "aside")
    aside.append(body)
    root.append(deepcopy(envelope("tot ziens"))[0])


def wrap_with_same_id(root: etree._Element) -> None:
    body = root.find(f"{{{SOAP}}}Body")
    assert body is not None
    name = body.get(f"{{{WSU}}}Id", "")
    wrap(root)
    other = root.find(f"{{{SOAP}}}Body")
    assert other is not None
    other.set(f"{{{WSU}}}Id", name)


def second_body(root: etree._Element) -> None:
    root.append(deepcopy(envelope("tot ziens"))[0])


def no_signature(root: etree._Element) -> None:
    node = root.find(f".//{{{DS}}}Signature")
    assert node is not None
    parent = node.getparent()
    assert parent is not None
    parent.remove(node)


def no_security(root: etree._Element) -> None:
    header = root.find(f"{{{SOAP}}}Header")
    assert header is not None
    header.remove(header.findall(f"{{{WSSE}}}Security")[0])


def weak_method(root: etree._Element) -> None:
    node = root.find(f".//{{{DS}}}SignatureMethod")
    assert node is not None
    node.set("Algorithm", f"{DS}hmac-sha1")


def xslt(root: etree._Element) -> None:
    node = root.find(f".//{{{DS}}}Transform")
    assert node is not None
    node.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def other_key(root: etree._Element) -> None:
    """Another's token over our signature: pinned or not, it does not fit."""
    from base64 import b64encode

    node = root.find(f".//{{{WSSE}}}BinarySecurityToken")
    assert node is not None
    node.text = b64encode(own(2).der()).decode()


def no_token(root: etree._Element) -> None:
    node = root.find(f".//{{{WSSE}}}BinarySecurityToken")
    assert node is not None
    node.text = "AAAA"


@pytest.mark.parametrize(
    "tamper",
    [
        change_body, change_time, change_header, add_header, wrap, wrap_with_same_id,
        second_body, no_signature, no_security, weak_method, xslt, other_key, no_token,
    ],
)  # fmt: skip
def test_whatever_is_changed_is_refused(
    tamper: Callable[[etree._Element], None],
) -> None:
    root = signed()
    tamper(root)
    pins = PIN | {fingerprint(own(2).der())}
    with pytest.raises(Untrusted):
        verify(etree.fromstring(etree.tostring(root)), pins, NOW)


def test_a_self_made_certificate_is_not_enough() -> None:
    root = envelope()
    address(root, Addressing("https://x/", "urn:do", "urn:uuid:1"))
    sign(root, own(2), NOW)
    with pytest.raises(Untrusted, match="another certificate"):
        verify(etree.fromstring(etree.tostring(root)), PIN, NOW)


def test_a_certificate_is_read_from_pem_and_pkcs12() -> None:
    made = own()
    pem = made.certificate.public_bytes(serialization.Encoding.PEM)
    assert SigningCertificate.from_pem(pem, made.key_pem()).subject == "Test 1"
    content = pkcs12.serialize_key_and_certificates(
        b"x", made.key, made.certificate, None,
        serialization.BestAvailableEncryption(b"geheim"),
    )  # fmt: skip
    read = SigningCertificate.from_pkcs12(content, "geheim")
    assert read.expires_at == NOW + timedelta(days=1)
    assert "BEGIN" not in repr(read)
    with pytest.raises(AskUser, match="certificate_unreadable"):
        SigningCertificate.from_pkcs12(content, "fout")


def test_a_certificate_that_will_not_do_is_refused() -> None:
    made = own()
    pem = made.certificate.public_bytes(serialization.Encoding.PEM)
    with pytest.raises(AskUser, match="certificate_key_differs"):
        SigningCertificate.from_pem(pem, own(2).key_pem())
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )  # fmt: skip
    for text, key in ((pem, curve), (b"", made.key_pem()), (pem, b"")):
        with pytest.raises(AskUser, match="certificate_unreadable"):
            SigningCertificate.from_pem(text, key)
    made.check_valid(NOW)
    for moment in (NOW - timedelta(days=2), NOW + timedelta(days=2)):
        with pytest.raises(AskUser, match="certificate_expired"):
            made.check_valid(moment)


def test_pins_are_read_as_people_write_them() -> None:
    assert fingerprints(" AB:CD , ef01,") == {"abcd", "ef01"}
    assert fingerprints("") == frozenset()


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (weak_method, "SignatureMethod"),
        (xslt, "Transform"),
        (wrap, "Body is not signed"),
        (wrap_with_same_id, "twice"),
        (second_body, "2 times Body"),
        (add_header, "From is not signed"),
    ],
)
def test_some_are_refused_before_any_cryptography(
    tamper: Callable[[etree._Element], None], reason: str
) -> None:
    root = signed()
    tamper(root)
    with pytest.raises(Untrusted, match=reason):
        verify(etree.fromstring(etree.tostring(root)), PIN, NOW)


def more_references(root: etree._Element, count: int, uri: str = "") -> None:
    """Add references to the body, or to `uri`, up to `count`."""
    info = root.find(f".//{{{DS}}}SignedInfo")
    assert info is not None
    first = info.find(f"{{{DS}}}Reference")
    assert first is not None
    while len(info.findall(f"{{{DS}}}Reference")) < count:
        other = deepcopy(first)
        other.set("URI", uri or first.get("URI", ""))
        info.append(other)


def more_headers(root: etree._Element, count: int) -> None:
    """Add signed addressing headers, so that every reference is a wanted one."""
    header = root.find(f"{{{SOAP}}}Header")
    assert header is not None
    for number in range(count):
        node = etree.SubElement(header, f"{{{WSA}}}RelatesTo")
        node.set(f"{{{WSU}}}Id", f"more-{number}")
        more_references(root, len(header) + 2 + number, f"#more-{number}")


def more_transforms(root: etree._Element, count: int) -> None:
    """Canonicalise one part again and again."""
    transforms = root.find(f".//{{{DS}}}Transforms")
    assert transforms is not None
    transforms.extend(deepcopy(transforms[0]) for _ in range(count))


def manifest(root: etree._Element, count: int) -> None:
    """Hide references in an object of the signature."""
    signature = root.find(f".//{{{DS}}}Signature")
    reference = root.find(f".//{{{DS}}}Reference")
    assert signature is not None
    assert reference is not None
    place = etree.SubElement(signature, f"{{{DS}}}Object")
    place.extend(deepcopy(reference) for _ in range(count))


@pytest.fixture
def digests(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many digests each call of the library was asked for."""
    import xmlsec

    asked: list[int] = []

    class Counting(xmlsec.SignatureContext):
        def verify(self, node: etree._Element) -> None:
            asked.append(len(list(node.iter(f"{{{DS}}}Reference"))))
            super().verify(node)

    monkeypatch.setattr(xmlsec, "SignatureContext", Counting)
    return asked


def test_a_right_answer_costs_a_digest_for_each_part(digests: list[int]) -> None:
    verify(signed(), PIN, NOW)
    assert digests == [6]


@pytest.mark.parametrize(
    ("add", "count"),
    [
        (more_references, 10),
        (more_references, 2000),
        (more_headers, 50),
        (more_transforms, 2000),
        (manifest, 2000),
    ],
)
def test_references_beyond_the_wanted_ones_are_refused_before_any_digest(
    digests: list[int], add: Callable[[etree._Element, int], None], count: int
) -> None:
    root = signed()
    add(root, count)
    with pytest.raises(Untrusted, match=r"references|headers"):
        verify(etree.fromstring(etree.tostring(root)), PIN, NOW)
    assert digests == []


def test_the_same_part_twice_is_one_reference_too_many(digests: list[int]) -> None:
    root = signed()
    more_references(root, 7)
    with pytest.raises(Untrusted, match="references"):
        verify(root, PIN, NOW)
    assert digests == []


@pytest.mark.parametrize("days", [-2, 2])
def test_a_signer_whose_certificate_did_not_hold_then_is_refused(days: int) -> None:
    then = NOW + timedelta(days=days)
    root = envelope()
    address(root, Addressing("https://x/", "urn:do", "urn:uuid:1"))
    sign(root, own(), then)
    with pytest.raises(Untrusted, match="did not hold"):
        verify(root, PIN, then)
