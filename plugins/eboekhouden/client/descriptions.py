"""The vendor's WSDL: read when it is first needed, and again when it may have changed.

It is kept for a day. An answer that cannot be read by it has it read again at the next
call, at most every ten minutes a process. One that cannot be had leaves what is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from io import BytesIO
from threading import Lock
from time import monotonic
from typing import Any

from core.domain.errors import KoppelwerkError, RetryLater
from plugins.eboekhouden import wire
from plugins.eboekhouden.client.http import XmlHttp, split
from plugins.eboekhouden.refusals import SERVICE

BINDING = "{http://www.e-boekhouden.nl/soap}soapAppSoap"
KEPT = timedelta(days=1)
DOUBTED = timedelta(minutes=10)
"""After so long a doubt has it read again."""


class _Nowhere:
    """zeep's transport: what a document points to is not followed, nothing is sent."""

    def load(self, url: str) -> bytes:
        """Refuse."""
        raise wire.Malformed(f"the WSDL points elsewhere: {url[:80]}")


@dataclass(frozen=True)
class Description:
    """A WSDL as it was read."""

    document: Any
    """zeep's."""
    read_at: float
    """By the process's own clock, in seconds."""

    def operation(self, name: str) -> Any:
        """Return zeep's operation of a name."""
        return self.document.bindings[BINDING].get(name)

    def envelope(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Build a message; one of `errors` when the arguments do not fit."""
        made = self.operation(name).create(**arguments)
        return str(
            import_module("lxml.etree").tostring(made.content, encoding="unicode")
        )

    def headers(self, name: str) -> dict[str, str]:
        """Return the headers that go with a message."""
        return {
            "SOAPAction": f'"{self.operation(name).soapaction}"',
            "Content-Type": "text/xml; charset=utf-8",
            "Accept": "text/xml",
        }


_known: dict[str, Description] = {}
_doubted: set[str] = set()
_lock = Lock()


def of(url: str) -> Description:
    """Return the description at an address; RetryLater when none was ever had."""
    with _lock:
        known = _known.get(url)
        if known is not None and not _is_due(url, known):
            return known
        try:
            _known[url] = _read(url)
        except KoppelwerkError:
            if known is None:
                raise
            _known[url] = Description(known.document, monotonic())
        _doubted.discard(url)
        return _known[url]


def doubt(url: str) -> None:
    """Note that an answer could not be read: the schema may be another by now."""
    _doubted.add(url)


def forget() -> None:
    """Let every description be read again."""
    _known.clear()
    _doubted.clear()


def errors() -> tuple[type[Exception], ...]:
    """Return what a message that does not fit raises, and an answer that is none."""
    from lxml.etree import LxmlError  # heavy, as zeep is: only when asked
    from zeep.exceptions import Error

    return (Error, LxmlError, ValueError, TypeError, LookupError, ArithmeticError)


def _is_due(url: str, known: Description) -> bool:
    age = monotonic() - known.read_at
    least = DOUBTED if url in _doubted else KEPT
    return age >= least.total_seconds()


def _read(url: str) -> Description:
    base, path = split(url)
    with XmlHttp(base, service=SERVICE) as http:
        answer = http.request("GET", path, headers={"Accept": "text/xml"})
    wsdl = import_module("zeep.wsdl")
    try:
        if not answer.ok:
            raise wire.Malformed(f"HTTP {answer.status}")
        document = wsdl.Document(BytesIO(answer.body), _Nowhere(), settings=_settings())
        document.bindings[BINDING]
    except errors() as error:
        raise RetryLater("remote_nonsense", service=SERVICE, detail="WSDL") from error
    exact(document)
    return Description(document, monotonic())


def _settings() -> Any:
    return import_module("zeep").Settings(
        strict=True,
        xml_huge_tree=False,
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
    )


def exact(document: Any) -> None:
    """Read doubles as Decimals that are no sure cents: amounts of open items are
    doubles in the schema (4.3), and a sum of those may be a hair off.

    A float would lose the vendor's text before anybody could round it.
    """
    xsd = import_module("zeep.xsd")
    for kind in document.types.types:
        for _, element in getattr(kind, "elements", ()):
            if isinstance(element.type, xsd.Double):
                element.type = xsd.Decimal()
                element.type.is_inexact = True
