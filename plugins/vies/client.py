"""A client of VIES's SOAP service (source: its WSDL, checkVatService).

No database, no Flask. Nothing here raises on what VIES does: whatever is not a clear
yes or no is UNKNOWN with its reason, because a service that is down says nothing about
a number.
"""

from datetime import datetime
from importlib import import_module
from typing import Any
from urllib.parse import urljoin

import requests

from core.domain.clock import utcnow
from plugins.vies.checks import MalformedVatNumber, normalise
from plugins.vies.wire import Consultation, Outcome, VatNumber

WSDL_URL = "https://ec.europa.eu/taxation_customs/vies/checkVatService.wsdl"
TIMEOUT_SECONDS = 10
_BINDING = "{urn:ec.europa.eu:taxud:vies:services:checkVat}checkVatBinding"
# what a member state answers instead of a name it does not want to give
_HIDDEN = "---"


class Vies:
    """The service at one WSDL address; the WSDL is fetched at the first question."""

    def __init__(
        self, wsdl_url: str = WSDL_URL, session: requests.Session | None = None
    ) -> None:
        self._wsdl_url = wsdl_url
        self._session = session or requests.Session()
        # a connection kept open would be shared by the forks of this process, and one
        # would read the answer about another's number
        self._session.headers["Connection"] = "close"
        self._service: Any = None

    def check_text(
        self, text: str, country: str = "", requester: VatNumber | None = None
    ) -> Consultation:
        """Ask about a number as a person wrote it; a wrong form needs no call."""
        try:
            number = normalise(text, country)
        except MalformedVatNumber:
            return Consultation(text, Outcome.INVALID, utcnow(), reason="format")
        return self.check(number, requester)

    def check(
        self, number: VatNumber, requester: VatNumber | None = None
    ) -> Consultation:
        """Ask about a number; with a requester the answer carries a proof number."""
        from lxml.etree import LxmlError  # heavy, as zeep is: only when asked
        from zeep.exceptions import Error, Fault

        asked_at = utcnow()
        try:
            return _consultation(number, self._ask(number, requester), asked_at)
        except Fault as fault:
            reason = (fault.message or "").strip() or "FAULT"
        except requests.Timeout:
            reason = "TIMEOUT"
        except requests.RequestException:
            reason = "UNREACHABLE"
        except (Error, LxmlError, ValueError):
            # zeep reports an HTML page, or an answer against the schema, this way
            reason = "UNREADABLE_ANSWER"
        return Consultation(str(number), Outcome.UNKNOWN, asked_at, reason=reason)

    def _ask(self, number: VatNumber, requester: VatNumber | None) -> Any:
        service = self._connected()
        question = {"countryCode": number.country, "vatNumber": number.number}
        if requester is None:
            return service.checkVat(**question)
        return service.checkVatApprox(
            **question,
            requesterCountryCode=requester.country,
            requesterVatNumber=requester.number,
        )

    def _connected(self) -> Any:
        if self._service is None:
            client = _soap_client(self._wsdl_url, self._session)
            # The WSDL itself names a plain http address: stay on the WSDL's host.
            address = urljoin(self._wsdl_url, "services/checkVatService")
            self._service = client.create_service(_BINDING, address)
        return self._service


def _soap_client(wsdl_url: str, session: requests.Session) -> Any:
    zeep: Any = import_module("zeep")
    settings = zeep.Settings(
        strict=True,
        xml_huge_tree=False,
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
    )
    transport = zeep.Transport(
        session=session, timeout=TIMEOUT_SECONDS, operation_timeout=TIMEOUT_SECONDS
    )
    return zeep.Client(wsdl_url, transport=transport, settings=settings)


def _consultation(number: VatNumber, answer: Any, asked_at: datetime) -> Consultation:
    valid = getattr(answer, "valid", None)
    if not isinstance(valid, bool):
        raise ValueError("the answer does not say valid or not")
    return Consultation(
        str(number),
        Outcome.VALID if valid else Outcome.INVALID,
        asked_at,
        reason="" if valid else "not_registered",
        consultation_number=_text(answer, "requestIdentifier"),
        name=_text(answer, "name", "traderName"),
        address=_text(answer, "address", "traderAddress"),
    )


def _text(answer: Any, *fields: str) -> str:
    values = (getattr(answer, field, None) or "" for field in fields)
    value = next(filter(None, values), "").strip()
    return "" if value == _HIDDEN else value
