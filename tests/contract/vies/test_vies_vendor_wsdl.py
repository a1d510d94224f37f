"""Client and sandbox against VIES's own WSDL and schema."""

from typing import Any

import pytest
import requests
import zeep
from lxml import etree

from plugins.vies.sandbox import soap
from tests.shared import shared_file

XSD = "http://www.w3.org/2001/XMLSchema"
SERVICE = "{urn:ec.europa.eu:taxud:vies:services:checkVat}checkVatBinding"


@pytest.fixture
def vendor_schema() -> etree.XMLSchema:
    path = shared_file("contracts/vies/checkVatService.wsdl")
    schema = etree.parse(str(path)).find(f".//{{{XSD}}}schema")
    assert schema is not None
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


@pytest.fixture
def vendor_client() -> zeep.Client:
    return zeep.Client(str(shared_file("contracts/vies/checkVatService.wsdl")))


def request_of(client: zeep.Client, operation: str, **fields: str) -> etree._Element:
    message: Any = client.create_message(client.service, operation, **fields)
    return message


REQUESTS = [
    ("checkVat", {"countryCode": "NL", "vatNumber": "100"}),
    (
        "checkVatApprox",
        {
            "countryCode": "DE",
            "vatNumber": "136695976",
            "requesterCountryCode": "NL",
            "requesterVatNumber": "004495445B01",
        },
    ),
    ("checkVatApprox", {"countryCode": "NL", "vatNumber": "200"}),
]


@pytest.mark.parametrize(("operation", "fields"), REQUESTS)
def test_answers_to_the_vendors_requests_are_valid_in_its_schema(
    vendor_client: zeep.Client,
    vendor_schema: etree.XMLSchema,
    vies_url: str,
    operation: str,
    fields: dict[str, str],
) -> None:
    message = request_of(vendor_client, operation, **fields)
    question = message.find(f"{{{soap.ENVELOPE}}}Body/*")
    vendor_schema.assertValid(etree.fromstring(etree.tostring(question)))
    reply = requests.post(
        f"{vies_url}/services/checkVatService", etree.tostring(message), timeout=5
    )
    assert reply.status_code == 200
    body = etree.fromstring(reply.content).find(f"{{{soap.ENVELOPE}}}Body/*")
    vendor_schema.assertValid(etree.fromstring(etree.tostring(body)))


def test_a_client_of_the_vendors_wsdl_reads_the_sandbox(
    vendor_client: zeep.Client, vies_url: str
) -> None:
    service = vendor_client.create_service(
        SERVICE, f"{vies_url}/services/checkVatService"
    )
    assert service.checkVat("NL", "100").valid is True
    answer = service.checkVatApprox(
        countryCode="NL",
        vatNumber="100",
        requesterCountryCode="NL",
        requesterVatNumber="100",
    )
    assert answer.requestIdentifier.startswith("WAPI")
    with pytest.raises(zeep.exceptions.Fault, match="MS_UNAVAILABLE"):
        service.checkVat("NL", "301")


def described(client: zeep.Client) -> dict[str, Any]:
    binding = client.wsdl.bindings[SERVICE]
    return {
        name: [
            operation.style,
            operation.soapaction or "",
            *(
                [(field, child.min_occurs) for field, child in part.type.elements]
                for part in (operation.input.body, operation.output.body)
            ),
        ]
        for name, operation in binding._operations.items()
    }


def test_the_sandboxs_wsdl_describes_what_the_vendors_does(
    vendor_client: zeep.Client, vies_url: str
) -> None:
    own = zeep.Client(f"{vies_url}/checkVatService.wsdl")
    assert described(own) == described(vendor_client)


def test_hostile_xml_is_refused(vies_url: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    reply = requests.post(f"{vies_url}/services/checkVatService", bomb, timeout=5)
    assert reply.status_code == 500
    assert b"INVALID_INPUT" in reply.content
