"""One of Digipoort's services over SOAP: zeep for the messages, our guarded transport.

zeep is loaded at the first call: it is heavy and few processes need it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from core.net.transport import Transport, nonsense, server_fault
from plugins.belastingdienst.channels.digipoort.certificates import SigningCertificate
from plugins.belastingdienst.channels.digipoort.wssecurity import (
    SOAP,
    Addressing,
    Algorithm,
    address,
    sign,
    verify,
)

DESCRIPTIONS = Path(__file__).parent / "wus"
_BINDINGS = {
    "delivery": "{http://logius.nl/digipoort/wus/2.0/aanleverservice/1.2/}"
    "AanleverServiceSoapBinding_V1_2",
    "status": "{http://logius.nl/digipoort/wus/2.0/statusinformatieservice/1.2/}"
    "StatusinformatieServiceSoapBinding_V1_2",
}
_MESSAGES = "{http://logius.nl/digipoort/koppelvlakservices/1.2/}"
_XML_TYPES = ("text/xml", "application/xml", "application/soap+xml")


class SoapFault(Exception):
    """Digipoort answered with a SOAP fault; these are not signed."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Unreadable(Exception):
    """The answer does not fit the service's description."""


@dataclass(frozen=True)
class Answered:
    """A believed answer: its value, and the bytes it came in."""

    value: Any
    content: bytes

    @property
    def rows(self) -> list[Any]:
        """The value of an answer that is a list, which may be empty."""
        return self.value or []


@dataclass(frozen=True)
class _Reply:
    """An answer as zeep wants it."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str = "utf-8"


class Service:
    """One service at one address."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        certificate: SigningCertificate,
        pinned: Collection[str],
        algorithm: Algorithm,
        weakest: Algorithm,
        roots: str,
        deadline: float,
        now: Callable[[], datetime],
    ) -> None:
        """Bind to `delivery` or `status`; ValueError for an unsafe address."""
        self._name = name
        self._url = url
        self._certificate = certificate
        self._pinned = pinned
        self._algorithm = algorithm
        self._weakest = weakest
        self._now = now
        tls = certificate.tls(roots) if urlsplit(url).scheme == "https" else None
        self._transport = Transport(
            url, deadline=deadline, read_timeout=deadline, pool_size=1, tls=tls
        )
        self._client: Any = None
        self._message_id = ""
        self._content = b""

    def close(self) -> None:
        """Close the kept-alive connection."""
        self._transport.close()

    def call(self, operation: str, body: dict[str, Any], message_id: str) -> Answered:
        """Call an operation once.

        Raises SoapFault, Untrusted (a success that the pinned certificate did not
        sign), Unreadable, and core's transport Fault.
        """
        exceptions = import_module("zeep.exceptions")
        self._message_id = message_id
        try:
            value = getattr(self._connected(), operation)(**body)
        except exceptions.Fault as fault:
            raise _refused(fault) from fault
        except (exceptions.Error, etree.LxmlError, ValueError) as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error
        return Answered(value, self._content)

    def _connected(self) -> Any:
        if self._client is None:
            zeep: Any = import_module("zeep")
            settings = zeep.Settings(
                strict=True, xml_huge_tree=False, forbid_dtd=True, forbid_entities=True
            )
            path = str(DESCRIPTIONS / f"{self._name}.wsdl")
            made = zeep.Client(
                path, wsse=self, transport=self, plugins=[self], settings=settings
            )
            self._client = made.create_service(_BINDINGS[self._name], self._url)
        return self._client

    # what zeep calls: as its transport

    def load(self, path: str) -> bytes:
        """Return one of the descriptions beside this module, and nothing else."""
        return (DESCRIPTIONS / Path(path).name).read_bytes()

    def post_xml(
        self, url: str, envelope: etree._Element, headers: Mapping[str, str]
    ) -> _Reply:
        """Send a signed envelope; Fault when no XML comes back."""
        body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        reply = self._transport.send("POST", url, body=body, headers=headers)
        kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in _XML_TYPES:
            bad = reply.status != 200
            raise server_fault(reply.status) if bad else nonsense(f"type {kind[:40]!a}")
        self._content = reply.content
        return _Reply(reply.status, reply.headers, reply.content)

    # as its plugin: runs before signing

    def egress(
        self, envelope: etree._Element, headers: Any, operation: Any, options: Any
    ) -> tuple[etree._Element, Any]:
        """Put the addressing headers in."""
        to = str(options["address"])
        address(envelope, Addressing(to, operation.soapaction, self._message_id))
        return envelope, headers

    def ingress(
        self, envelope: etree._Element, headers: Any, operation: Any
    ) -> tuple[etree._Element, Any]:
        """Leave the answer as it is; zeep insists."""
        return envelope, headers

    # as its security

    def apply(self, envelope: etree._Element, headers: Any) -> tuple[Any, Any]:
        """Sign what goes out."""
        sign(envelope, self._certificate, self._now(), self._algorithm)
        return envelope, headers

    def verify(self, envelope: etree._Element) -> None:
        """Believe only what is signed; a fault never is, and says only no."""
        if not is_fault(envelope):
            now = self._now()
            verify(envelope, self._pinned, now, self._message_id, self._weakest)


def is_fault(envelope: etree._Element) -> bool:
    """Tell whether an envelope's body is a fault and nothing else."""
    bodies = envelope.findall(f"{{{SOAP}}}Body")
    children = [child.tag for body in bodies for child in body]
    return len(bodies) == 1 and children == [f"{{{SOAP}}}Fault"]


def _refused(fault: Any) -> SoapFault:
    code, text = "", str(fault.message or "")
    if fault.detail is not None:
        code = fault.detail.findtext(f".//{_MESSAGES}foutcode") or ""
        text = fault.detail.findtext(f".//{_MESSAGES}foutbeschrijving") or text
    return SoapFault(code.strip(), text)
