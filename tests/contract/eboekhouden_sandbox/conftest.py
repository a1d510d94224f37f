"""A running sandbox, spoken to by a client of the vendor's own WSDL."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import requests
import zeep

from core.domain import jsontext
from plugins.eboekhouden.sandbox import create_app
from tests.sandboxes import serving
from tests.shared import shared_file

BINDING = "{http://www.e-boekhouden.nl/soap}soapAppSoap"


@dataclass
class Vendor:
    """The sandbox as somebody who knows only the vendor's documents sees it."""

    url: str
    service: Any
    session: str = ""
    codes: dict[str, str] = field(default_factory=dict)

    def control(self, path: str, body: Any = None, verb: str = "POST") -> Any:
        """Call the control address."""
        answer = requests.request(
            verb,
            f"{self.url}/_control/{path}",
            data=jsontext.dumps({} if body is None else body),
            timeout=30,
        )
        answer.raise_for_status()
        return jsontext.loads(answer.content)

    def open(self, **changes: str) -> str:
        """Open a session; return the error code, empty when it is open."""
        self.codes = self.control("grant")
        asked = {
            "Username": self.codes["username"],
            "SecurityCode1": self.codes["security_code_1"],
            "SecurityCode2": self.codes["security_code_2"],
            "Source": "Test",
            **changes,
        }
        answer = self.service.OpenSession(**asked)
        self.session = answer.SessionID or ""
        return answer.ErrorMsg.LastErrorCode or ""

    def call(self, operation: str, **arguments: Any) -> Any:
        """Call an operation in the open session."""
        given = {
            "SessionID": self.session,
            "SecurityCode2": self.codes["security_code_2"],
            **arguments,
        }
        return self.service[operation](**given)

    def code(self, operation: str, **arguments: Any) -> str:
        """Return the error code of a call."""
        answer = self.call(operation, **arguments)
        error = answer if operation == "UpdateRelatie" else answer.ErrorMsg
        return error.LastErrorCode or ""


@pytest.fixture(scope="session")
def wsdl() -> zeep.wsdl.Document:
    path = shared_file("contracts/eboekhouden/soap.wsdl")
    return zeep.wsdl.Document(str(path), zeep.Transport())


@pytest.fixture
def vendor(wsdl: zeep.wsdl.Document) -> Iterator[Vendor]:
    """A sandbox of its own for each test, with a session open."""
    client = zeep.Client(wsdl, transport=zeep.Transport())
    with serving(create_app(":memory:")) as url:
        made = Vendor(url, client.create_service(BINDING, f"{url}/soap.asmx"))
        assert made.open() == ""
        yield made
        client.transport.session.close()


def day(text: str) -> date:
    """A day: the manual writes dates where the schema says dateTime."""
    return date.fromisoformat(text)


def relation(**changes: Any) -> dict[str, Any]:
    """A relation with what must be there."""
    return {
        "ID": 0, "AddDatum": day("2026-01-01"), "Code": "10000",
        "Bedrijf": "Fischer", "BP": "B", "Gb_ID": 0, "GeenEmail": 0,
        "NieuwsbriefgroepenCount": 0, **changes,
    }  # fmt: skip


def line(**changes: Any) -> dict[str, Any]:
    """A line of 121.00 at 21 %."""
    return {
        "BedragInvoer": Decimal("100.00"), "BedragExclBTW": Decimal("100.00"),
        "BedragBTW": Decimal("21.00"), "BedragInclBTW": Decimal("121.00"),
        "BTWCode": "HOOG_VERK_21", "BTWPercentage": Decimal(21),
        "TegenrekeningCode": "8000", "KostenplaatsID": 0, **changes,
    }  # fmt: skip


def entry(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A sales entry to debtor 10000."""
    return {
        "MutatieNr": 0, "Soort": "FactuurVerstuurd", "Datum": day("2026-03-01"),
        "Rekening": "1300", "RelatieCode": "10000", "Factuurnummer": "F1",
        "Boekstuk": "", "Omschrijving": "Verkoop", "Betalingstermijn": "30",
        "Betalingskenmerk": "", "InExBTW": "EX",
        "MutatieRegels": {"cMutatieRegel": list(lines or (line(),))}, **changes,
    }  # fmt: skip
